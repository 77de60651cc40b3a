"""How much of the recordings' expectations is read right: replays each over UDP, reads it as `app.py poll` does.

Usage: python -m benchmarks.coverage [--folder FOLDER]. Prints the shares by kind and every disagreement, and writes
docs/coverage.md. The recordings stand beside the checkout; EDUNOC_RECORDINGS names another place.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.coverage_networks import READERS as NETWORK_READERS
from benchmarks.coverage_networks import read_networks
from benchmarks.disagreements import LATER, explained
from collectors.layer2 import Layer2Reading
from collectors.profiles import load_profiles
from collectors.snmp import DeviceReading, Patience, Target, community, read_device
from deploy.demo.replay import ReplayAgent, ReplayServer, read_recording

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "coverage.md"
PERCENT, DEGREE, VOLT_SHARE = 1.0, 0.5, 0.01  # devices.md section 1.5


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


def recordings_folder() -> Path:
    """Where the recordings stand."""
    return Path(os.environ.get("EDUNOC_RECORDINGS") or ROOT.parent / "shared" / "recordings")


def expectations(folder: Path) -> list[Row]:
    """Every row of derived.csv and expected.csv."""
    rows = []
    for source in ("derived", "expected"):
        with (folder / f"{source}.csv").open(encoding="utf-8", newline="") as stream:
            rows += [Row(source, r["recording"], r["kind"], r["key"], r["value"]) for r in csv.DictReader(stream)]
    return rows


def recordings(folder: Path) -> list[Path]:
    """The files of recordings."""
    return [path for path in sorted(folder.iterdir()) if path.suffix in (".snmprec", ".snmpwalk")]


async def read_all(files: Iterable[Path]) -> dict[str, DeviceReading]:
    """Each recording replayed on loopback and read, by name."""
    readings = {}
    for path in files:
        with ReplayServer({("127.0.0.1", 0): ReplayAgent(read_recording(path))}) as server:
            host, port = server.addresses[0]
            readings[path.stem] = await read_device(Target(host, port), community(), Patience(), load_profiles())
    return readings


def judge(
    rows: Iterable[Row], readings: Mapping[str, DeviceReading], networks: Mapping[str, Layer2Reading]
) -> list[Verdict]:
    """A verdict for each expectation; `networks` are the recordings' layer-2 tables."""
    verdicts = []
    for row in rows:
        found = _found(row, readings.get(row.recording), networks.get(row.recording))
        agrees = any(_agrees(row.kind, row.value, one) for one in found or ())
        shown = ", ".join(found[:3]) if found else None
        verdicts.append(Verdict(row, shown, agrees, "" if agrees else explained(row.source, row.recording, row.kind)))
    return verdicts


def _found(row: Row, reading: DeviceReading | None, network: Layer2Reading | None) -> list[str] | None:
    if row.kind in NETWORK_READERS:
        return NETWORK_READERS[row.kind](network, row.key) if network else None
    read = READERS.get(row.kind)
    return read(reading, row.key) if read and reading else None


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


def _fact(name: str) -> Callable[[DeviceReading, str], list[str]]:
    return lambda reading, key: [reading.facts[name]] if reading.facts.get(name) else []


def _port(name: str) -> Callable[[DeviceReading, str], list[str]]:
    def read(reading: DeviceReading, key: str) -> list[str]:
        values = [getattr(port, name) for port in reading.interfaces if str(port.index) == key]
        return [str(value) for value in values if value is not None]

    return read


def _oper(reading: DeviceReading, key: str) -> list[str]:
    """up and down; down stands for every state in which the port does not work."""
    states = {port.oper_up for port in reading.interfaces if str(port.index) == key}
    words = {True: ["up"], False: ["down", "lowerLayerDown", "notPresent", "dormant", "testing"], None: ["unknown"]}
    return [word for state in states for word in words[state]]


def _samples(reading: DeviceReading, metric: str, part: str, factor: float = 1.0) -> list[str]:
    wanted = _squeezed(part)
    return [
        f"{sample.value * factor:.6g}" for sample in reading.samples
        if sample.metric == metric and _squeezed(sample.part) == wanted
    ]  # fmt: skip


def _squeezed(text: str) -> str:
    return " ".join(text.replace("\\", " ").split())


def _cpu(reading: DeviceReading, key: str) -> list[str]:
    kind, _, index = key.partition("/")
    if kind == "hr":
        return _samples(reading, "cpu_used_ratio", f"cpu:{index}", 100)
    parts = [s.part for s in reading.samples if s.metric == "cpu_used_ratio" and s.part.startswith("cpu:")]
    if key.startswith("cpu_") and key[4:].isdigit() and int(key[4:]) < len(parts):
        return _samples(reading, "cpu_used_ratio", parts[int(key[4:])], 100)
    return _samples(reading, "cpu_used_ratio", "", 100) if key == "total_cpu_avg" else []


def _memory(reading: DeviceReading, key: str) -> list[str]:
    if key:
        return _samples(reading, "memory_used_ratio", f"memory:{key}", 100)
    memory = [s for s in reading.samples if s.metric == "memory_used_ratio"]
    return [f"{sample.value * 100:.6g}" for sample in memory]


