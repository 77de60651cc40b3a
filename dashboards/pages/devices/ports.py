"""The ports of a device as its front panel and as a table: state, speed, traffic, errors. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core import lazy_gettext as _l
from dashboards.pages.devices.reading import Reading, Value
from dashboards.words import Word
from inventory import Part

# No link on a port that is switched on is how a free socket looks: told, but not as a fault
PORT_STATES = {
    "up": Word("good", "plug-connected", _l("link up")),
    "errors": Word("attention", "alert-triangle", _l("errors")),
    "no_link": Word("free", "minus", _l("no link")),
    "off": Word("off", "power", _l("switched off")),
    "unknown": Word("unknown", "question-mark", _l("unknown")),
}
_PORT_KINDS = ("port", "interface", "if")
PORT_ORDER = ("errors", "up", "no_link", "off", "unknown")

# IANAifType names and numbers of sockets that one can see: Ethernet of all ages, Wi-Fi is drawn apart
_PHYSICAL = {
    "ethernetcsmacd",
    "iso88023csmacd",
    "fastether",
    "fastetherfx",
    "gigabitethernet",
    "fibrechannel",
    "6",
    "62",
    "69",
    "117",
}
_LOGICAL_NAME = re.compile(
    r"^(lo\d*$|null|vlan|vl\d|br-|bridge|bond|port-?channel|po\d|lag|trk|tun|tap|gre|ppp|pppoe|loopback|veth|docker|cpu|mgmt\d*\.|"
    r"stack|unrouted|virtual|vmnet|virbr|dummy|ip6|sit\d|teredo|isatap|.*\.\d+$)",
    re.I,
)
_DIGITS = re.compile(r"(\d+)")
_LAST_NUMBER = re.compile(r"[/:.-]?\d+$")
_LETTERS = re.compile(r"[A-Za-z]+")
FEW_SOCKETS = 12
MANY_SOCKETS = 104  # two units of 52
ERROR_RATE = 0.01  # packets a second: one in 100 s; less is noise that no socket is free of


@dataclass(frozen=True, slots=True)
class Port:
    """One port. Rates are bits a second, `errors` and `discards` packets a second; None is unknown."""

    key: str  # the part of its series
    label: str  # what stands on its socket
    name: str
    alias: str
    type: str
    mac: str
    state: str
    speed: float | None = None
    rate_in: float | None = None
    rate_out: float | None = None
    errors: float | None = None
    discards: float | None = None
    at: float = 0.0
    is_stale: bool = False
    is_physical: bool = True
    is_watched: bool = True

    @property
    def word(self) -> Word:
        """Icon, tone and word of its state."""
        return PORT_STATES[self.state]

    @property
    def used(self) -> float | None:
        """The busier direction's share of the speed, 0..1."""
        rates = [rate for rate in (self.rate_in, self.rate_out) if rate is not None]
        return min(max(rates) / self.speed, 1.0) if rates and self.speed else None

    @property
    def used_text(self) -> str:
        """`used` in whole percent; made without a locale, since hundreds stand on a panel."""
        return "" if self.used is None else f"{self.used * 100:.0f} %"

    @property
    def busy(self) -> float:
        """Sort key of traffic: both directions together."""
        return (self.rate_in or 0.0) + (self.rate_out or 0.0)


def _families(names: Sequence[str]) -> dict[str, str]:
    """What stands before the number on sockets of the less common families: "TenGigabitEthernet1/1/1" -> "Te"."""
    letters = [_LETTERS.match(name) for name in names]
    words = [found.group(0) if found else "" for found in letters]
    common = max(set(words), key=words.count, default="")
    return {name: "" if word == common else word[:2] for name, word in zip(names, words, strict=True)}


def ports_of(parts: Sequence[Part], reading: Reading) -> list[Port]:
    """Every port that inventory or telemetry knows, in the order of the panel."""
    known: dict[str, Part] = {}
    for part in parts:
        key = series_part(part)
        if key.startswith("if:"):
            known[key] = part
    keys = dict.fromkeys([*known, *(part for part in reading.values if part.startswith("if:"))])
    ports = [_port(key, known.get(key), reading) for key in keys]
    indexes = {key: part.index for key, part in known.items() if part.index is not None}
    ports.sort(key=lambda port: (not port.is_physical, indexes.get(port.key, 1 << 40), natural(port.name)))
    return ports


def series_part(part: Part) -> str:
    """What the series of an inventory part are called: "if:Gi1/0/1", "sensor:Inlet"."""
    if part.kind in _PORT_KINDS:
        return part.key if part.key.startswith("if:") else f"if:{part.key}"
    return part.key if ":" in part.key else f"{part.kind}:{part.key}"


def natural(text: str) -> list[tuple[int, str]]:
    """Sort key that puts port 2 before port 10."""
    return [
        (int(piece), "") if piece.isdecimal() else (-1, piece.lower()) for piece in _DIGITS.split(text)[:12] if piece
    ]


