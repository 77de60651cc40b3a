"""This process's inbox of heartbeats: made when the first one comes, shared by all its threads."""

from __future__ import annotations

from flask import Flask

from conference import kiosk
from dashboards.gate import services_of


def inbox_of(app: Flask) -> kiosk.Inbox:
    """The inbox."""
    state = app.extensions["edunoc_state"]
    if "kiosk_inbox" not in state:
        parts = services_of(app)
        submit = parts.ingest.submit if parts.ingest is not None else None
        state.setdefault("kiosk_inbox", kiosk.Inbox(parts.database, parts.registry, submit))
    return state["kiosk_inbox"]
