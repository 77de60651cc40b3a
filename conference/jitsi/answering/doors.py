"""The doors that Jitsi's servers knock at, one function each: who knocks is proven first, then the message is read.

Knows no web framework: wsgi.py serves them alone, the pages' application serves them beside the pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs

import structlog

from conference.jitsi.answering.booking import Snapshot, SystemProof
from conference.jitsi.answering.desk import Desk, to_text
from conference.jitsi.answering.events import EVENT_NAMES, EventProblem, is_of_system, read_event
from conference.jitsi.answering.reserving import decide, description, opened_room
from conference.jitsi.reasons import explain
from conference.jitsi.texts import plain

log = structlog.get_logger(__name__)
BODY_LIMIT = 1024 * 1024  # all_occupants of 2,000 people are some 600 kB
_FORM_LIMIT = 16 * 1024
_BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Call:
    """A request: `address` is the asker's, `authorization` the header as it came."""

    method: str
    path: str
    address: str
    authorization: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered. `reason` stands in the body and in the log."""

    status: int
    body: bytes
    media: str = "application/json"
    reason: str = "ok"


def answer_call(desk: Desk, call: Call, now: float) -> Answer:
    """The answer to any door. A path that is none is 404."""
    if len(call.body) > BODY_LIMIT:
        return _refusal(413, "too_large")
    for pattern, methods, door in _DOORS:
        found = pattern.fullmatch(call.path)
        if found is None:
            continue
        if call.method not in methods:
            return _refusal(405, "wrong_method")
        snapshot = desk.snapshot()
        if snapshot is None:
            return _refusal(503, "no_schedule")  # Prosody asks again three times, 3 s apart
        answer = door(_Visit(desk, snapshot, call, now), **found.groupdict())
        if answer.status >= 400:
            log.warning("a meeting server was refused", reason=answer.reason, path=plain(call.path, 120),
                        address=call.address)
        return answer
    return _refusal(404, "unknown_path")


@dataclass(frozen=True, slots=True)
class _Visit:
    desk: Desk
    snapshot: Snapshot
    call: Call
    now: float

    def system(self, kind: str) -> SystemProof | Answer:
        """The system whose secret was brought, or the refusal."""
        given = self.call.authorization
        if given[: len(_BEARER)].lower() != _BEARER or not given[len(_BEARER):].strip():
            return _refusal(401, "no_secret")
        system = self.snapshot.system_by_secret(kind, given[len(_BEARER):].strip())
        return system if system is not None else _refusal(401, "wrong_secret")


def _open_room(visit: _Visit) -> Answer:
    system = visit.system("reservation")
    if isinstance(system, Answer):
        return system
    form = _form(visit.call.body)
    name = plain(form.get("name"), 200)
    if not name:
        return _refusal(400, "no_form")
    # A room that is open is told about by a second question (409, then GET), as long as its time lasts
    decision = decide(visit.snapshot, system, name, visit.now)
    if decision.booking is None:
        return _refusal(403, decision.reason, decision.message)
    known = visit.desk.open_room_of(system.id, decision.booking.room)
    if known is not None:
        return Answer(409, _json({"conflict_id": known.number}), reason="open_already")
    room = opened_room(decision.booking, name, plain(form.get("mail_owner"), 200), visit.now)
    visit.desk.keep_room(room)
    return Answer(200, _json(description(room, decision.booking)))


def _show_or_close_room(visit: _Visit, number: str) -> Answer:
    system = visit.system("reservation")
    if isinstance(system, Answer):
        return system
    room = visit.desk.room_of_number(system.id, number)
    booking = visit.snapshot.bookings.get((system.id, room.room)) if room is not None else None
    if room is None or (booking is None and visit.call.method == "GET"):
        return _refusal(404, "no_reservation")
    if visit.call.method == "DELETE":
        if room.closed is None:
            visit.desk.keep_room(replace(room, closed=visit.now))
        return Answer(200, b"{}")
    if room.closed is not None or booking is None:
        return _refusal(404, "no_reservation")
    return Answer(200, _json(description(room, booking)))


def _take_event(visit: _Visit, what: str) -> Answer:
    system = visit.system("event")
    if isinstance(system, Answer):
        return system
    payload = _loads(visit.call.body)
    try:
        fact = read_event(system.id, EVENT_NAMES[what], payload)
    except EventProblem as problem:
        return _refusal(400, problem.reason)
    if isinstance(payload, dict) and not is_of_system(system, payload):
        return _refusal(400, "wrong_tenant")
    if visit.desk.is_full:
        return _refusal(503, "no_space")  # event_sync asks again three times
    visit.desk.spool("event", visit.now, to_text({"system_id": system.id, "name": fact.name, "payload": payload}))
    return Answer(200, b"{}")


def _give_key(visit: _Visit, file: str, use: str | None = None) -> Answer:
    name, is_known = f"{file}.pem", False
    for system in visit.snapshot.systems:
        for key_name, pem, until in system.system_keys if use else system.login_keys:
            if key_name != name or (until is not None and until <= visit.now):
                continue
            is_known = True
            if system.is_near(visit.call.address):
                return Answer(200, pem.encode(), "application/x-pem-file")
    return _refusal(403, "wrong_address") if is_known else _refusal(404, "no_such_key")


def _take_jibri(visit: _Visit) -> Answer:
    server_id = next((server_id for system in visit.snapshot.systems for server_id, host in system.jibris
                      if host == visit.call.address), None)
    if server_id is None:
        near = [system for system in visit.snapshot.systems if system.is_near(visit.call.address)]
        only = [server_id for system in near for server_id, _host in system.jibris]
        if len(only) != 1:
            return _refusal(403, "unknown_recorder")
        server_id = only[0]
    payload = _loads(visit.call.body)
    status = payload.get("status") if isinstance(payload, dict) else None
    if not isinstance(status, dict) or not isinstance(status.get("busyStatus"), str):
        return _refusal(400, "no_json")
    if visit.desk.is_full:
        return _refusal(503, "no_space")
    visit.desk.spool("jibri", visit.now, to_text({"server_id": server_id, "told": payload}))
    return Answer(200, b"{}")


_DOORS: tuple[tuple[re.Pattern[str], tuple[str, ...], Callable[..., Answer]], ...] = (
    (re.compile(r"/jitsi/conference"), ("POST",), _open_room),
    (re.compile(r"/jitsi/conference/(?P<number>[^/]{1,80})"), ("GET", "DELETE"), _show_or_close_room),
    (re.compile(r"/jitsi/events/(?P<what>room/created|room/destroyed|occupant/joined|occupant/left)"), ("POST",),
     _take_event),
    (re.compile(r"/asap/(?P<file>[0-9a-f]{64})\.pem"), ("GET", "HEAD"), _give_key),
    (re.compile(r"/asap/(?P<use>system)/(?P<file>[0-9a-f]{64})\.pem"), ("GET", "HEAD"), _give_key),
    (re.compile(r"/jibri/v1/status"), ("POST",), _take_jibri),
)


def _form(body: bytes) -> dict[str, str]:
    if len(body) > _FORM_LIMIT:
        return {}
    try:
        return {name: values[0] for name, values in parse_qs(body.decode(), max_num_fields=40).items()}
    except ValueError:
        return {}


def _loads(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _json(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()


def _refusal(status: int, reason: str, message: str = "") -> Answer:
    return Answer(status, _json({"message": message or explain(reason), "reason": reason}), reason=reason)
