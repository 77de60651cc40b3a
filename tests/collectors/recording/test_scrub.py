"""What is private goes, what explains the device stays, and tables still fit together."""

import re

import pytest

from collectors.recording.scrub import Scrubber
from collectors.recording.variable import Variable, snmprec
from collectors.snmp import wire
from collectors.snmp.oids import decode_oid, encode_oid

MAC, PEER = bytes.fromhex("3c970e123456"), bytes.fromhex("3c970e99aabb")


def text(oid: str, value: str) -> Variable:
    return Variable(tuple(map(int, oid.split("."))), wire.OCTET_STRING, value.encode())


def raw(oid: str, value: bytes, tag: int = wire.OCTET_STRING) -> Variable:
    return Variable(tuple(map(int, oid.split("."))), tag, value)


DEVICE = [
    text("1.3.6.1.2.1.1.1.0", "Example OS 7.1 on SW-24P, host sw-le-loi, built 2019"),
    text("1.3.6.1.2.1.1.4.0", "co Lan 0912345678"),
    text("1.3.6.1.2.1.1.5.0", "sw-le-loi"),
    text("1.3.6.1.2.1.1.6.0", "Phòng máy 2, 12 Trần Phú"),
    text("1.3.6.1.2.1.2.2.1.2.1", "GigabitEthernet0/1"),
    raw("1.3.6.1.2.1.2.2.1.6.1", MAC),
    raw("1.3.6.1.2.1.4.20.1.1.113.160.4.9", bytes((113, 160, 4, 9)), wire.IP_ADDRESS),
    raw("1.3.6.1.2.1.4.20.1.3.113.160.4.9", bytes((255, 255, 255, 0)), wire.IP_ADDRESS),
    raw("1.3.6.1.2.1.4.22.1.2.1.192.168.7.20", PEER),
    raw("1.3.6.1.2.1.17.4.3.1.1.60.151.14.18.52.86", MAC),
    raw("1.3.6.1.2.1.17.4.3.1.2.60.151.14.18.52.86", b"\x07", wire.INTEGER),
    text("1.3.6.1.2.1.31.1.1.1.18.1", "len phong hieu truong"),
    text("1.3.6.1.2.1.47.1.1.1.1.11.1", "FOC1234X0ZZ"),
    text("1.3.6.1.4.1.99999.1.1.0", "FOC1234X0ZZ/A"),
    text("1.3.6.1.4.1.99999.1.2.0", "temperature normal, 42 C"),
    text("1.3.6.1.4.1.99999.1.3.0", "Nguyen Thi Hoa"),
    text("1.3.6.1.4.1.99999.1.4.0", "log to 10.1.2.3 by hoa@truong.edu.vn, snmp.truong.edu.vn, 3C:97:0E:12:34:56"),
    text("1.3.6.1.4.1.99999.1.5.0", "bi mat cua toi"),
    text("1.3.6.1.4.1.99999.1.6.0", "V7.1.64"),
    raw("1.3.6.1.4.1.99999.1.7.0", bytes((0xFF, 0x00, 0x10))),
    raw("1.3.6.1.6.3.10.2.1.1.0", b"\x80\x00\x1f\x88\x03" + MAC),
]


@pytest.fixture
def scrubbed() -> dict[tuple[int, ...], Variable]:
    found = Scrubber(["bi mat cua toi"], ["1.3.6.1.4.1.99999.9.9.0"]).scrub(DEVICE)
    return {one.oid: one for one in found.variables}


def test_nothing_private_remains():
    out = snmprec(Scrubber(["bi mat cua toi"]).scrub(DEVICE).variables)
    readable = out + "\n".join(bytes.fromhex(one).decode("latin-1") for one in re.findall(r"x\|([0-9a-f]+)", out))
    for secret in (
        "Lan", "0912345678", "le-loi", "Trần", "Phòng", "hieu truong", "FOC1234", "Nguyen", "Hoa", "hoa@", "truong.edu",
        "10.1.2.3", "bi mat", "113.160.4.9", "192.168.7", "3C:97", "3c970e", "60.151.14",
    ):  # fmt: skip
        assert secret.lower() not in readable.lower(), secret


