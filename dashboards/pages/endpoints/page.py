"""The page of one endpoint: how it is now, its history, what was asked of it, what to upgrade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from conference import KioskCommand, Meeting, kiosk, schedule
from core import LazyText, Scope, Session, TryLater
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.charting import Line
from dashboards.pages.endpoints import store
from dashboards.pages.endpoints.advice import METRICS, Advice, advise, means_of
from dashboards.pages.endpoints.listing import last_values
from dashboards.pages.endpoints.words import state_of, why
from dashboards.services import Services
from dashboards.status import board_now
from dashboards.words import Word
from inventory import Device, Endpoint, Link, NotFound, endpoint_number

ADVICE_DAYS = 30
COMING = timedelta(days=14)
# word: (title, unit, ((metric, label), ...))
CHARTS: dict[str, tuple[LazyText, str, tuple[tuple[str, LazyText], ...]]] = {
    "speech": (_l("Speech quality (MOS, estimated)"), "", (("endpoint_mos", _l("MOS")),)),
    "loss": (_l("Packets lost"), "ratio", (
        ("endpoint_loss_down_ratio", _l("to the room")), ("endpoint_loss_up_ratio", _l("from the room")),
        ("endpoint_wan_loss_ratio", _l("to the centre")))),
    "delay": (_l("Round trip"), "seconds", (
        ("endpoint_rtt_seconds", _l("to the bridge")), ("endpoint_jitter_seconds", _l("jitter")),
        ("endpoint_wan_rtt_seconds", _l("to the centre")))),
    "rate": (_l("Received and sent"), "bit/s", (
        ("endpoint_down_bits_per_second", _l("received")), ("endpoint_up_bits_per_second", _l("sent")),
        ("endpoint_bandwidth_estimate_bits_per_second", _l("could be received")))),
    "sound": (_l("Sound at the microphone"), "dB", (("endpoint_sound_dbfs", _l("loudest")),)),
    "computer": (_l("Computer"), "ratio", (
        ("endpoint_cpu_used_ratio", _l("processor")), ("endpoint_memory_used_ratio", _l("memory")))),
}
COMMAND_WORDS: dict[str, Word] = {
    "waiting": Word("info", "clock", _l("waits for the page")),
    "sent": Word("info", "send", _l("sent")),
    "done": Word("good", "circle-check", _l("done")),
    "failed": Word("down", "circle-x", _l("failed")),
    "expired": Word("unknown", "clock", _l("too late")),
    "cancelled": Word("unknown", "x", _l("withdrawn")),
}
GROUPS: tuple[tuple[LazyText, tuple[str, ...]], ...] = (
    (_l("Meeting"), ("rejoin", "leave", "reload")),
    (_l("Sound"), ("mute", "unmute", "set_volume", "choose_microphone", "choose_speaker", "play_tone")),
    (_l("Picture"), ("camera_on", "camera_off", "choose_camera", "video_quality", "audio_only_on", "audio_only_off")),
    (_l("Room"), ("show_message", "run_device_check")),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command with its verb, and whether it can be taken back."""

    command: KioskCommand
    verb: kiosk.Verb | None
    can_undo: bool


@dataclass(frozen=True, slots=True)
class Now:
    """What is true at this moment."""

    place: store.Place
    kiosk: kiosk.KioskNow
    state: str
    why: str
    mos: float | None
    asked: Sequence[Asked]
    not_now: Mapping[str, str]

    @property
    def endpoint(self) -> Endpoint:
        """The record."""
        return self.place.endpoint


def now_of(session: Session, scope: Scope, parts: Services, endpoint_id: int, now: datetime) -> Now:
    """Read it. Raises NotFound for an endpoint that the scope does not show."""
    places = store.places_of(session, scope, endpoint_id)
    if not places:
        raise NotFound(_("There is no such endpoint. It may have been deleted, or it belongs to another unit."))
    place, there = places[0], kiosk.kiosk_states(session, [endpoint_id])[endpoint_id]
    running = {one.id for one in schedule.running_meetings(session, now)}
    state = state_of(place.endpoint, there, now, there.meeting_id in running)
    commands = kiosk.commands_of(session, endpoint_id)
    undone = kiosk.undone_ids(session, [one.id for one in commands])
    asked = [
        Asked(one, kiosk.KIOSK_VERBS.get(one.verb), one.state == "done" and one.id not in undone
              and kiosk.way_back(one.verb, kiosk.before_of(one)) is not None)
        for one in commands
    ]  # fmt: skip
    score = last_values(parts, [endpoint_id], "endpoint_mos").get(endpoint_id)
    return Now(place, there, state, why(state, there), score, asked, _not_now(place.endpoint, there, now))


