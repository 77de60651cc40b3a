"""What a device measures of itself, as tiles grouped by subject: processor, storage, power, Wi-Fi... Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core import LazyText, gettext
from core import lazy_gettext as _l
from dashboards.language import byte_size
from dashboards.pages.devices.figures import RESTS, show, state_word_of, tone_of
from dashboards.pages.devices.ports import natural
from dashboards.pages.devices.reading import Reading, Value
from telemetry import METRICS


@dataclass(frozen=True, slots=True)
class Tile:
    """One number. `ratio` draws a bar 0..1; `at` is epoch seconds."""

    label: str
    part: str
    metric: str
    text: str
    tone: str
    ratio: float | None
    detail: str
    at: float
    is_stale: bool
    is_state: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Tiles that belong together."""

    name: str
    label: LazyText
    icon: str
    tiles: Sequence[Tile]


# name: (label, icon, metrics in their order). What no group names stands in "other".
GROUPS: dict[str, tuple[LazyText, str, tuple[str, ...]]] = {
    "compute": (
        _l("Processor and memory"),
        "cpu",
        (
            "cpu_used_ratio",
            "memory_used_ratio",
            "swap_used_ratio",
            "load1",
            "load5",
            "load15",
            "processes",
            "users",
            "sessions",
        ),
    ),
    "storage": (_l("Storage"), "database", ("storage_used_ratio", "disk_health", "disk_busy_ratio")),
    "climate": (
        _l("Temperature and fans"),
        "temperature",
        (
            "temperature_celsius",
            "humidity_ratio",
            "fan_speed_rpm",
            "fan_ok",
            "airflow_cubic_meters_per_second",
            "water_detected",
            "smoke_detected",
            "door_open",
        ),
    ),
    "power": (
        _l("Power"),
        "bolt",
        (
            "power_supply_ok",
            "voltage_volts",
            "current_amperes",
            "power_watts",
            "poe_power_watts",
            "poe_budget_watts",
            "poe_used_watts",
            "frequency_hertz",
            "energy_joules_total",
        ),
    ),
    "ups": (_l("Uninterruptible power supply"), "battery", tuple(name for name in METRICS if name.startswith("ups_"))),
    "wifi": (_l("Wi-Fi"), "wifi", tuple(name for name in METRICS if name.startswith(("wifi_", "lte_")))),
    "printer": (_l("Printing"), "printer", tuple(name for name in METRICS if name.startswith("printer_"))),
    "projector": (
        _l("Projector"),
        "device-projector",
        tuple(name for name in METRICS if name.startswith("projector_")),
    ),
    "sensors": (_l("Other sensors"), "gauge", ("sensor_ok", "sensor_value")),
    "network": (
        _l("Network functions"),
        "network",
        (
            "wan_link_up",
            "wan_latency_seconds",
            "wan_jitter_seconds",
            "wan_loss_ratio",
            "vpn_tunnels",
            "vpn_tunnel_up",
            "vpn_users",
            "ha_in_sync",
            "managed_device_up",
            "dhcp_leases",
            "dhcp_used_ratio",
            "fdb_entries",
            "arp_entries",
            "stp_topology_changes_total",
            "bgp_peers_up",
            "stack_members",
            "stack_member_ok",
            "certificate_days",
        ),
    ),
}
# Shown elsewhere on the page, or told by the tile beside them
_ELSEWHERE = (
    "device_up",
    "snmp_up",
    "ping_",
    "poll_",
    "if_",
    "check_",
    "certificate_remaining",
    "certificate_valid",
    "uptime_",
    "agent_uptime",
    "memory_size",
    "memory_used_bytes",
    "memory_available",
    "swap_size",
    "storage_used_bytes",
    "storage_size",
)
# What the card of a projector tells: state, hours, shares of life, input
ON_PROJECTOR_CARD = (
    "projector_power",
    "projector_answers",
    "projector_left_on",
    "projector_lamp_",
    "projector_filter_",
    "projector_input",
)
_OF_MANY_PORTS = ("poe_",)  # 48 tiles would hide the rest; the page of power has them
# "44 % of 8 GiB": ratio -> the size that belongs to it
_SIZES = {
    "memory_used_ratio": "memory_size_bytes",
    "swap_used_ratio": "swap_size_bytes",
    "storage_used_ratio": "storage_size_bytes",
}
_BAR_TOP = {"temperature_celsius": 100.0}


