"""Puts the live board together: evidence in, rows, groups and bridges out. Reads nothing but what it is given."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from conference.live.board import Board, BridgeNow, EndpointNow, groups_of
from conference.live.causes import DOWN, ROW_OF, UNKNOWN, UP, Cause, Facts, cause_of
from conference.live.grading import BAD, FAIR
from conference.live.limits import Limits
from conference.live.presence import Frame, Presence, Signs, is_dark, is_heard, marks_of, presences
from conference.live.security import TOKEN_WORDS, findings_of
from conference.live.store.cast import Cast, Item, Part, Server
from conference.live.store.reading import Evidence, Trouble
from conference.live.words import IN
from conference.schedule import Meeting

FULL_WORDS = ("service-unavailable", "service_unavailable", "room is full", "max_occupants", "membersonly.full")
THROTTLE_WORDS = ("rate-limit", "rate limit", "rate_limit", "policy-violation", "throttl", "too many")
ICE_WORDS = ("peerconnectionfailure", "icefailed", "ice failed", "iceconnectionstate failed")
EARLY = timedelta(minutes=5)  # before that nobody is missed


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What others know: reachability of devices (up, down, unknown), UPS on battery, servers of the system by name."""

    reach: Callable[[int], str] = lambda device_id: UNKNOWN
    on_battery: Mapping[int, bool] = field(default_factory=dict)
    servers: Mapping[str, BridgeNow] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)


def assemble(meeting: Meeting, cast: Cast, evidence: Evidence, around: Surroundings, now: datetime) -> Board:
    """The board of one meeting."""
    deaf_since = silence_of_all(evidence, around.limits, now)
    frame = Frame(meeting.id, meeting.starts_at, meeting.ends_at, now, deaf_since)
    signs = [_signs(part, evidence, around) for part in cast.parts]
    stand = presences(signs, frame, around.limits)
    speaking, coming = moment_of(cast.agenda, now)
    maker = _Maker(frame, evidence, around, speaking, coming, any(one.participant_id for one in cast.agenda))
    maker.look(cast, signs, stand)
    rows = [maker.row(*one) for one in zip(cast.parts, signs, stand, strict=True)]
    rows.sort(key=lambda row: row.rank)
    missing = sum(not row.is_in and not row.part.is_excused for row in rows)
    return Board(
        meeting.id, now, tuple(rows), groups_of(rows, around.limits),
        bridges_of(cast.servers, evidence, around, missing), cast.agenda, speaking, coming, evidence.asked_at,
        evidence.failure, len(evidence.unknown_sightings), evidence.main_count, evidence.visitor_count,
        findings_of(cast, evidence, now), deaf_since,
    )  # fmt: skip


def silence_of_all(evidence: Evidence, limits: Limits, now: datetime) -> datetime | None:
    """Since when no room at all is heard of, though many were just before: EduNOC or its network was away then."""
    in_meeting = sorted((beat.at for beat in evidence.beats.values() if beat.is_in), reverse=True)
    if not in_meeting or (now - in_meeting[0]).total_seconds() <= limits.silent_in_s:
        return None
    newest = in_meeting[0]
    together = sum((newest - at).total_seconds() <= limits.silent_in_s for at in in_meeting)
    return newest if together >= limits.mass_loss else None


def moment_of(agenda: tuple[Item, ...], now: datetime) -> tuple[Item | None, Item | None]:
    """(the item whose time it is, the next one with a speaker)."""
    current = [item for item in agenda if item.begins_at <= now < item.ends_at]
    ahead = [item for item in agenda if item.begins_at > now and item.participant_id is not None]
    return (current[-1] if current else None), min(ahead, key=lambda item: item.begins_at, default=None)


def _signs(part: Part, evidence: Evidence, around: Surroundings) -> Signs:
    one = part.endpoint_id
    has_computer = None if part.computer_id is None else around.reach(part.computer_id) == UP
    return Signs(
        evidence.beats.get(one), evidence.sightings.get(one), evidence.joined.get(one), evidence.left.get(one),
        evidence.was_in.get(one), has_computer,
    )  # fmt: skip


