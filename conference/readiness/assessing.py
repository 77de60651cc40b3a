"""All endpoints of a meeting at once: reads tables set-wise and the live table's arrays, and judges each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

import numpy as np

from collectors import DOWN as PING_DOWN
from collectors import UP as PING_UP
from conference.capacity import down_bps, read_plan, shipped_figures, with_overhead
from conference.readiness.facts import DOWN, UP, Facts
from conference.readiness.history import HourCache
from conference.readiness.judging import Limits, Verdict, judge_endpoint
from conference.readiness.store.roll import Called, Roll, read_roll
from conference.schedule import Meeting
from core import Session

FRESH = timedelta(minutes=15)
DEVICE_AGE_S = 900.0


@dataclass(frozen=True, slots=True)
class Instruments:
    """Where readiness looks beside the database; each may be None. `store` is the samples', `view` collectors'."""

    registry: Any = None
    live: Any = None
    view: Any = None
    store: Any = None
    hours: HourCache = field(default_factory=HourCache)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class _Around:
    """What the arrays say of devices: reach, since, loss and round trip by gateway; newest values by metric."""

    gateway: Mapping[int, tuple[str, datetime | None, float | None, float | None]]
    newest: Mapping[str, Mapping[int, float]]
    hour_loss: Mapping[int, float]
    neighbours: Mapping[str, int]


def assess(session: Session, instruments: Instruments, meeting: Meeting, now: datetime) -> list[Verdict]:
    """A verdict for each endpoint of the meeting, in the order of its list."""
    return assess_roll(instruments, read_roll(session, meeting, now), meeting, now)


def assess_roll(instruments: Instruments, roll: Roll, meeting: Meeting, now: datetime) -> list[Verdict]:
    """The same out of what was read already."""
    around = _look(instruments, roll, meeting, now)
    needs = _needs(meeting, roll)
    return [
        judge_endpoint(_facts(called, roll, around, needs, now), meeting.starts_at, now, instruments.limits)
        for called in roll.called
    ]


def _needs(meeting: Meeting, roll: Roll) -> dict[int, float]:
    figures = shipped_figures()
    planned = read_plan(meeting.plan, figures)
    by_quality: dict[Any, float] = {}
    found: dict[int, float] = {}
    for called in roll.called:
        quality = planned.of(called.endpoint_id)
        if quality not in by_quality:
            by_quality[quality] = float(with_overhead(down_bps(quality, figures), figures))
        found[called.endpoint_id] = by_quality[quality]
    return found


def _look(instruments: Instruments, roll: Roll, meeting: Meeting, now: datetime) -> _Around:
    gateways = sorted({one for ids in roll.gateways.values() for one in ids})
    reach = _reach(instruments, gateways, now)
    displays = {one.display_id for one in roll.called if one.display_id is not None}
    upses = {one for ids in roll.upses.values() for one in ids} | {one.ups_id for one in roll.called if one.ups_id}
    newest = {
        "ups_on_battery": _newest(instruments, "ups_on_battery", upses, now),
        "ups_runtime_seconds": _newest(instruments, "ups_runtime_seconds", upses, now),
        "projector_power": _newest(instruments, "projector_power", displays, now),
        "projector_error": _newest(instruments, "projector_error", displays, now),
    }
    dark_sites = {
        one.site_id: _parent(one.unit_path) for one in roll.called
        if (ids := roll.gateways.get(one.site_id)) and all(reach.get(i, ("",))[0] == DOWN for i in ids)
    }
    hours = instruments.hours.losses(
        instruments.store, instruments.registry, frozenset(gateways), meeting.starts_at, now)
    return _Around(reach, newest, hours, Counter(dark_sites.values()))


def _parent(path: str) -> str:
    above = path.rstrip("/").rpartition("/")[0]
    return f"{above}/"


def _reach(
    instruments: Instruments, devices: list[int], now: datetime
) -> dict[int, tuple[str, datetime | None, float | None, float | None]]:
    snapshot = getattr(instruments.view, "snapshot", None)
    if snapshot is None or not len(snapshot.device) or not devices:
        up = _newest(instruments, "device_up", set(devices), now)
        return {one: (UP if value >= 1 else DOWN, None, None, None) for one, value in up.items()}
    asked = np.asarray(devices, np.int64)
    rows = np.minimum(np.searchsorted(snapshot.device, asked), len(snapshot.device) - 1)
    known = snapshot.device[rows] == asked
    found: dict[int, tuple[str, datetime | None, float | None, float | None]] = {}
    for device, row in zip(asked[known].tolist(), rows[known].tolist(), strict=True):
        state = int(snapshot.state[row])
        word = UP if state == PING_UP else DOWN if state == PING_DOWN else ""
        since = float(snapshot.since[row])
        found[device] = (word, datetime.fromtimestamp(since, UTC) if since > 0 else None,
                         _finite(snapshot.loss[row]), _finite(snapshot.rtt[row]))
    return found


def _finite(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _newest(instruments: Instruments, metric: str, devices: Iterable[int], now: datetime) -> dict[int, float]:
    """Device to the largest fresh value of a metric over its parts; one pass over the metric's series."""
    registry, live = instruments.registry, instruments.live
    wanted = np.fromiter(devices, np.int64)
    if registry is None or live is None or not len(wanted):
        return {}
    series = registry.of_metric(metric)
    series = series[series < len(live)]
    owner = registry.device[series]
    good = np.isin(owner, wanted) & (now.timestamp() - live.at[series] <= DEVICE_AGE_S) & np.isfinite(
        live.value[series])
    found: dict[int, float] = {}
    for device, value in zip(owner[good].tolist(), live.value[series[good]].tolist(), strict=True):
        found[device] = max(value, found.get(device, value))
    return found