def _not_now(endpoint: Endpoint, there: kiosk.KioskNow, now: datetime) -> dict[str, str]:
    """Verb to why it cannot be asked now."""
    found = {}
    for word, verb in kiosk.KIOSK_VERBS.items():
        reason = "not_a_kiosk" if endpoint.kind == "codec" else "not_paired" if not there.is_paired else (
            kiosk.why_not(verb, there.at, there.state, now))
        if reason:
            found[word] = _(kiosk.WHY_NOT[reason])
    return found


@dataclass(frozen=True, slots=True)
class Past:
    """What stands beside: records, meetings, rehearsals."""

    devices: Sequence[tuple[LazyText, Device, str]]
    link: Link | None
    attended: Sequence[store.Attended]
    rehearsals: Sequence[Any]
    coming: Sequence[Meeting]
    verdict: Any
    sip: Sequence[tuple[str, float | None]]
    charts: Sequence[str]


_DEVICES = {"computer_id": _l("Meeting computer"), "codec_id": _l("Meeting codec"),
            "display_id": _l("Screen or projector"), "ups_id": _l("UPS")}  # fmt: skip


def past_of(session: Session, parts: Services, endpoint: Endpoint, now: datetime) -> Past:
    """Read it."""
    devices = store.devices_of(session, endpoint)
    states = board_now().states_of([one.id for one in devices.values()]) if devices else {}
    coming = [
        one for one in schedule.meetings_of_endpoint(session, endpoint.id, now, now + COMING)
        if one.state in schedule.OPEN_STATES
    ]
    return Past(
        [(label, devices[name], states.get(devices[name].id, "unknown")) for name, label in _DEVICES.items()
         if name in devices],
        store.link_of(session, endpoint), store.attended(session, endpoint.id),
        store.rehearsals(session, endpoint.id), coming[:5], store.next_verdict(session, endpoint.id, now),
        _sip(session, parts, endpoint), [word for word in CHARTS if lines_of(parts.registry, endpoint.id, word)],
    )  # fmt: skip


def _sip(session: Session, parts: Services, endpoint: Endpoint) -> list[tuple[str, float | None]]:
    """(target, 1 answers, 0 does not, None not known) of the codec's SIP checks."""
    found = []
    for check in store.sip_checks(session, endpoint):
        value = None
        if parts.registry is not None and parts.live is not None:
            for series in parts.registry.of_device(check.device_id).tolist():
                name = parts.registry.describe(series)
                is_its = name is not None and name.metric == "check_up" and f":{check.id}:" in f":{name.part}:"
                if is_its and series < len(parts.live) and np.isfinite(parts.live.value[series]):
                    value = float(parts.live.value[series])
        found.append((check.target, value))
    return found


def lines_of(registry: Any, endpoint_id: int, word: str) -> list[Line]:
    """The lines of a chart that there are samples for."""
    if registry is None:
        return []
    _title, unit, metrics = CHARTS[word]
    found = ((registry.find(endpoint_number(endpoint_id), "", metric), label) for metric, label in metrics)
    return [Line(series, str(label), 1.0, unit) for series, label in found if series is not None]


def advice_of(session: Session, parts: Services, endpoint: Endpoint, now: datetime, language: str) -> list[Advice]:
    """What to upgrade, from the hours of thirty days."""
    means: dict[str, float] = {}
    if parts.registry is not None and parts.store is not None:
        number = endpoint_number(endpoint.id)
        series = {one: found for one in METRICS if (found := parts.registry.find(number, "", one)) is not None}
        end = int(now.timestamp() * 1000)
        try:
            window = parts.store.window(list(series.values()), end - ADVICE_DAYS * 86_400_000, end, 3_600_000)
            means = means_of({name: window.of(one).mean.tolist() for name, one in series.items()})
        except TryLater:
            means = {}
    return advise(endpoint, store.link_of(session, endpoint), means, language)
