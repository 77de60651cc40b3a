"""The board for the request that is going on: made once a request, out of the application's fleet cache."""

from __future__ import annotations

from flask import current_app, g

from dashboards.gate import services
from dashboards.status.board import Board, FleetCache, load_board


def board_now() -> Board:
    """The state of every device now. Scope is the caller's business: `board.fleet.in_scope(g.scope.unit_path)`."""
    if "status_board" not in g:
        cache = current_app.extensions.setdefault("edunoc_fleet", FleetCache())
        g.status_board = load_board(g.session, services(), cache, services().clock())
    return g.status_board
