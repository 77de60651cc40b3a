"""Writing samples as line protocol, for InfluxDB and VictoriaMetrics alike: names instead of series numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import urllib3
from influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException

from core import TryLater
from telemetry.lineprotocol import escape_tag
from telemetry.registry import SeriesRegistry
from telemetry.settings import TelemetrySettings

MEASUREMENT = "edunoc"
_PREFIX_LIMIT = 500_000  # names kept ready: some 80 MB
_LINES_A_REQUEST = 50_000


class Label(NamedTuple):
    """How a series is named outside: tags `device` and `part` (absent when empty), field = metric."""

    device: str
    part: str
    metric: str


class LineWriter:
    """Sends samples; one request for up to 50,000."""

    def __init__(self, settings: TelemetrySettings, registry: SeriesRegistry) -> None:
        self._registry = registry
        self._settings = settings
        self._prefixes: dict[int, str] = {}
        self.client = InfluxDBClient(
            url=settings.url,
            token=settings.token.get_secret_value() or "none",
            org=settings.org,
            timeout=int(settings.timeout_s * 1000),
        )
        self._write = self.client.write_api(write_options=SYNCHRONOUS)

    def append(self, series: np.ndarray, ts_ms: np.ndarray, value: np.ndarray) -> None:
        """Send samples. Raises TryLater; what was sent before the failure is sent again then, which does no harm."""
        for first in range(0, len(series), _LINES_A_REQUEST):
            cut = slice(first, first + _LINES_A_REQUEST)
            rows = zip(series[cut].tolist(), ts_ms[cut].tolist(), value[cut].tolist(), strict=True)
            lines = [f"{prefix}{v!r} {ts}" for s, ts, v in rows if (prefix := self._prefix(s))]
            if lines:
                self._send("\n".join(lines))

    def label(self, series: int) -> Label | None:
        """The outside name of a series."""
        name = self._registry.describe(series)
        return None if name is None else Label(str(name.device), name.part.replace("\\", "\u29f5"), name.metric)

    def labels(self, series: Sequence[int]) -> dict[Label, int]:
        """Outside names of some series, and their numbers."""
        named = ((self.label(number), number) for number in series)
        return {label: number for label, number in named if label is not None}

    def close(self) -> None:
        """Let go of the connections."""
        self._write.close()
        self.client.close()

    def _prefix(self, series: int) -> str:
        prefix = self._prefixes.get(series)
        if prefix is None:
            label = self.label(series)
            if label is None:
                return ""
            if len(self._prefixes) >= _PREFIX_LIMIT:
                self._prefixes.clear()
            part = f",part={escape_tag(label.part)}" if label.part else ""
            prefix = self._prefixes[series] = f"{MEASUREMENT},device={label.device}{part} {label.metric}="
        return prefix

    def _send(self, lines: str) -> None:
        try:
            self._write.write(self._settings.bucket, self._settings.org, lines.encode(), write_precision="ms")
        except (ApiException, urllib3.exceptions.HTTPError, OSError) as error:
            raise failure_of(error, self._settings.url) from error


def failure_of(error: Exception, url: str) -> TryLater:
    """A failure of the other side, in plain words and without the token."""
    status = getattr(error, "status", None)
    if status in (401, 403):
        return TryLater("store_refuses_token", f"{url} refuses the token; check telemetry.token")
    if status == 404:
        return TryLater("store_not_found", f"{url} has no such bucket; check telemetry.url and telemetry.bucket")
    if status is not None:
        return TryLater("store_failed", f"{url} answered with status {status}")
    return TryLater("store_unreachable", f"{url} does not answer; check that it runs and that telemetry.url is right")
