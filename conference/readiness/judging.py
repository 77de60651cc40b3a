"""Will this endpoint manage the meeting: findings out of facts, and of them a state, a score, one reason, one action.

Pure: facts and moments in, a verdict out. Missing is missing: what nobody told makes no finding, and an endpoint of
which nothing is known is unknown, never ready.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from conference.kiosk import BROKEN, CONDITIONS
from conference.readiness.facts import DOWN, Facts
from conference.readiness.paths import diagnose_path
from conference.readiness.words import (
    ACTIONS,
    AT_RISK,
    BLIND,
    BLOCK,
    NOT_READY,
    RANK,
    READY,
    REASONS,
    RISK,
    UNKNOWN,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """From where a figure counts: jitsi.md sections 8.1 and 9; hours and minutes are our own."""

    near: timedelta = timedelta(hours=1)
    projector: timedelta = timedelta(minutes=15)
    kiosk_gone: timedelta = timedelta(minutes=4)
    loss: float = 0.03
    lan_loss: float = 0.02
    rtt_s: float = 0.3
    hour_loss: float = 0.03
    headroom: float = 1.5
    cpu: float = 0.9
    clock_s: float = 20.0
    silence_s: float = 600.0
    silence_dbfs: float = -60.0
    luma: float = 0.03
    area: int = 3
    missed: float = 0.6
    reply_before: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found. `level` is BLOCK, AT_RISK, NOTE or BLIND; `args` the figures of its sentence."""

    word: str
    level: str
    args: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """As it is kept."""
        return {"word": self.word, "level": self.level, "args": dict(self.args)}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was judged. `reason` and `action` are words; findings worst first."""

    endpoint_id: int
    state: str
    score: int
    reason: str
    action: str
    is_fixable_here: bool
    findings: tuple[Finding, ...] = ()


def judge_endpoint(facts: Facts, starts_at: datetime, now: datetime, limits: Limits = Limits()) -> Verdict:
    """Judge one endpoint for a meeting that starts then."""
    left = starts_at - now
    told = _found(facts, starts_at, now, limits)
    found = sorted(
        (Finding(word, _level(word, facts, left, limits), args) for word, args in told),
        key=lambda finding: (_SEVERITY[finding.level], RANK[finding.word]),
    )
    levels = {finding.level for finding in found}
    state = (NOT_READY if BLOCK in levels else UNKNOWN if BLIND in levels else RISK if AT_RISK in levels else READY)
    score = max(0, 100 - sum(_points(finding) for finding in found))
    worst = found[0] if found and state != READY else None
    reason = worst.word if worst else "fit"
    action = _action(worst, facts, limits, now) if worst else "none"
    return Verdict(facts.endpoint_id, state, score, reason, action, ACTIONS[action].is_here, tuple(found))


_SEVERITY = {BLOCK: 0, BLIND: 1, AT_RISK: 2, "note": 3}


def _level(word: str, facts: Facts, left: timedelta, limits: Limits) -> str:
    reason = REASONS[word]
    is_near = left <= (limits.projector if word == "projector_off" else limits.near)
    if reason.speaker and facts.is_speaker:
        return reason.speaker
    return reason.near if is_near else reason.far


def _points(finding: Finding) -> int:
    points = REASONS[finding.word].points
    return min(points, 5) if finding.level == "note" else points


def _action(worst: Finding, facts: Facts, limits: Limits, now: datetime) -> str:
    """The reason's own action; a device that a page can look at again is looked at from here first."""
    action = REASONS[worst.word].action
    is_open = facts.seen_at is not None and now - facts.seen_at <= limits.kiosk_gone
    if worst.word in ("mic", "camera", "speaker", "black_picture") and is_open and facts.kind == "kiosk":
        return "device_check" if worst.args.get("condition") == CONDITIONS["unknown"] else action
    if ACTIONS[action].verb.startswith("kiosk:") and not is_open:
        return "call_open"
    return action


Found = Iterator[tuple[str, Mapping[str, Any]]]


def _found(facts: Facts, starts_at: datetime, now: datetime, limits: Limits) -> Found:
    yield from _school(facts, limits)
    yield from _presence(facts, starts_at, now, limits)
    if facts.gateway != DOWN:
        yield from _line(facts, limits)
    if facts.seen_at is not None and now - facts.seen_at <= timedelta(hours=24):
        yield from _room(facts, now, limits)
    yield from _past(facts, limits)


