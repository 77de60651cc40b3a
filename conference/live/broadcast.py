"""Whether a meeting's stream and recording really run: by recorders, orders and who was sighted in the room. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from core import N_, gettext
from playbooks import meetings

KINDS: dict[str, str] = {"stream": N_("Live stream"), "recording": N_("Recording of the meeting")}
BROADCAST_STATES: dict[str, str] = {
    "not_planned": N_("not planned"),
    "not_yet": N_("not begun yet"),
    "starting": N_("is starting"),
    "running": N_("is running"),
    "stopped": N_("was stopped"),
    "failed": N_("does not run"),
    "none_free": N_("no recorder free"),
    "unhealthy": N_("recorder not healthy"),
    "unknown": N_("not known whether it runs"),
}
TONES = {"not_planned": "idle", "not_yet": "idle", "starting": "info", "running": "good", "stopped": "idle",
         "failed": "down", "none_free": "down", "unhealthy": "down", "unknown": "unknown"}  # fmt: skip
SENTENCES: dict[tuple[str, str], str] = {
    ("not_yet", "early"): N_("Recorders are looked at from 15 minutes before the start."),
    ("not_yet", "ready"): N_("%(recorder)s is healthy and free."),
    ("starting", ""): N_("Ordered; the recorder needs some seconds to join."),
    ("running", "busy"): N_("%(recorder)s is healthy and at work."),
    ("running", "seen"): N_("A recorder is in the room."),
    ("stopped", "ordered"): N_("Stopped by order."),
    ("stopped", "over"): N_("It ended with the meeting."),
    ("failed", "order"): N_("The order failed: %(detail)s"),
    ("failed", "idle"): N_("It was started, but %(recorder)s does nothing any more: start it again."),
    ("failed", "left"): N_("The recorder has left the room: start it again."),
    ("failed", "not_started"): N_("Planned, but nobody started it. %(recorder)s is free: start it now."),
    ("failed", "never"): N_("Planned, but nothing shows that it ever ran."),
    ("none_free", "busy"): N_("All recorders are at work for others. Stop one of them, or add a recorder."),
    ("none_free", "few"): N_("The others are needed by this meeting itself; one is one stream or one recording. Add a "
                             "recorder."),
    ("none_free", "none"): N_("The meeting's system has no recorder (Jibri) entered."),
    ("unhealthy", "sick"): N_("%(recorder)s says that it is not healthy. Restart it and look at its log."),
    ("unhealthy", "silent"): N_("%(recorder)s does not answer. Look at its machine and its line."),
    ("unknown", "unheard"): N_("Nothing fresh is heard of the recorders. Look at the meeting servers."),
    ("unknown", "which"): N_("One recorder is in the room; it does not tell whether it streams or records."),
    ("unknown", "order"): N_("It was ordered, but nothing shows whether it runs. Look at the viewers' link."),
}
LOOKED_AT = timedelta(minutes=15)   # before the start recorders must be healthy and free
GRACE = timedelta(minutes=2)        # after the start it must run
LOOK_LASTS = timedelta(minutes=2)   # what the order itself saw of the recorder counts so long
_RAN = ("recording", "already")     # words of an order that saw its recorder at work


class Planned(Protocol):
    """What is read of a Meeting."""

    is_streamed: bool
    is_recorded: bool
    starts_at: datetime
    ends_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Order:
    """An order to start or stop; `reason` and `detail` are how it ended."""

    id: int
    verb: str
    state: str
    server_id: int | None
    ordered_at: datetime
    done_at: datetime | None = None
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Recorder:
    """A recorder by the newest of what it was asked and what it told; None or "" where nothing fresh is known."""

    id: int
    name: str
    is_up: bool | None = None
    is_healthy: bool | None = None
    work: str = ""                   # idle, busy, expired
    at: datetime | None = None

    @property
    def is_sick(self) -> bool:
        """Whether it cannot be used though it may be asked."""
        return self.is_up is False or self.is_healthy is False or self.work == "expired"

    @property
    def is_free(self) -> bool:
        """Whether it can start now."""
        return self.work == "idle" and not self.is_sick


@dataclass(frozen=True, slots=True)
class Sight:
    """A recorder's connection seen in the room, there still while `gone_at` is None."""

    first_at: datetime
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Airing:
    """How one of both is: its state (a word of BROADCAST_STATES), why, and since when it runs.

    `order_id` is the order that started it; `is_finding` says that somebody must act now.
    """

    kind: str
    state: str = "not_planned"
    why: str = ""
    since: datetime | None = None
    recorder: str = ""
    order_id: int | None = None
    detail: str = ""
    is_finding: bool = False

    @property
    def tone(self) -> str:
        """Its colour."""
        return "down" if self.is_finding and self.state != "unknown" else TONES[self.state]

    @property
    def title(self) -> str:
        """Live stream, or recording."""
        return gettext(KINDS[self.kind])

    @property
    def word(self) -> str:
        """The state in a few words."""
        return gettext(BROADCAST_STATES[self.state])

    @property
    def sentence(self) -> str:
        """Why, and what to do."""
        text = SENTENCES.get((self.state, self.why), "")
        if "%(" not in text:
            return gettext(text) if text else ""
        reason, _bar, said = self.detail.partition("|")
        return gettext(text, recorder=self.recorder, detail=meetings.say(reason, said))


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Both."""

    stream: Airing
    recording: Airing

    @property
    def shown(self) -> list[Airing]:
        """What is planned or was ordered; what must be acted on stands first."""
        both = [one for one in (self.stream, self.recording) if one.state != "not_planned"]
        return sorted(both, key=lambda one: not one.is_finding)


def broadcast_of(
    meeting: Planned, orders: Sequence[Order], recorders: Sequence[Recorder], sightings: Sequence[Sight], now: datetime
) -> Broadcast:
    """The stream and the recording of a meeting at a moment."""
    planned = {"stream": meeting.is_streamed, "recording": meeting.is_recorded}
    present = sorted(one.first_at for one in sightings if one.gone_at is None)
    ordered = {kind: _by_orders(kind, meeting, orders, recorders, present, now) for kind in KINDS}
    found = {kind: one for kind, one in ordered.items() if one is not None}
    taken = [one.recorder for one in found.values() if one.state in ("running", "starting")]
    open_kinds = [kind for kind in KINDS if planned[kind] and (kind not in found or found[kind].state == "failed")]
    rest = [one for one in recorders if one.name not in taken]
    # A telephone gateway is sighted as a recorder is: while every recorder is known to be idle it is none
    spare = present[len(taken):] if not rest or any(one.work in ("busy", "") for one in rest) else []
    was_there = any(one.gone_at is not None and one.first_at < meeting.ends_at for one in sightings)
    for position, kind in enumerate(open_kinds):
        if len(spare) >= len(open_kinds):
            found[kind] = Airing(kind, "running", "seen", spare[position])
        elif spare:
            found[kind] = Airing(kind, "unknown", "which")
        elif kind not in found:
            has_left = was_there and len(open_kinds) == 1
            found[kind] = _by_plan(kind, meeting, rest, position, now, (has_left, bool(taken)))
    stream, recording = (_judged(found.get(kind, Airing(kind)), planned[kind], meeting, now) for kind in KINDS)
    return Broadcast(stream, recording)


def is_over(meeting: Planned, now: datetime) -> bool:
    """Whether nothing has to run any more."""
    return now >= meeting.ends_at or meeting.state in ("ended", "cancelled")


def _judged(one: Airing, is_planned: bool, meeting: Planned, now: datetime) -> Airing:
    is_late = is_planned and now >= meeting.starts_at + GRACE and one.state not in ("running", "stopped")
    has_died = one.state == "failed" and one.why in ("idle", "left")
    is_finding = (is_late or has_died) and not is_over(meeting, now)
    return replace(one, is_finding=is_finding)


def _by_orders(
    kind: str, meeting: Planned, orders: Sequence[Order], recorders: Sequence[Recorder], present: Sequence[datetime],
    now: datetime,
) -> Airing | None:  # fmt: skip
    """By the newest order to start, None without one."""
    starts = [one for one in orders if one.verb == f"start_{kind}" and one.state != "cancelled"]
    if not starts:
        return None
    start = max(starts, key=lambda one: one.id)
    recorder = next((one for one in recorders if start.server_id in (one.id, None)), None)
    name = recorder.name if recorder is not None else ""
    stops = [one for one in orders if one.verb == f"stop_{kind}" and one.id > start.id and one.state == "done"]
    if stops:
        return Airing(kind, "stopped", "ordered", stops[-1].done_at, name, start.id)
    if start.state == "failed":
        return Airing(kind, "failed", "order", None, name, start.id, f"{start.reason}|{start.detail}")
    if start.state != "done" or start.done_at is None:
        return Airing(kind, "starting", "", start.ordered_at, name, start.id)
    is_seen = any(first >= start.ordered_at for first in present)
    state, why = _of_recorder(start, recorder, is_seen, now)
    if state == "failed" and is_over(meeting, now):
        state, why = "stopped", "over"
    return Airing(kind, state, why, start.done_at if state == "running" else None, name, start.id)


def _of_recorder(start: Order, recorder: Recorder | None, is_seen: bool, now: datetime) -> tuple[str, str]:
    """(state, why) of what was started, by its recorder's word since then; a silent one may be seen in the room."""
    done_at = start.done_at or start.ordered_at
    is_newer = recorder is not None and recorder.at is not None and recorder.at > done_at
    if recorder is not None and is_newer and recorder.work:
        if recorder.work != "busy":
            return "failed", "idle"
        return ("unhealthy", "sick") if recorder.is_healthy is False else ("running", "busy")
    if is_seen:
        return "running", "seen"
    if recorder is not None and is_newer and recorder.is_up is False:
        return "unhealthy", "silent"
    has_looked = start.reason in _RAN and now - done_at <= LOOK_LASTS
    return ("running", "busy") if has_looked else ("unknown", "order")


