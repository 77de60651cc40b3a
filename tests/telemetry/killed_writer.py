"""A process that writes samples as fast as it can until it is killed; run by test_store_crash.py.

Arguments: folder, number of the first sample. Prints the number of the last sample after each append that returned.
Seals and merges all the time, so that a kill falls into every kind of write.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from telemetry import DuckDBStore, TelemetrySettings  # noqa: E402

SERIES, T0 = 50, 1_748_736_000_000


def main(folder: Path, first: int) -> None:
    store = DuckDBStore(folder, TelemetrySettings(memory_mb=128, min_free_mb=0))
    now = datetime.fromtimestamp(T0 / 1000, UTC) + timedelta(days=first)
    series = np.arange(SERIES, dtype=np.int32)
    for number in range(first, first + 100_000):
        store.append(series, np.full(SERIES, T0 + number * 1000), np.full(SERIES, float(number)))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        if number % 7 == 0:
            now += timedelta(minutes=11)
            store.compact(now)
        if number % 61 == 0:
            store.compact(now, is_whole=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