def _facts(called: Called, roll: Roll, around: _Around, needs: Mapping[int, float], now: datetime) -> Facts:
    gateways = [around.gateway[one] for one in roll.gateways.get(called.site_id, ()) if one in around.gateway]
    # Of several ways in, one that answers is enough
    best = min(gateways, key=lambda one: {UP: 0, "": 1, DOWN: 2}[one[0]], default=("", None, None, None))
    upses = [called.ups_id] if called.ups_id else roll.upses.get(called.site_id, [])
    battery, runtime = (
        [around.newest[name][one] for one in upses if one in around.newest[name]]
        for name in ("ups_on_battery", "ups_runtime_seconds")
    )
    hour = [around.hour_loss[one] for one in roll.gateways.get(called.site_id, ()) if one in around.hour_loss]
    rehearsal, rehearsed_at = roll.rehearsals.get(called.endpoint_id, ("", None))
    came, held = roll.attended.get(called.endpoint_id, (0, 0))
    beat = roll.beats.get(called.endpoint_id)
    told = _told(beat, now)
    loss = told.pop("wan_loss", None)
    rtt = told.pop("wan_rtt_s", None)
    estimate = told.pop("estimate_bps", None)
    return Facts(
        called.endpoint_id, called.kind, called.mode == "speak" or called.role in ("chair", "cohost"),
        seen_at=beat[0] if beat else None, gateway=best[0], gateway_since=best[1] if best[0] == DOWN else None,
        neighbours_down=around.neighbours.get(_parent(called.unit_path), 0) if best[0] == DOWN else 0,
        ups_on_battery=max(battery) >= 1 if battery else None, ups_runtime_s=min(runtime) if runtime else None,
        incident=roll.incidents.get(called.site_id, ""), loss=loss if loss is not None else best[2],
        rtt_s=rtt if rtt is not None else best[3], hour_loss=min(hour) if hour else None,
        need_bps=needs.get(called.endpoint_id), have_bps=estimate if estimate is not None else called.contract_bps,
        projector=_projector(called, around), codec=roll.codecs.get(called.endpoint_id, ""), rehearsal=rehearsal,
        rehearsed_at=rehearsed_at, came=came, held=held, reply=called.reply,
        has_contact=bool(called.phone or called.email), is_excused=called.is_excused, **told,
    )  # fmt: skip


def _projector(called: Called, around: _Around) -> str:
    if called.display_id is None:
        return ""
    if around.newest["projector_error"].get(called.display_id, 0) >= 2:
        return "error"
    power = around.newest["projector_power"].get(called.display_id)
    return "" if power is None else "standby" if power == 0 else "on"


def _told(beat: tuple[datetime, str, dict[str, Any]] | None, now: datetime) -> dict[str, Any]:
    """What the kiosk's newest heartbeat says: devices for a day, figures while it is fresh."""
    if beat is None:
        return {}
    at, _state, payload = beat
    devices = {name: word for name, word in _part(payload, "devices").items() if isinstance(word, str)}
    if now - at > FRESH:
        return {"devices": devices}
    levels, host, net, wire = (_part(payload, name) for name in ("levels", "host", "net", "connection"))
    path = _part(payload, "path")
    steps = {step: ("ok" if path[key] else "udp_no_answer") for step, key in _STEPS.items()
             if isinstance(path.get(key), bool)}  # fmt: skip
    return {
        "devices": devices, "silence_s": _number(levels, "seconds_since_sound"),
        "sound_dbfs": _number(levels, "mic_rms_dbfs"), "luma": _number(levels, "picture_luma"),
        "cpu": _number(host, "cpu_pct", 0.01), "clock_offset_s": _number(host, "ntp_offset_ms", 0.001),
        "is_on_battery": host["on_battery"] if isinstance(host.get("on_battery"), bool) else None,
        "lan_loss": _number(net, "gw_loss_pct", 0.01), "wan_loss": _worse(net, wire),
        "wan_rtt_s": _number(net, "wan_rtt_ms", 0.001), "estimate_bps": _number(wire, "bwe_down_kbps", 1000.0),
        "transport": str(wire.get("transport") or "").lower()[:8], "path": steps,
    }  # fmt: skip


_STEPS = {"stun": "stun_ok", "udp": "udp_ok", "turn_tls": "turn_ok"}


def _worse(net: Mapping[str, Any], wire: Mapping[str, Any]) -> float | None:
    found = [one for one in (_number(net, "wan_loss_pct", 0.01), _number(wire, "loss_down_pct", 0.01))
             if one is not None]  # fmt: skip
    return max(found) if found else None


def _part(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = payload.get(name)
    return found if isinstance(found, dict) else {}


def _number(values: Mapping[str, Any], name: str, scale: float = 1.0) -> float | None:
    value = values.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    return float(value) * scale if is_number else None
