"""The fake agent answers as a real one would: checked with net-snmp's own tools, and each oddity of recordings."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.demo.replay import (
    Motion,
    RecordingError,
    ReplayAgent,
    ReplayServer,
    ber,
    in_order,
    parse_snmprec,
    parse_snmpwalk,
    read_recording,
)
from tests.collectors.snmp.agents import agent_of, serve, switch


def tool(server: ReplayServer, name: str, version: str, *oids: str) -> str:
    assert shutil.which(name), "install the Debian package snmp"
    host, port = server.addresses[0]
    command = [name, f"-v{version}", "-c", "public", "-On", "-t1", "-r1", f"{host}:{port}", *oids]
    surroundings = {"MIBS": "", "PATH": "/usr/bin"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False, env=surroundings)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def server():
    with serve(agent_of(switch())) as running:
        yield running


def test_get(server: ReplayServer) -> None:
    assert ".1.3.6.1.2.1.1.5.0 = STRING: \"sw-1\"" in tool(server, "snmpget", "2c", "1.3.6.1.2.1.1.5.0")
    assert "No Such Instance" in tool(server, "snmpget", "2c", "1.3.6.1.2.1.1.99.0")
    refused = tool(server, "snmpget", "1", "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.99.0")
    assert "noSuchName" in refused and "Failed object: .1.3.6.1.2.1.1.99.0" in refused


@pytest.mark.parametrize(("name", "version"), [("snmpwalk", "1"), ("snmpwalk", "2c"), ("snmpbulkwalk", "2c")])
def test_walks_see_everything_once(server: ReplayServer, name: str, version: str) -> None:
    lines = tool(server, name, version, "1.3.6").strip().splitlines()
    lines = [line for line in lines if " = " in line and "No more variables" not in line]
    assert len(lines) == len(switch().splitlines()) == len(set(lines))


def test_setting_is_refused(server: ReplayServer) -> None:
    host, port = server.addresses[0]
    done = subprocess.run(["snmpset", "-v2c", "-cpublic", f"{host}:{port}", "1.3.6.1.2.1.1.5.0", "s", "x"],
                          capture_output=True, text=True, timeout=20, check=False)  # fmt: skip
    assert "notWritable" in done.stderr


def test_several_devices_by_community() -> None:
    agents = [agent_of(switch(name=f"sw-{n}"), community=f"c{n}") for n in (1, 2)]
    with ReplayServer({("127.0.0.1", 0): agents}) as running:
        host, port = running.addresses[0]
        for n in (1, 2):
            command = ["snmpget", "-v2c", f"-cc{n}", f"{host}:{port}", "1.3.6.1.2.1.1.5.0"]
            assert f"sw-{n}" in subprocess.run(command, capture_output=True, text=True, timeout=20, check=False).stdout


def test_counters_move() -> None:
    now = [1_000.0]
    agent = ReplayAgent(in_order(parse_snmprec(switch().encode())), motion=Motion(seed="a"), clock=lambda: now[0])
    name = ber.oid_body((1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6, 1))
    before = agent._get(name, 1)
    now[0] += 3_600 * 12
    assert before != agent._get(name, 1)


@pytest.mark.parametrize(
    ("line", "tag", "body"),
    [
        (b".1.3.6.1 = STRING: \"quoted \\ text\" ", 4, b"quoted \\ text"),
        (b".1.3.6.1 = STRING: plain", 4, b"plain"),
        (b".1.3.6.1 = Hex-STRING: 00 1B 21 ", 4, b"\x00\x1b\x21"),
        (b".1.3.6.1 = HEX-STRING: 38C0EA", 4, b"\x38\xc0\xea"),
        (b".1.3.6.1 = INTEGER: up(1)", 2, b"\x01"),
        (b".1.3.6.1 = Timeticks: (2361326509) 273 days, 7:14:25.09", 0x43, b"\x00\x8c\xbe\xfb\xad"),
        (b".1.3.6.1 = TIMETICKS: 26386239", 0x43, b"\x01\x92\x9f\x3f"),
        (b".1.3.6.1 = OID: .1.3.6.1.4.1.9", 6, b"\x2b\x06\x01\x04\x01\x09"),
        (b".1.3.6.1 = IpAddress: 192.168.42.035", 0x40, b"\xc0\xa8\x2a\x23"),
        (b".1.3.6.1 = 225", 2, b"\x00\xe1"),
        (b".1.3.6.1 = 4294967295", 0x42, b"\x00\xff\xff\xff\xff"),
        (b'.1.3.6.1 = ""', 4, b""),
        (b".1.3.6.1 = NULL", 5, b""),
        (b".1.3.6.1 = Opaque: Float: 0.500000", 0x44, b"\x9f\x78\x04\x3f\x00\x00\x00"),
    ],
)
def test_lines_of_snmpwalk(line: bytes, tag: int, body: bytes) -> None:
    (found,) = parse_snmpwalk(line + b"\n")
    assert (found.oid, found.tag, found.body) == ((1, 3, 6, 1), tag, body)


def test_a_value_over_several_lines_and_a_second_walk() -> None:
    text = b".1.3.1 = STRING: \"one\ntwo\"\n.1.3.2 = INTEGER: 5\n.1.3.2  = INTEGER:: 6\n.1.3.9  = INTEGER:: 7\n"
    found = in_order(parse_snmpwalk(text))
    assert [(v.oid[-1], v.body) for v in found] == [(1, b"one\ntwo"), (2, b"\x05")]


def test_lines_of_snmprec() -> None:
    text = b"#note\n1.3.10|2|7\r\n1.3.9|4|a|b\n1.3.9|4|\n1.3.8|4x|00ff\n1.3.7|66|\n1.3.6|2:numeric|x\n"
    text += b"1.3.5|64x|c0a82a23\n"
    found = in_order(parse_snmprec(text))
    bodies = [(5, b"\xc0\xa8\x2a\x23"), (8, b"\x00\xff"), (9, b"a|b"), (10, b"\x07")]
    assert [(v.oid[-1], v.body) for v in found] == bodies


def test_what_is_no_recording(tmp_path: Path) -> None:
    (tmp_path / "x.snmprec").write_text("hello\n")
    with pytest.raises(RecordingError, match="expected lines like"):
        read_recording(tmp_path / "x.snmprec")