def _storage(reading: DeviceReading, key: str) -> list[str]:
    ways = (("storage_used_ratio", "storage"), ("memory_used_ratio", "memory"), ("swap_used_ratio", "swap"))
    return [value for metric, prefix in ways for value in _samples(reading, metric, f"{prefix}:{key}", 100)]


def _sensor(metric: str) -> Callable[[DeviceReading, str], list[str]]:
    return lambda reading, key: _samples(reading, metric, f"sensor:{key.rpartition('/')[2]}")


def _voltage(reading: DeviceReading, key: str) -> list[str]:
    head, _, tail = key.partition("/")
    if head == "ups-out":
        return _samples(reading, "ups_output_volts", f"output:{tail}")
    return _samples(reading, "ups_input_volts", f"input:{head}") if tail.startswith("line.input") else []


READERS: dict[str, Callable[[DeviceReading, str], list[str]]] = {
    "sysobjectid": _fact("sysobjectid"),
    "sysname": _fact("sysname"),
    "serial": _fact("serial"),
    "version": _fact("version"),
    "if_count": lambda reading, key: [str(len(reading.interfaces))],
    "if_name": _port("name"),
    "if_oper_status": _oper,
    "if_high_speed": _port("speed_bps"),
    "if_in_octets": _port("in_octets"),
    "if_out_octets": _port("out_octets"),
    "cpu_percent": _cpu,
    "memory_used_percent": _memory,
    "storage_used_percent": _storage,
    "temperature_c": _sensor("temperature_celsius"),
    "fan_rpm": _sensor("fan_speed_rpm"),
    "ups_charge_percent": lambda reading, key: _samples(reading, "ups_charge_ratio", key, 100),
    "ups_load_percent": lambda reading, key: _samples(reading, "ups_load_ratio", f"output:{key}", 100),
    "voltage": _voltage,
}


# -- what people see --------------------------------------------------------------------------------------------


def shares(verdicts: Iterable[Verdict]) -> list[tuple[str, str, int, int]]:
    """(source, kind, right, all), kinds of later work left out."""
    right, total = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for verdict in verdicts:
        if verdict.row.kind not in LATER:
            key = (verdict.row.source, verdict.row.kind)
            total[key] += 1
            right[key] += verdict.agrees
    return [(source, kind, right[source, kind], count) for (source, kind), count in sorted(total.items())]


def document(verdicts: list[Verdict], readings: Mapping[str, DeviceReading]) -> str:
    """The Markdown of docs/coverage.md."""
    lines = [
        "# What of the recordings is read right", "",
        "Written by `python -m benchmarks.coverage`; do not edit. Each recording is replayed by the fake agent over UDP"
        " and read as `app.py poll` reads a device. `derived` are literal readings of standard columns, `expected` are"
        " third parties' expectations. Tolerances: percent 1, temperature 0.5, voltage 1 %.", "",
        f"{len(readings)} recordings read, {sum(not r.is_read for r in readings.values())} without any answer.", "",
        "| Source | Kind | Right | All | Share |", "|---|---|---|---|---|",
    ]  # fmt: skip
    lines += [f"| {source} | {kind} | {ok} | {n} | {100 * ok / n:.1f} % |" for source, kind, ok, n in shares(verdicts)]
    later = ", ".join(sorted(LATER))
    lines += ["", f"Not read yet (families by name, topology and Wi-Fi come later): {later}.", ""]
    lines += ["## Disagreements, one by one", ""]
    groups: dict[tuple[str, str, str], list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        if not verdict.agrees and verdict.row.kind not in LATER:
            groups[verdict.row.recording, verdict.row.kind, verdict.why].append(verdict)
    for (recording, kind, why), found in sorted(groups.items()):
        shown = "; ".join(
            f"{v.row.key or '-'}: expected {v.row.value}, read {v.found or 'nothing'}" for v in found
        )
        lines.append(f"- **{recording}** {kind} ({len(found)}): {why}<br>{shown}")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Read, compare, print, write. Exit code 1 when a disagreement has no explanation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=recordings_folder(), help="where the recordings stand")
    folder = parser.parse_args().folder
    readings = asyncio.run(read_all(recordings(folder)))
    networks = asyncio.run(read_networks(recordings(folder)))
    verdicts = judge(expectations(folder), readings, networks)
    for source, kind, ok, total in shares(verdicts):
        print(f"{source:<9} {kind:<22} {ok:>5} of {total:>5}  {100 * ok / total:6.1f} %")
    text = document(verdicts, readings)
    DOCUMENT.write_text(text, encoding="utf-8")
    print("written: docs/coverage.md")
    unexplained = [v for v in verdicts if not v.agrees and not v.why and v.row.kind not in LATER]
    for verdict in unexplained:
        print(f"UNEXPLAINED {verdict}")
    return 1 if unexplained else 0


if __name__ == "__main__":
    raise SystemExit(main())
