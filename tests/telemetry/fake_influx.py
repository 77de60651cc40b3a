"""FAKE: an InfluxDB 2 server with the write API and the few Flux forms that our store sends.

Answers have the shape recorded from InfluxDB 2.7: annotated CSV for queries, 204 and problem JSON for writes. It passes
the same contract test as the real stores.
"""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from telemetry.lineprotocol import parse

_RANGE = re.compile(r"range\(start: ([^,)]+)(?:, stop: ([^)]+))?\)")
_EQUALS = re.compile(r'r\.(_measurement|_field|device) == "((?:[^"\\]|\\.)*)"')
_PART = re.compile(r'r\.part == "((?:[^"\\]|\\.)*)"|not exists r\.part')
_FOLD = re.compile(r"aggregateWindow\(every: (\d+)ms, fn: (\w+), createEmpty: false, timeSrc: \"_start\"\)")
_FOLDS = {"min": min, "max": max, "mean": lambda v: sum(v) / len(v), "count": len}


class FakeInflux(ThreadingHTTPServer):
    """Keeps points in memory: {(measurement, field, device, part): {epoch ms: value}}."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.points: dict[tuple[str, str, str, str], dict[int, float]] = defaultdict(dict)
        self.token = "a-token"
        self.broken = 0  # answer with this status instead

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def running_influx() -> Iterator[FakeInflux]:
    server = FakeInflux()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: FakeInflux
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        address = urlsplit(self.path)
        if self.server.broken:
            self._answer(self.server.broken, '{"code":"internal error","message":"broken on demand"}')
        elif self.headers.get("Authorization") != f"Token {self.server.token}":
            self._answer(401, '{"code":"unauthorized","message":"unauthorized access"}')
        elif address.path == "/api/v2/write":
            self._write(body, parse_qs(address.query)["precision"][0])
        elif address.path == "/api/v2/query":
            self._answer(200, self._query(json.loads(body)["query"]), "text/csv; charset=utf-8")
        else:
            self._answer(404, '{"code":"not found","message":"path not found"}')

    def _write(self, body: bytes, precision: str) -> None:
        parsed = parse(body, precision)
        if parsed.error_count:
            self._answer(400, json.dumps({"code": "invalid", "message": f"unable to parse: {parsed.errors[0]}"}))
            return
        for point in parsed.points:
            tags = dict(point.head.tags)
            for field, value in point.fields:
                key = (point.head.measurement, field, tags["device"], tags.get("part", ""))
                self.server.points[key][round(point.at * 1000)] = value
        self._answer(204, "")

    def _query(self, flux: str) -> str:
        span = _RANGE.search(flux)
        start, stop = _ms(span.group(1), 0), _ms(span.group(2), 1 << 60)
        equals = {name: _unquote(text) for name, text in _EQUALS.findall(flux)}
        parts = {_unquote(found.group(1) or "") for found in _PART.finditer(flux)}
        rows = []
        for (measurement, field, device, part), points in self.server.points.items():
            if (measurement, field, device) != (equals["_measurement"], equals["_field"], equals["device"]):
                continue
            if part not in parts:
                continue
            inside = sorted((ts, value) for ts, value in points.items() if start <= ts < stop)
            for ts, value in _folded(inside, flux):
                rows.append((ts, value, field, measurement, device, part))
        kind = "long" if "fn: count" in flux else "double"
        return _csv(rows, kind)

    def _answer(self, status: int, body: str, kind: str = "application/json; charset=utf-8") -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def _folded(points: list[tuple[int, float]], flux: str) -> list[tuple[int, float]]:
    if "last()" in flux:
        return points[-1:]
    fold = _FOLD.search(flux)
    if fold is None:
        return points
    every = int(fold.group(1))
    buckets: dict[int, list[float]] = defaultdict(list)
    for ts, value in points:
        buckets[ts // every * every].append(value)
    return [(ts, _FOLDS[fold.group(2)](values)) for ts, values in sorted(buckets.items())]


def _csv(rows: list[tuple], kind: str) -> str:
    if not rows:
        return "\r\n"
    text = (
        f"#datatype,string,long,{','.join(['dateTime:RFC3339'] * 3)},{kind},string,string,string,string\r\n"
        "#group,false,false,true,true,false,false,true,true,true,true\r\n"
        "#default,_result,,,,,,,,,\r\n"
        ",result,table,_start,_stop,_time,_value,_field,_measurement,device,part\r\n"
    )
    for ts, value, field, measurement, device, part in rows:
        time = datetime.fromtimestamp(ts // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{ts % 1000:03d}Z"
        quoted = '"' + part.replace('"', '""') + '"' if part else ""
        stretch = "2025-01-01T00:00:00Z,2025-01-02T00:00:00Z"
        text += f",,0,{stretch},{time},{value!r},{field},{measurement},{device},{quoted}\r\n"
    return text + "\r\n"


def _ms(text: str | None, otherwise: int) -> int:
    if text is None or text.startswith("-"):
        return otherwise
    return round(datetime.fromisoformat(text.strip()).timestamp() * 1000)


def _unquote(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found.group(1) == "n" else found.group(1), text)