def _school(facts: Facts, limits: Limits) -> Found:
    if facts.gateway == DOWN:
        if facts.neighbours_down >= limits.area:
            yield "area_down", {"count": facts.neighbours_down}
        else:
            yield "line_down", {"since": _moment(facts.gateway_since)}
    if facts.ups_on_battery:
        yield "power_cut", {"left": None if facts.ups_runtime_s is None else facts.ups_runtime_s // 300 * 300}
    if facts.incident and facts.gateway != DOWN:
        yield "incident", {"title": facts.incident}
    if facts.projector == "error":
        yield "projector_error", {}
    elif facts.projector == "standby":
        yield "projector_off", {}


def _presence(facts: Facts, starts_at: datetime, now: datetime, limits: Limits) -> Found:
    if facts.reply == "declined" and not facts.is_excused:
        yield "declined", {}
    elif facts.reply == "needs-action" and starts_at - now <= limits.reply_before:
        yield "no_reply", {}
    if not facts.has_contact:
        yield "no_contact", {}
    if facts.kind == "codec":
        if facts.codec == "silent":
            yield "codec_silent", {}
        elif facts.codec == "in_call":
            yield "codec_busy", {}
        elif not facts.codec and facts.gateway != DOWN:
            yield "not_watched", {}
    elif facts.seen_at is None:
        if facts.gateway != DOWN:
            yield ("never_seen" if facts.kind == "kiosk" else "not_watched"), {}
    elif now - facts.seen_at > limits.kiosk_gone and facts.gateway != DOWN:
        yield "kiosk_gone", {"since": _moment(facts.seen_at)}


def _line(facts: Facts, limits: Limits) -> Found:
    path = diagnose_path(facts.path)
    if path == "no_way":
        yield "no_way", {}
    elif path in ("udp_blocked", "media_blocked") or facts.transport == "tcp":
        yield "udp_blocked", {}
    if facts.loss is not None and facts.loss >= limits.loss:
        yield "line_loss", {"loss": f"{facts.loss:.0%}"}
    if facts.rtt_s is not None and facts.rtt_s > limits.rtt_s:
        yield "line_slow", {"rtt": f"{round(facts.rtt_s, 2) * 1000:.0f}"}
    if facts.lan_loss is not None and facts.lan_loss > limits.lan_loss:
        yield "lan_loss", {"loss": f"{facts.lan_loss:.0%}"}
    if facts.hour_loss is not None and facts.hour_loss >= limits.hour_loss:
        yield "bad_hour", {"loss": f"{facts.hour_loss:.0%}"}
    if facts.need_bps and facts.have_bps is not None:
        args = {"have": _mbps(facts.have_bps), "need": _mbps(facts.need_bps)}
        if facts.have_bps < facts.need_bps:
            yield "no_bandwidth", args
        elif facts.have_bps < limits.headroom * facts.need_bps:
            yield "narrow", args


def _room(facts: Facts, now: datetime, limits: Limits) -> Found:
    for device in ("mic", "camera", "speaker", "display"):
        condition = facts.devices.get(device, "")
        if condition in BROKEN and condition not in ("silent", "black"):
            yield device, {"condition": CONDITIONS[condition]}
    is_quiet = facts.silence_s is not None and facts.silence_s >= limits.silence_s
    is_low = facts.sound_dbfs is None or facts.sound_dbfs < limits.silence_dbfs
    if (is_quiet and is_low) or facts.devices.get("mic") == "silent":
        yield "no_sound", {"since": _moment(now - timedelta(seconds=facts.silence_s or 0))}
    if (facts.luma is not None and facts.luma < limits.luma) or facts.devices.get("camera") == "black":
        yield "black_picture", {}
    if facts.cpu is not None and facts.cpu > limits.cpu:
        yield "cpu", {"used": f"{round(facts.cpu * 20) / 20:.0%}"}
    if facts.clock_offset_s is not None and abs(facts.clock_offset_s) > limits.clock_s:
        yield "clock_off", {"seconds": f"{facts.clock_offset_s:+.0f}"}
    if facts.is_on_battery:
        yield "battery", {}


def _past(facts: Facts, limits: Limits) -> Found:
    if facts.rehearsal in ("failed", "absent") and facts.rehearsed_at is not None:
        yield f"rehearsal_{facts.rehearsal}", {"since": _moment(facts.rehearsed_at)}
    if facts.held >= 3 and facts.came / facts.held < limits.missed:
        yield "missed_before", {"came": facts.came, "of": facts.held}


def _moment(at: datetime | None) -> str | None:
    """A moment as it is kept: it stays the same while the finding lasts, so that nothing is rewritten in vain."""
    return None if at is None else at.replace(second=0, microsecond=0).isoformat()


def _mbps(bits: float) -> str:
    return f"{bits / 1e6:.1f} Mbit/s"


def counts_of(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """State to how many."""
    found = dict.fromkeys((NOT_READY, RISK, UNKNOWN, READY), 0)
    for verdict in verdicts:
        found[verdict.state] += 1
    return found
