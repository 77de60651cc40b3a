"""How kiosks are: the newest heartbeat of many endpoints in one question."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from conference.kiosk.models import Kiosk, KioskState
from conference.kiosk.verbs import is_there
from core import Session
from inventory import Endpoint

SLICE = 5000


@dataclass(frozen=True, slots=True)
class KioskNow:
    """A kiosk: whether a browser is paired, and its newest heartbeat. `at` None: never heard of."""

    endpoint_id: int
    is_paired: bool = False
    paired_at: datetime | None = None
    code_until: datetime | None = None
    browser: str = ""
    at: datetime | None = None
    state: str = ""
    meeting_id: int | None = None
    connection: str = ""
    is_visitor: bool = False
    address: str = ""
    ntp_offset_ms: float | None = None
    payload_text: str = ""
    lists_text: str = ""

    def is_there(self, now: datetime) -> bool:
        """Whether the page is open now."""
        return is_there(self.at, now)

    @property
    def payload(self) -> Mapping[str, Any]:
        """The newest heartbeat's content, read when it is asked for: a list of 700 seldom asks for all."""
        return _loaded(self.payload_text)

    @property
    def lists(self) -> Mapping[str, Any]:
        """The devices there are, and the chosen ones."""
        return _loaded(self.lists_text)

    @property
    def devices(self) -> Mapping[str, str]:
        """Condition by device."""
        return self.payload.get("devices", {})


def kiosk_states(session: Session, endpoint_ids: Iterable[int]) -> dict[int, KioskNow]:
    """Endpoint to its kiosk, for all of them."""
    wanted = sorted(set(endpoint_ids))
    found: dict[int, KioskNow] = {one: KioskNow(one) for one in wanted}
    for start in range(0, len(wanted), SLICE):
        rows = session.execute(
            select(Endpoint.id, Kiosk.sealed_secret != "", Kiosk.paired_at, Kiosk.code_until, Kiosk.browser,
                   KioskState.at, KioskState.state, KioskState.meeting_id, KioskState.connection,
                   KioskState.is_visitor, KioskState.address, KioskState.ntp_offset_ms, KioskState.payload,
                   Kiosk.devices)
            .outerjoin(Kiosk, Kiosk.endpoint_id == Endpoint.id)
            .outerjoin(KioskState, KioskState.endpoint_id == Endpoint.id)
            .where(Endpoint.id.in_(wanted[start : start + SLICE]))
        )  # fmt: skip
        for endpoint_id, paired, paired_at, code_until, browser, at, *said in rows:
            state, meeting_id, connection, is_visitor, address, offset, payload, lists = said
            found[endpoint_id] = KioskNow(
                endpoint_id, bool(paired), paired_at, code_until, browser or "", at, state or "", meeting_id,
                connection or "", bool(is_visitor), address or "", offset, payload or "", lists or "",
            )  # fmt: skip
    return found


def _loaded(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
