"""The five tiles of a site: line, Wi-Fi, labs, projectors, services. Not measured is unknown, never good. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alerts import WifiDiagnosis
from collectors import CheckState
from core import gettext as _
from core import ngettext as _n
from dashboards.language import bit_rate, number, percent
from dashboards.pages.sites.health import count_words, group_state
from inventory import Check, Device, Link, Room

GATEWAYS = ("router", "firewall")
SLOW_S = 0.15     # a line of consumer fibre within the country answers in some 30 ms
LOSSY = 0.02      # two in a hundred: video conferences begin to stutter


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile: what the figure is, its state, one line below it, and the word of the list it leads to."""

    name: str
    icon: str
    value: str
    state: str
    detail: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the tiles rest on. `state` is by device id; `rtt_s`, `loss` are those of the line's device, None unknown;
    `clients` is the number of Wi-Fi clients, None when no access point tells; `wifi` is what is wrong with Wi-Fi."""

    devices: Sequence[Device]
    state: Mapping[int, str]
    links: Sequence[Link]
    rooms: Sequence[Room]
    checks: Sequence[tuple[Check, CheckState | None]]
    gateway: Device | None
    rtt_s: float | None
    loss: float | None
    clients: float | None
    language: str
    wifi: WifiDiagnosis | None = None


def gateway_of(devices: Sequence[Device], links: Sequence[Link]) -> Device | None:
    """The device on which the line is measured: as the line says, else the router or firewall that hangs on nothing."""
    by_id = {device.id: device for device in devices}
    for link in links:
        if link.device_id in by_id:
            return by_id[link.device_id]
    edge = [device for device in devices if device.kind in GATEWAYS]
    return next((device for device in edge if device.parent_device_id is None), edge[0] if edge else None)


def five_tiles(evidence: Evidence) -> list[Tile]:
    """The tiles, always five, in their order."""
    return [_line(evidence), _wifi(evidence), _labs(evidence), _projectors(evidence), _services(evidence)]


def _line(evidence: Evidence) -> Tile:
    link = evidence.links[0] if evidence.links else None
    words = [link.isp or link.name] if link else []
    if link is not None and link.committed_down_bps:
        words.append(bit_rate(link.committed_down_bps, evidence.language))
    if len(evidence.links) > 1:
        words.append(_n("%(num)d line", "%(num)d lines", len(evidence.links)))
    detail = " · ".join(words)
    gateway = evidence.gateway
    if gateway is None:
        text = _("no line entered") if link is None else _("not measured")
        return Tile(_("Line"), "world", text, "unknown", detail or _("Enter the line and its router."))
    state = evidence.state.get(gateway.id, "unknown")
    if state == "unwatched":
        return Tile(_("Line"), "world", _("not measured"), "unknown", detail)
    rtt, loss = evidence.rtt_s, evidence.loss
    if state == "good" and ((rtt or 0) > SLOW_S or (loss or 0) > LOSSY):
        state = "attention"
    if state in ("good", "attention") and rtt is not None:
        value = _("%(ms)s ms", ms=number(rtt * 1000, 0 if rtt >= 0.01 else 1, evidence.language))
        lost = _("%(share)s lost", share=percent(loss, 1, evidence.language)) if loss else ""
        return Tile(_("Line"), "world", value, state, " · ".join(filter(None, (detail, lost))))
    words_of_state = {
        "down": _("no answer"),
        "good": _("answers"),
        "attention": _("answers"),
        "maintenance": _("being worked on"),
    }
    return Tile(_("Line"), "world", words_of_state.get(state, _("no news")), state, detail)


def _counted(evidence: Evidence, devices: Sequence[Device]) -> tuple[str, str]:
    """("11/12" that work, the state of the group)."""
    states = [evidence.state.get(device.id, "unknown") for device in devices]
    counts = count_words(states)
    watched = len(states) - counts["unwatched"]
    if not watched:
        return _("not measured"), "unknown"
    if counts["unknown"] == watched:
        return _("no news"), "unknown"
    return (
        f"{number(counts['good'] + counts['attention'], 0, evidence.language)}/{number(watched, 0, evidence.language)}",
        group_state(counts),
    )


def _wifi(evidence: Evidence) -> Tile:
    points = [device for device in evidence.devices if device.kind == "ap"]
    if not points:
        return Tile(_("Wi-Fi"), "wifi", _("none entered"), "unknown", _("No access point is in the inventory."))
    value, state = _counted(evidence, points)
    people = (
        _("%(n)s clients now", n=number(evidence.clients, 0, evidence.language)) if evidence.clients is not None else ""
    )
    wifi = evidence.wifi
    if wifi is not None and wifi.tone in ("down", "attention") and wifi.code not in ("all_down", "point_down"):
        # The points work, but the air is full: that is what people feel
        state = "attention" if state == "good" else state
        people = wifi.line if not people else f"{wifi.line}, {people}"
    return Tile(_("Wi-Fi"), "wifi", value, state, people or _("access points that answer"), "ap")


def _labs(evidence: Evidence) -> Tile:
    labs = {room.id for room in evidence.rooms if room.kind == "lab"}
    inside = [d for d in evidence.devices if d.room_id in labs and d.kind in ("computer", "server", "switch", "ap")]
    computers = [device for device in inside if device.kind == "computer"] or inside
    rooms = _n("%(num)d computer lab", "%(num)d computer labs", len(labs))
    if not labs:
        return Tile(
            _("Computer labs"),
            "device-desktop",
            _("none entered"),
            "unknown",
            _("No room is marked as a computer lab."),
        )
    if not computers:
        return Tile(_("Computer labs"), "device-desktop", _("not measured"), "unknown", rooms)
    value, state = _counted(evidence, computers)
    return Tile(_("Computer labs"), "device-desktop", value, state, rooms, "computer")


def _projectors(evidence: Evidence) -> Tile:
    projectors = [device for device in evidence.devices if device.kind == "projector"]
    if not projectors:
        return Tile(
            _("Projectors"), "device-projector", _("none entered"), "unknown", _("No projector is in the inventory.")
        )
    value, state = _counted(evidence, projectors)
    return Tile(_("Projectors"), "device-projector", value, state, _("projectors that answer"), "projector")


def _services(evidence: Evidence) -> Tile:
    known = [state for _check, state in evidence.checks if state is not None]
    if not evidence.checks:
        return Tile(
            _("Services"),
            "activity-heartbeat",
            _("none entered"),
            "unknown",
            _("No check of a web page or port is set up."),
        )
    if not known:
        return Tile(_("Services"), "activity-heartbeat", _("no news"), "unknown", _("No check has been made yet."))
    good = sum(state.is_ok for state in known)
    counts = {"good": good, "down": len(known) - good, "unknown": len(evidence.checks) - len(known)}
    failing = next((check.target for check, state in evidence.checks if state is not None and not state.is_ok), "")
    detail = _("fails: %(target)s", target=failing[:80]) if failing else _("checks that succeed")
    return Tile(_("Services"), "activity-heartbeat", f"{good}/{len(evidence.checks)}", group_state(counts), detail)
