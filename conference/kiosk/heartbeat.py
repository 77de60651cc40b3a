"""Reads a heartbeat tolerantly: unknown keys are left out, wrong ones are left out and counted, never the rest. Pure.

The shape is that of the reference's proposal; `check`, `media`, `levels.picture_luma`, `events` and `acks` are ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from conference.kiosk import emodel
from conference.kiosk.words import CONDITIONS, DEVICES, IN_MEETING, OK, STATES

EVENT_LIMIT, ACK_LIMIT, DEVICE_LIMIT = 50, 20, 40
_CONNECTION = re.compile(r"[0-9a-f]{8}")
_WORD = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
# Control characters, lone surrogates, and what turns the direction of writing
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a heartbeat: its range, and the metric it becomes after multiplying by `scale` ("": none)."""

    low: float
    high: float
    metric: str = ""
    scale: float = 1.0


_MS, _PERCENT, _KBPS = 0.001, 0.01, 1000.0
NUMBERS: dict[str, dict[str, Number]] = {
    "connection": {
        "quality": Number(0, 100, "endpoint_quality_ratio", _PERCENT),
        "rtt_ms": Number(0, 600_000, "endpoint_rtt_seconds", _MS),
        "loss_down_pct": Number(0, 100, "endpoint_loss_down_ratio", _PERCENT),
        "loss_up_pct": Number(0, 100, "endpoint_loss_up_ratio", _PERCENT),
        "jitter_ms": Number(0, 600_000, "endpoint_jitter_seconds", _MS),
        "down_kbps": Number(0, 1e7, "endpoint_down_bits_per_second", _KBPS),
        "up_kbps": Number(0, 1e7, "endpoint_up_bits_per_second", _KBPS),
        "bwe_down_kbps": Number(0, 1e7, "endpoint_bandwidth_estimate_bits_per_second", _KBPS),
        "resolution_up": Number(0, 10_000), "bridge_count": Number(0, 1000),
    },
    "levels": {
        "mic_rms_dbfs": Number(-200, 20, "endpoint_sound_dbfs"),
        "seconds_since_sound": Number(0, 1e8, "endpoint_silence_seconds"),
        "picture_luma": Number(0, 1, "endpoint_picture_luma_ratio"),
    },
    "host": {
        "cpu_pct": Number(0, 100, "endpoint_cpu_used_ratio", _PERCENT),
        "mem_pct": Number(0, 100, "endpoint_memory_used_ratio", _PERCENT),
        "ntp_offset_ms": Number(-1e13, 1e13, "endpoint_clock_offset_seconds", _MS),
    },
    "net": {
        "gw_rtt_ms": Number(0, 600_000, "endpoint_gateway_rtt_seconds", _MS),
        "gw_loss_pct": Number(0, 100, "endpoint_gateway_loss_ratio", _PERCENT),
        "wan_rtt_ms": Number(0, 600_000, "endpoint_wan_rtt_seconds", _MS),
        "wan_loss_pct": Number(0, 100, "endpoint_wan_loss_ratio", _PERCENT),
        "dns_ms": Number(0, 600_000, "endpoint_dns_seconds", _MS),
    },
    "path": {"udp_loss_pct": Number(0, 100), "turn_ms": Number(0, 600_000)},
    "media": {"volume_pct": Number(0, 100), "video_height": Number(0, 10_000)},
}
FLAGS: dict[str, tuple[str, ...]] = {
    "host": ("on_battery",), "media": ("audio_muted", "video_muted", "audio_only"),
    "connection": ("ice_connected",), "path": ("stun_ok", "udp_ok", "turn_ok"),
    "check": ("sound_heard", "tone_heard", "is_full_screen", "is_awake"),
}
WORDS: dict[str, tuple[str, ...]] = {"connection": ("transport", "candidate")}
METRICS = tuple(sorted(
    {one.metric for part in NUMBERS.values() for one in part.values() if one.metric}
    | {"endpoint_in_meeting", "endpoint_mos", "endpoint_on_battery", "endpoint_devices_ok"}
))


