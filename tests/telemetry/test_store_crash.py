"""The embedded store when the machine misbehaves: killed while writing, full disk, two processes, foreign files."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from core import GiveUp, TryLater
from telemetry import DuckDBStore, TelemetrySettings

SERIES, T0 = 50, 1_748_736_000_000
NOW = datetime.fromtimestamp(T0 / 1000, UTC)
WRITER = Path(__file__).parent / "killed_writer.py"
ROUNDS = 12


def write_until_killed(folder: Path, first: int, appends: int) -> int:
    """Let a child write, kill it by SIGKILL after some appends; returns the last sample that it reported as written."""
    command = [sys.executable, str(WRITER), str(folder), str(first)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stderr is not None
    last = first - 1
    for _ in range(appends):
        line = child.stdout.readline()
        assert line, child.stderr.read()
        last = int(line)
    child.kill()
    whole = child.stdout.read().split("\n")[:-1]
    child.wait()
    child.stdout.close()
    child.stderr.close()
    return int(whole[-1]) if whole else last


def test_killed_at_any_moment_nothing_written_is_lost(tmp_path: Path, settings: TelemetrySettings):
    chance = random.Random(20261123)
    folder, written = tmp_path / "samples", 0
    for _ in range(ROUNDS):
        written = write_until_killed(folder, written, chance.randint(3, 160)) + 1
        store = DuckDBStore(folder, settings)
        window = store.window(range(SERIES), T0, T0 + 10 * 86_400_000)
        # The sample after the last reported one may have been written, too: killed between writing and reporting
        numbers = window.of(SERIES - 1).mean
        assert len(numbers) in (written, written + 1)
        assert window.mean.tolist() == list(range(len(numbers))) * SERIES
        rolled = store.window([0], T0, T0 + 10 * 86_400_000, 3_600_000)
        assert rolled.tier == "1h" or written < 60
        assert rolled.count.sum() == len(numbers)
        store.close()
        written = len(numbers)
    assert written > 100


def fill(store: DuckDBStore, first: int, rows: int = 20_000) -> None:
    series = np.arange(rows, dtype=np.int32)
    noise = np.random.default_rng(first).random(rows)
    store.append(series, np.full(rows, T0 + first * 1000), noise)


@pytest.fixture
def small_disk(tmp_path: Path):
    """A file system of its own with 40 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "none", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("spare_mb", [0, 4], ids=["to-the-last-byte", "with-a-margin"])
def test_a_full_disk_is_reported_and_survived(small_disk: Path, spare_mb: int):
    settings = TelemetrySettings(memory_mb=128, min_free_mb=spare_mb)
    store = DuckDBStore(small_disk / "samples", settings)
    ballast = small_disk / "ballast"
    ballast.write_bytes(os.urandom(28 << 20))
    written = 0
    with pytest.raises(TryLater, match="disk_full"):
        for written in range(1000):  # noqa: B007 - the number of the append that fails is what counts
            fill(store, written)
    assert 3 < written < 999
    for _ in range(3):
        with pytest.raises(TryLater, match="disk_full"):
            fill(store, written)
            fill(store, written + 1)
            store.compact(NOW + timedelta(hours=1), is_whole=True)
    kept = store.window([7], T0, T0 + 86_400_000)
    assert len(kept) >= written
    ballast.unlink()
    fill(store, written + 5)
    store.compact(NOW + timedelta(hours=2), is_whole=True)
    fill(store, written + 6)
    after = store.window([7], T0, T0 + 86_400_000)
    assert {T0 + n * 1000 for n in [*range(written), written + 5, written + 6]} <= set(after.ts_ms.tolist())
    store.close()
    again = DuckDBStore(small_disk / "samples", settings)
    assert len(again.window([7], T0, T0 + 86_400_000)) == len(after)
    again.close()


def test_a_second_process_is_told_to_wait_its_turn(tmp_path: Path, settings: TelemetrySettings):
    store = DuckDBStore(tmp_path / "samples", settings)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\nfrom telemetry import DuckDBStore\nDuckDBStore(Path(sys.argv[2]))"
    )
    root = str(WRITER.parent.parent.parent)
    second = subprocess.run(
        [sys.executable, "-c", code, root, str(tmp_path / "samples")], capture_output=True, text=True, check=False
    )
    assert second.returncode == 1 and "store_in_use" in second.stderr
    store.close()


def test_a_damaged_index_is_named_and_not_overwritten(tmp_path: Path, settings: TelemetrySettings):
    folder = tmp_path / "samples"
    DuckDBStore(folder, settings).close()
    (folder / "index.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(GiveUp, match=r"store_unreadable.*backup"):
        DuckDBStore(folder, settings)
    assert (folder / "index.duckdb").read_bytes().startswith(b"not a database")


def test_leftovers_of_a_killed_process_are_removed(tmp_path: Path, settings: TelemetrySettings):
    folder = tmp_path / "samples"
    DuckDBStore(folder, settings).close()
    (folder / "raw").mkdir()
    (folder / "raw" / "0-99.parquet").write_bytes(b"half")
    (folder / "raw" / "0-98.half").write_bytes(b"half")
    DuckDBStore(folder, settings).close()
    assert not list((folder / "raw").iterdir())