def _by_plan(
    kind: str, meeting: Planned, recorders: Sequence[Recorder], position: int, now: datetime,
    knows: tuple[bool, bool],
) -> Airing:
    """What is planned, was not ordered, and is not seen: is there a recorder for it?

    `knows` is whether one was in the room and left, and whether one is at work for the other of both.
    """
    has_left, has_taken = knows
    if is_over(meeting, now):
        return Airing(kind, *(("stopped", "over") if has_left else ("failed", "never")))
    if has_left and now >= meeting.starts_at:
        return Airing(kind, "failed", "left")
    if not recorders:
        return Airing(kind, "none_free", "few" if has_taken else "none")
    if now < meeting.starts_at - LOOKED_AT:
        return Airing(kind, "not_yet", "early")
    free = [one for one in recorders if one.is_free]
    if len(free) > position:
        name = free[position].name
        is_late = now >= meeting.starts_at + GRACE
        return Airing(kind, *(("failed", "not_started") if is_late else ("not_yet", "ready")), recorder=name)
    if any(one.is_up is None or (not one.work and not one.is_sick) for one in recorders):
        return Airing(kind, "unknown", "unheard")
    sick = [one for one in recorders if one.is_sick]
    if sick:
        return Airing(kind, "unhealthy", "silent" if sick[0].is_up is False else "sick", recorder=sick[0].name)
    return Airing(kind, "none_free", "few" if free else "busy")


def ran_of(meeting: Planned, orders: Sequence[Order], sightings: Sequence[Sight]) -> tuple[bool, bool]:
    """(stream, recording): whether each was measured to run. One recorder seen in the room proves one of both only."""
    found = {}
    for kind in KINDS:
        done = [one for one in orders if one.verb == f"start_{kind}" and one.state == "done"]
        found[kind] = any(
            one.reason in _RAN or any((seen.gone_at or meeting.ends_at) > one.ordered_at for seen in sightings)
            for one in done
        )
    planned = {"stream": meeting.is_streamed, "recording": meeting.is_recorded}
    open_kinds = [kind for kind in KINDS if planned[kind] and not found[kind]]
    left = len(sightings) - sum(found.values())
    if open_kinds and left >= len(open_kinds):
        found |= dict.fromkeys(open_kinds, True)
    return found["stream"], found["recording"]