def tile_groups(
    reading: Reading, part_names: Mapping[str, str], language: str, told: tuple[str, ...] = ()
) -> list[Group]:
    """All groups that have something to show, in their order; "other" last. `told`: beginnings of metrics that the
    page tells elsewhere."""
    wanted = {metric: name for name, (_label, _icon, metrics) in GROUPS.items() for metric in metrics}
    found: dict[str, list[Tile]] = {}
    for part, values in reading.values.items():
        for metric, value in values.items():
            if metric.startswith(_ELSEWHERE + told) or (part.startswith("if:") and metric.startswith(_OF_MANY_PORTS)):
                continue
            tile = _tile(part, metric, value, reading, part_names.get(part, ""), language)
            found.setdefault(wanted.get(metric, "other"), []).append(tile)
    groups = [
        Group(name, label, icon, _ordered(found[name], metrics))
        for name, (label, icon, metrics) in GROUPS.items()
        if name in found
    ]
    if "other" in found:
        groups.append(Group("other", _l("Other measurements"), "list", _ordered(found["other"], ())))
    return groups


def _ordered(tiles: Iterable[Tile], metrics: Sequence[str]) -> list[Tile]:
    place = {metric: number for number, metric in enumerate(metrics)}
    return sorted(tiles, key=lambda tile: (place.get(tile.metric, 99), tile.metric, natural(tile.part)))


def _tile(part: str, metric: str, value: Value, reading: Reading, part_name: str, language: str) -> Tile:
    name = part_name or str(_PART_WORDS.get(part, "")) or part.partition(":")[2] or part
    meaning = metric_label(metric)
    return Tile(
        label=f"{name} · {meaning}" if name else meaning,
        part=part,
        metric=metric,
        text=show(metric, value.value, language),
        tone="unknown" if value.is_stale else tone_of(metric, value.value),
        ratio=_ratio(metric, value.value),
        detail=_detail(part, metric, reading, language),
        at=value.at,
        is_stale=value.is_stale,
        is_state=state_word_of(metric, value.value) is not None,
    )


# Parts that no table of the device names
_PART_WORDS: dict[str, LazyText] = {
    "error:fan": _l("Fan"),
    "error:lamp": _l("Lamp"),
    "error:temperature": _l("Temperature"),
    "error:cover": _l("Cover"),
    "error:filter": _l("Filter"),
    "error:other": _l("Others"),
}


def metric_label(metric: str) -> str:
    """The meaning of a metric for people; a foreign one is called by its name."""
    short = SHORT.get(metric)
    if short is not None:
        return str(short)
    known = METRICS.get(metric)
    return gettext(known.meaning) if known else metric


def _ratio(metric: str, value: float) -> float | None:
    if metric in _BAR_TOP:
        return min(max(value / _BAR_TOP[metric], 0.0), 1.0)
    known = METRICS.get(metric)
    if known is None or known.unit != "ratio" or (metric in RESTS and value < 0):
        return None
    return min(max(value, 0.0), 1.0)


def _detail(part: str, metric: str, reading: Reading, language: str) -> str:
    size = reading.number(part, _SIZES.get(metric, ""))
    if size is None:
        return ""
    return gettext("of %(size)s", size=byte_size(size, language))


