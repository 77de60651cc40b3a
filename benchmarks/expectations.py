"""What is expected of the recordings, and where in a reading each expectation is looked for. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.disagreements import explained
from collectors.layer2 import Layer2Reading
from collectors.snmp import DeviceReading

PERCENT, DEGREE, VOLT_SHARE = 1.0, 0.5, 0.01  # devices.md section 1.5


@dataclass(frozen=True, slots=True)
class Told:
    """What was read of one recording: as `app.py poll` reads it, and with --topology."""

    reading: DeviceReading
    network: Layer2Reading | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One expectation: `source` is derived (our reading of standard columns) or expected (third parties')."""

    source: str
    recording: str
    kind: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was read instead of an expectation; `found` is None when nothing was. `why` explains a disagreement."""

    row: Row
    found: str | None
    agrees: bool
    why: str = ""


def expectations(folder: Path) -> list[Row]:
    """Every row of derived.csv and expected.csv."""
    rows = []
    for source in ("derived", "expected"):
        with (folder / f"{source}.csv").open(encoding="utf-8", newline="") as stream:
            rows += [Row(source, r["recording"], r["kind"], r["key"], r["value"]) for r in csv.DictReader(stream)]
    return rows


def judge(rows: Iterable[Row], told: Mapping[str, Told]) -> list[Verdict]:
    """A verdict for each expectation."""
    verdicts = []
    for row in rows:
        read, one = READERS[row.kind], told.get(row.recording)
        found = list(read(one, row.key)) if one else []
        agrees = any(_agrees(row.kind, row.value, value) for value in found)
        verdicts.append(Verdict(row, ", ".join(found[:3]) if found else None, agrees))
    return [
        one if one.agrees else replace(one, why=explained(one.row.source, one.row.recording, one.row.kind, one.row.key))
        for one in _with_any_window(verdicts)
    ]


# A processor's load over several spans of time, each a row: one that agrees is enough (devices.md section 1.5)
_WINDOW = re.compile(r"^cpu_\d+(?:sec|min)s?$|\.utilization\.\d+m\.")


def _with_any_window(verdicts: list[Verdict]) -> list[Verdict]:
    def group(verdict: Verdict) -> tuple[str, str] | None:
        row = verdict.row
        return (row.source, row.recording) if row.kind == "cpu_percent" and _WINDOW.search(row.key) else None

    right = {group(one) for one in verdicts if one.agrees} - {None}
    return [replace(one, agrees=True) if group(one) in right else one for one in verdicts]


def _agrees(kind: str, expected: str, found: str) -> bool:
    if expected == found:
        return True
    try:
        wanted, got = float(expected), float(found)
    except ValueError:
        return False
    if kind.endswith("_percent"):
        return abs(wanted - got) <= PERCENT
    if kind == "temperature_c":
        return abs(wanted - got) <= DEGREE
    return abs(wanted - got) <= abs(wanted) * VOLT_SHARE if kind == "voltage" else wanted == got


# -- one function a kind: the values of a reading that a key may mean -------------------------------------------

Reader = Callable[[Told, str], Iterable[str]]


def _fact(*names: str) -> Reader:
    return lambda told, key: [text for name in names if (text := told.reading.facts.get(name))]


def _port(name: str) -> Reader:
    def read(told: Told, key: str) -> list[str]:
        values = [getattr(port, name) for port in told.reading.interfaces if str(port.index) == key]
        return [str(value) for value in values if value is not None]

    return read


def _oper(told: Told, key: str) -> list[str]:
    """up and down; down stands for every state in which the port does not work."""
    states = {port.oper_up for port in told.reading.interfaces if str(port.index) == key}
    words = {True: ["up"], False: ["down", "lowerLayerDown", "notPresent", "dormant", "testing"], None: ["unknown"]}
    return [word for state in states for word in words[state]]


def _squeezed(text: str) -> str:
    return " ".join(text.replace("\\", " ").split())


def _of_parts(told: Told, metric: str, factor: float = 1.0) -> Iterator[tuple[str, str, str]]:
    """(part, its label, value) of every sample of a metric."""
    for sample in told.reading.samples:
        if sample.metric == metric:
            yield sample.part, sample.label, f"{sample.value * factor:.6g}"


def _at(told: Told, metric: str, part: str, factor: float = 1.0) -> list[str]:
    wanted = _squeezed(part)
    return [value for found, _, value in _of_parts(told, metric, factor) if _squeezed(found) == wanted]


def _called(told: Told, metric: str, name: str, factor: float = 1.0, prefix: str = "") -> list[str]:
    """Of the parts that are called so, by key or label; of all parts when nothing is named."""
    return [
        value for part, label, value in _of_parts(told, metric, factor)
        if part.startswith(prefix) and (not name or name in (part.partition(":")[2], label))
    ]  # fmt: skip


def _cpu(told: Told, key: str) -> list[str]:
    head, _, tail = key.partition("/")
    if head == "hr":
        return _at(told, "cpu_used_ratio", f"cpu:{tail}", 100)
    parts = [part for part, _, _ in _of_parts(told, "cpu_used_ratio") if part.startswith("cpu:")]
    if key.startswith("cpu_") and key[4:].isdigit():
        number = int(key[4:])
        return _at(told, "cpu_used_ratio", parts[number], 100) if number < len(parts) else []
    if key == "total_cpu_avg" or _WINDOW.search(key):
        return _at(told, "cpu_used_ratio", "", 100)
    return _called(told, "cpu_used_ratio", head, 100)


def _memory(told: Told, key: str) -> list[str]:
    return _called(told, "memory_used_ratio", key, 100)


def _storage(told: Told, key: str) -> list[str]:
    ways = (("storage_used_ratio", "storage"), ("storage_used_ratio", "other-storage"), ("memory_used_ratio", "memory"),
            ("swap_used_ratio", "swap"))  # fmt: skip
    return [value for metric, prefix in ways for value in _at(told, metric, f"{prefix}:{key}", 100)]


def _sensor(metric: str, own: str = "") -> Reader:
    """A sensor by its number ("entity/5") or name; `own` is the metric of a UPS's battery."""

    def read(told: Told, key: str) -> list[str]:
        head, _, tail = key.partition("/")
        if head == "entity":
            return _at(told, metric, f"sensor:{tail}")
        if "battery." in key and own:
            return [*_at(told, own, ""), *_called(told, metric, "")]
        prefix = "disk:" if ".disk." in key else "psu:" if ".powersupply." in key else ""
        prefix = prefix or ("fan:" if ".fan." in key else "")
        return _called(told, metric, head if tail else "", prefix=prefix)

    return read


