"""Finding devices: a search is ordered here, carried out by the worker, and its finds are accepted by a person."""

from dashboards.pages.discovery.routes import page

__all__ = ["page"]
