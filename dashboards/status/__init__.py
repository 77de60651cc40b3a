"""How devices are, for every page: one judgement, so that list, map, board and device page never disagree.

The face: `board_now()` in a request, then `board.states_of(ids)` for some devices or the arrays for all of them.
"""

from dashboards.status.board import STALE_INTERVALS, Board, FleetCache, load_board
from dashboards.status.fleet import Fleet
from dashboards.status.judge import STATES, WORST_FIRST, count_states
from dashboards.status.request import board_now
from dashboards.status.wifi import wifi_at, wifi_now

__all__ = [
    "STALE_INTERVALS",
    "STATES",
    "WORST_FIRST",
    "Board",
    "Fleet",
    "FleetCache",
    "board_now",
    "count_states",
    "load_board",
    "wifi_at",
    "wifi_now",
]
