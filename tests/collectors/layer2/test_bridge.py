"""Forwarding tables, VLANs, ARP and Wi-Fi clients as values: odd indexes, duplicates, addresses of one's own."""

from __future__ import annotations

import pytest

from collectors.layer2 import arp, bridge, stations, vlans
from collectors.layer2.bridge import Forwarding, VlanMap
from collectors.layer2.ports import Ports
from tests.collectors.layer2.networks import port

PORTS = Ports.of([port(n, f"p{n}", "02:00:00:00:00:01") for n in (101, 102)], {1: 101, 2: 102})
MAC = (0, 22, 0, 0, 0, 9)


def test_rows_with_odd_indexes_are_left_out() -> None:
    column = {(10, *MAC): 1, (10, 6, *MAC): 2, MAC: 1, (10, *MAC, 0): 1, (10, 256, 0, 0, 0, 0, 1): 1, (): 1,
              (11, *MAC): b"1", (12, *MAC): -1}  # fmt: skip
    rows = bridge.q_rows(column.items(), {}, PORTS, VlanMap({10: (10,)}))
    assert [(row.fid, row.port, row.index, row.vlan) for row in rows] == [(10, 1, 101, 10), (10, 2, 102, 10)]
    assert bridge.bridge_rows({(1, 2): 1, MAC: 2, (*MAC, 1): 2}.items(), {}, PORTS)[0].index == 102


def test_own_addresses_and_groups_are_no_places() -> None:
    rows = [
        Forwarding("00:16:00:00:00:09", 1, 1, 101, 3, 10), Forwarding("00:16:00:00:00:09", 1, 1, 101, 3, 10),
        Forwarding("00:16:00:00:00:0a", 1, 0, None, 3), Forwarding("00:16:00:00:00:0b", 1, 1, 101, 4),
        Forwarding("00:16:00:00:00:0c", 1, 1, 101, 2), Forwarding("01:00:5e:00:00:01", 1, 1, 101, 3),
        Forwarding("02:00:00:00:00:01", 1, 2, 102, 3), Forwarding("00:16:00:00:00:0d", 1, 9, None, 3),
        Forwarding("00:16:00:00:00:0e", 1, 2, 102, 5),
    ]  # fmt: skip
    found: dict = {}
    bridge.add_places(found, rows, PORTS, frozenset({"02:00:00:00:00:01"}))
    shown = [(one.mac[-2:], one.part, one.vlan) for one in found.values()]
    assert shown == [("09", "if:p101", 10), ("0e", "if:p102", 0)]
    assert bridge.own_macs(rows) == {"00:16:00:00:00:0a", "00:16:00:00:00:0b"}


@pytest.mark.parametrize(
    ("of", "fid", "number", "vlan"),
    [
        (VlanMap({2: (50,)}), 2, 1, 50),
        (VlanMap({1: (10, 20)}, {1: 20}), 1, 1, 20),  # shared learning: the port's own VLAN
        (VlanMap({1: (10, 20)}, {1: 30}), 1, 1, 0),
        (VlanMap({}, {}, frozenset({7, 9})), 9, 1, 9),  # no mapping told: databases are numbered by VLAN
        (VlanMap({1: (1,)}, {}, frozenset({1})), 0, 1, 1),  # fid 0 and a single VLAN
        (VlanMap({1: (1,)}, {5: 8}, frozenset({1, 8})), 0, 5, 8),
        (VlanMap(), 4, 1, 0),
    ],
)
def test_vlan_of_a_row(of: VlanMap, fid: int, number: int, vlan: int) -> None:
    assert of.of(fid, number) == vlan


def test_vlan_maps_are_read_leniently() -> None:
    assert bridge.fid_vlans({(0, 10): 1, (5, 10): 1, (0, 20): 1, (0, 5000): 1, (3,): 1, (0, 30): b"x"}) == {1: (10, 20)}
    assert bridge.port_vlans({(1,): 10, (2,): 0, (3,): 4095, (1, 1): 5}) == {1: 10}
    assert bridge.base_ports({(1,): 101, (2,): 0, (): 3}) == {1: 101}


def test_bridges_without_a_port_table_number_by_interface() -> None:
    ports = Ports.of([port(5, "p5")])
    assert (ports.of_bridge_port(5), ports.of_bridge_port(6)) == (5, None)


def test_vlans_have_clean_names() -> None:
    found = vlans.static_vlans({(1,): b"default\0", (20,): b"\x1b[31mLab", (5000,): b"x", (): b"y"}, [30])
    assert [(one.id, one.name) for one in found] == [(1, "default"), (20, "[31mLab"), (30, "")]
    columns = {vlans.VTP["state"]: {(1, 1): 1, (1, 7): 2, (1, 1002): 1, (1, 9): 1}, vlans.VTP["type"]: {(1, 9): 3},
               vlans.VTP["name"]: {(1, 1): b"default"}}  # fmt: skip
    assert [(one.id, one.name) for one in vlans.vtp_vlans(columns)] == [(1, "default")]


