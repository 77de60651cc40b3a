"""What meetings put into the search box and at the bell."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for

from conference import schedule
from core import Permission, Scope, Session
from core import gettext as _
from dashboards.access import Account
from dashboards.gate import services
from dashboards.pages.meetings.routes import local
from dashboards.pages.meetings.store import search_meetings, waiting
from dashboards.pages.meetings.words import KIND_ICONS, STATE_WORDS
from dashboards.registry import BellItem, Hit

SHOWN = 5


def find_meetings(session: Session, scope: Scope, text: str, limit: int) -> Sequence[Hit]:
    """Meetings by words of their title or their room's name, the nearest in time first."""
    return [
        Hit(one.title, f"{local(one.starts_at):%d/%m/%Y %H:%M} · {STATE_WORDS[one.state].label} · {unit}",
            url_for("meetings.show", meeting_id=one.id), KIND_ICONS.get(one.kind, "users"))
        for one, unit in search_meetings(session, scope, text, limit, services().clock())
    ]  # fmt: skip


def waiting_for(session: Session, account: Account) -> tuple[int, Sequence[BellItem]]:
    """Meetings that this person may say yes or no to."""
    if not account.can(Permission.APPROVE_MEETINGS):
        return 0, []
    rows = [one for one, _unit in waiting(session, account.scope) if schedule.may_decide(one, account.actor)]
    items = [
        BellItem(one.title, _("waits for your approval, %(when)s", when=f"{local(one.starts_at):%d/%m %H:%M}"),
                 url_for("meetings.show", meeting_id=one.id), "attention", is_mine=True)
        for one in rows[:SHOWN]
    ]  # fmt: skip
    return len(rows), items
