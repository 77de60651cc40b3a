"""Asks one meeting server how it is, by its kind: which paths, what counts as up, and what is worth telling."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from collectors.jitsi import answers
from collectors.jitsi.fetch import Ask, Caller, Reply
from core import GiveUp, OutsideFailure, TryLater

PLAIN_TEXT = "text/plain; version=0.0.4"
CONFERENCE_LIMIT = 32 << 20
CONFERENCE_TIMEOUT_S = 10.0
DEBUG_TIMEOUT_S = 5.0
QUICK_S, SLOW_S = 10.0, 30.0
DEFAULT_CAPACITY_BPS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class ServerTarget:
    """A meeting server as the inventory says it. `domain` is its system's XMPP host."""

    id: int
    system_id: int
    kind: str
    name: str
    url: str
    domain: str = ""
    capacity_bps: int | None = None

    @property
    def interval_s(self) -> float:
        """How often it is asked (jitsi.md section 4.4)."""
        return QUICK_S if self.kind in ("jvb", "jicofo") else SLOW_S


@dataclass(frozen=True, slots=True)
class ServerLook:
    """One look. `is_up` is None when nobody can tell (the proxy refuses us, the address is wrong): that is no outage.

    `reason` is "ok" or a word of collectors.REASONS; `values` metric -> value, without a part.
    """

    reason: str = "ok"
    detail: str = ""
    is_up: bool | None = True
    seconds: float = 0.0
    values: Mapping[str, float] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


async def ask_server(caller: Caller, target: ServerTarget, monotonic: Callable[[], float]) -> ServerLook:
    """Look at the server once. Never raises OutsideFailure: a failure is the look's reason."""
    began = monotonic()
    try:
        look = await ASKERS[target.kind](caller, target)
    except GiveUp as failure:
        look = ServerLook(failure.reason, failure.detail, is_up=None)
    except OutsideFailure as failure:
        look = ServerLook(failure.reason, failure.detail, is_up=False)
    seconds = monotonic() - began
    values = dict(look.values)
    if look.is_up is not None:
        values["meeting_server_up"] = float(look.is_up)
    if look.is_up:
        values["meeting_server_seconds"] = seconds
    return replace(look, seconds=seconds, values=values)


async def _bridge(caller: Caller, target: ServerTarget) -> ServerLook:
    stats, health = await _both(caller, target, Ask("/colibri/stats"), Ask("/about/health"))
    values: dict[str, float] = {}
    facts: Mapping[str, str] = {}
    reason, detail = "ok", ""
    if isinstance(stats, Reply) and stats.is_ok:
        values, facts = answers.read_stats(stats.body)
    else:
        metrics = await caller.get(target.url, Ask("/metrics", accept=PLAIN_TEXT))
        if metrics.is_ok:
            values = answers.read_bridge_metrics(metrics.body)
        if not values:
            _require(stats, health)
            reason, detail = "no_interface", "/colibri/stats, /metrics"
    if "version" not in facts:
        facts = {**facts, **await _version(caller, target)}
    traffic = [values[name] for name in ("jvb_in_bits_per_second", "jvb_out_bits_per_second") if name in values]
    if traffic:
        values["meeting_server_used_ratio"] = max(traffic) / (target.capacity_bps or DEFAULT_CAPACITY_BPS)
    return _judged(ServerLook(reason, detail, values=values, facts=facts), health)


async def _focus(caller: Caller, target: ServerTarget) -> ServerLook:
    stats, health = await _both(caller, target, Ask("/stats"), Ask("/about/health"))
    values: dict[str, float] = {}
    facts: Mapping[str, str] = {}
    reason, detail = "ok", ""
    if isinstance(stats, Reply) and stats.is_ok:
        values, facts = answers.read_focus_stats(stats.body)
    else:
        metrics = await caller.get(target.url, Ask("/metrics", accept=PLAIN_TEXT))
        if metrics.is_ok:
            values = answers.read_focus_metrics(metrics.body)
        if not values:
            _require(stats, health)
            reason, detail = "no_interface", "/stats, /metrics"
    if "version" not in facts:
        facts = {**facts, **await _version(caller, target)}
    return _judged(ServerLook(reason, detail, values=values, facts=facts), health)


async def _prosody(caller: Caller, target: ServerTarget) -> ServerLook:
    host = target.domain
    asked = (Ask("/room-census", host=host), Ask("/health", host=host), Ask("/metrics", accept=PLAIN_TEXT, host=host))
    census, health, metrics = await asyncio.gather(*(_try(caller, target, ask) for ask in asked))
    values: dict[str, float] = {}
    reason, detail = "ok", ""
    if isinstance(census, Reply) and census.is_ok:
        values |= answers.census_samples(answers.read_census(census.body))
    else:
        _require(census, health, metrics)
        reason, detail = "no_interface", "/room-census"
    if isinstance(metrics, Reply) and metrics.is_ok:
        values |= answers.read_prosody_metrics(metrics.body)
    return _judged(ServerLook(reason, detail, values=values), health)


async def _jibri(caller: Caller, target: ServerTarget) -> ServerLook:
    reply = _ok(await caller.get(target.url, Ask("/jibri/api/v1.0/health")))
    values, facts = answers.read_jibri(reply.body)
    if not values:
        raise TryLater("wrong_server", "/jibri/api/v1.0/health")
    is_ill = values.get("meeting_server_healthy") == 0
    return ServerLook("server_unhealthy" if is_ill else "ok", facts.get("busy", "") if is_ill else "", values=values,
                      facts=facts)  # fmt: skip


