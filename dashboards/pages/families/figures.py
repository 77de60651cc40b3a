"""Families of devices and the numbers that matter for each: data that the page, its export and its sorting read."""

from __future__ import annotations

from dataclasses import dataclass

from core import LazyText
from core import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a device.

    `how` puts the values of its parts together: max, min, mean, sum, share (those that are 1 of all), over (sum of
    `metric` of `total`), use_in, use_out, use (of the port
    that ports.ROLES names). Where nothing tells `metric`, the sum of `fallback`
    stands in. `part` is the beginning of the parts' keys, "" for all. `form` is how a cell shows it; a meter changes
    its tone at `attention` and `down`.
    """

    word: str
    label: LazyText
    metric: str = ""
    how: str = "max"
    part: str = ""
    total: str = ""
    fallback: str = ""
    form: str = "number"
    attention: float = 0.8
    down: float = 0.95
    hide: str = "md"
    is_whole: bool = False  # of the device as a whole only

    @property
    def is_of_port(self) -> bool:
        """Whether it is the use of one port, and its cell says of which."""
        return self.how.startswith("use")


@dataclass(frozen=True, slots=True)
class Family:
    """Kinds of devices that are looked at in the same way."""

    word: str
    label: LazyText
    icon: str
    kinds: tuple[str, ...]
    figures: tuple[Figure, ...]


_CPU = Figure("cpu", _l("Processor"), "cpu_used_ratio", form="meter", attention=0.7, down=0.9)
_MEMORY = Figure("memory", _l("Memory"), "memory_used_ratio", form="meter", attention=0.85, down=0.95, hide="lg")
_STORAGE = Figure("storage", _l("Fullest storage"), "storage_used_ratio", part="storage:", form="meter",
                  attention=0.85, down=0.95)
_TEMPERATURE = Figure("temperature", _l("Temperature"), "temperature_celsius", form="celsius", attention=65, down=80,
                      hide="lg")
_DISKS = Figure("disks", _l("Disks in order"), "disk_health", "share", form="pair", hide="sm")
_IN = Figure("in", _l("Line in"), how="use_in", form="meter", attention=0.7, down=0.9, hide="sm")
_OUT = Figure("out", _l("Line out"), how="use_out", form="meter", attention=0.7, down=0.9)
_SESSIONS = Figure("sessions", _l("Sessions"), "sessions", hide="lg")
_UPTIME = Figure("uptime", _l("Running for"), "uptime_seconds", form="seconds", hide="lg", is_whole=True)

FAMILIES: dict[str, Family] = {
    one.word: one
    for one in (
        Family("switch", _l("Switches"), "network", ("switch",), (
            Figure("ports", _l("Ports up"), "if_oper_up", "share", "if:", form="pair", hide="sm"),
            Figure("poe", _l("PoE used"), "poe_power_watts", "over", total="poe_budget_watts",
                   fallback="poe_used_watts", form="watts", attention=0.8, down=0.95),
            Figure("use", _l("Uplink in use"), how="use", form="meter", attention=0.7, down=0.9),
            _CPU, _TEMPERATURE,
        )),
        Family("router", _l("Routers"), "router", ("router",), (_IN, _OUT, _SESSIONS, _CPU, _MEMORY)),
        Family("firewall", _l("Firewalls"), "shield-lock", ("firewall",), (
            Figure("sessions", _l("Sessions"), "sessions", hide="sm"),
            Figure("vpn", _l("VPN tunnels"), "vpn_tunnels", fallback="vpn_tunnel_up"),
            _IN, _OUT, _CPU, _MEMORY,
        )),
        Family("ap", _l("Wi-Fi"), "access-point", ("ap", "wlan_controller"), (
            Figure("clients", _l("Clients"), how="wifi_clients", hide="sm"),
            Figure("busy", _l("Busiest channel"), how="wifi_busy", form="meter", attention=0.5, down=0.7),
            Figure("points", _l("Points of the controller"), "wifi_access_point_up", "share", "ap:", form="pair"),
            _CPU, _UPTIME,
        )),
        Family("server", _l("Servers and storage"), "server", ("server", "nas"), (
            Figure("cpu", _l("Processor"), "cpu_used_ratio", "mean", form="meter", attention=0.7, down=0.9, hide="sm"),
            _MEMORY, _STORAGE, _DISKS, Figure("raid", _l("RAID whole"), "raid_ok", "share", form="pair"), _TEMPERATURE,
            _UPTIME,
        )),
        Family("camera", _l("Cameras and recorders"), "device-cctv", ("camera", "nvr"), (
            Figure("cameras", _l("Cameras online"), "camera_online", "share", form="pair", hide="sm"), _DISKS,
            Figure("ping", _l("Ping"), "ping_rtt_seconds", form="seconds", is_whole=True), _CPU, _UPTIME,
        )),
        Family("computer", _l("Computers"), "device-desktop", ("computer",), (
            Figure("cpu", _l("Processor"), "cpu_used_ratio", "mean", form="meter", attention=0.7, down=0.9, hide="sm"),
            _MEMORY, _STORAGE, _UPTIME,
        )),
        Family("other", _l("Others"), "dots", ("sensor", "codec", "other"), (
            Figure("temperature", _l("Temperature"), "temperature_celsius", form="celsius", attention=30, down=35,
                   hide="sm"),
            Figure("humidity", _l("Humidity"), "humidity_ratio", form="percent"),
            Figure("ping", _l("Ping"), "ping_rtt_seconds", form="seconds", is_whole=True), _UPTIME,
        )),
    )
}
