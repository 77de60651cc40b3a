"""Where proven heartbeats wait for less than a second: 700 of a minute become some hundred transactions, not 700.

A web process has one. What waits when the process is killed is lost: half a second of heartbeats, which the next ones
make good. The numbers of heartbeats are remembered here too, since the database learns of them only with the write.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import structlog

from conference.kiosk.heartbeat import values_of
from conference.kiosk.store.beats import Beat, write_beats, write_events
from core import Database, refusal_of
from inventory import endpoint_number
from telemetry import Batch, SeriesKey, SeriesRegistry

log = structlog.get_logger(__name__)

EVERY_S = 0.5
RETRY_S = 2.0
MOST_WAITING = 20_000


class Inbox:
    """Takes heartbeats from any thread; a thread of its own writes them, half a second after the first of a bunch.

    `submit` takes samples (None: this process keeps none). `counts` tells beats, writes, dropped fields and failures.
    """

    def __init__(
        self, database: Database, registry: SeriesRegistry | None, submit: Callable[[Batch], Any] | None,
        every_s: float = EVERY_S,
    ) -> None:
        self._database, self._registry, self._submit, self._every_s = database, registry, submit, every_s
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._waiting: list[Beat] = []
        self._numbers: dict[tuple[int, str], int] = {}
        self._timer: threading.Timer | None = None
        self._is_closed = False
        self.counts: Counter[str] = Counter()

    def last_number(self, endpoint_id: int, key: str, stored: int) -> int:
        """The largest number taken so far from a browser; `key` tells one pairing from the next."""
        return max(self._numbers.get((endpoint_id, key), 0), stored)

    def put(self, beat: Beat, key: str, stored: int) -> str:
        """Keep a heartbeat for the next write. "" when it was taken; replayed (two at once) or busy otherwise."""
        with self._lock:
            if beat.sequence <= self.last_number(beat.endpoint_id, key, stored):
                return "replayed"
            if len(self._waiting) >= MOST_WAITING:
                self.counts["busy"] += 1
                return "busy"
            self._numbers[beat.endpoint_id, key] = beat.sequence
            self._waiting.append(beat)
            self.counts["beats"] += 1
            self.counts["dropped_fields"] += beat.said.dropped
            self._arm(self._every_s)
        return ""

    def flush(self) -> int:
        """Write what waits now; returns how many. What the database refuses (a full disk) waits on."""
        with self._writing:
            with self._lock:
                beats, self._waiting, self._timer = self._waiting, [], None
            if not beats:
                return 0
            try:
                self._write(beats)
            except Exception as error:
                self._on_failure(beats, error)
                return 0
            self.counts["writes"] += 1
        return len(beats)

    def close(self) -> None:
        """Write the rest and take no timer any more."""
        with self._lock:
            self._is_closed = True
            if self._timer is not None:
                self._timer.cancel()
        self.flush()

    def _arm(self, seconds: float) -> None:
        if self._timer is None and not self._is_closed:
            self._timer = threading.Timer(seconds, self.flush)
            self._timer.daemon = True
            self._timer.start()

    def _write(self, beats: Sequence[Beat]) -> None:
        numbers = {beat.endpoint_id: endpoint_number(beat.endpoint_id) for beat in beats}
        with self._database.session() as session:
            write_beats(session, beats)
            write_events(session, beats, numbers)
        if self._registry is None or self._submit is None:
            return
        told = [(numbers[beat.endpoint_id], beat.came_at.timestamp(), values_of(beat.said)) for beat in beats]
        wanted: dict[int, dict[str, None]] = {}
        for number, _at, values in told:
            wanted.setdefault(number, {}).update(dict.fromkeys(values))
        keys = {number: list(names) for number, names in wanted.items()}
        # Made in a transaction of its own, so after ours: SQLite has one writer
        found = self._registry.resolve_many({n: [SeriesKey("", name) for name in names] for n, names in keys.items()})
        series = {(n, name): int(one) for n, names in keys.items() for name, one in zip(names, found[n], strict=True)}
        for number, at, values in told:
            own = np.array([series[number, name] for name in values], np.int32)
            self._submit(Batch(own, np.array(list(values.values())), at))

    def _on_failure(self, beats: list[Beat], error: Exception) -> None:
        self.counts["failures"] += 1
        refused = refusal_of(error)
        if refused is None and len(beats) > 1:
            self._one_by_one(beats)  # one that nobody foresaw must not take the others with it
            return
        if refused is None:
            log.error("a heartbeat cannot be written", endpoint=beats[0].endpoint_id, exc_info=error)
            return
        if self.counts["failures"] == 1:
            log.warning("heartbeats cannot be written now", reason=refused.reason, detail=refused.detail)
        with self._lock:
            self._waiting = (beats + self._waiting)[-MOST_WAITING:]
            self._arm(RETRY_S)

    def _one_by_one(self, beats: Sequence[Beat]) -> None:
        for beat in beats:
            try:
                self._write([beat])
            except Exception as error:
                self._on_failure([beat], error)
