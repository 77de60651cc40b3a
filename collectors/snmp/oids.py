"""Object identifiers as dotted text and as BER; texts are interned: 18,000 plans repeat the same few thousand."""

from __future__ import annotations

import sys
from functools import lru_cache


class OidError(ValueError):
    """Text that is no object identifier."""


@lru_cache(maxsize=65_536)
def encode_oid(oid: str) -> bytes:
    """Body of the BER element (X.690 8.19), without tag and length. Raises OidError."""
    try:
        arcs = [int(arc) for arc in oid.lstrip(".").split(".")]
    except ValueError as error:
        raise OidError(f"not an OID: {oid!r}") from error
    if len(arcs) < 2 or min(arcs) < 0 or arcs[0] > 2:
        raise OidError(f"not an OID: {oid!r}")
    out = bytearray()
    for arc in (arcs[0] * 40 + arcs[1], *arcs[2:]):
        if arc < 0x80:
            out.append(arc)
            continue
        groups = []
        while arc:
            groups.append(arc & 0x7F | 0x80)
            arc >>= 7
        groups[0] &= 0x7F
        out.extend(reversed(groups))
    return bytes(out)


def decode_oid(body: bytes) -> str:
    """Dotted text, no leading dot; an unfinished last arc is left out, as lenient as the devices are careless."""
    if not body:
        return "0.0"
    arcs: list[int] = []
    value = 0
    for byte in body:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            arcs.append(value)
            value = 0
    if not arcs:
        return "0.0"
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def intern_oid(oid: str) -> str:
    """The one shared text of this OID, without a leading dot."""
    return sys.intern(oid.lstrip("."))


def arcs_of(oid: str) -> tuple[int, ...]:
    """Arcs as numbers, for comparing in MIB order."""
    return tuple(map(int, oid.split(".")))


def is_under(oid: str, root: str) -> bool:
    """Whether `oid` is `root` or lies in its subtree."""
    return oid == root or oid.startswith(root + ".")