def test_both_arp_tables_are_merged() -> None:
    mac, other = bytes.fromhex("001600000009"), bytes.fromhex("00160000000a")
    found: dict = {}
    new = {(101, 1, 4, 10, 0, 0, 1): mac, (101, 2, 16, 0x20, 1, *[0] * 13, 9): mac, (101, 1, 10, 0, 0, 2): mac,
           (101, 1, 4, 10, 0, 0, 3): mac, (101, 1, 4, 10, 0, 0): mac, (101,): mac, (101, 1, 4, 10, 0, 0, 4): mac}
    arp.add_rows(found, arp.new_rows(new.items(), {(101, 1, 4, 10, 0, 0, 3): 2}, {(101, 1, 4, 10, 0, 0, 4): 7}), PORTS)
    old = {(101, 10, 0, 0, 1): other, (9, 10, 0, 0, 5): b"00:16:00:00:00:0a", (101, 0, 0, 0, 0): mac,
           (101, 10, 0, 0, 6): b"", (101, 10, 0, 0, 300): mac, (101, 224, 0, 0, 1): bytes.fromhex("01005e000001")}
    arp.add_rows(found, arp.old_rows(old.items(), {}), PORTS)
    shown = [(one.address, one.mac[-2:], one.part) for one in found.values()]
    assert shown == [("10.0.0.1", "09", "if:p101"), ("2001::9", "09", "if:p101"), ("10.0.0.2", "09", "if:p101"),
                     ("10.0.0.5", "0a", "")]  # fmt: skip


def test_own_addresses_are_ipv4_without_loopback() -> None:
    assert arp.own_addresses({(10, 0, 0, 1): 1, (127, 0, 0, 1): 2, (0, 0, 0, 0): 3, (1, 2): 4}) == ("10.0.0.1",)


def test_controller_clients_are_at_point_radio_and_network() -> None:
    family = next(one for one in stations.FAMILIES if one.enterprises == ("1.3.6.1.4.1.14823.1.1",))
    (bssid, associated), (name,), (ssid,) = family.tables
    client, gone, point, radio = (0, 22, 0, 0, 0, 9), (0, 22, 0, 0, 0, 8), (2, 0, 0, 0, 0, 1), (2, 0, 0, 0, 0, 0x11)
    columns = {
        bssid: {client: bytes(radio), gone: bytes(radio)}, associated: {client: 1, gone: 2},
        name: {point: b"AP-1"}, ssid: {(*point, 2, *radio): b"hoc-sinh"},
    }  # fmt: skip
    (one,) = family.stations(columns, PORTS)
    assert (one.mac, one.part, one.ssid, one.access_point) == (
        "00:16:00:00:00:09", "ap:AP-1/radio:2", "hoc-sinh", "AP-1",
    )  # fmt: skip


def test_mikrotik_and_ruckus_clients() -> None:
    own = [one for one in stations.FAMILIES if one.enterprises == ("1.3.6.1.4.1.14988",)]
    (registered,) = own[0].tables[0]
    (one,) = own[0].stations({registered: {(*MAC, 101): -60, MAC: -50}}, PORTS)
    assert (one.mac, one.part) == ("00:16:00:00:00:09", "radio:p101")
    ruckus = next(one for one in stations.FAMILIES if one.enterprises == ("1.3.6.1.4.1.25053",))
    (point, ssid), (name,) = ruckus.tables
    (one,) = ruckus.stations({point: {MAC: bytes((2, 0, 0, 0, 0, 1))}, ssid: {MAC: b"lop"}, name: {}}, PORTS)
    assert (one.part, one.ssid) == ("ap:02:00:00:00:00:01", "lop")


def test_aireos_and_omada_clients() -> None:
    aireos = next(one for one in stations.FAMILIES if "1.3.6.1.4.1.14179" in one.enterprises)
    (point, slot, ssid), (name,) = aireos.tables
    base = (2, 0, 0, 0, 0, 1)
    columns = {point: {MAC: bytes(base)}, slot: {MAC: 1}, ssid: {MAC: b"lop"}, name: {base: b"AP-2"}}
    (one,) = aireos.stations(columns, PORTS)
    assert (one.part, one.ssid, one.access_point) == ("ap:AP-2/radio:1", "lop", "AP-2")
    omada = next(one for one in stations.FAMILIES if one.enterprises == ("1.3.6.1.4.1.11863",))
    ((column,),) = omada.tables
    seen = omada.stations({column: {(1,): b"00-16-00-00-00-09", (2,): b"001600000009", (3,): b"?"}}, PORTS)
    assert [(one.mac, one.part) for one in seen] == [("00:16:00:00:00:09", "")]


def test_capsman_clients_are_at_their_access_point() -> None:
    capsman = [one for one in stations.FAMILIES if one.enterprises == ("1.3.6.1.4.1.14988",)][1]
    ((column,),) = capsman.tables
    (one,) = capsman.stations({column: {(*MAC, 102): b"1h"}}, PORTS)
    assert (one.part, one.access_point) == ("ap:p102", "p102")