def _port(key: str, part: Part | None, reading: Reading) -> Port:
    values = reading.values.get(key, {})
    name = (part.name if part else "") or key.partition(":")[2]
    type_word = part.type if part else ""
    used = [values[one] for one in ("if_oper_up", "if_in_octets_total", "if_out_octets_total") if one in values]
    errors = _total(values, "if_in_errors_total", "if_out_errors_total")
    speed = _number(values, "if_speed_bits_per_second") or (float(part.speed_bps) if part and part.speed_bps else None)
    return Port(
        key=key,
        label=short_label(name),
        name=name,
        alias=(part.alias or part.description) if part else "",
        type=type_word,
        mac=(part.mac or "") if part else "",
        state=_state(values, errors),
        speed=speed,
        rate_in=_bits(values, "if_in_octets_total"),
        rate_out=_bits(values, "if_out_octets_total"),
        errors=errors,
        discards=_total(values, "if_in_discards_total", "if_out_discards_total"),
        at=max((one.at for one in used), default=0.0),
        is_stale=bool(used) and all(one.is_stale for one in used),
        is_physical=is_physical(name, type_word),
        is_watched=part.is_watched if part else True,
    )


def is_physical(name: str, type_word: str) -> bool:
    """Whether the port is a socket one can plug something into."""
    if _LOGICAL_NAME.match(name):
        return False
    return not type_word or type_word.replace("-", "").lower() in _PHYSICAL


def short_label(name: str) -> str:
    """What fits on a socket: the number at the end: Gi1/0/24 -> 24, sfp-sfpplus1 -> 1; all of a name without one."""
    numbers = _DIGITS.findall(name)
    return numbers[-1][:4] if numbers else name[:4]


def _state(values: dict[str, Value], errors: float | None) -> str:
    oper, admin = values.get("if_oper_up"), values.get("if_admin_up")
    if oper is None or oper.is_stale:
        return "unknown"
    if oper.value >= 1:
        return "errors" if errors is not None and errors > ERROR_RATE else "up"
    return "off" if admin is not None and admin.value < 1 else "no_link"


def _number(values: dict[str, Value], metric: str) -> float | None:
    found = values.get(metric)
    return None if found is None or found.is_stale else found.value


def _bits(values: dict[str, Value], metric: str) -> float | None:
    octets = _number(values, metric)
    return None if octets is None else octets * 8


def _total(values: dict[str, Value], *metrics: str) -> float | None:
    found = [number for number in (_number(values, metric) for metric in metrics) if number is not None]
    return sum(found) if found else None


@dataclass(frozen=True, slots=True)
class Panel:
    """The ports, sorted out: sockets for the face plate, the rest for the table; `counts` pairs state and number."""

    sockets: Sequence[Port]
    others: Sequence[Port]
    counts: Sequence[tuple[str, int]]

    @property
    def ports(self) -> list[Port]:
        """All of them."""
        return [*self.sockets, *self.others]

    @property
    def groups(self) -> list[tuple[str, list[Port]]]:
        """The sockets as they are drawn: on a small device all together, on a large one by slot."""
        shown = list(self.sockets or self.others)
        if len(shown) <= MANY_SOCKETS:
            return [("", shown)]
        slots: dict[str, list[Port]] = {}
        for port in shown:
            slots.setdefault(_LAST_NUMBER.sub("", port.name)[:24], []).append(port)
        return list(slots.items())

    @property
    def words(self) -> dict[str, Word]:
        """State to word, for the legend."""
        return PORT_STATES

    def find(self, key: str) -> Port | None:
        """The port of a key."""
        return next((port for port in self.ports if port.key == key), None)

    def busiest(self, count: int) -> list[Port]:
        """The ports with the most traffic; those that carry nothing are left out unless all do."""
        ranked = sorted(
            (p for p in self.ports if p.rate_in is not None or p.rate_out is not None), key=lambda p: -p.busy
        )
        loud = [port for port in ranked if port.busy > 0]
        return (loud or ranked)[:count]


def panel_of(parts: Sequence[Part], reading: Reading) -> Panel:
    """Sort a device's ports into a panel. A device whose ports all look logical shows them all as sockets."""
    ports = ports_of(parts, reading)
    families = _families([port.name for port in ports if port.is_physical])
    is_small = len(families) <= FEW_SOCKETS  # there is room for whole names
    sockets = [
        replace(port, label=port.name[:12] if is_small else families[port.name] + port.label)
        for port in ports
        if port.is_physical
    ]
    counts = [(state, sum(port.state == state for port in sockets or ports)) for state in PORT_ORDER]
    return Panel(sockets, [port for port in ports if not port.is_physical], [(state, n) for state, n in counts if n])
