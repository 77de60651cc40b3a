"""The charts of a meeting server: which metrics each draws. A server has those that its kind gives samples for."""

from __future__ import annotations

from typing import Any

from core import LazyText
from core import lazy_gettext as _l
from dashboards.charting import Line
from inventory import meeting_server_number

# word of the chart -> (title, unit, (metric, label))
CHARTS: dict[str, tuple[LazyText, str, tuple[tuple[str, LazyText], ...]]] = {
    "stress": (_l("Stress"), "ratio", (
        ("jvb_stress_ratio", _l("stress")), ("jigasi_stress_ratio", _l("stress")),
        ("prosody_cpu_seconds_total", _l("one core in use")))),
    "people": (_l("People"), "", (
        ("meeting_participants", _l("people")), ("meeting_visitors", _l("of these visitors")),
        ("meeting_conferences", _l("meetings")))),
    "traffic": (_l("Traffic"), "bit/s", (
        ("jvb_out_bits_per_second", _l("sends")), ("jvb_in_bits_per_second", _l("receives")),
        ("jvb_relay_out_bits_per_second", _l("to other bridges")))),
    "loss": (_l("Loss"), "ratio", (
        ("jvb_out_loss_ratio", _l("to the rooms")), ("jvb_in_loss_ratio", _l("from the rooms")))),
    "rtt": (_l("Round trip"), "seconds", (("jvb_rtt_seconds", _l("round trip")),)),
    "bridges": (_l("Bridges"), "", (
        ("jicofo_bridges", _l("bridges known")), ("jicofo_bridges_operational", _l("of these usable")),
        ("jicofo_bridge_versions", _l("different versions")))),
    "failures": (_l("Failures a second"), "", (
        ("jvb_ice_failed_total", _l("no connection of media")),
        ("jvb_endpoints_disconnected_total", _l("lost the bridge")),
        ("jicofo_ice_failed_total", _l("no connection of media")),
        ("turn_unauthenticated_total", _l("refused by TURN")))),
    "relay": (_l("Connections over the relay"), "", (("turn_allocations", _l("connections")),)),
    "answers": (_l("Answers"), "ratio", (("meeting_server_up", _l("answers")),)),
}


def lines_of(registry: Any, server_id: int, word: str) -> list[Line]:
    """The lines of a chart that this server has samples for."""
    _title, unit, metrics = CHARTS[word]
    if registry is None:
        return []
    number = meeting_server_number(server_id)
    found = [(registry.find(number, "", metric), label) for metric, label in metrics]
    return [Line(series, str(label), 1.0, unit) for series, label in found if series is not None]
