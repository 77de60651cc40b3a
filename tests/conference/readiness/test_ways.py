"""The way to the bridges, for real: coturn and our reflector in a network namespace with a firewall."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conference.readiness import PATH_CAUSES, diagnose_path
from core import gettext
from tests.collectors.checks.authority import Authority
from tests.collectors.checks.relay import Relay, coturn
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
REFLECTOR = 10010
SPACE = f"edunoc-way-{os.getpid()}"
INSIDE = ("ip", "netns", "exec", SPACE)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


Measure = Callable[[], dict[str, str]]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measure]:
    """A namespace of its own with a relay and a reflector; gives what measures the way to them from inside."""
    authority = Authority(tmp_path_factory.mktemp("authority"), datetime.now(UTC))
    authority.server("good")
    _run("ip", "netns", "add", SPACE)
    try:
        _run("ip", "-n", SPACE, "link", "set", "lo", "up")
        with coturn(authority.folder / "good-localhost.pem", inside=INSIDE) as relay, subprocess.Popen(
            [*INSIDE, sys.executable, "app.py", "reflector", "--listen", "127.0.0.1", "--port", str(REFLECTOR)],
            cwd=ROOT, stdout=subprocess.DEVNULL,
        ) as reflector:
            try:
                wait_until(lambda: f":{REFLECTOR:04X} " in Path(f"/proc/{reflector.pid}/net/udp").read_text(), 20,
                           "the reflector listens")
                with _measuring(relay, str(authority.ca_file)) as measure:
                    yield measure
            finally:
                reflector.terminate()
                reflector.wait(10)
    finally:
        _run("ip", "netns", "del", SPACE)


@contextmanager
def _measuring(relay: Relay, ca_file: str) -> Iterator[Measure]:
    command = [*INSIDE, sys.executable, "-m", "tests.conference.readiness.measure_here", str(relay.port),
               str(relay.tls_port), str(REFLECTOR), relay.secret, ca_file]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:

        def measure() -> dict[str, str]:
            process.stdin.write("go\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield measure
        process.stdin.close()
        process.wait(10)


def test_an_open_way_is_well(measured):
    assert diagnose_path(measured()) == ""


def test_a_firewall_that_drops_udp_is_named_as_the_cause(measured):
    rules = "table inet way { chain in { type filter hook input priority 0; meta l4proto udp drop; }; }"
    _run(*INSIDE, "nft", rules)
    try:
        found = measured()
    finally:
        _run(*INSIDE, "nft", "delete table inet way")
    assert {step: found[step] for step in ("stun", "turn_udp", "udp")} == dict.fromkeys(
        ("stun", "turn_udp", "udp"), "udp_no_answer")
    assert (found["turn_tcp"], found["turn_tls"]) == ("ok", "ok")
    assert diagnose_path(found) == "udp_blocked"
    assert gettext(PATH_CAUSES["udp_blocked"]).startswith("UDP bị chặn")


def test_a_firewall_that_drops_only_the_bridges_port_is_named_apart(measured):
    rules = f"table inet way {{ chain in {{ type filter hook input priority 0; udp dport {REFLECTOR} drop; }}; }}"
    _run(*INSIDE, "nft", rules)
    try:
        found = measured()
    finally:
        _run(*INSIDE, "nft", "delete table inet way")
    assert diagnose_path(found) == "media_blocked", found
