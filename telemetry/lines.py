"""Samples that come in by line protocol: which device, which metric, which part; then the same ingest as all others.

Telegraf's usual fields land in our own metrics; others keep their name as measurement_field.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np

from telemetry.batch import Batch
from telemetry.ingest import Ingest
from telemetry.lineprotocol import Head, Point, parse
from telemetry.registry import SeriesKey, SeriesRegistry, UnknownMetricError

OWN_MEASUREMENT = "edunoc"  # what EduNOC itself writes: fields are metrics, tags are device and part
_NOT_IN_A_NAME = re.compile(r"[^a-zA-Z0-9_]")
_DEVICE_TAGS = frozenset(("host", "device", "agent_host", "source"))

DeviceResolver = Callable[[Mapping[str, str]], int | None]


class Known(NamedTuple):
    """Where a field of Telegraf belongs: value * scale + offset of our metric, the part named by some tag."""

    metric: str
    part: str = ""
    tag: str = ""
    scale: float = 1.0
    offset: float = 0.0


# Plug-ins' documents: https://docs.influxdata.com/telegraf/v1/input-plugins/
TELEGRAF: Mapping[tuple[str, str], Known] = {
    ("cpu", "usage_idle"): Known("cpu_used_ratio", "cpu:", "cpu", -0.01, 1.0),
    ("mem", "used_percent"): Known("memory_used_ratio", scale=0.01),
    ("mem", "used"): Known("memory_used_bytes"),
    ("mem", "total"): Known("memory_size_bytes"),
    ("mem", "available"): Known("memory_available_bytes"),
    ("swap", "used_percent"): Known("swap_used_ratio", scale=0.01),
    ("swap", "total"): Known("swap_size_bytes"),
    ("disk", "used_percent"): Known("storage_used_ratio", "storage:", "path", 0.01),
    ("disk", "used"): Known("storage_used_bytes", "storage:", "path"),
    ("disk", "total"): Known("storage_size_bytes", "storage:", "path"),
    ("system", "load1"): Known("load1"),
    ("system", "load5"): Known("load5"),
    ("system", "load15"): Known("load15"),
    ("system", "uptime"): Known("uptime_seconds"),
    ("system", "n_users"): Known("users"),
    ("processes", "total"): Known("processes"),
    ("net", "bytes_recv"): Known("if_in_octets_total", "if:", "interface"),
    ("net", "bytes_sent"): Known("if_out_octets_total", "if:", "interface"),
    ("net", "packets_recv"): Known("if_in_ucast_packets_total", "if:", "interface"),
    ("net", "packets_sent"): Known("if_out_ucast_packets_total", "if:", "interface"),
    ("net", "err_in"): Known("if_in_errors_total", "if:", "interface"),
    ("net", "err_out"): Known("if_out_errors_total", "if:", "interface"),
    ("net", "drop_in"): Known("if_in_discards_total", "if:", "interface"),
    ("net", "drop_out"): Known("if_out_discards_total", "if:", "interface"),
    ("diskio", "read_bytes"): Known("disk_read_bytes_total", "disk:", "name"),
    ("diskio", "write_bytes"): Known("disk_written_bytes_total", "disk:", "name"),
    ("temp", "temp"): Known("temperature_celsius", "sensor:", "sensor"),
}


class WriteReport(NamedTuple):
    """What became of one request. `errors` are (line number, what is wrong); with any, the HTTP answer is 400 and the
    good lines are in all the same, as InfluxDB does it. `dropped` counts fields by reason."""

    lines: int
    samples: int
    dropped: Mapping[str, int]
    errors: Sequence[tuple[int, str]]
    error_count: int

    def message(self) -> str:
        """One sentence for the answer's body, "" when all went well."""
        if not self.error_count:
            return ""
        shown = "; ".join(f"line {line}: {problem}" for line, problem in self.errors[:10])
        more = "" if self.error_count <= 10 else f"; and {self.error_count - 10} lines more"
        return f"partial write: {self.samples} samples taken, {self.error_count} lines refused: {shown}{more}"


