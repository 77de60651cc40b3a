"""What meeting servers can be told: each verb's request by jitsi.md section 4.2, and what its answer means. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from core import N_, Secret

DONE, FAILED, LATER = "done", "failed", "later"
TRY_AGAIN = frozenset({408, 425, 429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing to order. `target` is the kind of server that is told; `needs` of room, endpoint, server and words of
    its arguments; `undo` the verb that takes it back; `is_repeatable` says that sending it twice does no harm."""

    word: str
    title: str
    icon: str
    target: str
    preview: str
    needs: tuple[str, ...] = ()
    undo: str = ""
    is_repeatable: bool = True
    is_grave: bool = False


VERBS: dict[str, Verb] = {verb.word: verb for verb in (
    Verb("end_meeting", N_("End the meeting"), "power", "prosody",
         N_("The room is closed and everybody in it leaves. Nobody comes back by themselves."), ("room",),
         is_grave=True),
    Verb("kick", N_("Remove from the room"), "user-off", "prosody",
         N_("The connection is thrown out of the room. A kiosk joins again by itself; a stranger needs a valid token."),
         ("room", "endpoint")),
    Verb("drain_enable", N_("Take nobody new"), "player-pause", "jvb",
         N_("The bridge takes no new participants; those on it stay."), ("server",), undo="drain_disable"),
    Verb("drain_disable", N_("Take new ones again"), "player-play", "jvb",
         N_("The bridge takes new participants again."), ("server",), undo="drain_enable"),
    Verb("move_endpoint", N_("Move to another bridge"), "arrow-right", "jicofo",
         N_("The endpoint's media go over another bridge; some two seconds without picture and sound."),
         ("room", "endpoint"), is_repeatable=False),
    Verb("move_endpoints", N_("Move some to other bridges"), "arrow-right", "jicofo",
         N_("So many endpoints leave this bridge for others; each is some two seconds without picture and sound."),
         ("bridge", "count"), is_repeatable=False),
    Verb("move_fraction", N_("Move a share to other bridges"), "arrow-right", "jicofo",
         N_("This share of the bridge's endpoints, of all its meetings, goes to other bridges."),
         ("bridge", "fraction"), is_repeatable=False),
    Verb("pin", N_("Keep to one version"), "lock", "jicofo",
         N_("The meeting is held only on bridges of this version, for so many minutes."),
         ("room", "version", "minutes"), undo="unpin"),
    Verb("unpin", N_("Free the version"), "x", "jicofo",
         N_("The meeting may be held on bridges of any version again."), ("room",)),
    Verb("start_recording", N_("Start recording"), "video", "jibri",
         N_("A recorder joins the meeting; everybody sees that it is recorded."), ("room", "server"),
         undo="stop_recording"),
    Verb("stop_recording", N_("Stop recording"), "player-pause", "jibri",
         N_("The recorder leaves and writes its file."), ("server",)),
    Verb("start_stream", N_("Start the live stream"), "broadcast", "jibri",
         N_("A recorder joins and sends the meeting to the stream; the public can watch."),
         ("room", "server", "stream"),
         undo="stop_stream", is_grave=True),
    Verb("stop_stream", N_("Stop the live stream"), "player-pause", "jibri",
         N_("The stream ends for its viewers."), ("server",)),
)}


_NONE = Secret("")


@dataclass(frozen=True, slots=True)
class Aim:
    """An order ready to be sent. `jid` is the room's MUC address, `room` its node; `token` the control token; `login`
    what a recorder signs in with (domain, user, password); `stream` the stream's key."""

    verb: str
    url: str
    room: str = ""
    jid: str = ""
    tenant: str = ""
    endpoint: str = ""
    public_url: str = ""
    session: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    token: Secret = _NONE
    login: tuple[str, str, SecretStr] = ("", "", SecretStr(""))
    stream: Secret = _NONE
    step: str = "act"
    was_sent: bool = False
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Request:
    """What goes over the wire, without its secrets: these are put in where it is sent."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    has_token: bool = False
    has_login: bool = False
    has_stream: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try ended: state done, failed or later; a word of words.REASONS; text of the server."""

    state: str
    reason: str
    detail: str = ""
    after_s: float = 0.0
    step: str = ""


def request_of(aim: Aim) -> Request:
    """The request of an order (jitsi.md sections 4.1-4.3 and 5.1)."""
    if aim.step == "look":
        path = "/jibri/api/v1.0/health" if VERBS[aim.verb].target == "jibri" else "/colibri/drain"
        return Request("GET", path)
    return _REQUESTS[aim.verb](aim)


def _end(aim: Aim) -> Request:
    return Request("POST", "/end-meeting", {"conference": aim.jid, "silent-reconnect": "false"}, has_token=True)


def _kick(aim: Aim) -> Request:
    query = {"room": aim.room, "prefix": aim.tenant}
    return Request("PUT", "/kick-participant", query, {"participantId": aim.endpoint}, has_token=True)


def _drain(aim: Aim) -> Request:
    return Request("POST", f"/colibri/drain/{aim.verb.removeprefix('drain_')}")


def _move_endpoint(aim: Aim) -> Request:
    query = {"conference": aim.jid, "endpoint": aim.endpoint}
    bridge = str(aim.arguments.get("bridge") or "")
    return Request("GET", "/move-endpoints/move-endpoint", {**query, "bridge": bridge} if bridge else query)