def gateway_of(part: Part, reach: Callable[[int], str], trouble: Trouble | None) -> str:
    """The school's router: up as soon as one answers, down when all are; without one, what an open incident says."""
    states = [reach(one) for one in part.gateway_ids]
    if UP in states:
        return UP
    if states and all(state == DOWN for state in states):
        return DOWN
    is_dark_site = trouble is not None and trouble.cause.startswith(("site:", "area:"))
    return DOWN if is_dark_site else UNKNOWN


class _Maker:
    """Makes rows; what needs all endpoints together is counted once in `look`."""

    def __init__(
        self, frame: Frame, evidence: Evidence, around: Surroundings, speaking: Item | None, coming: Item | None,
        has_speakers: bool,
    ) -> None:  # fmt: skip
        self._frame, self._evidence, self._around, self._limits = frame, evidence, around, around.limits
        self._now_speaks = speaking.participant_id if speaking else None
        self._next_speaks = coming.participant_id if coming else None
        self._has_speakers = has_speakers
        self._gateways: dict[int, str] = {}
        self._dark_by_place: Counter[str] = Counter()
        self._bad_by_bridge: Counter[str] = Counter()
        self._usual_rtt: float | None = None

    def look(self, cast: Cast, signs: list[Signs], stand: list[Presence]) -> None:
        """Count what the rows need of each other: dark neighbours, bad rooms of a bridge, the usual round trip."""
        dark: dict[str, set[int]] = {}
        trips = []
        for part, sign, presence in zip(cast.parts, signs, stand, strict=True):
            if part.site_id not in self._gateways:
                trouble = self._evidence.incidents.get(part.site_id)
                self._gateways[part.site_id] = gateway_of(part, self._around.reach, trouble)
            if self._gateways[part.site_id] == DOWN:
                dark.setdefault(part.place, set()).add(part.site_id)
            if sign.sighting is not None and presence.quality == BAD:
                self._bad_by_bridge[sign.sighting.bridge] += 1
            if sign.beat is not None and presence.is_heard and sign.beat.wan_rtt_ms is not None:
                trips.append(sign.beat.wan_rtt_ms)
        self._dark_by_place.update({place: len(sites) for place, sites in dark.items()})
        self._usual_rtt = statistics.median(trips) if trips else None

    def row(self, part: Part, signs: Signs, presence: Presence) -> EndpointNow:
        """One endpoint's row."""
        facts = self._facts(part, signs, presence)
        marks = marks_of(facts, presence, signs, self._frame, self._limits)
        if part.participant_id == self._now_speaks:
            marks.append("speaking")
        elif part.participant_id == self._next_speaks:
            marks.append("next")
        state = presence.state
        cause = self._cause(facts, part, presence, signs)
        if state in ("in_main", "in_visitor") and cause is not None and cause.word in ROW_OF:
            state = "degraded" if ROW_OF[cause.word].tone == "attention" and facts.is_bad else state
        tone = self._tone(state, cause, marks, part)
        beat = signs.beat if presence.is_heard else None
        trouble = self._evidence.incidents.get(part.site_id)
        return EndpointNow(
            part, state, tone, _rank(state, tone, marks, part), presence.quality, cause, tuple(marks),
            signs.sighting.bridge if signs.sighting else "",
            (signs.sighting.connection if signs.sighting else "") or (beat.connection if beat else ""),
            presence.is_visitor, presence.is_heard, signs.beat.at if signs.beat else None, beat.address if beat else "",
            trouble.id if trouble is not None else None, _figures(beat),
        )  # fmt: skip

    def _facts(self, part: Part, signs: Signs, presence: Presence) -> Facts:
        beat = signs.beat if presence.is_heard else None
        trouble = self._evidence.incidents.get(part.site_id)
        bridge = signs.sighting.bridge if signs.sighting else ""
        known = self._around.servers.get(bridge)
        seen = self._evidence.bridges.get(bridge, {})
        stress = known.stress if known is not None and known.stress is not None else seen.get("stress")
        batteries = [self._around.on_battery[one] for one in part.ups_ids if one in self._around.on_battery]
        errors = f"{beat.errors if beat else ''} {self._evidence.errors.get(part.endpoint_id, '')}"
        facts = Facts(
            is_heard=presence.is_heard, gateway=self._gateways.get(part.site_id, UNKNOWN),
            is_on_battery=any(batteries) if batteries else None, neighbours_down=self._neighbours(part, trouble),
            place=part.place, isp=part.isp, bridge=bridge,
            bridge_stress=stress if isinstance(stress, (int, float)) else None,
            bridge_loss=known.loss if known is not None else None,
            bridge_bad=self._bad_by_bridge[bridge] if bridge else 0,
            is_bad=presence.quality == BAD, is_low=presence.quality in (FAIR, BAD),
            has_joined=presence.state in IN, error=errors,
            has_token_error=any(word in errors for word in TOKEN_WORDS),
            is_refused=any(word in errors for word in FULL_WORDS),
            is_throttled=any(word in errors for word in THROTTLE_WORDS),
            is_speaking=self._is_speaking(part),
            # A room whose page was never seen, but whom the servers see: it came by a plain browser, nothing is wrong
            is_served=part.kind == "kiosk" and (signs.beat is not None or presence.state not in IN),
        )  # fmt: skip
        return _with_beat(facts, beat, signs, self._usual_rtt) if beat is not None else facts

    def _neighbours(self, part: Part, trouble: Trouble | None) -> int:
        if trouble is not None and trouble.cause.startswith("area:unit:"):
            return max(trouble.sites_count, 2)
        count = self._dark_by_place[part.place]
        is_line = trouble is not None and trouble.cause.startswith("area:isp:")
        return 0 if is_line or count < self._limits.group_sites else count

    def _is_speaking(self, part: Part) -> bool:
        return part.participant_id == self._now_speaks if self._has_speakers else part.mode == "speak"

    def _cause(self, facts: Facts, part: Part, presence: Presence, signs: Signs) -> Cause | None:
        """The table's cause; where it has none for a room that is not well, a word of our own."""
        frame, state = self._frame, presence.state
        is_expected = frame.starts_at - EARLY <= frame.now < frame.ends_at and not part.is_excused
        if state in ("scheduled", "waking", "kiosk_ready", "joining") and not is_expected:
            return None
        if state == "left" and not presence.is_heard:
            return None  # the meeting is over for it; its silence is no trouble
        found = cause_of(facts, self._limits)
        if found is not None and not _is_excess(found, facts, presence):
            return found
        if state in IN:
            if is_dark(signs.beat, self._limits) and presence.is_heard and facts.is_speaking:
                return Cause("dark")
            return Cause("poor") if facts.is_bad else None
        return Cause("left" if state == "left" else "late") if is_expected and presence.is_heard else None

    def _tone(self, state: str, cause: Cause | None, marks: list[str], part: Part) -> str:
        if part.is_excused and state not in IN:
            return "idle"
        if "next" in marks and state not in IN:
            return "down"
        if state in IN:
            tone = ROW_OF[cause.word].tone if cause is not None and cause.word in ROW_OF else "good"
            if state == "degraded" or (cause is not None and cause.word == "poor"):
                return "attention"
            has_mark = "silent" in marks or ("dark" in marks and cause is not None)
            return "attention" if tone == "down" or has_mark else tone
        is_expected = self._frame.starts_at <= self._frame.now < self._frame.ends_at
        if state == "lost":
            return "down"
        if state == "left":
            return "minor" if is_expected else "idle"
        if not is_expected:
            return "info" if state in ("kiosk_ready", "joining") else "unknown"
        return "attention" if state in ("kiosk_ready", "joining") else "down"


