"""What the kiosk page is told, as JSON: its endpoint, its coming meetings, what it joins with, its texts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Flask

from conference import jitsi, kiosk
from core import gettext as _
from inventory import Endpoint


def join_times_of(app: Flask) -> kiosk.JoinTimes:
    """The joining seconds that this process remembers."""
    return app.extensions["edunoc_state"].setdefault("kiosk_join_times", kiosk.JoinTimes())


def milliseconds(moment: datetime) -> int:
    """Epoch milliseconds, JavaScript's time."""
    return int(moment.timestamp() * 1000)


def mark_of(places: Sequence[kiosk.Place], static: str) -> str:
    """Changes when the page must be loaded anew: another installation may be framed, or its script was renewed."""
    return hashlib.sha256(repr(([(p.script, p.origin) for p in places], static)).encode()).hexdigest()[:12]


def plan_answer(
    endpoint: Endpoint, coming: Sequence[kiosk.Coming], mark: str, has_commands: bool, now: datetime
) -> dict[str, Any]:
    """The plan. The page computes by itself what is due between two plans; `due_id` is our word for it."""
    due = kiosk.due_meeting(coming, now)
    return {
        "server_time_ms": milliseconds(now), "mark": mark, "has_commands": has_commands,
        "endpoint": {"code": endpoint.code, "name": endpoint.name},
        "due_id": due.meeting.id if due else None,
        "meetings": [_meeting(one) for one in coming],
    }  # fmt: skip


def _meeting(one: kiosk.Coming) -> dict[str, Any]:
    meeting = one.meeting
    return {
        "id": meeting.id, "title": meeting.title, "room": meeting.room, "state": meeting.state,
        "starts_ms": milliseconds(meeting.starts_at), "ends_ms": milliseconds(meeting.ends_at),
        "join_ms": milliseconds(one.join_at), "closes_ms": milliseconds(one.closes_at),
    }  # fmt: skip


def shown_once(paired: kiosk.Paired) -> str:
    """The signing secret, for the page that was just paired."""
    return paired.secret.reveal()


def join_answer(order: kiosk.JoinOrder) -> dict[str, Any]:
    """What the page gives to the IFrame API."""
    return {
        "meeting_id": order.meeting.id, "script": order.place.script, "domain": order.place.domain,
        "no_ssl": order.place.is_plain, "jwt": order.token.reveal(), "options": dict(order.options),
    }  # fmt: skip


def why_not_joining(reason: str) -> str:
    """What the room is told when it cannot join."""
    own = {
        "no_system": _("The meeting has no meeting system that is in use. The centre must choose one."),
        "bad_address": _("The address of the meeting system is wrong. The centre must correct it."),
        "not_invited": _("This endpoint does not take part in the meeting any more."),
    }
    return own.get(reason) or jitsi.explain(reason)


def pairing_text(reason: str) -> str:
    """Why a code did not pair, and what to do."""
    return {
        "wrong_code": _("There is no such code. Compare it letter by letter, or ask the centre for a new one."),
        "code_expired": _("This code is older than 30 minutes. Ask the centre for a new one."),
        "too_many_tries": _("Too many wrong codes. Ask the centre for a new one."),
    }[reason]
