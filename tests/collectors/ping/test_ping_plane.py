"""The plane with real ICMP: on loopback, and to a virtual school whose cable is pulled."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from collectors.ping import STATES, PingPlane, PingRefused, PingRules, PingTarget, ReachabilityView, sweep
from collectors.ping.plane import DeviceTransition, PlaneOutlets, Roster

# The same proportions as in service at a tenth of the time.
FAST = PingRules(interval=1.0, timeout=0.2, quick_gap=0.1)


class Recorder:
    """Collects what a plane hands out, and lets a test wait for it."""

    def __init__(self) -> None:
        self.samples: list[tuple[np.ndarray, np.ndarray, float]] = []
        self.changes: list[DeviceTransition] = []
        self.refusals: list[PingRefused] = []
        self._news = threading.Condition()

    def outlets(self) -> PlaneOutlets:
        return PlaneOutlets(self.emit, time.time, self.transitions, self.refused)

    def emit(self, series: np.ndarray, values: np.ndarray, at: float) -> None:
        self._add(self.samples, [(series, values, at)])

    def transitions(self, changes: list[DeviceTransition]) -> None:
        self._add(self.changes, changes)

    def refused(self, refusal: PingRefused) -> None:
        self._add(self.refusals, [refusal])

    def _add(self, kept: list, new: list) -> None:
        with self._news:
            kept.extend(new)
            self._news.notify_all()

    def wait_for(self, found: Callable[[], bool], seconds: float = 10.0) -> None:
        with self._news:
            assert self._news.wait_for(found, seconds), self.changes

    def words_of(self, device_id: int) -> list[str]:
        return [one.after for one in self.changes if one.device_id == device_id]

    def latest(self) -> dict[int, float]:
        return {int(s): float(v) for series, values, _ in self.samples for s, v in zip(series, values, strict=True)}


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def start(recorder: Recorder) -> Iterator[Callable[..., tuple[PingPlane, ReachabilityView]]]:
    stop, threads = threading.Event(), []

    def begin(targets: list[PingTarget], **options) -> tuple[PingPlane, ReachabilityView]:
        view = ReachabilityView()
        plane = PingPlane(FAST, view, recorder.outlets(), **{"gateways": lambda: (), **options})
        plane.load(targets)
        thread = threading.Thread(target=plane.run, args=(stop,))
        thread.start()
        threads.append(thread)
        return plane, view

    yield begin
    stop.set()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def target(device_id: int, address: str) -> PingTarget:
    first = device_id * 10
    return PingTarget(device_id, address, (first, first + 1, first + 2, first + 3))


@pytest.fixture
def school() -> Iterator[str]:
    """A network namespace behind a veth pair; its host is 10.203.x.2. The caller pulls the cable by name."""
    tag = f"{os.getpid() % 10000}"
    name, ours, theirs = f"ping{tag}", f"pa{tag}", f"pb{tag}"
    net = f"10.203.{os.getpid() % 200}"
    run("ip", "netns", "add", name)
    try:
        run("ip", "link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", name)
        run("ip", "addr", "add", f"{net}.1/24", "dev", ours)
        run("ip", "link", "set", ours, "up")
        run("ip", "-n", name, "addr", "add", f"{net}.2/24", "dev", theirs)
        run("ip", "-n", name, "addr", "add", f"{net}.3/24", "dev", theirs)
        run("ip", "-n", name, "link", "set", theirs, "up")
        yield f"{name} {theirs} {net}"
    finally:
        run("ip", "netns", "del", name)


def run(*words: str) -> None:
    subprocess.run(words, check=True, timeout=10, capture_output=True)


def test_loopback_answers_over_both_ip_versions(start, recorder: Recorder):
    start([target(1, "127.0.0.1"), target(2, "127.4.5.6"), target(3, "::1")])
    recorder.wait_for(lambda: {31, 30} <= recorder.latest().keys())
    latest = recorder.latest()
    assert [latest[10], latest[20], latest[30]] == [1.0, 1.0, 1.0]
    assert 0 < latest[11] < 0.1
    assert latest[12] == 0.0


def test_devices_with_one_address_are_asked_once_and_all_told(start, recorder: Recorder):
    plane, view = start([target(1, "127.0.0.9"), target(2, " 127.0.0.9"), target(3, "127.0.0.8")])
    recorder.wait_for(lambda: len(recorder.changes) == 3)
    assert [view.of(one).state for one in (1, 2, 3)] == ["up", "up", "up"]
    assert view.of(4) is None
    assert plane.stats.sent <= 2 * (plane.stats.rounds + 1) + 2
    assert view.snapshot.states_of(np.array([3, 99])).tolist() == [1, 0]


def test_pulled_cable_is_down_in_time_and_its_return_is_up(start, recorder: Recorder, school: str):
    name, link, net = school.split()
    start([target(1, f"{net}.2"), target(2, "127.0.0.1")])
    recorder.wait_for(lambda: recorder.words_of(1) == ["up"])
    pulled_at = time.time()
    run("ip", "-n", name, "link", "set", link, "down")
    recorder.wait_for(lambda: recorder.words_of(1) == ["up", "suspect", "down"])
    down = recorder.changes[-1]
    # 20 s of service time are 2 s at a tenth; the rest is this machine's load.
    assert down.at - pulled_at <= 3.0
    assert down.reason == "no_answer"
    assert recorder.latest()[10] == 0.0
    run("ip", "-n", name, "link", "set", link, "up")
    recorder.wait_for(lambda: recorder.words_of(1)[-1] == "up")
    assert recorder.words_of(2) == ["up"]


def test_our_own_line_cut_is_unknown_behind_a_gateway_that_is_down(start, recorder: Recorder, school: str):
    name, link, net = school.split()
    start([target(1, f"{net}.3"), target(2, f"{net}.2")], gateways=lambda: (f"{net}.2",))
    recorder.wait_for(lambda: recorder.words_of(1) == recorder.words_of(2) == ["up"])
    run("ip", "-n", name, "link", "set", link, "down")
    recorder.wait_for(lambda: recorder.words_of(1)[-1] == "unknown" and recorder.words_of(2)[-1] == "down")
    assert [one.reason for one in recorder.changes if one.device_id == 1][-1] == "collector_cut_off"
    assert "down" not in recorder.words_of(1)


def test_reload_keeps_states_and_drops_who_left(start, recorder: Recorder):
    plane, view = start([target(1, "127.0.0.1"), target(2, "127.0.0.2")])
    recorder.wait_for(lambda: len(recorder.changes) == 2)
    since = view.of(2).since
    plane.load([target(2, "127.0.0.2"), target(5, "127.0.0.5")])
    recorder.wait_for(lambda: recorder.words_of(5) == ["up"])
    assert view.of(1) is None
    assert view.of(2).since == since
    assert recorder.words_of(2) == ["up"]


def test_sweep_finds_those_who_answer_and_reports_progress():
    seen: list[int] = []
    found = sweep([f"127.0.9.{host}" for host in range(1, 101)], packets_a_second=5000, on_progress=seen.append)
    assert len(found) == 100
    assert seen[-1] == 100
    assert all(0 < rtt < 1 for rtt in found.values())


def test_sweep_stops_when_cancelled():
    assert sweep(["127.0.0.1"], is_cancelled=lambda: True) == {}


def test_roster_is_sorted_by_device_and_marks_loopback_as_no_witness():
    roster = Roster.of([target(9, "127.0.0.1"), target(2, "192.0.2.9")], gateways=("192.0.2.9",))
    assert roster.device.tolist() == [2, 9]
    assert roster.addresses == ("192.0.2.9", "127.0.0.1")
    assert roster.is_gateway.tolist() == [True, False]
    assert roster.is_witness.tolist() == [True, False]


UNPRIVILEGED = """
from collectors.ping import PingRefused, sweep
try:
    print(sorted(sweep(["127.0.0.1"])))
except PingRefused as refusal:
    print(refusal.reason, "setcap" in refusal.detail)
"""


@pytest.mark.parametrize(
    ("group_range", "expected"), [("0 2147483647", "['127.0.0.1']"), ("1 0", "no_permission True")]
)
def test_ping_without_privileges_works_where_the_kernel_allows_and_else_says_what_to_do(group_range, expected):
    script = (
        f'ip link set lo up; echo "{group_range}" > /proc/sys/net/ipv4/ping_group_range; '
        f'exec setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all "$0" -c "$1"'
    )
    done = subprocess.run(
        ["unshare", "--net", "bash", "-c", script, sys.executable, UNPRIVILEGED],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.stdout.strip() == expected, done.stderr


def test_states_are_four_words():
    assert STATES == ("unknown", "up", "suspect", "down")