def _is_excess(cause: Cause, facts: Facts, presence: Presence) -> bool:
    """Whether a cause explains nothing that matters: a dead microphone of a room that only listens, a detour."""
    return cause.word == "device" and presence.state in IN and presence.is_visitor and not facts.is_speaking


def _with_beat(facts: Facts, beat: Any, signs: Signs, usual_rtt: float | None) -> Facts:
    muted = beat.is_audio_muted
    if muted is None and signs.sighting is not None:
        muted = signs.sighting.is_audio_muted
    return replace(
        facts, gateway_loss=beat.gateway_loss, wan_loss=beat.wan_loss, wan_rtt_ms=beat.wan_rtt_ms,
        usual_rtt_ms=usual_rtt, candidate=beat.candidate, transport=beat.transport, cpu=beat.cpu,
        broken_devices=beat.broken_devices, is_unmuted=None if muted is None else not muted,
        sound_dbfs=beat.sound_dbfs, silence_s=beat.silence_s, has_stun=beat.has_stun, has_udp=beat.has_udp,
        has_ice=False if any(word in facts.error for word in ICE_WORDS) else beat.has_ice,
        is_on_battery=facts.is_on_battery if facts.is_on_battery is not None else beat.is_on_battery,
    )  # fmt: skip


def _figures(beat: Any) -> tuple[tuple[str, float], ...]:
    if beat is None:
        return ()
    losses = [loss for loss in (beat.loss_down, beat.loss_up) if loss is not None]
    found = [("loss", round(max(losses), 2))] if losses else []
    if beat.rtt_ms is not None:
        found.append(("rtt", round(beat.rtt_ms, -1)))
    return tuple(found)


