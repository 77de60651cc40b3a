"""The SNMP v1 and v2c message (RFC 1157, RFC 3416): requests put together from encoded parts, replies taken apart.

Version 3 is gufo-snmp's work (usm.py); docs/decisions says why v1 and v2c are not. Nothing here opens a socket.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from collectors.snmp.oids import decode_oid, encode_oid

Value = int | float | str | bytes

GET, GET_NEXT, RESPONSE, GET_BULK = 0xA0, 0xA1, 0xA2, 0xA5
TOO_BIG, NO_SUCH_NAME, BAD_VALUE, READ_ONLY, GEN_ERR = 1, 2, 3, 4, 5
AUTHORIZATION_ERROR = 16
INTEGER, OCTET_STRING, NULL, OBJECT_ID = 0x02, 0x04, 0x05, 0x06
IP_ADDRESS, COUNTER32, GAUGE32, TIMETICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
END_OF_VIEW = 0x82
ABSENT = frozenset({NULL, 0x80, 0x81, END_OF_VIEW})  # noSuchObject, noSuchInstance, endOfMibView: absent, not 0
NUMBERS = frozenset({INTEGER, COUNTER32, GAUGE32, TIMETICKS, COUNTER64})
_FLOAT, _DOUBLE = b"\x9f\x78\x04", b"\x9f\x79\x08"  # net-snmp's Opaque: tag 0x9f78, length 4


class MalformedReply(ValueError):
    """A datagram that is not the SNMP reply it should be; the text says where it broke."""


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the variables of a reply; `at` and `end` bound the variable list."""

    version: int
    community: bytes
    kind: int
    request_id: int
    status: int
    index: int
    at: int
    end: int


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes((size,))
    return struct.pack(">BH", 0x82, size) if size > 0xFF else struct.pack(">BB", 0x81, size)


def tlv(tag: int, body: bytes) -> bytes:
    """One BER element with a body up to 64 KiB."""
    return bytes((tag,)) + _length(len(body)) + body


def question(oid: str) -> bytes:
    """A variable of a request: name and NULL."""
    return question_of(encode_oid(oid))


def question_of(name: bytes) -> bytes:
    """As `question`, of an encoded name."""
    return tlv(0x30, tlv(OBJECT_ID, name) + b"\x05\x00")


def message_head(version: int, community: bytes) -> bytes:
    """Version and community; the same for every request to a device. `version` is 0 for v1 and 1 for v2c."""
    return b"\x02\x01" + bytes((version,)) + tlv(OCTET_STRING, community)


def request(head: bytes, kind: int, request_id: int, variables: bytes, numbers: tuple[int, int] = (0, 0)) -> bytes:
    """A datagram. `numbers` are 0, 0 or, for GETBULK, non-repeaters and max-repetitions (at most 127).

    0 <= request_id < 2**31.
    """
    first, second = numbers
    body = b"".join((
        b"\x02\x04", request_id.to_bytes(4, "big"),
        b"\x02\x01", bytes((first,)), b"\x02\x01", bytes((second,)),
        b"\x30", _length(len(variables)), variables,
    ))  # fmt: skip
    pdu = tlv(kind, body)
    return b"\x30" + _length(len(head) + len(pdu)) + head + pdu


def element(data: bytes, at: int) -> tuple[int, int, int]:
    """(tag, first byte of the body, byte after it). Raises MalformedReply when it does not fit into the data."""
    try:
        tag, size = data[at], data[at + 1]
        body = at + 2
        if size >= 0x80:
            count = size & 0x7F
            if not 1 <= count <= 4:
                raise MalformedReply(f"impossible length at byte {at}")
            body += count
            size = int.from_bytes(data[at + 2 : body], "big")
    except IndexError:
        raise MalformedReply(f"cut off at byte {len(data)}") from None
    if body + size > len(data):
        raise MalformedReply(f"cut off: {body + size - len(data)} bytes missing")
    return tag, body, body + size


def _integer(data: bytes, at: int) -> tuple[int, int]:
    tag, body, end = element(data, at)
    if tag != INTEGER or end == body or end - body > 8:
        raise MalformedReply(f"no integer at byte {at}")
    return int.from_bytes(data[body:end], "big", signed=True), end


def read_header(data: bytes) -> Header:
    """Everything before the variables. Raises MalformedReply."""
    tag, at, end = element(data, 0)
    if tag != 0x30:
        raise MalformedReply("not an SNMP message")
    version, at = _integer(data, at)
    tag, body, at = element(data, at)
    if tag != OCTET_STRING:
        raise MalformedReply("no community")
    community = data[body:at]
    kind, at, _ = element(data, at)
    request_id, at = _integer(data, at)
    status, at = _integer(data, at)
    index, at = _integer(data, at)
    tag, at, end = element(data, at)
    if tag != 0x30:
        raise MalformedReply("no list of variables")
    return Header(version, community, kind, request_id, status, index, at, end)


def variables(data: bytes, at: int, end: int) -> list[tuple[bytes, int, bytes]]:
    """(encoded OID, tag, body) of each variable in order. Raises MalformedReply."""
    found = []
    whole = min(end, len(data))  # a damaged reply says more than it holds
    while at < end:
        # Nearly every variable is written with lengths of one byte
        head = data[at : at + 4]
        if len(head) == 4 and head[0] == 0x30 and head[2] == OBJECT_ID and head[1] < 0x80 and head[3] < 0x80:
            stop, value = at + 2 + head[1], at + 4 + head[3]
            size = data[value + 1] if value + 1 < whole else 0x80
            if size < 0x80 and value + 2 + size <= stop <= whole:
                found.append((data[at + 4 : value], data[value], data[value + 2 : value + 2 + size]))
                at = stop
                continue
        tag, start, at = element(data, at)
        if tag != 0x30:
            raise MalformedReply("a variable that is no pair")
        tag, name, stop = element(data, start)
        if tag != OBJECT_ID:
            raise MalformedReply("a variable without a name")
        kind, body, last = element(data, stop)
        if last > at:
            raise MalformedReply("a value longer than its variable")
        found.append((data[name:stop], kind, data[body:last]))
    return found


def value_of(tag: int, body: bytes) -> Value | None:
    """The value in Python's types: int, float, dotted OID or address, bytes; None when absent or not readable."""
    if tag in ABSENT:
        return None
    if tag in NUMBERS:
        return int.from_bytes(body, "big", signed=tag == INTEGER) if body else None
    if tag == OBJECT_ID:
        return decode_oid(body)
    if tag == IP_ADDRESS:
        return ".".join(map(str, body)) if len(body) == 4 else body
    if tag == OPAQUE:
        return _opaque(body)
    return body


def _opaque(body: bytes) -> Value | None:
    if len(body) == 7 and body.startswith(_FLOAT):
        return float(struct.unpack(">f", body[3:])[0])
    if len(body) == 11 and body.startswith(_DOUBLE):
        return float(struct.unpack(">d", body[3:])[0])
    return body
