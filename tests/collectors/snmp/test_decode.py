"""The quick way and the slow way through a reply give the same; damage is named, never guessed over."""

from __future__ import annotations

import random

import numpy as np
import pytest

from collectors.snmp import wire
from collectors.snmp.decode import Segment, decode, readings_of, segment_of
from collectors.snmp.template import Output, Row, build_template
from collectors.snmp.wire import MalformedReply

OIDS = [f"1.3.6.1.2.1.31.1.1.1.{column}.{index}" for column in (6, 10, 15) for index in (1, 7, 400_000_004)]
TEMPLATE = build_template([Row(oid, is_text=oid.endswith("15.7")) for oid in OIDS], [Output(((0, 1.0),))])
HEAD = wire.message_head(1, b"public")


def variable(oid: str, tag: int, body: bytes) -> bytes:
    return wire.tlv(0x30, wire.tlv(0x06, wire.encode_oid(oid)) + wire.tlv(tag, body))


def reply(values: list[tuple[int, bytes]], oids: list[str] = OIDS) -> tuple[bytes, int, int]:
    listed = b"".join(variable(oid, *value) for oid, value in zip(oids, values, strict=True))
    data = wire.request(HEAD, wire.RESPONSE, 5, listed)
    header = wire.read_header(data)
    return data, header.at, header.end


VALUES = [(0x46, b"\x00" + b"\xff" * 8), (0x46, b"\x05"), (0x02, b"\xff\xfe"), (0x41, b"\xff\xff\xff\xff"), (0x81, b""),
          (0x42, b"\x00\x80"), (0x43, b"\x01\x00"), (0x04, b"42.5 C"),
          (0x44, bytes.fromhex("9f78043c23d70a"))]  # fmt: skip
NUMBERS = [2.0**64, 5, -2, 4294967295, np.nan, 128, 256, 42.5, 0.01]


def test_both_ways_agree() -> None:
    data, at, end = reply(VALUES)
    quick = segment_of(TEMPLATE, (0, 9), data, at, end)
    assert quick.places is not None
    slow = Segment(0, 9, data, at, end)
    for segment in (quick, slow):
        raw, wrong, _ = decode(TEMPLATE, [segment])
        np.testing.assert_allclose(raw, NUMBERS, rtol=1e-6)
        assert not wrong


def test_several_replies_are_joined() -> None:
    first, second = reply(VALUES[:4], OIDS[:4]), reply(VALUES[4:], OIDS[4:])
    segments = [segment_of(TEMPLATE, (0, 4), *first), segment_of(TEMPLATE, (4, 9), *second)]
    np.testing.assert_allclose(decode(TEMPLATE, segments)[0], NUMBERS, rtol=1e-6)
    partly = decode(TEMPLATE, segments[1:]).raw
    assert np.isnan(partly[:4]).all() and partly[5] == 128


def test_text_where_a_number_belongs_is_told() -> None:
    data, at, end = reply([(0x04, b"not a number"), *VALUES[1:]])
    raw, wrong, _ = decode(TEMPLATE, [segment_of(TEMPLATE, (0, 9), data, at, end)])
    assert np.isnan(raw[0]) and wrong[0] == (0, b"not a number")


def test_a_legal_reply_in_another_order_is_read() -> None:
    data, at, end = reply(VALUES[::-1], OIDS[::-1])
    raw, *_ = decode(TEMPLATE, [segment_of(TEMPLATE, (0, 9), data, at, end)])
    np.testing.assert_allclose(raw, NUMBERS, rtol=1e-6)


def test_other_names_are_refused() -> None:
    data, at, end = reply(VALUES, [f"1.3.6.1.2.1.31.1.1.1.{column}.{index}" for column in (7, 11, 16)
                                   for index in (1, 7, 400_000_004)])  # fmt: skip
    with pytest.raises(MalformedReply):
        decode(TEMPLATE, [segment_of(TEMPLATE, (0, 9), data, at, end)])


def test_fewer_variables_are_refused() -> None:
    data, at, end = reply(VALUES[:5], OIDS[:5])
    with pytest.raises(MalformedReply):
        segment_of(TEMPLATE, (0, 9), data, at, end)


def test_one_damaged_reply_of_several_costs_only_its_own_rows() -> None:
    first, (data, at, end) = reply(VALUES[:4], OIDS[:4]), reply(VALUES[4:], OIDS[4:])
    decoded = decode(TEMPLATE, [segment_of(TEMPLATE, (0, 4), *first), Segment(4, 9, data[: at + 5], at, end)])
    assert decoded.raw[1] == 5 and np.isnan(decoded.raw[4:]).all() and "cut off" in decoded.damage


def test_random_damage_never_breaks_out() -> None:
    chance = random.Random(11)
    whole, _, _ = reply(VALUES)
    for _ in range(3_000):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            header = wire.read_header(bytes(data))
            raw, *_ = decode(TEMPLATE, [segment_of(TEMPLATE, (0, 9), bytes(data), header.at, header.end)])
        except MalformedReply:
            continue
        assert raw.shape == (9,)


def test_values_by_oid() -> None:
    raw, wrong = readings_of(TEMPLATE, {OIDS[0]: 3, OIDS[1]: b"x", OIDS[7]: b"12 V", OIDS[8]: None})
    assert raw[0] == 3 and raw[7] == 12 and np.isnan(raw[8]) and wrong == [(1, b"x")]
