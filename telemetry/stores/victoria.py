"""Samples in VictoriaMetrics: written as line protocol, read by the Prometheus query API and /api/v1/export.

It keeps no tiers; buckets are computed by its `*_over_time` functions over single samples.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx
import numpy as np

from core import TryLater
from telemetry.registry import SeriesRegistry
from telemetry.settings import TelemetrySettings
from telemetry.stores.buckets import EMPTY, Partials, bucket, from_samples, join
from telemetry.stores.linewriter import MEASUREMENT, Label, LineWriter, failure_of
from telemetry.stores.protocol import RAW, Compaction, Window

_PARTS_A_QUERY = 200
_AGGREGATES = {"low": "min_over_time", "mean": "avg_over_time", "high": "max_over_time", "count": "count_over_time"}
_RECENT = "1d"
_SIZE = re.compile(r'^vm_data_size_bytes\{type="(?:storage|indexdb)/[^}]*\} (\S+)$', re.M)


class VictoriaStore:
    """See Store. Retention is VictoriaMetrics' own (-retentionPeriod)."""

    def __init__(self, settings: TelemetrySettings, registry: SeriesRegistry) -> None:
        self._url = settings.url.rstrip("/")
        self._oldest = f"{settings.hour_days}d"
        self._writer = LineWriter(settings, registry)
        token = settings.token.get_secret_value()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=self._url, timeout=settings.timeout_s, headers=headers)

    def append(self, series: np.ndarray, ts_ms: np.ndarray, value: np.ndarray) -> None:
        """See Store.append."""
        self._writer.append(series, ts_ms, value)

    def window(
        self, series: Sequence[int], start_ms: int, end_ms: int, step_ms: int | None = None, tier: str | None = None
    ) -> Window:
        """See Store.window."""
        labels = self._writer.labels(np.unique(np.asarray(series, np.int32)).tolist())
        if step_ms is None:
            parts = [self._samples(selector, labels, start_ms, end_ms) for selector in selectors(labels)]
            return bucket(join(parts), 0, RAW)
        first = start_ms // step_ms * step_ms
        parts = [self._buckets(s, labels, (first, end_ms), step_ms) for s in selectors(labels)]
        return bucket(join(parts), step_ms, RAW)

    def latest(self, series: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """See Store.latest."""
        asked = np.asarray(series, np.int32).tolist()
        found: dict[int, tuple[int, float]] = {}
        for reach in (_RECENT, self._oldest):
            labels = self._writer.labels([number for number in asked if number not in found])
            for selector in selectors(labels):
                found.update(self._latest(selector, labels, reach))
        ts = np.array([found.get(number, (0, 0.0))[0] for number in asked], np.int64)
        return ts, np.array([found.get(number, (0, np.nan))[1] for number in asked], np.float64)

    def flush(self) -> None:
        """See Store.flush: makes fresh samples visible to queries at once instead of after a second or two."""
        self._ask("/internal/force_flush", {})

    def compact(self, now: datetime) -> Compaction:
        """VictoriaMetrics merges by itself."""
        return Compaction(0, 0, 0.0)

    def prune(self, now: datetime) -> int:
        """VictoriaMetrics forgets by itself."""
        return 0

    def size_bytes(self) -> int:
        """What VictoriaMetrics says of its data on disk; 0 when it does not say (a cluster)."""
        return int(sum(float(size) for size in _SIZE.findall(self._ask("/metrics", {}))))

    def close(self) -> None:
        """See Store.close."""
        self._http.close()
        self._writer.close()

    def _samples(self, selector: str, labels: Mapping[Label, int], start_ms: int, end_ms: int) -> Partials:
        span = {"start": start_ms / 1000, "end": (end_ms - 1) / 1000}
        parts = []
        for line in self._ask("/api/v1/export", {"match[]": selector, **span}).splitlines():
            row = json.loads(line)
            number = labels.get(_label(row["metric"]))
            if number is not None:
                ts = np.array(row["timestamps"], np.int64)
                parts.append(from_samples(np.full(len(ts), number, np.int32), ts, np.array(row["values"], np.float64)))
        return join(parts)

    def _buckets(self, selector: str, labels: Mapping[Label, int], span: tuple[int, int], step_ms: int) -> Partials:
        # A function at time t looks at (t - step, t]: asked at the last millisecond of each bucket, that is the bucket
        queries = ",".join(
            f'label_set({function}({selector}[{step_ms}ms]) keep_metric_names,"agg","{name}")'
            for name, function in _AGGREGATES.items()
        )
        last = (span[1] - 1) // step_ms * step_ms
        form = {
            "query": f"union({queries})", "start": (span[0] + step_ms - 1) / 1000, "end": (last + step_ms - 1) / 1000,
            "step": f"{step_ms}ms", "nocache": "1",
        }  # fmt: skip
        values: dict[tuple[int, int], dict[str, float]] = defaultdict(dict)
        for row in self._query("/api/v1/query_range", form):
            number = labels.get(_label(row["metric"]))
            if number is None:
                continue
            for at, value in row["values"]:
                values[number, round(at * 1000) - step_ms + 1][row["metric"]["agg"]] = float(value)
        if not values:
            return EMPTY
        rows = [(s, ts, v["low"], v["mean"], v["high"], v["count"]) for (s, ts), v in values.items() if len(v) == 4]
        series, ts, low, mean, high, count = zip(*rows, strict=True)
        return Partials(
            np.array(series, np.int32), np.array(ts, np.int64), np.array(low), np.array(mean), np.array(high),
            np.array(count).astype(np.int64),
        )  # fmt: skip

    def _latest(
        self, selector: str, labels: Mapping[Label, int], reach: str
    ) -> Iterator[tuple[int, tuple[int, float]]]:
        last = f'label_set(last_over_time({selector}[{reach}]) keep_metric_names,"agg","last")'
        when = f'label_set(tlast_over_time({selector}[{reach}]) keep_metric_names,"agg","when")'
        values: dict[int, dict[str, float]] = defaultdict(dict)
        for row in self._query("/api/v1/query", {"query": f"union({last},{when})", "nocache": "1"}):
            number = labels.get(_label(row["metric"]))
            if number is not None:
                values[number][row["metric"]["agg"]] = float(row["value"][1])
        for number, value in values.items():
            yield number, (round(value["when"] * 1000), value["last"])

    def _query(self, path: str, form: Mapping[str, Any]) -> list[dict[str, Any]]:
        answer = json.loads(self._ask(path, form))
        if answer.get("status") != "success":
            raise TryLater("store_failed", f"{self._url} cannot answer: {str(answer.get('error'))[:200]}")
        return answer["data"]["result"]

    def _ask(self, path: str, form: Mapping[str, Any]) -> str:
        try:
            answer = self._http.post(path, data=dict(form)) if form else self._http.get(path)
            answer.raise_for_status()
        except httpx.HTTPStatusError as error:
            error.status = error.response.status_code  # type: ignore[attr-defined]
            raise failure_of(error, self._url) from error
        except httpx.HTTPError as error:
            raise failure_of(error, self._url) from error
        return answer.text


def selectors(labels: Mapping[Label, int]) -> Iterator[str]:
    """PromQL selectors that together find these series and few others: one for each metric and device."""
    parts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for label in labels:
        parts[label.metric, label.device].append(label.part)
    for (metric, device), names in parts.items():
        for i in range(0, len(names), _PARTS_A_QUERY):
            wanted = "|".join(re.escape(name) for name in names[i : i + _PARTS_A_QUERY])
            yield f"{MEASUREMENT}_{metric}{{device={_quote(device)},part=~{_quote(wanted)}}}"


def _label(metric: Mapping[str, str]) -> Label:
    name = metric.get("__name__", "").removeprefix(f"{MEASUREMENT}_")
    return Label(metric.get("device", ""), metric.get("part", ""), name)


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
