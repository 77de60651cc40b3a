"""The real agent of net-snmp: SNMPv3 reads the same tables as a community; contexts are named as lacking."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.layer2 import Layer2Order, Layer2Reading, ports_of, read_layer2
from collectors.profiles import load_profiles
from collectors.snmp import Poller, community, read_device
from inventory import SnmpCredential
from tests.collectors.snmp.test_snmpd import PATIENT, Snmpd, credential

VTP = "1.3.6.1.4.1.9.9.46.1.3.1.1"
BRIDGE = """
override 1.3.6.1.2.1.17.1.4.1.2.1 integer 1
override 1.3.6.1.2.1.17.4.3.1.2.0.22.0.0.0.9 integer 1
override 1.3.6.1.2.1.17.4.3.1.3.0.22.0.0.0.9 integer 3
"""
CISCO = f"override {VTP}.2.1.20 integer 1\noverride {VTP}.4.1.20 octet_str lop20\n"


def agent(folder: Path, more: str) -> Snmpd:
    made = Snmpd(folder)
    with (folder / "agent.conf").open("a") as stream:
        stream.write(more)
    made.start()
    return made


async def network(target: Snmpd, asker: SnmpCredential) -> Layer2Reading:
    profiles, poller = load_profiles(), Poller(lambda: 0.0)
    found = await read_device(target.target, asker, PATIENT, profiles, poller)
    assert found.reason == "ok"
    order = Layer2Order(target.target, asker, PATIENT, ports_of(found.interfaces))
    return await read_layer2(poller, profiles, order)


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory):
    made = agent(tmp_path_factory.mktemp("bridge"), BRIDGE)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def cisco(tmp_path_factory: pytest.TempPathFactory):
    made = agent(tmp_path_factory.mktemp("cisco"), BRIDGE + CISCO)
    yield made
    made.stop()


@pytest.mark.parametrize("asker", [community(), community(version="1"), credential("sha256", "aes128")])
async def test_every_version_reads_the_same(bridge: Snmpd, asker: SnmpCredential) -> None:
    report = (await network(bridge, asker)).report
    assert (report.reason, report.missing) == ("ok", ())
    assert [(one.mac, one.part) for one in report.fdb] == [("00:16:00:00:00:09", "if:lo")]


async def test_contexts_of_cisco_are_named_as_lacking(cisco: Snmpd) -> None:
    report = (await network(cisco, credential("sha256", "aes128"))).report
    assert report.reason == "contexts_refused" and report.missing == ()
    assert [(one.id, one.name) for one in report.vlans] == [(20, "lop20")] and len(report.fdb) == 1


async def test_a_wrong_password_is_told_and_everything_is_missing(bridge: Snmpd) -> None:
    asker = credential("sha256", "aes128", user="nobody")
    order = Layer2Order(bridge.target, asker, PATIENT, ())
    reading = await read_layer2(Poller(lambda: 0.0), load_profiles(), order)
    assert reading.report.reason == "wrong_credential" and len(reading.report.missing) == 5
