"""BER as an SNMP agent needs it (RFC 3416, X.690): just enough to answer requests.

Kept apart from the poller's own codec on purpose: a fault in one must not hide the same fault in the other.
"""

from __future__ import annotations

INTEGER, OCTET_STRING, NULL, OBJECT_ID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
IP_ADDRESS, COUNTER32, GAUGE32, TIMETICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW = 0x80, 0x81, 0x82
GET, GET_NEXT, RESPONSE, SET, GET_BULK = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5

Oid = tuple[int, ...]


class BerError(ValueError):
    """The bytes are not BER as SNMP uses it."""


def length(size: int) -> bytes:
    if size < 0x80:
        return bytes((size,))
    body = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(body),)) + body


def tlv(tag: int, body: bytes) -> bytes:
    return bytes((tag,)) + length(len(body)) + body


def integer_body(value: int) -> bytes:
    """Two's complement, shortest form."""
    size = max(1, (value.bit_length() + 8) // 8) if value >= 0 else ((value + 1).bit_length() + 8) // 8
    return value.to_bytes(size, "big", signed=True)


def oid_body(oid: Oid) -> bytes:
    """Raises BerError for an OID with fewer than two arcs."""
    if len(oid) < 2:
        raise BerError(f"an OID needs two arcs: {oid}")
    out = bytearray()
    for arc in (oid[0] * 40 + oid[1], *oid[2:]):
        chunk = [arc & 0x7F]
        arc >>= 7
        while arc:
            chunk.append(0x80 | arc & 0x7F)
            arc >>= 7
        out.extend(reversed(chunk))
    return bytes(out)


def oid_of(body: bytes) -> Oid:
    arcs: list[int] = []
    value = 0
    for byte in body:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    if not arcs:
        return (0, 0)
    first = min(arcs[0] // 40, 2)
    return (first, arcs[0] - 40 * first, *arcs[1:])


def read(data: bytes, start: int) -> tuple[int, int, int]:
    """(tag, first byte of the body, byte after the body) of the element at `start`."""
    try:
        tag, size = data[start], data[start + 1]
    except IndexError as error:
        raise BerError("cut off in a header") from error
    body = start + 2
    if size & 0x80:
        count = size & 0x7F
        body += count
        size = int.from_bytes(data[start + 2 : body], "big")
    if body + size > len(data):
        raise BerError("cut off in a body")
    return tag, body, body + size


def integer_at(data: bytes, start: int) -> tuple[int, int]:
    tag, body, end = read(data, start)
    if tag != INTEGER:
        raise BerError(f"tag {tag:#x} where an INTEGER belongs")
    return int.from_bytes(data[body:end], "big", signed=True), end
