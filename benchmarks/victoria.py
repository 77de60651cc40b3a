"""A real VictoriaMetrics (Debian package) of our own on loopback, for benchmarks and tests; it ends with the block."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

START_S = 30.0


class Victoria(NamedTuple):
    """Where it listens, and its process number."""

    url: str
    pid: int


@contextmanager
def running_victoria(folder: Path) -> Iterator[Victoria]:
    """Start it with its data in `folder`. Raises FileNotFoundError with the package's name when it is not installed."""
    binary = shutil.which("victoria-metrics")
    if binary is None:
        raise FileNotFoundError("victoria-metrics is missing; install it with: apt-get install victoria-metrics")
    port = _free_port()
    process = subprocess.Popen(
        [
            binary, f"-storageDataPath={folder}", f"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=100y",
            "-memory.allowedBytes=512MB", "-search.maxPointsPerTimeseries=100000",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    has_started = threading.Event()
    reader = threading.Thread(target=_read_log, args=(process, has_started), daemon=True)
    reader.start()
    try:
        if not has_started.wait(START_S) or process.poll() is not None:
            raise RuntimeError("victoria-metrics did not start")
        yield Victoria(f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        try:
            process.wait(START_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(START_S)
        if process.stderr is not None:
            process.stderr.close()


def _read_log(process: subprocess.Popen[str], has_started: threading.Event) -> None:
    """Wait for the line that says it listens, then keep its pipe empty."""
    assert process.stderr is not None
    for line in process.stderr:
        if "accepting http requests at" in line or "started VictoriaMetrics" in line:
            has_started.set()
    has_started.set()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