def write_lines(
    text: bytes, precision: str, resolve_device: DeviceResolver, registry: SeriesRegistry, ingest: Ingest, now: float
) -> WriteReport:
    """Take in line protocol. `resolve_device` maps a line's tags to a device's number, None when it knows none.

    Lines without a time count as `now` (epoch seconds). Raises ValueError for an unknown precision.
    """
    parsed = parse(text, precision)
    dropped: Counter[str] = Counter()
    devices: dict[Head, int | None] = {}
    wanted: dict[int, dict[SeriesKey, None]] = defaultdict(dict)
    rows: list[tuple[int, SeriesKey, float, float]] = []
    keys: dict[tuple[Head, str], tuple[SeriesKey, float, float]] = {}
    for point in parsed.points:
        dropped["text_field"] += point.texts
        head = point.head
        if head not in devices:
            devices[head] = resolve_device(dict(head.tags))
        device = devices[head]
        if device is None:
            dropped["unknown_device"] += len(point.fields)
            continue
        at = now if point.at is None else point.at
        for name, value in point.fields:
            found = keys.get((head, name))
            if found is None:
                found = keys[head, name] = key_of(point, name)
            key, scale, offset = found
            wanted[device][key] = None
            rows.append((device, key, at, value * scale + offset))
    numbers = _resolve(registry, wanted)
    samples = _submit(ingest, numbers, rows, dropped)
    counts = {reason: n for reason, n in dropped.items() if n}
    return WriteReport(len(parsed.points), samples, counts, parsed.errors, parsed.error_count)


def key_of(point: Point, field: str) -> tuple[SeriesKey, float, float]:
    """(series key within the device, scale, offset) of one field."""
    measurement, tags = point.head
    values = dict(tags)
    if measurement == OWN_MEASUREMENT:
        return SeriesKey(values.get("part", ""), _metric_name(field)), 1.0, 0.0
    known = TELEGRAF.get((measurement, field))
    if known is not None:
        part = f"{known.part}{values.get(known.tag, '')}" if known.tag else known.part
        # The processor as a whole, not one core of it
        return SeriesKey("" if part == "cpu:cpu-total" else part, known.metric), known.scale, known.offset
    part = ",".join(f"{key}={value}" for key, value in tags if key not in _DEVICE_TAGS)
    return SeriesKey(part, _metric_name(f"{measurement}_{field}")), 1.0, 0.0


def _metric_name(text: str) -> str:
    name = _NOT_IN_A_NAME.sub("_", text)
    return (f"_{name}" if name[0].isdigit() else name)[:200]


def _resolve(
    registry: SeriesRegistry, wanted: Mapping[int, Mapping[SeriesKey, None]]
) -> dict[tuple[int, SeriesKey], int]:
    """Series numbers of all that came in."""
    with suppress(UnknownMetricError):  # too many different names: those already known still come in
        registry.declare_foreign({key.metric for keys in wanted.values() for key in keys})
    numbers: dict[tuple[int, SeriesKey], int] = {}
    lists = {device: [key for key in keys if registry.knows_metric(key.metric)] for device, keys in wanted.items()}
    for device, found in registry.resolve_many(lists).items():
        numbers.update(((device, key), n) for key, n in zip(lists[device], found.tolist(), strict=True))
    return numbers


def _submit(
    ingest: Ingest,
    numbers: Mapping[tuple[int, SeriesKey], int],
    rows: Sequence[tuple[int, SeriesKey, float, float]],
    dropped: Counter[str],
) -> int:
    """Hand over one batch for each device and time; returns the samples that the ingest took."""
    batches: dict[tuple[int, float], tuple[list[int], list[float]]] = {}
    for device, key, at, value in rows:
        number = numbers.get((device, key))
        if number is None:
            dropped["too_many_metrics"] += 1
            continue
        series, values = batches.setdefault((device, at), ([], []))
        series.append(number)
        values.append(value)
    taken = 0
    for (_device, at), (series, values) in batches.items():
        if ingest.submit(Batch(np.array(series, np.int32), np.array(values), at)):
            taken += len(series)
        else:
            dropped["queue_full"] += len(series)
    return taken
