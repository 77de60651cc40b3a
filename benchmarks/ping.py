"""A ping round of 10,000 loopback addresses: ours against fping, CPU and wall time and loss, in one run.

The steady figure is the whole plane as in service: 10 s rounds, states judged, samples handed over.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import threading
import time

import numpy as np

from benchmarks.result import Result
from collectors.ping import PingPlane, PingRules, PingTarget, PlaneOutlets, ReachabilityView, sweep

TARGETS, QUICK_TARGETS = 10_000, 2_000
PACKETS_PER_SECOND = 5000.0


def run(quick: bool) -> list[Result]:
    """Measure both; `quick` takes fewer addresses."""
    addresses = loopback_addresses(QUICK_TARGETS if quick else TARGETS)
    ours = _ours(addresses)
    return [*_against_fping(addresses, ours), *_steady(addresses)]


def loopback_addresses(number: int) -> list[str]:
    """127.1.0.1, 127.1.0.2 ...: all of 127/8 answers on Linux."""
    return [f"127.{1 + n // 62500}.{n // 250 % 250}.{1 + n % 250}" for n in range(number)]


def _ours(addresses: list[str]) -> tuple[float, float, int]:
    """(CPU seconds, wall seconds, lost)."""
    cpu, wall = time.process_time(), time.perf_counter()
    found = sweep(addresses, packets_a_second=PACKETS_PER_SECOND, tries=1, timeout=1.5)
    return time.process_time() - cpu, time.perf_counter() - wall, len(addresses) - len(found)


def _fping(addresses: list[str]) -> tuple[float, float, int]:
    """(CPU seconds, wall seconds, lost), at fping's fastest pace of 1 ms."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        ["fping", "-a", "-r", "0", "-t", "1500", "-i", "1"],
        input="\n".join(addresses),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    seconds = time.perf_counter() - wall
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return cpu, seconds, len(addresses) - len(done.stdout.split())


def _against_fping(addresses: list[str], ours: tuple[float, float, int]) -> list[Result]:
    number = f"{len(addresses):,} addresses"
    if shutil.which("fping") is None:
        return [Result(f"ping round of {number}: CPU (fping is not installed)", ours[0], "CPU-seconds")]
    peer = _fping(addresses)
    names = (("CPU", "CPU-seconds"), ("wall time", "seconds"))
    results = [
        Result(
            f"ping round of {number}: {name}", ours[i], unit, "fping", peer[i], ours[i] / peer[i],
            "no more than fping", ours[i] <= peer[i],
        )
        for i, (name, unit) in enumerate(names)
    ]  # fmt: skip
    lost = Result(f"ping round of {number}: lost", ours[2], "packets", "fping", peer[2], None, "none", ours[2] == 0)
    return [*results, lost]


def _steady(addresses: list[str]) -> list[Result]:
    """The plane in service: CPU of its second round, and loss over both."""
    rules, second = PingRules(), threading.Event()
    rounds: list[int] = []

    def emit(series: np.ndarray, values: np.ndarray, at: float) -> None:
        if len(series) > len(addresses):  # a round, not a transition
            rounds.append(len(series))
            if len(rounds) == 2:
                second.set()

    plane = PingPlane(rules, ReachabilityView(), PlaneOutlets(emit, time.time), gateways=lambda: ())
    plane.load([PingTarget(n, one, (4 * n, 4 * n + 1, 4 * n + 2, 4 * n + 3)) for n, one in enumerate(addresses)])
    stop = threading.Event()
    thread = threading.Thread(target=plane.run, args=(stop,))
    thread.start()
    second.wait(4 * rules.interval)
    cpu = plane.stats.round_seconds
    stop.set()
    thread.join(5)
    share = cpu / rules.interval
    return [
        Result(
            f"ping plane, {len(addresses):,} devices: share of one core in service", share, "of a core",
            budget="5 % of a core", is_within=share <= 0.05,
        ),
        Result(
            f"ping plane, {len(addresses):,} devices: lost", plane.stats.lost, "packets",
            budget="none", is_within=plane.stats.lost == 0,
        ),
    ]  # fmt: skip
