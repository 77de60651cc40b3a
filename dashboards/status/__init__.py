"""How devices are, for every page: one judgement, so that list, map, board and device page never disagree."""

from dashboards.status.board import STALE_INTERVALS, Board, FleetCache, load_board
from dashboards.status.judge import STATES, WORST_FIRST, count_states
from dashboards.status.store import Fleet

__all__ = ["STALE_INTERVALS", "STATES", "WORST_FIRST", "Board", "Fleet", "FleetCache", "count_states", "load_board"]
