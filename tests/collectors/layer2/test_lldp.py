"""Neighbours from LLDP, LLDP-V2, CDP and MikroTik's table: whose port a number means, odd identities."""

from __future__ import annotations

import pytest

from collectors.layer2.cdp import CDP, MNDP, cdp_neighbours, mndp_neighbours
from collectors.layer2.lldp import LLDP, LLDP_V2, capabilities_of, lldp_neighbours, local_indexes
from collectors.layer2.ports import Ports
from tests.collectors.layer2.networks import port

TEN = Ports.of([port(n, f"Gi0/{n - 10}", f"02:00:00:00:00:{n:02x}") for n in range(11, 21)],
               {n: n + 10 for n in range(1, 11)})  # fmt: skip


def remote(mib=LLDP, index=(0, 3, 1), **values) -> dict:
    row = {"chassis_subtype": 4, "chassis_id": bytes.fromhex("020000000001"), "port_subtype": 5, "port_id": b"Gi0/1",
           "name": b"core", **values}  # fmt: skip
    return {mib.remote[name]: {index: value} for name, value in row.items()}


def local(number: int, subtype: int, value: bytes, label: bytes = b"") -> dict:
    names = {"subtype": subtype, "id": value, "label": label}
    return {name: {(number,): one} for name, one in names.items()}


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (local(3, 5, b"Gi0/3"), 13),  # interfaceName
        (local(3, 5, b"gi0/7\0"), 17),  # neither bridge port nor ifIndex: the name decides
        (local(3, 3, bytes.fromhex("020000000010")), 16),  # macAddress
        (local(3, 7, b"x", b"Gi0/4"), 14),  # its description names it
        (local(3, 7, b"3"), 13),  # nothing but the number: a bridge port, as the standard says
        ({"subtype": {}, "id": {}, "label": {}}, 13),
    ],
)
def test_local_port_number_becomes_the_port(rows: dict, index: int) -> None:
    assert local_indexes([3], rows, TEN) == {3: index}


def test_numbers_that_turned_out_to_be_indexes_are_indexes_for_all() -> None:
    rows = {"subtype": {(11,): 5, (12,): 5}, "id": {(11,): b"Gi0/1", (12,): b"?"}, "label": {}}
    assert local_indexes([11, 12], rows, TEN) == {11: 11, 12: 12}


def test_ports_that_share_an_address_are_told_apart_by_the_number() -> None:
    ports = Ports.of([port(2, "eth0", "02:00:00:00:00:aa"), port(7, "eth0.5", "02:00:00:00:00:aa")])
    assert local_indexes([7], local(7, 3, bytes.fromhex("0200000000aa")), ports) == {7: 7}


def test_what_a_person_wrote_on_a_port_is_no_other_ports_name() -> None:
    ports = Ports.of([port(1, "7", alias="uplink"), port(7, "x", alias="7"), port(9, "uplink")])
    assert local_indexes([30], local(30, 5, b"7"), ports) == {30: 1}
    assert local_indexes([30], local(30, 1, b"uplink"), ports) == {30: 1}
    assert local_indexes([30], local(30, 5, b"uplink"), ports) == {30: 9}


def test_neighbour_has_everything_people_ask_for() -> None:
    columns = remote(port_subtype=3, port_id=bytes.fromhex("0200000000ff"), port_label=b"eth1",
                     description=b"Linux\r\n5.10", enabled=b"\x28\x00")  # fmt: skip
    columns[LLDP.addresses] = {(0, 3, 1, 1, 4, 10, 0, 0, 9): 2, (0, 3, 1, 2, 16, *[0x20] * 16): 2}
    (one,) = lldp_neighbours(LLDP, columns, TEN)
    seen = one.seen
    assert (seen.local_part, seen.local_index, one.local_number) == ("if:Gi0/3", 13, 3)
    assert (seen.remote_name, seen.remote_part, seen.remote_label) == ("core", "02:00:00:00:00:ff", "eth1")
    assert (seen.remote_mac, seen.remote_id, seen.remote_address) == ("02:00:00:00:00:01",) * 2 + ("10.0.0.9",)
    assert seen.capabilities == ("bridge", "router") and seen.remote_description == "Linux  5.10"


