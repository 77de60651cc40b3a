"""The evidence behind one endpoint's state: its heartbeat's figures with grades, incidents, what happened, commands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts import Incident
from conference import Meeting, live
from core import Session, current_language, gettext
from core import lazy_gettext as _l
from dashboards.pages.devices.verdict import title_of


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure: its name, the value as text, its grade ("" not graded)."""

    name: Any
    text: str
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the panel shows."""

    figures: list[Figure]
    devices: tuple[str, ...]
    heard_at: datetime | None
    incident_title: str
    story: list[live.TimelineLine]
    remedies: list[live.Offer]


NAMES = {
    "rtt": _l("Round trip to the bridge"), "loss_down": _l("Loss, receiving"), "loss_up": _l("Loss, sending"),
    "jitter": _l("Jitter"), "gateway": _l("Loss to the school's router"), "wan": _l("Loss on the Internet line"),
    "wan_rtt": _l("Round trip on the line"), "down": _l("Receives"), "estimate": _l("Line could carry"),
    "cpu": _l("Processor"), "sound": _l("Microphone level"), "silence": _l("Silent for"), "way": _l("Media path"),
    "battery": _l("On battery"),
}  # fmt: skip


def evidence_of(session: Session, meeting: Meeting, row: live.EndpointNow, now: datetime) -> Evidence:
    """Read and word it."""
    beat = live.newest_heartbeat(session, row.endpoint_id)
    incident = session.get(Incident, row.incident_id) if row.incident_id else None
    return Evidence(
        _figures(beat) if beat is not None else [], beat.broken_devices if beat else (), row.heard_at,
        title_of(incident, current_language()) if incident is not None else "",
        live.story_of_endpoint(session, meeting, row.endpoint_id), live.offers_for(session, meeting, row, now),
    )  # fmt: skip


def _figures(beat: live.Heartbeat) -> list[Figure]:
    grades = live.grades_of(beat)
    ratios = (("loss_down", beat.loss_down), ("loss_up", beat.loss_up), ("gateway", beat.gateway_loss),
              ("wan", beat.wan_loss), ("cpu", beat.cpu))  # fmt: skip
    times = (("rtt", beat.rtt_ms), ("jitter", beat.jitter_ms), ("wan_rtt", beat.wan_rtt_ms))
    found = [Figure(NAMES[name], f"{value * 100:.1f} %", grades.get(name, "")) for name, value in ratios
             if value is not None]  # fmt: skip
    found += [Figure(NAMES[name], f"{value:.0f} ms", grades.get(name, ""))
              for name, value in times if value is not None]  # fmt: skip
    rates = (("down", beat.down_bps), ("estimate", beat.estimate_bps))
    found += [Figure(NAMES[name], f"{value / 1e6:.2f} Mbit/s") for name, value in rates if value is not None]
    if beat.sound_dbfs is not None:
        found.append(Figure(NAMES["sound"], f"{beat.sound_dbfs:.0f} dBFS"))
    if beat.silence_s is not None and beat.silence_s >= 60:
        found.append(Figure(NAMES["silence"], gettext("%(minutes)s minutes", minutes=int(beat.silence_s // 60))))
    way = " · ".join(word for word in (beat.transport, beat.candidate) if word)
    return found + ([Figure(NAMES["way"], way)] if way else [])
