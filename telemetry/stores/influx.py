"""Samples in InfluxDB 2: written with influxdb-client, read by Flux. Retention is the bucket's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import urllib3
from influxdb_client.rest import ApiException

from telemetry.registry import SeriesRegistry
from telemetry.settings import TelemetrySettings
from telemetry.stores.buckets import EMPTY, Partials, bucket, from_samples
from telemetry.stores.linewriter import MEASUREMENT, Label, LineWriter, failure_of
from telemetry.stores.protocol import RAW, Compaction, Window

_PARTS_A_QUERY = 100
_AGGREGATES = ("min", "mean", "max", "count")


class InfluxStore:
    """See Store. It keeps no tiers; buckets are computed by aggregateWindow."""

    def __init__(self, settings: TelemetrySettings, registry: SeriesRegistry) -> None:
        self._settings = settings
        self._writer = LineWriter(settings, registry)

    def append(self, series: np.ndarray, ts_ms: np.ndarray, value: np.ndarray) -> None:
        """See Store.append."""
        self._writer.append(series, ts_ms, value)

    def window(
        self, series: Sequence[int], start_ms: int, end_ms: int, step_ms: int | None = None, tier: str | None = None
    ) -> Window:
        """See Store.window."""
        labels = self._writer.labels(np.unique(np.asarray(series, np.int32)).tolist())
        stretch = f"range(start: {_time(start_ms)}, stop: {_time(end_ms)})"
        if step_ms is None:
            rows = [row for wanted in filters(labels) for row in self._rows(f"{stretch} |> {wanted}", labels)]
            return bucket(_samples(rows), 0, RAW)
        values: dict[tuple[int, int], dict[str, float]] = defaultdict(dict)
        for wanted in filters(labels):
            for name in _AGGREGATES:
                fold = f'aggregateWindow(every: {step_ms}ms, fn: {name}, createEmpty: false, timeSrc: "_start")'
                for number, ts, value in self._rows(f"{stretch} |> {wanted} |> {fold}", labels):
                    values[number, ts // step_ms * step_ms][name] = value
        return bucket(_partials(values), step_ms, RAW)

    def latest(self, series: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """See Store.latest."""
        asked = np.asarray(series, np.int32).tolist()
        labels = self._writer.labels(asked)
        found: dict[int, tuple[int, float]] = {}
        for wanted in filters(labels):
            query = f"range(start: -{self._settings.hour_days}d) |> {wanted} |> last()"
            found.update({number: (ts, value) for number, ts, value in self._rows(query, labels)})
        ts = np.array([found.get(number, (0, 0.0))[0] for number in asked], np.int64)
        return ts, np.array([found.get(number, (0, np.nan))[1] for number in asked], np.float64)

    def flush(self) -> None:
        """See Store.flush: a write has been taken when it returns."""

    def compact(self, now: datetime) -> Compaction:
        """InfluxDB compacts by itself."""
        return Compaction(0, 0, 0.0)

    def prune(self, now: datetime) -> int:
        """InfluxDB forgets by its bucket's retention."""
        return 0

    def size_bytes(self) -> int:
        """InfluxDB does not say."""
        return 0

    def close(self) -> None:
        """See Store.close."""
        self._writer.close()

    def _rows(self, query: str, labels: Mapping[Label, int]) -> Iterator[tuple[int, int, float]]:
        """(series, epoch ms, value) of the answer to a query."""
        api = self._writer.client.query_api()
        try:
            tables = api.query(f"from(bucket: {_quote(self._settings.bucket)}) |> {query}", org=self._settings.org)
        except (ApiException, urllib3.exceptions.HTTPError, OSError) as error:
            raise failure_of(error, self._settings.url) from error
        for table in tables:
            for record in table.records:
                values = record.values
                label = Label(values.get("device") or "", values.get("part") or "", values.get("_field") or "")
                number, value = labels.get(label), values.get("_value")
                if number is not None and value is not None:
                    yield number, _epoch_ms(values["_time"]), float(value)


def filters(labels: Mapping[Label, int]) -> Iterator[str]:
    """Flux filters that together find these series: one for each metric and device."""
    parts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for label in labels:
        parts[label.metric, label.device].append(label.part)
    for (metric, device), names in parts.items():
        for i in range(0, len(names), _PARTS_A_QUERY):
            wanted = " or ".join(
                f"r.part == {_quote(name)}" if name else "not exists r.part" for name in names[i : i + _PARTS_A_QUERY]
            )
            yield (
                f"filter(fn: (r) => r._measurement == {_quote(MEASUREMENT)} and r._field == {_quote(metric)} "
                f"and r.device == {_quote(device)} and ({wanted}))"
            )


def _samples(rows: Sequence[tuple[int, int, float]]) -> Partials:
    if not rows:
        return EMPTY
    series, ts, value = zip(*rows, strict=True)
    return from_samples(np.array(series, np.int32), np.array(ts, np.int64), np.array(value, np.float64))


def _partials(values: Mapping[tuple[int, int], Mapping[str, float]]) -> Partials:
    rows = [(s, ts, v["min"], v["mean"], v["max"], v["count"]) for (s, ts), v in values.items() if len(v) == 4]
    if not rows:
        return EMPTY
    series, ts, low, mean, high, count = zip(*rows, strict=True)
    return Partials(
        np.array(series, np.int32), np.array(ts, np.int64), np.array(low), np.array(mean), np.array(high),
        np.array(count).astype(np.int64),
    )  # fmt: skip


def _quote(text: str) -> str:
    # Flux: https://docs.influxdata.com/flux/v0/spec/lexical-elements/#string-literals
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${").replace("\n", "\\n") + '"'


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{ms % 1000:03d}Z"


def _epoch_ms(moment: datetime) -> int:
    whole = moment.replace(microsecond=0).timestamp()
    return int(whole) * 1000 + (moment.microsecond + 500) // 1000