def _voltage(told: Told, key: str) -> list[str]:
    head, _, tail = key.partition("/")
    if head == "ups-out":
        return _at(told, "ups_output_volts", f"output:{tail}")
    if tail.startswith("line.input"):
        return _at(told, "ups_input_volts", f"input:{head}")
    if key.startswith("battery."):
        return _at(told, "ups_battery_volts", "")
    if key.startswith("lines.output"):
        return _called(told, "ups_output_volts", "")
    if "phase." in key:
        return _at(told, "voltage_volts", f"phase:{key.split('/')[1]}")
    return _called(told, "voltage_volts", head)


def _load(told: Told, key: str) -> list[str]:
    return _called(told, "ups_load_ratio", key if key.isdigit() else "", 100)


def _clients(told: Told, key: str) -> list[str]:
    return _at(told, "wifi_clients", "" if key == "total" else f"ap:{key}")


def _forwarding(told: Told, key: str) -> list[str]:
    database, _, mac = key.partition("/")
    fid = int(database[3:]) if database.startswith("fid") else None
    rows = told.network.forwarding if told.network else ()
    return [
        str(row.index) if row.index is not None else f"bridgeport-{row.port}"
        for row in rows if row.fid == fid and row.mac.replace(":", "") == mac
    ]  # fmt: skip


def _vlan(told: Told, key: str) -> list[str]:
    return [vlan.name for vlan in told.network.report.vlans if str(vlan.id) == key] if told.network else []


def _neighbour(told: Told, key: str) -> list[str]:
    """"sysName|port"; MACs as ports without colons."""
    number = key.rpartition("/")[2]
    heard = told.network.heard if told.network else ()
    return [
        f"{one.seen.remote_name}|{_bare(one.seen.remote_part)}"
        for one in heard if one.seen.protocol == "lldp" and str(one.local_number) == number
    ]  # fmt: skip


def _bare(text: str) -> str:
    return text.replace(":", "") if re.fullmatch(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", text) else text


READERS: dict[str, Reader] = {
    "sysobjectid": _fact("sysobjectid"),
    "sysname": _fact("sysname"),
    "serial": _fact("serial"),
    "version": _fact("version"),
    "os": _fact("os"),
    "hardware": _fact("hardware", "model"),
    "if_count": lambda told, key: [str(len(told.reading.interfaces))],
    "if_name": _port("name"),
    "if_oper_status": _oper,
    "if_high_speed": _port("speed_bps"),
    "if_in_octets": _port("in_octets"),
    "if_out_octets": _port("out_octets"),
    "cpu_percent": _cpu,
    "memory_used_percent": _memory,
    "storage_used_percent": _storage,
    "temperature_c": _sensor("temperature_celsius", "ups_battery_celsius"),
    "fan_rpm": _sensor("fan_speed_rpm"),
    "ups_charge_percent": lambda told, key: _at(told, "ups_charge_ratio", key, 100),
    "ups_load_percent": _load,
    "voltage": _voltage,
    "wifi_clients": _clients,
    "fdb_entry": _forwarding,
    "vlan": _vlan,
    "lldp_neighbour": _neighbour,
}
