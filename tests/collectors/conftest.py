"""A real net-snmp agent for the tests of collecting."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import wait_until


@pytest.fixture
def snmpd(tmp_path: Path) -> Iterator[int]:
    """A real net-snmp agent on a free port of 127.0.0.1 with the community "school"; gives the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    conf = tmp_path / "snmpd.conf"
    conf.write_text("rocommunity school\nsysName sw-phong-may\nsysLocation Phòng máy 1\n", encoding="utf-8")
    agent = subprocess.Popen(
        ["snmpd", "-f", "-C", "-c", conf, "-Lf", tmp_path / "snmpd.log", "-I", "-smux", f"udp:127.0.0.1:{port}"],
        env={**os.environ, "SNMP_PERSISTENT_DIR": str(tmp_path), "MIBS": ""},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: answers(port), 15, "snmpd answers")
        yield port
    finally:
        agent.terminate()
        agent.wait(10)


def answers(port: int) -> bool:
    asked = ["snmpget", "-v2c", "-cschool", "-t1", "-r0", f"127.0.0.1:{port}", "1.3.6.1.2.1.1.5.0"]
    return subprocess.run(asked, capture_output=True, timeout=10).returncode == 0