# Where the table of metrics is long-winded for a tile
SHORT: dict[str, LazyText] = {
    "cpu_used_ratio": _l("Processor"),
    "memory_used_ratio": _l("Memory"),
    "swap_used_ratio": _l("Swap space"),
    "storage_used_ratio": _l("Used"),
    "disk_health": _l("Disk health"),
    "fan_ok": _l("Fan"),
    "power_supply_ok": _l("Power supply"),
    "sensor_ok": _l("Sensor"),
    "sensor_value": _l("Reading"),
    "temperature_celsius": _l("Temperature"),
    "ups_on_battery": _l("Supply"),
    "ups_battery_status": _l("Battery"),
    "ups_output_source": _l("Output source"),
    "ups_battery_replace": _l("Battery replacement"),
    "printer_supply_ratio": _l("left over"),
    "printer_status": _l("Printer"),
    "projector_power": _l("Projector"),
    "projector_error": _l("Error"),
    "projector_muted": _l("Picture"),
    "projector_sound_muted": _l("Sound"),
    "projector_frozen": _l("Moving picture"),
    "projector_signal": _l("Signal"),
    "projector_lamp_seconds": _l("Lamp use"),
    "projector_filter_seconds": _l("Filter use"),
    "water_detected": _l("Water"),
    "smoke_detected": _l("Smoke"),
    "door_open": _l("Door"),
    "wifi_access_point_up": _l("Access point"),
    "wifi_radio_up": _l("Radio"),
    "wifi_channel": _l("Channel"),
    "load1": _l("Load, 1 min"),
    "load5": _l("Load, 5 min"),
    "load15": _l("Load, 15 min"),
}


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the few numbers of the first screen."""

    label: LazyText
    icon: str
    text: str
    detail: str
    tone: str
    is_stale: bool
    at: float


def worst_of(reading: Reading, metric: str) -> Value | None:
    """The highest fresh value of a metric over all parts; a stale one only when there is nothing else."""
    values = [value for _part, value in reading.of_metric(metric)]
    return max(values, key=lambda v: (not v.is_stale, v.value), default=None)


# metric: (label, icon)
_KEY: dict[str, tuple[LazyText, str]] = {
    "cpu_used_ratio": (_l("Processor"), "cpu"),
    "memory_used_ratio": (_l("Memory"), "database"),
    "storage_used_ratio": (_l("Fullest storage"), "device-floppy"),
    "temperature_celsius": (_l("Hottest sensor"), "temperature"),
    "ups_charge_ratio": (_l("Battery charge"), "battery"),
    "ups_runtime_seconds": (_l("Battery lasts"), "clock"),
    "wifi_clients": (_l("Wi-Fi clients"), "wifi"),
    "uptime_seconds": (_l("Running for"), "clock"),
}


def key_figures(reading: Reading, language: str) -> list[KeyFigure]:
    """Ping first, then the worst value of what the device has."""
    figures = list(_ping_figures(reading, language))
    for metric, (label, icon) in _KEY.items():
        value = worst_of(reading, metric)
        if value is not None:
            tone = "" if metric == "temperature_celsius" else tone_of(metric, value.value)
            figures.append(
                KeyFigure(
                    label,
                    icon,
                    show(metric, value.value, language),
                    "",
                    "unknown" if value.is_stale else tone,
                    value.is_stale,
                    value.at,
                )
            )
    return figures


def _ping_figures(reading: Reading, language: str) -> Iterable[KeyFigure]:
    rtt, loss = reading.get("", "ping_rtt_seconds"), reading.get("", "ping_loss_ratio")
    jitter = reading.number("", "ping_jitter_seconds")
    if rtt is not None:
        detail = (
            gettext("jitter %(time)s", time=show("ping_jitter_seconds", jitter, language)) if jitter is not None else ""
        )
        yield KeyFigure(
            _l("Ping"),
            "activity",
            show("ping_rtt_seconds", rtt.value, language),
            detail,
            "unknown" if rtt.is_stale else "",
            rtt.is_stale,
            rtt.at,
        )
    if loss is not None:
        tone = "good" if loss.value < 0.01 else "attention" if loss.value < 0.2 else "down"
        yield KeyFigure(
            _l("Ping loss"),
            "broadcast",
            show("ping_loss_ratio", loss.value, language),
            gettext("last 5 minutes"),
            "unknown" if loss.is_stale else tone,
            loss.is_stale,
            loss.at,
        )
