"""The message format is that of RFC 1157 and RFC 3416, and no bytes can do more than be refused."""

from __future__ import annotations

import random

import pytest

from collectors.snmp import wire
from collectors.snmp.oids import OidError, arcs_of, decode_oid, encode_oid, intern_oid, is_under

HEAD = wire.message_head(1, b"public")
# GET of sysDescr.0 as net-snmp sends it, request id 0x12345678
GET_SYS_DESCR = bytes.fromhex(
    "302902010104067075626c6963a01c020412345678020100020100300e300c06082b060102010101000500"
)


def test_a_get_is_what_net_snmp_sends() -> None:
    made = wire.request(HEAD, wire.GET, 0x12345678, wire.question("1.3.6.1.2.1.1.1.0"))
    assert made == GET_SYS_DESCR


def test_long_requests_use_long_lengths() -> None:
    made = wire.request(HEAD, wire.GET, 1 << 30, wire.question("1.3.6.1.2.1.1.1.0") * 100)
    header = wire.read_header(made)
    assert len(wire.variables(made, header.at, header.end)) == 100


@pytest.mark.parametrize(
    ("tag", "body", "value"),
    [
        (0x02, b"\xff", -1),
        (0x02, b"\x00\xff", 255),
        (0x41, b"\xff\xff\xff\xff", 4294967295),  # agents that leave out the leading zero
        (0x42, b"\x00\xff\xff\xff\xff", 4294967295),
        (0x46, b"\x00" + b"\xff" * 8, 2**64 - 1),
        (0x43, b"", None),  # a Gauge32 or TimeTicks without a value is no value, not 0
        (0x04, b"text", b"text"),
        (0x06, bytes.fromhex("2b060104018237"), "1.3.6.1.4.1.311"),
        (0x40, b"\xc0\xa8\x2a\x23", "192.168.42.35"),
        (0x40, b"\x01\x02", b"\x01\x02"),
        (0x44, bytes.fromhex("9f78043c23d70a"), pytest.approx(0.01)),
        (0x44, b"\x09\x06\x03", b"\x09\x06\x03"),
        (0x05, b"", None),
        (0x80, b"", None),
        (0x81, b"", None),
        (0x82, b"", None),
        (0x99, b"\x01", b"\x01"),
    ],
)
def test_values(tag: int, body: bytes, value: object) -> None:
    assert wire.value_of(tag, body) == value


@pytest.mark.parametrize("cut", range(len(GET_SYS_DESCR) - 1))
def test_a_cut_message_is_refused_wherever_it_is_cut(cut: int) -> None:
    with pytest.raises(wire.MalformedReply):
        header = wire.read_header(GET_SYS_DESCR[:cut])
        wire.variables(GET_SYS_DESCR[:cut], header.at, header.end)


def test_no_bytes_raise_anything_else() -> None:
    chance = random.Random(7)
    for _ in range(3_000):
        data = bytearray(GET_SYS_DESCR)
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            header = wire.read_header(bytes(data))
            found = wire.variables(bytes(data), header.at, header.end)
        except wire.MalformedReply:
            continue
        for name, tag, body in found:
            decode_oid(name)
            wire.value_of(tag, body)


def test_oids_go_there_and_back() -> None:
    for oid in ("0.0", "1.3.6.1.2.1.1.1.0", "1.0.8802.1.1.2", "2.999.4294967295", "1.3.6.1.2.1.2.2.1.2.400000004"):
        assert decode_oid(encode_oid(oid)) == oid
    assert encode_oid(".1.3.6.1") == encode_oid("1.3.6.1")


@pytest.mark.parametrize("bad", ["", "1", "1.x", "a.b", "3.1", "1.-3", "1..3"])
def test_what_is_no_oid(bad: str) -> None:
    with pytest.raises(OidError):
        encode_oid(bad)


def test_oid_helpers() -> None:
    assert decode_oid(b"") == "0.0" == decode_oid(b"\x80")
    assert arcs_of("1.3.10") > arcs_of("1.3.9")
    assert is_under("1.3.6.1", "1.3.6") and is_under("1.3.6", "1.3.6") and not is_under("1.3.60", "1.3.6")
    assert intern_oid(".1.3.6") is intern_oid("1.3.6")