async def _jigasi(caller: Caller, target: ServerTarget) -> ServerLook:
    stats, health = await _both(caller, target, Ask("/about/stats"), Ask("/about/health"))
    if not isinstance(stats, Reply):
        raise stats
    return _judged(ServerLook(values=answers.read_jigasi(_ok(stats).body)), health)


async def _turn(caller: Caller, target: ServerTarget) -> ServerLook:
    reply = _ok(await caller.get(target.url, Ask("/metrics", accept=PLAIN_TEXT)))
    values = answers.read_turn(reply.body)
    if not values:
        raise TryLater("wrong_server", "/metrics")
    return ServerLook(values=values)


ASKERS: Mapping[str, Callable[[Caller, ServerTarget], Awaitable[ServerLook]]] = {
    "jvb": _bridge, "jicofo": _focus, "prosody": _prosody, "jibri": _jibri, "jigasi": _jigasi, "coturn": _turn,
}


async def ask_room(caller: Caller, focus: ServerTarget, room_jid: str) -> bytes:
    """Jicofo's document of a room, not parsed. Raises GiveUp and TryLater; "room_not_open" when there is no such room
    (Jicofo says so by HTTP 500)."""
    ask = Ask(f"/debug/conference/{quote(room_jid, safe='@')}", CONFERENCE_TIMEOUT_S, limit=CONFERENCE_LIMIT)
    reply = await caller.get(focus.url, ask)
    if reply.status in (404, 500):
        raise TryLater("room_not_open", f"HTTP {reply.status}")
    return _ok(reply).body


async def ask_endpoint(caller: Caller, bridge: ServerTarget, room_jid: str, endpoint: str) -> answers.EndpointLook:
    """What one bridge knows of one connection; costs the bridge two answers. Raises GiveUp and TryLater,
    "no_such_connection" when it holds no such one."""
    short = _ok(await caller.get(bridge.url, Ask("/debug", DEBUG_TIMEOUT_S)))
    conference = answers.conference_of(short.body, room_jid, endpoint)
    if conference is None:
        raise GiveUp("no_such_connection", bridge.name)
    path = f"/debug/{quote(conference, safe='')}/{quote(endpoint, safe='')}"
    whole = _ok(await caller.get(bridge.url, Ask(path, DEBUG_TIMEOUT_S)))
    look = answers.read_endpoint(whole.body, conference, endpoint)
    if look is None:
        raise GiveUp("no_such_connection", bridge.name)
    return look


def room_jid(room: str, domain: str, muc_prefix: str, tenant: str = "") -> str:
    """The address of a room: room@muc.domain, the node with [tenant] before it where the system has one."""
    node = f"[{tenant.lower()}]{room}" if tenant and not room.startswith("[") else room
    return f"{node}@{muc_prefix}.{domain}"


async def _try(caller: Caller, target: ServerTarget, ask: Ask) -> Reply | OutsideFailure:
    try:
        return await caller.get(target.url, ask)
    except OutsideFailure as failure:
        return failure


async def _both(
    caller: Caller, target: ServerTarget, first: Ask, second: Ask
) -> tuple[Reply | OutsideFailure, Reply | OutsideFailure]:
    """Two questions at once; when neither gets an answer, that is the server's failure."""
    one, other = await asyncio.gather(_try(caller, target, first), _try(caller, target, second))
    if isinstance(one, OutsideFailure) and (isinstance(other, OutsideFailure) or isinstance(one, GiveUp)):
        raise one
    return one, other


def _require(*replies: Reply | OutsideFailure) -> None:
    """Raise what the first answer says when none of them shows that the right program answers."""
    if not any(isinstance(one, Reply) and one.status in (200, 500, 503) for one in replies):
        first = replies[0]
        if isinstance(first, OutsideFailure):
            raise first
        _ok(first)


def _ok(reply: Reply) -> Reply:
    if reply.is_ok:
        return reply
    shown = f"HTTP {reply.status}"
    if reply.status in (401, 403, 407):
        raise GiveUp("server_forbids", shown)
    if reply.status in (502, 504):  # RFC 9110: a gateway without an answer from behind it
        raise TryLater("server_stopped", shown)
    raise TryLater("server_error" if reply.status >= 500 else "wrong_server", shown)


async def _version(caller: Caller, target: ServerTarget) -> Mapping[str, str]:
    reply = await _try(caller, target, Ask("/about/version"))
    try:
        return answers.read_version(reply.body) if isinstance(reply, Reply) and reply.is_ok else {}
    except OutsideFailure:
        return {}


def _judged(look: ServerLook, health: Reply | OutsideFailure) -> ServerLook:
    """With the word of the server's health page; one that is switched off (404) or silent says nothing."""
    values, reason, detail = dict(look.values), look.reason, look.detail
    if isinstance(health, Reply) and (health.is_ok or health.status >= 500):
        values["meeting_server_healthy"] = float(health.is_ok)
        if not health.is_ok:
            told = answers.text_of(health.body.decode("utf-8", "replace").strip(), 200)
            reason, detail = "server_unhealthy", told or f"HTTP {health.status}"
    elif values.get("meeting_server_healthy") == 0:
        reason = "server_unhealthy"
    return replace(look, values=values, reason=reason, detail=detail)
