"""Layer 2 of the recorded devices: every row of derived.csv about forwarding tables, VLANs and neighbours is right."""

from __future__ import annotations

import csv
from collections import Counter

import pytest

from collectors.layer2 import Layer2Reading
from collectors.snmp import Patience
from deploy.demo.replay import ReplayAgent, read_recording
from tests.collectors.layer2.networks import network_of
from tests.collectors.snmp.agents import RECORDINGS

KINDS = ("fdb_entry", "vlan", "lldp_neighbour")


def _expected() -> dict[str, list[tuple[str, str, str]]]:
    rows: dict[str, list[tuple[str, str, str]]] = {}
    with (RECORDINGS / "derived.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["kind"] in KINDS:
                rows.setdefault(row["recording"], []).append((row["kind"], row["key"], row["value"]))
    return rows


def _read(reading: Layer2Reading) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for row in reading.forwarding:
        fid = "-" if row.fid is None else f"fid{row.fid}"
        place = str(row.index) if row.port else "bridgeport-0"
        found["fdb_entry", f"{fid}/{row.mac.replace(':', '')}", place] += 1
    for vlan in reading.report.vlans:
        found["vlan", str(vlan.id), vlan.name] += 1
    for one in reading.heard:
        if one.seen.protocol == "lldp":
            told = f"{one.seen.remote_name}|{one.seen.remote_part.replace(':', '')}"
            found["lldp_neighbour", f"lldp/{one.local_number}", told] += 1
    return found


async def _network(name: str) -> Layer2Reading:
    path = next(RECORDINGS.glob(f"{name}.snmp*"))
    return await network_of(ReplayAgent(read_recording(path)), patience=Patience(timeout_s=0.2, retries=1))


@pytest.mark.parametrize("name", sorted(_expected()))
async def test_every_derived_row_is_right(name: str) -> None:
    found = _read(await _network(name))
    wanted = Counter(_expected()[name])
    kinds = {kind for kind, _, _ in wanted}
    assert wanted - found == Counter()
    extra = {row for row in found - wanted if row[0] in kinds - {"vlan"}}
    assert extra == set()


@pytest.mark.parametrize(
    ("name", "number"),
    [("firewall-topsec-ngfw4000-uf", 823), ("wifi-sangfor-wac-2", 183), ("linux-unknown-006", 17),
     ("router-huawei-s5720", 49), ("bmc-hp-onboard-administrator", 4), ("UPS-eaton-93e-80", 3)],
)  # fmt: skip
async def test_arp_tables_are_merged(name: str, number: int) -> None:
    report = (await _network(f"snmpsimdata__{name}")).report
    assert len(report.arp) == number and report.missing == () and report.reason == "ok"
    assert len({(one.address, one.index) for one in report.arp}) == number


async def test_neighbours_of_the_blade_switch_lie_on_its_ports() -> None:
    reading = await _network("snmpsimdata__switch-hpe-procurve-516733-b21")
    shown = reading.as_json()["neighbours"]
    assert {one["protocol"] for one in shown} == {"lldp", "cdp"}
    assert shown[4] == {"protocol": "lldp", "local_part": "17", "remote_name": "", "remote_part": "Ethernet1/19",
                        "remote_mac": ""}  # fmt: skip
    nexus = reading.heard[3].seen
    assert (nexus.local_part, nexus.remote_address, nexus.remote_mac) == ("if:17", "10.40.1.19", "8c:60:4f:19:16:3a")
    assert nexus.capabilities == ("bridge",) and nexus.remote_label == "Ethernet1/19"
    cdp = [one.seen for one in reading.heard if one.seen.protocol == "cdp"]
    assert (cdp[0].remote_name, cdp[0].remote_mac, cdp[0].remote_address) == ("", "e8:39:35:1a:ca:99", "")
    assert reading.report.root_part == "if:17" and reading.report.chassis_mac == "ac:16:2d:92:7d:21"


async def test_forwarding_databases_become_vlans() -> None:
    reading = await _network("snmpsimdata__switch-hpe-procurve-516733-b21")
    assert {(row.fid, row.vlan) for row in reading.forwarding} >= {(1, 1), (2, 50), (8, 78)}
    assert not any(seen.mac == "ac:16:2d:92:7d:21" for seen in reading.report.fdb)
    own = [row for row in reading.as_json()["fdb"] if row["part"] is None]
    assert {row["mac"] for row in own} == {"ac:16:2d:92:7d:21"} and len(own) == 8


@pytest.mark.parametrize(
    ("name", "number", "points"),
    [("centreon__network-aruba-instant-ap-usage", 50, 6), ("snmpsimdata__switch-h3c-comware-lsq1wcmd0", 1707, 98)],
)
async def test_wifi_clients_are_at_their_access_points(name: str, number: int, points: int) -> None:
    stations = (await _network(name)).report.stations
    assert len(stations) == number
    named = {station.access_point for station in stations}
    assert len(named) >= min(points, 5) and "" not in named


async def test_vlans_of_makers_without_the_standard_table() -> None:
    huawei = (await _network("snmpsimdata__router-huawei-s5720")).report
    assert [(vlan.id, vlan.name) for vlan in huawei.vlans] == [(1, "VLAN 0001"), (30, "VLAN 0030"), (200, "VLAN 0200")]
    cisco = (await _network("snmpsimdata__switch-cisco-c3750")).report
    assert (cisco.vlans[1].id, cisco.vlans[1].name) == (2, "VLAN0002") and len(cisco.vlans) == 274
