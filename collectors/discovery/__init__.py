"""Finding devices: addresses to ask, the search, and what a person makes of what it found."""

from collectors.discovery.accept import accept_all, accept_find, ignore_find, restore_find, seal_communities
from collectors.discovery.search import Candidate, SearchState, SearchTools, search
from collectors.discovery.targets import Place, TargetError, expand

__all__ = [
    "Candidate",
    "Place",
    "SearchState",
    "SearchTools",
    "TargetError",
    "accept_all",
    "accept_find",
    "expand",
    "ignore_find",
    "restore_find",
    "seal_communities",
    "search",
]
