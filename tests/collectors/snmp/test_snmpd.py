"""The real agent of net-snmp on loopback: v1, v2c, and v3 with every kind of authentication and privacy it speaks."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from collectors.profiles import ProfileSet, load_form, load_profiles
from collectors.snmp import DeviceState, Patience, Poller, Target, community, read_device, survey
from collectors.snmp.reading import samples_of
from collectors.snmp.usm import AUTH_CLASSES, PRIV_CLASSES
from core import Secret
from inventory import SnmpCredential
from tests.collectors.snmp.agents import plan_of, survey_of, values_of
from tests.waiting import wait_until

AUTH_WORDS = {"md5": "MD5", "sha": "SHA", "sha224": "SHA-224", "sha256": "SHA-256", "sha384": "SHA-384",
              "sha512": "SHA-512"}  # fmt: skip
PRIV_WORDS = {"des": "DES", "aes128": "AES", "aes192": "AES192", "aes256": "AES256", "aes192_cisco": "AES192C",
              "aes256_cisco": "AES256C"}  # fmt: skip
AUTH_SECRET, PRIV_SECRET = "auth password 1", "priv password 2"
PATIENT = Patience(timeout_s=0.5, retries=2)
COUNTING = """\
title: Example
match: {sysdescr: ['.']}
scalars:
  - samples: [{metric: processes, count: {column: 1.3.6.1.2.1.1.9.1.3}}]