def test_second_generation_counts_by_interface() -> None:
    columns = remote(LLDP_V2, (5, 17, 1, 2))
    (one,) = lldp_neighbours(LLDP_V2, columns, TEN)
    assert one.seen.local_part == "if:Gi0/7" and one.seen.remote_name == "core"


@pytest.mark.parametrize(
    ("subtype", "value", "identity", "mac"),
    [
        (4, b"02:00:00:00:00:01", "02:00:00:00:00:01", "02:00:00:00:00:01"),
        (4, b"Anonymized 9", "Anonymized 9", ""),
        (4, b"", "", ""),
        (5, b"\x01\x0a\x00\x00\x01", "10.0.0.1", ""),
        (7, b"SW-LAB(FDO1234)", "SW-LAB(FDO1234)", ""),
        (7, bytes.fromhex("0200ff00aa01"), "02:00:ff:00:aa:01", "02:00:ff:00:aa:01"),
        (1, b"switch", "switch", ""),  # six letters are a name
        (6, b"\xff\xfe\x00\x01", "fffe0001", ""),
    ],
)
def test_chassis_identities(subtype: int, value: bytes, identity: str, mac: str) -> None:
    (one,) = lldp_neighbours(LLDP, remote(chassis_subtype=subtype, chassis_id=value), TEN)
    assert (one.seen.remote_id, one.seen.remote_mac) == (identity, mac)


def test_rows_without_identity_or_with_a_wrong_index_are_left_out() -> None:
    assert lldp_neighbours(LLDP, remote(chassis_id=b"", port_id=b"", name=b""), TEN) == []
    assert lldp_neighbours(LLDP, remote(index=(3, 1)), TEN) == []


def test_capabilities_without_bytes_are_none() -> None:
    assert capabilities_of(None) == capabilities_of(b"") == capabilities_of(40) == ()


def cdp(**values) -> dict:
    row = {"address_type": 1, "address": b"\x0a\x00\x00\x05", "device": b"sw2", "port": b"Gi0/2",
           "capabilities": b"\0\0\0\x28", **values}  # fmt: skip
    return {CDP[name]: {(13, 2): value} for name, value in row.items()}


def test_cdp_row_lies_on_its_interface() -> None:
    (one,) = cdp_neighbours(cdp(device=b"core(FOX1)", platform=b"cisco WS", version=b"cisco WS, Version 15"), TEN)
    seen = one.seen
    assert (seen.local_part, seen.remote_name, seen.remote_address) == ("if:Gi0/3", "core", "10.0.0.5")
    assert seen.capabilities == ("bridge",) and seen.remote_description == "cisco WS, Version 15"


def test_cdp_of_hpe_holds_an_address_as_name() -> None:
    raw = bytes.fromhex("e839351aca99")
    (one,) = cdp_neighbours(cdp(device=raw, port=raw, address_type=65535, address=b"", capabilities=b"9"), TEN)
    seen = one.seen
    assert (seen.remote_name, seen.remote_mac, seen.remote_address) == ("", "e8:39:35:1a:ca:99", "")
    assert seen.capabilities == ("router", "bridge")


def test_mikrotik_tells_by_interface() -> None:
    columns = {MNDP["mac"]: {(1,): bytes.fromhex("020000000042")}, MNDP["name"]: {(1,): b"hex"},
               MNDP["interface"]: {(1,): 15}, MNDP["address"]: {(1,): "192.168.88.2"}}  # fmt: skip
    (one,) = mndp_neighbours(columns, TEN)
    assert (one.seen.protocol, one.seen.local_part) == ("mndp", "if:Gi0/5")
    assert (one.seen.remote_name, one.seen.remote_mac, one.seen.remote_address) == (
        "hex", "02:00:00:00:00:42", "192.168.88.2",
    )  # fmt: skip