def test_what_explains_the_device_stays(scrubbed):
    def shown(oid: str) -> str:
        return scrubbed[tuple(map(int, oid.split(".")))].body.decode()

    assert shown("1.3.6.1.2.1.1.1.0").startswith("Example OS 7.1 on SW-24P")
    assert shown("1.3.6.1.2.1.2.2.1.2.1") == "GigabitEthernet0/1"
    assert shown("1.3.6.1.4.1.99999.1.2.0") == "temperature normal, 42 C"
    assert shown("1.3.6.1.4.1.99999.1.6.0") == "V7.1.64"
    assert scrubbed[1, 3, 6, 1, 4, 1, 99999, 1, 7, 0].body == b"\xff\x00\x10"


def test_equal_addresses_stay_equal_in_values_and_indexes(scrubbed):
    mac = scrubbed[1, 3, 6, 1, 2, 1, 2, 2, 1, 6, 1].body
    assert mac[0] == 2
    assert mac != MAC
    row = (1, 3, 6, 1, 2, 1, 17, 4, 3, 1, 1, *mac)
    assert scrubbed[row].body == mac
    assert (1, 3, 6, 1, 2, 1, 17, 4, 3, 1, 2, *mac) in scrubbed
    assert scrubbed[1, 3, 6, 1, 6, 3, 10, 2, 1, 1, 0].body == b"\x80\x00\x1f\x88\x03" + mac
    [own] = [one for oid, one in scrubbed.items() if oid[:10] == (1, 3, 6, 1, 2, 1, 4, 20, 1, 1)]
    assert own.oid[-4:] == tuple(own.body)
    assert own.body[:1] == b"\xc6"
    [peer] = [one for oid, one in scrubbed.items() if oid[:10] == (1, 3, 6, 1, 2, 1, 4, 22, 1, 2)]
    assert peer.body[:3] == mac[:3], "cards of one maker stay cards of one maker"
    assert peer.oid[-4] == 198


def test_masks_and_special_addresses_stay(scrubbed):
    [mask] = [one for oid, one in scrubbed.items() if oid[:10] == (1, 3, 6, 1, 2, 1, 4, 20, 1, 3)]
    assert mask.body == b"\xff\xff\xff\x00"
    kept = [bytes(6), b"\xff" * 6, bytes.fromhex("0180c200000e")]
    found = Scrubber().scrub([raw(f"1.3.6.1.2.1.2.2.1.6.{n}", one) for n, one in enumerate(kept, 1)])
    assert [one.body for one in found.variables] == kept


def test_remaining_texts_are_listed_for_a_person():
    found = Scrubber().scrub(DEVICE)
    assert "GigabitEthernet0/1" in found.kept
    assert not any("Nguyen" in text for text in found.kept)


def test_order_and_number_of_variables_hold():
    found = Scrubber().scrub(DEVICE).variables
    assert len({one.oid for one in found}) == len(DEVICE)
    assert [one.oid for one in found] == sorted(one.oid for one in found)


def test_pointers_to_rows_of_addresses_follow_their_rows():
    """ipAddressPrefix names the row of a prefix, and with it the network's address; other OIDs stay."""
    prefix, maker = "1.3.6.1.2.1.4.32.1.5.2.1.4.10.207.15.0.24", "1.3.6.1.4.1.9.1.1208"
    found = Scrubber().scrub([
        raw("1.3.6.1.2.1.1.2.0", encode_oid(maker), wire.OBJECT_ID),
        raw(prefix, b"\x01", wire.INTEGER),
        raw("1.3.6.1.2.1.4.34.1.5.1.4.10.207.15.3", encode_oid(prefix), wire.OBJECT_ID),
    ]).variables  # fmt: skip
    values = [decode_oid(one.body) for one in found if one.tag == wire.OBJECT_ID]
    assert ".".join(map(str, found[1].oid)) == values[1] and values[0] == maker
    assert "10.207" not in snmprec(found)