"""
PAIRS = [("none", "none")] + [(auth, priv) for auth in AUTH_CLASSES for priv in ("none", *PRIV_CLASSES)]


def user(auth: str, priv: str) -> str:
    return f"u_{auth}_{priv}"


def credential(auth: str, priv: str, **changes) -> SnmpCredential:
    values = {
        "version": "3", "user": user(auth, priv), "auth_kind": auth, "priv_kind": priv,
        "auth_secret": Secret(AUTH_SECRET) if auth != "none" else None,
        "priv_secret": Secret(PRIV_SECRET) if priv != "none" else None,
    }  # fmt: skip
    return SnmpCredential(**{**values, **changes})


def configuration() -> str:
    lines = ["rocommunity public 127.0.0.1", "sysName school-server", "sysLocation Room 1", "sysServices 72"]
    for auth, priv in PAIRS:
        secrets = f' {AUTH_WORDS[auth]} "{AUTH_SECRET}"' if auth != "none" else ""
        secrets += f' {PRIV_WORDS[priv]} "{PRIV_SECRET}"' if priv != "none" else ""
        level = "priv" if priv != "none" else "auth" if auth != "none" else "noauth"
        lines += [f"createUser {user(auth, priv)}{secrets}", f"rouser {user(auth, priv)} {level}"]
    return "\n".join(lines) + "\n"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Snmpd:
    """A real snmpd with a configuration and a state of its own."""

    def __init__(self, folder: Path) -> None:
        self.target = Target("127.0.0.1", free_port())
        self._folder = folder
        (folder / "agent.conf").write_text(configuration())
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("snmpd") or "/usr/sbin/snmpd"
        assert Path(program).exists(), "install the Debian package snmpd"
        log = self._folder / "snmpd.log"
        self._process = subprocess.Popen(
            [program, "-f", "-C", "-c", str(self._folder / "agent.conf"), "-Lf", str(log), "-I", "-smux",
             f"udp:127.0.0.1:{self.target.port}"],
            env={"SNMP_PERSISTENT_DIR": str(self._folder), "PATH": "/usr/bin:/usr/sbin"},
        )  # fmt: skip
        wait_until(lambda: log.exists() and "NET-SNMP version" in log.read_text(), 10, "snmpd starts")

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(10)
            self._process = None


@pytest.fixture(scope="module")
def snmpd(tmp_path_factory: pytest.TempPathFactory):
    agent = Snmpd(tmp_path_factory.mktemp("snmpd"))
    agent.start()
    yield agent
    agent.stop()


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_reading_by_community(snmpd: Snmpd, version: str) -> None:
    reading = await read_device(snmpd.target, community(version=version), PATIENT, load_profiles())
    assert reading.reason == "ok" and reading.facts["sysname"] == "school-server"
    assert reading.facts["sysobjectid"] == "1.3.6.1.4.1.8072.3.2.10"
    loopback = next(port for port in reading.interfaces if port.name == "lo")
    assert loopback.oper_up and loopback.in_octets is not None
    metrics = {sample.metric for sample in reading.samples}
    assert {"memory_used_ratio", "storage_used_ratio", "if_in_octets_total", "load1"} <= metrics
    planned = {row.metric for row in reading.survey.rows}
    assert "cpu_used_ratio" in planned  # net-snmp has no load in its first minute; it is asked all the same


@pytest.mark.parametrize(("auth", "priv"), PAIRS)
async def test_every_kind_of_v3(snmpd: Snmpd, auth: str, priv: str) -> None:
    asker = credential(auth, priv)
    poller, state = Poller(lambda: 0.0), DeviceState()
    found = await survey_of(snmpd.target, asker, PATIENT) if priv == "aes128" else await _small_survey(snmpd, asker)
    plan = plan_of(found)
    result = await poller.poll(snmpd.target, asker, plan, state, PATIENT)
    assert result.reason == "ok" and result.batch.uptime is not None
    assert len(values_of(found, result)) >= 0.9 * len(plan.series)
    assert state.engine_id.startswith(b"\x80\x00\x1f\x88")  # kept: the next poll does not look for it again
    again = await poller.poll(snmpd.target, asker, plan, state, PATIENT)
    assert (again.reason == "ok" and again.timing.requests < result.timing.requests) or auth == "none"


async def _small_survey(snmpd: Snmpd, asker: SnmpCredential):
    """The survey by community: what differs between the kinds is the conversation, not the tables."""
    return await survey_of(snmpd.target, community(), PATIENT)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"user": "nobody"}, "unknownUserNames"),
        ({"auth_secret": Secret("another password")}, "wrongDigests"),
        ({"auth_kind": "sha"}, "wrongDigests"),
        ({"priv_secret": Secret("another password")}, "privacy password"),
        ({"priv_kind": "des"}, "privacy password"),
        ({"priv_kind": "none", "priv_secret": None}, "level of protection"),
        ({"auth_kind": "none", "auth_secret": None, "priv_kind": "none", "priv_secret": None}, "level of protection"),
    ],
)
async def test_refusals_name_what_is_wrong(snmpd: Snmpd, changes: dict, words: str) -> None:
    asker = credential("sha256", "aes128", **changes)
    reading = await read_device(snmpd.target, asker, PATIENT, load_profiles())
    assert reading.reason == "wrong_credential" and words in reading.detail
    assert "another password" not in repr(reading)
    plan = plan_of(await survey_of(snmpd.target, community(), PATIENT))
    result = await Poller(lambda: 0.0).poll(snmpd.target, asker, plan, DeviceState(), PATIENT)
    assert result.reason == "wrong_credential" and words in result.detail


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"priv_kind": "3des"}, "3des"),
        ({"context": "vlan-1"}, "context"),
        ({"auth_kind": "none"}, "privacy without authentication"),
        ({"auth_secret": None}, "password"),
        ({"version": "2c"}, "community"),
    ],
)
async def test_credentials_that_cannot_be_used(changes: dict, words: str) -> None:
    asker = credential("sha", "aes128", **changes)
    reading = await read_device(Target("127.0.0.1", 1), asker, PATIENT, load_profiles())
    assert reading.reason == "bad_credential" and words in reading.detail


async def test_a_closed_port_with_v3() -> None:
    target = Target("127.0.0.1", free_port())
    reading = await read_device(target, credential("sha", "aes128"), PATIENT, load_profiles())
    assert reading.reason == "unreachable"


async def test_a_wrong_community_with_the_real_agent(snmpd: Snmpd) -> None:
    reading = await read_device(snmpd.target, community("wrong"), Patience(timeout_s=0.1, retries=1), load_profiles())
    assert (reading.reason, reading.timing.timeouts) == ("timeout", 2)


async def test_a_restarted_agent_is_resynchronised(tmp_path: Path) -> None:
    """engineBoots rises and the engine's time starts anew: the same state and credential go on working."""
    agent = Snmpd(tmp_path)
    agent.start()
    try:
        asker, state, poller = credential("sha256", "aes128"), DeviceState(), Poller(lambda: 0.0)
        plan = plan_of(await survey_of(agent.target, community(), PATIENT))
        assert (await poller.poll(agent.target, asker, plan, state, PATIENT)).reason == "ok"
        agent.stop()
        assert not (await poller.poll(agent.target, asker, plan, state, PATIENT)).is_answered
        (tmp_path / "snmpd.log").unlink()
        agent.start()
        assert (await poller.poll(agent.target, asker, plan, state, PATIENT)).is_answered
        state.engine_id = b"\x80\x00\x1f\x88\x04another!"  # the device was replaced
        assert not (await poller.poll(agent.target, asker, plan, state, Patience(timeout_s=0.1, retries=1))).is_answered
        assert (await poller.poll(agent.target, asker, plan, state, PATIENT)).is_answered
    finally:
        agent.stop()

@pytest.mark.parametrize("version", ["1", "2c", "3"])
async def test_rows_are_counted_at_each_poll(snmpd: Snmpd, version: str) -> None:
    """Rows of the agent's table of what it can do, through every version of the protocol."""
    forms = {
        "generic": load_form("generic.yaml", "title: Any\n"),
        "example": load_form("example.yaml", COUNTING),
    }
    asker = credential("sha256", "aes128") if version == "3" else community(version=version)
    poller, state = Poller(lambda: 1e9), DeviceState()
    session = await poller.open_session(snmpd.target, asker, state, PATIENT)
    try:
        found = await survey(session, ProfileSet(forms, {}), PATIENT)
    finally:
        session.close()
    counted = values_of(found, await poller.poll(snmpd.target, asker, plan_of(found), DeviceState(), PATIENT))
    told, _ = samples_of(found)
    assert counted == {(one.metric, one.part): one.value for one in told} and counted["processes", ""] >= 3
    poller.close()
