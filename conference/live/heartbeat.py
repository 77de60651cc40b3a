"""Reads a kiosk's newest heartbeat, tolerantly: unknown keys are ignored, missing and odd ones are None. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

BAD_DEVICE = frozenset({"missing", "error", "failed", "denied", "off", "none", "lost", "gone", "fail", "bad"})
IN_STATES = frozenset({"in_meeting", "joined", "in"})
JOINING_STATES = frozenset({"joining", "connecting", "rejoining"})
LEFT_STATES = frozenset({"left"})
ERROR_KEYS = ("event", "name", "type", "message", "error", "details")
PLAIN_EVENTS = frozenset({"micError", "cameraError"})  # devices tell of themselves; "not allowed" there is no token's
DEVICES = {"camera": "camera", "mic": "mic", "microphone": "mic", "speaker": "speaker", "display": "display"}


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The newest heartbeat. Ratios 0..1, ms, dBFS; None: not told. `errors` are lower-case words of its last errors."""

    at: datetime
    state: str = ""
    meeting_id: int | None = None
    connection: str = ""
    is_visitor: bool = False
    address: str = ""
    quality: float | None = None
    rtt_ms: float | None = None
    loss_down: float | None = None
    loss_up: float | None = None
    jitter_ms: float | None = None
    down_bps: float | None = None
    estimate_bps: float | None = None
    gateway_loss: float | None = None
    wan_loss: float | None = None
    wan_rtt_ms: float | None = None
    cpu: float | None = None
    is_on_battery: bool | None = None
    sound_dbfs: float | None = None
    silence_s: float | None = None
    luma: float | None = None
    is_audio_muted: bool | None = None
    is_video_muted: bool | None = None
    is_audio_only: bool | None = None
    candidate: str = ""
    transport: str = ""
    has_ice: bool | None = None
    has_stun: bool | None = None
    has_udp: bool | None = None
    broken_devices: tuple[str, ...] = ()
    errors: str = ""

    @property
    def is_in(self) -> bool:
        """Whether it says that it is in a meeting."""
        return self.state in IN_STATES


def number(values: Mapping[str, Any], *names: str, scale: float = 1.0) -> float | None:
    """The first of the names that is a finite number, scaled; None when none is."""
    for name in names:
        value = values.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            return float(value) * scale
    return None


def _flag(values: Mapping[str, Any], *names: str) -> bool | None:
    return next((values[name] for name in names if isinstance(values.get(name), bool)), None)


def _word(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value.lower()[:32] if isinstance(value, str) else ""


def _part(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = payload.get(name)
    return value if isinstance(value, dict) else {}


def _errors(payload: Mapping[str, Any]) -> str:
    """Everything that looks like the newest errors, as one lower-case text of at most 500 characters."""
    found = []
    for name in ("problem", "error", "errors", "events"):
        value = payload.get(name)
        for one in value if isinstance(value, list) else [value] if value else []:
            if isinstance(one, dict) and not PLAIN_EVENTS & {one.get("event"), one.get("name")}:
                found += [str(one[key]) for key in ERROR_KEYS if one.get(key)]
            elif isinstance(one, str):
                found.append(one)
    return " ".join(found).lower()[:500]


def broken(devices: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the devices that are told to fail, in the order of DEVICES."""
    found = dict.fromkeys(
        short for name, short in DEVICES.items()
        if isinstance(devices.get(name), str) and devices[name].lower() in BAD_DEVICE
    )  # fmt: skip
    return tuple(found)


def read_heartbeat(row: Mapping[str, Any]) -> Heartbeat:
    """Out of a row of KioskState (as a mapping): its columns, and its payload's JSON."""
    try:
        payload = json.loads(row["payload"] or "{}")
    except ValueError:
        payload = {}
    payload = payload if isinstance(payload, dict) else {}
    wire, net, host = _part(payload, "connection"), _part(payload, "net"), _part(payload, "host")
    levels, media, path = _part(payload, "levels"), _part(payload, "media"), _part(payload, "path")
    udp_loss = number(path, "udp_loss_pct", "train_loss_pct", scale=0.01)
    has_udp = _flag(path, "udp_ok", "udp")
    return Heartbeat(
        at=row["at"], state=row["state"] or _word(payload, "state"), meeting_id=row["meeting_id"],
        connection=row["connection"] or "", is_visitor=bool(row["is_visitor"]), address=row["address"] or "",
        quality=number(wire, "quality", scale=0.01), rtt_ms=number(wire, "rtt_ms"),
        loss_down=number(wire, "loss_down_pct", scale=0.01), loss_up=number(wire, "loss_up_pct", scale=0.01),
        jitter_ms=number(wire, "jitter_ms"), down_bps=number(wire, "down_kbps", scale=1000.0),
        estimate_bps=number(wire, "bwe_down_kbps", scale=1000.0),
        gateway_loss=number(net, "gw_loss_pct", scale=0.01), wan_loss=number(net, "wan_loss_pct", scale=0.01),
        wan_rtt_ms=number(net, "wan_rtt_ms"), cpu=number(host, "cpu_pct", scale=0.01),
        is_on_battery=_flag(host, "on_battery"), sound_dbfs=number(levels, "mic_rms_dbfs"),
        silence_s=number(levels, "seconds_since_sound"),
        luma=number(levels, "picture_luma", "luma", "video_luma"),
        is_audio_muted=_flag({**payload, **media}, "audio_muted", "mic_muted"),
        is_video_muted=_flag({**payload, **media}, "video_muted", "camera_muted"),
        is_audio_only=_flag({**payload, **media}, "audio_only"),
        candidate=_word(wire, "candidate"), transport=_word(wire, "transport"),
        has_ice=_flag({**wire, **path}, "ice_connected", "ice"), has_stun=_flag(path, "stun_ok", "stun"),
        has_udp=has_udp if has_udp is not None else None if udp_loss is None else udp_loss < 0.5,
        broken_devices=broken(_part(payload, "devices")), errors=_errors(payload),
    )  # fmt: skip
