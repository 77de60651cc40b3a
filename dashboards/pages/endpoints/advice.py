"""What to upgrade in a room, from thirty days of its measurements and from what is entered about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core import gettext as _
from dashboards.language import bit_rate, number, percent
from inventory import Endpoint, Link

# reference section 8.1: loss of 3 % is bad, a round trip of 300 ms too; R below 70 is a MOS below 3.6
LEAST_HOURS = 3
LOSS, RTT_S, MOS, CPU, DEVICES = 0.03, 0.3, 3.6, 0.85, 0.9
NEED_DOWN_BPS = 1_890_000  # a 720p stage with four thumbnails in VP9 and three voices, with overhead
METRICS = ("endpoint_loss_down_ratio", "endpoint_loss_up_ratio", "endpoint_rtt_seconds", "endpoint_mos",
           "endpoint_cpu_used_ratio", "endpoint_bandwidth_estimate_bits_per_second", "endpoint_devices_ok")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do: how urgent (down, attention, info), what was found, what to do."""

    tone: str
    found: str
    action: str


def advise(endpoint: Endpoint, link: Link | None, means: Mapping[str, float], language: str) -> list[Advice]:
    """Worst first; nothing for a room that is good."""
    found = [*_line(link, means, language), *_computer(means, language), *_record(endpoint, link)]
    return sorted(found, key=lambda one: ("down", "attention", "info").index(one.tone))


def _line(link: Link | None, means: Mapping[str, float], language: str) -> list[Advice]:
    name = link.isp if link is not None and link.isp else _("the provider")
    found = []
    loss = max((means.get(one, 0.0) for one in METRICS[:2]), default=0.0)
    if loss >= LOSS:
        found.append(Advice(
            "down", _("The line loses %(loss)s of the packets in meetings.", loss=percent(loss, 1, language)),
            _("Use a cable instead of Wi-Fi; if that does not help, have %(isp)s look at the line.", isp=name)))
    rtt = means.get("endpoint_rtt_seconds", 0.0)
    if rtt >= RTT_S:
        found.append(Advice(
            "attention", _("Round trips take %(ms)s ms.", ms=number(rtt * 1000, 0, language)),
            _("See whether something else fills the line; ask %(isp)s for another way to the centre.", isp=name)))
    mos = means.get("endpoint_mos")
    if mos is not None and mos < MOS and loss < LOSS:
        found.append(Advice(
            "attention", _("Speech is hard to follow: estimated MOS %(mos)s.", mos=number(mos, 1, language)),
            _("Let the room take part with sound only until the line is better.")))
    estimate = means.get("endpoint_bandwidth_estimate_bits_per_second")
    if estimate is not None and estimate < NEED_DOWN_BPS:
        found.append(Advice(
            "attention", _("The line carries %(speed)s in meetings; a meeting needs %(need)s.",
                           speed=bit_rate(estimate, language), need=bit_rate(NEED_DOWN_BPS, language)),
            _("Order a faster line, or plan smaller pictures for this endpoint.")))
    return found


def _computer(means: Mapping[str, float], language: str) -> list[Advice]:
    found = []
    cpu = means.get("endpoint_cpu_used_ratio", 0.0)
    if cpu >= CPU:
        found.append(Advice(
            "attention", _("The computer works at %(cpu)s of its power.", cpu=percent(cpu, 0, language)),
            _("Close other programs; replace the computer when that is not enough.")))
    devices = means.get("endpoint_devices_ok")
    if devices is not None and devices < DEVICES:
        found.append(Advice(
            "down", _("Camera, microphone or speaker were missing %(share)s of the time.",
                      share=percent(1 - devices, 0, language)),
            _("Exchange the cable or the device that is named below, and fix the plugs.")))
    return found


def _record(endpoint: Endpoint, link: Link | None) -> list[Advice]:
    found = []
    if not endpoint.phone:
        found.append(Advice("attention", _("No telephone number is entered."),
                            _("Enter whom to call: in a meeting nobody has time to look for it.")))
    if link is None:
        found.append(Advice("info", _("The line is not entered."),
                            _("Choose the line it meets over: faults of the line then explain those of the room.")))
    if endpoint.ups_id is None:
        found.append(Advice("info", _("No UPS is entered."),
                            _("A small UPS keeps the room in the meeting during a short power cut.")))
    return found


def means_of(windows: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Metric to the mean of its hours; one that was not measured in three hours at least says nothing yet."""
    return {name: sum(values) / len(values) for name, values in windows.items() if len(values) >= LEAST_HOURS}