@dataclass(frozen=True, slots=True)
class Ack:
    """What came of a command: done or failed, in words, with what was before (for undo)."""

    command_id: int
    is_done: bool
    result: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """One heartbeat. `payload` is what is kept of it; `lists` the devices to choose from, when it brought them;
    `dropped` counts what was left out for being wrong."""

    state: str = ""
    meeting_id: int | None = None
    room: str = ""
    connection: str = ""
    is_visitor: bool = False
    sent_at: datetime | None = None
    ntp_offset_ms: float | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, Any] | None = None
    acks: tuple[Ack, ...] = ()
    dropped: int = 0

    @property
    def is_in_meeting(self) -> bool:
        """Whether the page says that it is in a meeting."""
        return self.state == IN_MEETING


def read_heartbeat(body: bytes) -> Heartbeat | None:
    """A heartbeat of its bytes; None when they are no JSON object."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return _Reader(given).read() if isinstance(given, dict) else None


def clean_text(value: Any, limit: int) -> str:
    """A text of a page: cut, without what cannot be stored or seen."""
    return _UNSEEN.sub("\ufffd", value[:limit]) if isinstance(value, str) else ""


class _Reader:
    """Takes one heartbeat apart and counts what is wrong with it."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self._dropped = 0

    def read(self) -> Heartbeat:
        parts = {name: self._part(name) for name in dict.fromkeys((*NUMBERS, *FLAGS, "devices"))}
        payload: dict[str, Any] = {name: found for name in parts if (found := self._known(name, parts[name]))}
        payload["devices"] = self._devices(parts["devices"])
        events = self._events()
        payload |= {"events": events} if events else {}
        for name, limit in (("agent_version", 32), ("problem", 200)):
            text = clean_text(self._given.get(name), limit)
            payload |= {name: text} if text else {}
        state = self._given.get("state")
        state = state if isinstance(state, str) and state in STATES else ""
        self._count(self._given.get("state") is not None and not state)
        visitor = self._given.get("visitor")
        self._count(visitor is not None and not isinstance(visitor, bool))
        return Heartbeat(
            state=state, meeting_id=self._meeting(),
            room=clean_text(self._given.get("room"), 120).lower(), connection=self._connection(),
            is_visitor=visitor is True, sent_at=self._moment("ts"),
            ntp_offset_ms=payload.get("host", {}).get("ntp_offset_ms"), payload=payload, lists=self._lists(),
            acks=self._acks(), dropped=self._dropped,
        )  # fmt: skip

    def _count(self, is_wrong: bool) -> None:
        self._dropped += bool(is_wrong)

    def _part(self, name: str) -> Mapping[str, Any]:
        value = self._given.get(name)
        self._count(value is not None and not isinstance(value, dict))
        return value if isinstance(value, dict) else {}

    def _known(self, name: str, part: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, rule in NUMBERS.get(name, {}).items():
            value = part.get(key)
            # NaN and infinities are in no range; whole numbers too large for a float compare all the same
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if is_number and rule.low <= value <= rule.high:
                found[key] = value
            else:
                self._count(value is not None)
        for key in FLAGS.get(name, ()):
            if isinstance(part.get(key), bool):
                found[key] = part[key]
            else:
                self._count(part.get(key) is not None)
        for key in WORDS.get(name, ()):
            value = part.get(key)
            if isinstance(value, str) and _WORD.fullmatch(value):
                found[key] = value.lower()
            else:
                self._count(value not in (None, ""))
        return found

    def _devices(self, part: Mapping[str, Any]) -> dict[str, str]:
        found = {name: part[name] for name in DEVICES if isinstance(part.get(name), str) and part[name] in CONDITIONS}
        self._count(len(found) < sum(part.get(name) is not None for name in DEVICES))
        return found

    def _meeting(self) -> int | None:
        value = self._given.get("meeting_id")
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) <= 10 and 0 < int(text) < 2**31:
            return int(text)
        self._count(value not in (None, ""))
        return None

    def _connection(self) -> str:
        value = self._given.get("endpoint_id")
        if isinstance(value, str) and _CONNECTION.fullmatch(value.lower()):
            return value.lower()
        self._count(value not in (None, ""))
        return ""

    def _moment(self, name: str) -> datetime | None:
        value = self._given.get(name)
        try:
            found = datetime.fromisoformat(value) if isinstance(value, str) and len(value) < 40 else None
        except ValueError:
            found = None
        if found is None or found.tzinfo is None or not 2000 < found.year < 2200:
            self._count(value is not None)
            return None
        return found.astimezone(UTC)

    def _events(self) -> list[dict[str, Any]]:
        given = self._given.get("events")
        if not isinstance(given, list):
            self._count(given is not None)
            return []
        events = [event for one in given[-EVENT_LIMIT:] if (event := _event(one)) is not None]
        self._dropped += len(given) - len(events)
        return events

    def _lists(self) -> dict[str, Any] | None:
        given = self._given.get("lists")
        if not isinstance(given, dict):
            self._count(given is not None)
            return None
        found: dict[str, Any] = {}
        for name in ("camera", "mic", "speaker"):
            labels = given.get(name)
            texts = [clean_text(one, 200) for one in labels[:DEVICE_LIMIT]] if isinstance(labels, list) else []
            found[name] = [text for text in texts if text]
        chosen = given.get("chosen")
        chosen = chosen if isinstance(chosen, dict) else {}
        found["chosen"] = {name: clean_text(chosen.get(name), 200) for name in ("camera", "mic", "speaker")}
        return found

    def _acks(self) -> tuple[Ack, ...]:
        given = self._given.get("acks")
        if not isinstance(given, list):
            self._count(given is not None)
            return ()
        acks = []
        for one in given[:ACK_LIMIT]:
            number = one.get("id") if isinstance(one, dict) else None
            if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**31:
                self._count(True)
                continue
            before = one.get("before")
            plain = {
                clean_text(key, 40): clean_text(value, 200) if isinstance(value, str) else value
                for key, value in list(before.items())[:10] if isinstance(value, str) or _is_small(value)
            } if isinstance(before, dict) else {}  # fmt: skip
            acks.append(Ack(number, one.get("state") == "done", clean_text(one.get("result"), 300), plain))
        return tuple(acks)


