"""From a form of the live board to remedies and orders: which endpoints, which choice, what a preview says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import abort, g
from flask_login import current_user

from conference import Meeting, kiosk, live
from core import Scope, Session
from core import gettext as _
from dashboards.gate import services
from dashboards.pages.meeting_live.sources import board_of
from dashboards.pages.meeting_live.store import unit_path_of
from inventory import MeetingServer
from playbooks import PlaybooksSettings, meetings

MOST = 2000
# Verbs that touch more than one meeting: whoever sees a part of the province only may not give them
OF_SYSTEM = frozenset({"drain_enable", "drain_disable", "move_fraction", "move_endpoints"})
ARGUMENTS = ("bridge", "count", "fraction", "version", "minutes")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks for, as it was sent."""

    remedy: live.Remedy
    ids: Sequence[int]
    value: str = ""
    reason: str = ""


def asked_of(form: Any) -> Asked:
    """Read the form; 400 for a remedy that does not exist."""
    remedy = live.REMEDIES.get(form.get("do", ""))
    if remedy is None:
        abort(400, _("Choose what to do."))
    ids = [int(one) for one in form.getlist("endpoint")[:MOST] if one.isdecimal() and len(one) < 10]
    return Asked(remedy, ids, form.get("value", "")[:300], form.get("reason", ""))


def plan_of(meeting: Meeting, asked: Asked) -> live.Plan:
    """Whom it reaches among the endpoints that the account sees."""
    wanted = set(asked.ids)
    rows = [row for row in board_of(meeting).rows if row.endpoint_id in wanted]
    return live.plan(g.session, meeting, asked.remedy, rows, services().clock())


def choices_of(session: Session, planned: live.Plan) -> list[str]:
    """The devices to choose from, where the remedy wants one and concerns one room."""
    if planned.remedy.choice not in ("mic", "camera", "speaker") or len(planned.rows) != 1:
        return []
    one = planned.rows[0].endpoint_id
    found = kiosk.kiosk_states(session, [one])[one].lists.get(planned.remedy.choice, [])
    return [label for label in found if isinstance(label, str)]


def carry_out(meeting: Meeting, planned: live.Plan, asked: Asked) -> live.Done:
    """Ask for it. Raises OrderProblem, VerbProblem."""
    arguments = {"value": asked.value} if planned.remedy.choice else {}
    person = live.Person(current_user.actor, asked.reason, services().clock())
    return live.carry_out(g.session, meeting, planned, arguments, person)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order to a server, as a form asks for it."""

    verb: str
    server_id: int | None = None
    reason: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)


def wanted_of(form: Mapping[str, str]) -> Wanted:
    """Read the form of an order."""
    verb = form.get("verb", "")
    if verb not in meetings.VERBS:
        abort(400, _("Choose what to do."))
    server = form.get("server", "")
    needs = meetings.VERBS[verb].needs
    arguments = {name: form.get(name, "").strip()[:100] for name in ARGUMENTS if name in needs}
    return Wanted(verb, int(server) if server.isdecimal() and len(server) < 10 else None, form.get("reason", ""),
                  arguments)  # fmt: skip


def may_order(session: Session, scope: Scope, meeting: Meeting, verb: str) -> bool:
    """Whether the account's part of the province holds what the order is about."""
    if scope.unit_path is None:
        return True
    return verb not in OF_SYSTEM and scope.includes(unit_path_of(session, meeting))


def command_of(session: Session, meeting: Meeting, wanted: Wanted, board: live.Board) -> meetings.Command:
    """The command that the form means, with how many it concerns now."""
    verb = meetings.VERBS[wanted.verb]
    server = session.get(MeetingServer, wanted.server_id) if wanted.server_id else None
    is_about_room = "room" in verb.needs or wanted.verb in ("stop_recording", "stop_stream")
    names = f"{server.name}" if server is not None and "server" in verb.needs else meeting.title
    sealed = meeting.sealed_stream_key if "stream" in verb.needs else ""
    return meetings.Command(
        wanted.verb, meeting.system_id or 0, wanted.reason, meeting.id if is_about_room else None,
        meeting.room if "room" in verb.needs else "", "", wanted.server_id, wanted.arguments,
        _hits(wanted, board, server), sealed, names,
    )  # fmt: skip


def _hits(wanted: Wanted, board: live.Board, server: MeetingServer | None) -> int | None:
    """How many connections it concerns, as far as the board knows."""
    if wanted.verb in ("end_meeting", "pin", "unpin", "start_recording", "start_stream"):
        seen = (board.main_count or 0) + (board.visitor_count or 0)
        return max(board.counts["in"] + board.unknown_connections, seen)
    if wanted.verb.startswith("drain_") and server is not None:
        return next((one.endpoints if one.endpoints is not None else one.here
                     for one in board.bridges if one.name == server.name), None)  # fmt: skip
    count = str(wanted.arguments.get("count", ""))
    return int(count) if wanted.verb == "move_endpoints" and count.isdecimal() else None


def place(command: meetings.Command) -> meetings.MeetingOrder:
    """Order it. Raises OrderProblem."""
    own = services()
    made = meetings.order(g.session, command, current_user.actor, own.clock(), own.settings[PlaybooksSettings])
    if made.meeting_id is not None:
        text = f"{_(meetings.VERBS[made.verb].title)}: {made.reason}"
        live.note(g.session, made.meeting_id, live.Line("remedy", text, own.clock(), current_user.actor))
    return made
