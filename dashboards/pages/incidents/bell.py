"""What incidents put at the bell: mine first, then those nobody has taken."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for

from alerts import IncidentFilter, open_incidents
from core import Permission, Session, current_language
from core import lazy_gettext as _l
from dashboards.access import Account
from dashboards.pages.devices.verdict import title_of
from dashboards.registry import BellItem
from dashboards.words import SEVERITY

SHOWN = 8
COUNTED = 100


def waiting_for(session: Session, account: Account) -> tuple[int, Sequence[BellItem]]:
    """Open incidents that are this person's, and untaken critical and major ones of the scope."""
    if not account.can(Permission.VIEW):
        return 0, []
    mine = (
        open_incidents(session, account.scope, IncidentFilter(owner_id=account.id), SHOWN)
        if account.kind == "user"
        else []
    )
    free = [
        one
        for one in open_incidents(session, account.scope, IncidentFilter(states=("open",)), COUNTED)
        if one.severity in ("critical", "major") and one.owner_id != account.id
    ]
    items = [
        BellItem(
            title_of(one, current_language()),
            str(_l("yours") if one in mine else SEVERITY[one.severity].label),
            url_for("incidents.show", incident_id=one.id),
            SEVERITY[one.severity].tone,
            one in mine,
        )
        for one in [*mine, *free][:SHOWN]
    ]
    return len(mine) + len(free), items