def _move_endpoints(aim: Aim) -> Request:
    query = {"bridge": str(aim.arguments["bridge"]), "numEndpoints": str(int(aim.arguments["count"]))}
    return Request("GET", "/move-endpoints/move-endpoints", {**query, "conference": aim.jid} if aim.jid else query)


def _move_fraction(aim: Aim) -> Request:
    query = {"bridge": str(aim.arguments["bridge"]), "fraction": f"{float(aim.arguments['fraction']):g}"}
    return Request("GET", "/move-endpoints/move-fraction", query)


def _pin(aim: Aim) -> Request:
    body = {"conferenceId": aim.jid, "jvbVersion": str(aim.arguments["version"]),
            "durationMinutes": int(aim.arguments["minutes"])}  # fmt: skip
    return Request("POST", "/pin", body=body)


def _unpin(aim: Aim) -> Request:
    return Request("POST", "/pin/remove", body={"conferenceId": aim.jid})


def _start(aim: Aim) -> Request:
    is_stream = aim.verb == "start_stream"
    body = {
        "sessionId": aim.session,
        "callParams": {"callUrlInfo": {"baseUrl": aim.public_url.rstrip("/"), "callName": _call_name(aim)}},
        "sinkType": "stream" if is_stream else "file",
    }
    return Request("POST", "/jibri/api/v1.0/startService", body=body, has_login=True, has_stream=is_stream)


def _call_name(aim: Aim) -> str:
    return f"{aim.tenant}/{aim.room}" if aim.tenant else aim.room


def _stop(aim: Aim) -> Request:
    return Request("POST", "/jibri/api/v1.0/stopService")


_REQUESTS = {
    "end_meeting": _end, "kick": _kick, "drain_enable": _drain, "drain_disable": _drain,
    "move_endpoint": _move_endpoint, "move_endpoints": _move_endpoints, "move_fraction": _move_fraction,
    "pin": _pin, "unpin": _unpin, "start_recording": _start, "stop_recording": _stop, "start_stream": _start,
    "stop_stream": _stop,
}  # fmt: skip
# Prosody: jitsi.md section 5.1. It answers 404 too while its module is not loaded
_PROSODY = {400: "bad_request", 401: "token_refused", 403: "token_refused", 404: "not_found"}


def judge(aim: Aim, status: int, body: str) -> Outcome:
    """What an answer means: done, failed with a named reason, or worth another try."""
    target = VERBS[aim.verb].target
    if aim.step == "look":
        return _judge_look(aim, status, body)
    if status == 200:
        return _judge_success(aim, body)
    if status in TRY_AGAIN:
        return Outcome(LATER, "busy_server", _line(body))
    if target == "prosody":
        if status == 404 and aim.was_sent:
            return Outcome(DONE, "already")  # the try before it was carried out, its answer was lost
        return Outcome(FAILED, _PROSODY.get(status, "server_error"), _line(body))
    if target == "jibri":
        return Outcome(FAILED, {412: "recorder_busy", 404: "switched_off"}.get(status, "server_error"), _line(body))
    if target == "jicofo" and status == 500:  # what it does not know it answers with 500
        return Outcome(FAILED, "not_found", _line(body))
    reason = {404: "switched_off", 400: "bad_request"}.get(status, "server_error")
    return Outcome(FAILED, reason, _line(body))


def _judge_success(aim: Aim, body: str) -> Outcome:
    if aim.verb.startswith("move_"):
        moved = _parsed(body).get("movedEndpoints")
        if isinstance(moved, int):
            return Outcome(DONE, "moved" if moved else "none_moved", str(moved))
        return Outcome(DONE, "said_ok")
    if aim.verb.startswith("drain_"):
        return Outcome(LATER, "looking", after_s=0.0, step="look")
    if aim.verb in ("start_recording", "start_stream"):
        return Outcome(LATER, "accepted", after_s=8.0, step="look")  # it joins the meeting as a browser does
    return Outcome(DONE, "done")


def _judge_look(aim: Aim, status: int, body: str) -> Outcome:
    found = _parsed(body)
    if VERBS[aim.verb].target == "jibri":
        state = found.get("status")
        busy = state.get("busyStatus") if isinstance(state, dict) else None
        if busy == "BUSY":
            return Outcome(DONE, "recording")
        if busy is None or aim.attempts < 4:
            return Outcome(LATER if aim.attempts < 4 else DONE, "accepted", after_s=8.0, step="look")
        return Outcome(FAILED, "did_not_start", str(busy)[:40])
    drains = found.get("drain")
    if status != 200 or not isinstance(drains, bool):
        return Outcome(DONE, "said_ok")
    return Outcome(DONE, "done") if drains == (aim.verb == "drain_enable") else Outcome(FAILED, "not_taken")


def _parsed(body: str) -> dict[str, Any]:
    try:
        found = json.loads(body or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _line(body: str) -> str:
    """The first line of an answer, printable, short: servers answer with pages."""
    text = "".join(one if one.isprintable() else " " for one in body[:400])
    return "" if text.lstrip().startswith("<") else " ".join(text.split())[:200]
