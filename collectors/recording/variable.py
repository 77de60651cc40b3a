"""One recorded variable and the line it becomes in a .snmprec file (devices.md section 1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from collectors.snmp import wire

_PLAIN = re.compile(rb"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


@dataclass(frozen=True, slots=True)
class Variable:
    """Numeric OID, wire tag, body as it came over the wire."""

    oid: tuple[int, ...]
    tag: int
    body: bytes


def snmprec(variables: Iterable[Variable]) -> str:
    """The lines OID|TAG|VALUE; values that are no plain text stand in hexadecimal."""
    return "".join(f"{'.'.join(map(str, one.oid))}|{_value(one)}\n" for one in variables)


def _value(one: Variable) -> str:
    if one.tag == wire.OCTET_STRING:
        return f"4|{one.body.decode()}" if _PLAIN.fullmatch(one.body) else f"4x|{one.body.hex()}"
    if one.tag in (wire.IP_ADDRESS, wire.OPAQUE):
        return f"{one.tag}x|{one.body.hex()}"
    value = wire.value_of(one.tag, one.body)
    return f"{one.tag}|{'' if value is None else value}"
