"""Addresses of the pages of places and of inventory editing, which a small build may lack."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for


def page_url(endpoint: str, **values: Any) -> str:
    """The address of a page; empty in a build without it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def site_url(site_id: int) -> str:
    """The page of a site; without one, its devices."""
    return page_url("sites.show", site_id=site_id) or url_for("devices.index", site=site_id)


def unit_url(unit_id: int) -> str:
    """The page of a unit; without one, its devices."""
    return page_url("units.show", unit_id=unit_id) or url_for("devices.index", unit=unit_id)