def _rank(state: str, tone: str, marks: list[str], part: Part) -> int:
    """Worst first: a speaker who is not there, chairs, lost ones, then by colour; within it the list's own order."""
    if "next" in marks and tone == "down":
        return 0
    is_leading = part.role in ("chair", "cohost") or "speaking" in marks or "next" in marks
    base = {"down": 20, "attention": 40, "minor": 60, "info": 70, "unknown": 75, "good": 90, "idle": 95}[tone]
    return base - (10 if is_leading and base <= 60 else 0) - (5 if state == "lost" else 0)


def bridges_of(
    servers: tuple[Server, ...], evidence: Evidence, around: Surroundings, missing: int
) -> tuple[BridgeNow, ...]:
    """Every bridge of the system: what its own interface and Jicofo say, and the load when all that miss are in."""
    here = Counter(one.bridge for one in [*evidence.sightings.values(), *evidence.unknown_sightings])
    known = {server.name: server for server in servers if server.kind == "jvb"}
    names = [*known, *(name for name in evidence.bridges if name not in known)]
    found = []
    for name in names:
        seen, server = evidence.bridges.get(name, {}), around.servers.get(name)
        found.append(BridgeNow(
            name, _first(server and server.stress, seen.get("stress")),
            _first(server and server.endpoints, seen.get("endpoints")), server.loss if server else None,
            server.is_healthy if server and server.is_healthy is not None else _flag(seen.get("healthy")),
            bool(seen.get("drain")) or bool(server and server.is_draining), here[name], None,
            known[name].id if name in known else None, str(seen.get("version") or ""), server.each if server else None,
        ))  # fmt: skip
    usable = [one for one in found if not one.is_draining and one.is_healthy is not False]
    return tuple(replace(one, forecast=_forecast(one, missing, len(usable))) if one in usable else one for one in found)


def _forecast(bridge: BridgeNow, missing: int, usable: int) -> float | None:
    """Load when the missing are spread evenly. One costs what the bridge says, else what those on it do, else 0.01."""
    if bridge.stress is None:
        return None
    each = bridge.each or (bridge.stress / bridge.endpoints if (bridge.endpoints or 0) >= 10 else 0.01)
    return bridge.stress + each * missing / max(usable, 1)


def _first(*values: Any) -> Any:
    return next((one for one in values if isinstance(one, (int, float)) and not isinstance(one, bool)), None)


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


__all__ = ["Surroundings", "assemble", "gateway_of", "is_heard", "moment_of"]