def _is_small(value: Any) -> bool:
    """A truth or a number that every reader of JSON takes: no NaN, nothing beyond what a float holds exactly."""
    return isinstance(value, (int, float)) and -(2**53) <= value <= 2**53


def _event(one: Any) -> dict[str, Any] | None:
    """One forwarded event of the IFrame API: its name, when, and the small values it brought."""
    if not isinstance(one, dict) or not isinstance(one.get("event"), str) or not _WORD.fullmatch(one["event"]):
        return None
    event: dict[str, Any] = {"event": one["event"], "at": clean_text(one.get("at"), 32)}
    for key in ("name", "type", "message", "error"):
        text = clean_text(one.get(key), 200)
        event |= {key: text} if text else {}
    for key in ("isFatal", "available", "muted", "on", "visitor", "local"):
        event |= {key: one[key]} if isinstance(one.get(key), bool) else {}
    return event


def values_of(beat: Heartbeat) -> dict[str, float]:
    """Metric to value, of what a heartbeat measured. What it did not tell is not there: missing is not zero."""
    found: dict[str, float] = {"endpoint_in_meeting": float(beat.is_in_meeting)}
    for name, part in NUMBERS.items():
        told = beat.payload.get(name, {})
        found.update({rule.metric: told[key] * rule.scale for key, rule in part.items() if rule.metric and key in told})
    if "on_battery" in beat.payload.get("host", {}):
        found["endpoint_on_battery"] = float(beat.payload["host"]["on_battery"])
    devices = [beat.payload.get("devices", {}).get(name) for name in ("camera", "mic", "speaker")]
    if all(devices):
        found["endpoint_devices_ok"] = float(all(one == OK for one in devices))
    if beat.is_in_meeting:
        wire = beat.payload.get("connection", {})
        losses = [wire[name] for name in ("loss_down_pct", "loss_up_pct") if name in wire]
        score = emodel.speech(wire.get("rtt_ms"), wire.get("jitter_ms"), max(losses) if losses else None)
        found |= {"endpoint_mos": score} if score is not None else {}
    return found


def true_time(beat: Heartbeat, came_at: datetime, slack_s: float = 30.0) -> datetime:
    """When a heartbeat was sent, by our clock: its own time less the difference it measured, as long as that is
    possible. A heartbeat cannot come before it was sent, and what was under way for longer is not believed."""
    if beat.sent_at is None or beat.ntp_offset_ms is None:
        return came_at
    sent = beat.sent_at.timestamp() - beat.ntp_offset_ms / 1000
    if not -slack_s <= sent - came_at.timestamp() <= 0:
        return came_at
    return datetime.fromtimestamp(sent, UTC)
