"""Reads recordings of real agents: snmprec (snmpsim) and numeric snmpwalk (net-snmp), with the oddities of both.

Files are opened as bytes: recordings hold raw binary and several text encodings.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.demo.replay import ber

_SNMPREC = re.compile(rb"^\.?(\d+(?:\.\d+)*)\|(\d+)([xe]?)(:[^|]*)?\|(.*)$", re.DOTALL)
_WALK = re.compile(rb"^\.?(\d+(?:\.\d+)+)( +)=(?: (.*))?$", re.DOTALL)
_TYPED = re.compile(rb"^([A-Za-z][A-Za-z0-9-]*(?: Address)?)::? ?(.*)$", re.DOTALL)
_INT = re.compile(rb"-?\d+")

_WALK_TAGS = {
    b"INTEGER": ber.INTEGER, b"STRING": ber.OCTET_STRING, b"HEX-STRING": ber.OCTET_STRING, b"BITS": ber.OCTET_STRING,
    b"OID": ber.OBJECT_ID, b"IPADDRESS": ber.IP_ADDRESS, b"NETWORK ADDRESS": ber.IP_ADDRESS,
    b"COUNTER": ber.COUNTER32, b"COUNTER32": ber.COUNTER32, b"GAUGE": ber.GAUGE32, b"GAUGE32": ber.GAUGE32,
    b"UNSIGNED32": ber.GAUGE32, b"TIMETICKS": ber.TIMETICKS, b"COUNTER64": ber.COUNTER64, b"NULL": ber.NULL,
}  # fmt: skip


class RecordingError(ValueError):
    """A file that is no recording; the text names the file and says what was expected."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One recorded variable: numeric OID, wire tag, body as it goes on the wire."""

    oid: ber.Oid
    tag: int
    body: bytes


def read_recording(path: Path) -> list[Variable]:
    """Variables in OID order, the first of repeated OIDs kept. Raises RecordingError, OSError."""
    data = path.read_bytes()
    parse = parse_snmprec if path.suffix == ".snmprec" else parse_snmpwalk
    variables = in_order(parse(data))
    if not variables:
        raise RecordingError(f"{path.name}: no variable found; expected lines like 1.3.6.1.2.1.1.5.0|4|name "
                             "(.snmprec) or .1.3.6.1.2.1.1.5.0 = STRING: name (.snmpwalk)")  # fmt: skip
    return variables


def in_order(variables: Iterable[Variable]) -> list[Variable]:
    """Numeric order by arc. A repeated OID is an artefact of the walk's end or a second walk: the first one stands."""
    first: dict[ber.Oid, Variable] = {}
    for variable in variables:
        first.setdefault(variable.oid, variable)
    return [first[oid] for oid in sorted(first)]


def _oid(text: bytes) -> ber.Oid:
    return tuple(int(arc) for arc in text.strip(b". ").split(b".") if arc)


def _lines(data: bytes) -> Iterator[bytes]:
    for line in data.split(b"\n"):
        yield line.removesuffix(b"\r")


def parse_snmprec(data: bytes) -> Iterator[Variable]:
    """`OID|TAG|VALUE`. Computed values (`TAG:module`) have no fixed value and are left out."""
    for line in _lines(data):
        match = None if line.startswith(b"#") else _SNMPREC.match(line)
        if match is None or match[4]:
            continue
        value = match[5]
        if match[3] == b"x":
            try:
                value = bytes.fromhex(value.decode("ascii"))
            except ValueError:
                continue
        elif match[3] == b"e":
            value = value.decode("unicode_escape").encode("latin-1", "replace")
        body = _body(int(match[2]), value, is_raw=bool(match[3]))
        if body is not None:
            yield Variable(_oid(match[1]), int(match[2]), body)


def _body(tag: int, value: bytes, *, is_raw: bool) -> bytes | None:
    """Wire body of a recorded value; None where the recording holds no usable value (an empty Gauge32, say)."""
    if tag in (ber.OCTET_STRING, ber.OPAQUE) or (tag == ber.IP_ADDRESS and is_raw):
        return value
    if tag == ber.NULL:
        return b""
    if tag == ber.OBJECT_ID:
        oid = _oid(value)
        return ber.oid_body(oid) if len(oid) >= 2 else None
    if tag == ber.IP_ADDRESS:
        octets = [int(part) for part in value.split(b".") if part.isdigit()]
        return bytes(octets) if len(octets) == 4 and max(octets) < 256 else None
    match = _INT.search(value)
    if match is None:
        return None
    number = int(match[0])
    return ber.integer_body(number) if tag == ber.INTEGER else ber.integer_body(max(0, number))


def parse_snmpwalk(data: bytes) -> Iterator[Variable]:
    """`.1.3.6... = TYPE: value`, the dialects of net-snmp's versions included.

    Two walks glued together differ in dialect: when a file holds plain lines, lines with two blanks before `=`
    belong to another host and are left out.
    """
    lines = list(_walk_lines(data))
    has_plain = any(is_plain for is_plain, _, _ in lines)
    for is_plain, oid, value in lines:
        if has_plain and not is_plain:
            continue
        found = _walk_value(value)
        if found is not None:
            yield Variable(oid, *found)


def _walk_lines(data: bytes) -> Iterator[tuple[bool, ber.Oid, bytes]]:
    current: tuple[bool, ber.Oid, bytes] | None = None
    for line in _lines(data):
        match = _WALK.match(line)
        if match:
            if current:
                yield current
            value = match[3] or b""
            current = (match[2] == b" ", _oid(match[1]), value)
        elif current and line:
            current = (current[0], current[1], current[2] + b"\n" + line)
    if current:
        yield current


def _walk_value(value: bytes) -> tuple[int, bytes] | None:
    typed = _TYPED.match(value)
    kind = typed[1].upper() if typed else b""
    if kind == b"OPAQUE":
        match = re.search(rb"[-+0-9.eE]+$", value.strip())
        return (ber.OPAQUE, b"\x9f\x78\x04" + struct.pack(">f", float(match[0]))) if match else None
    if kind not in _WALK_TAGS:
        return _untyped(value)
    assert typed is not None
    tag, text = _WALK_TAGS[kind], typed[2]
    if kind in (b"HEX-STRING", b"BITS"):
        digits = re.match(rb"[0-9A-Fa-f\s]*", text)
        packed = b"".join(digits[0].split()) if digits else b""
        return tag, bytes.fromhex(packed[: len(packed) // 2 * 2].decode())
    if kind == b"STRING":
        return tag, _unquoted(text)
    if kind == b"TIMETICKS" and text.startswith(b"("):
        text = text[1 : text.find(b")")]
    if kind == b"INTEGER" and b"(" in text:  # up(1)
        text = text[text.find(b"(") + 1 :]
    body = _body(tag, text, is_raw=False)
    return None if body is None else (tag, body)


def _unquoted(text: bytes) -> bytes:
    stripped = text.rstrip(b" ")
    if len(stripped) >= 2 and stripped[:1] == stripped[-1:] == b'"':
        return stripped[1:-1]
    return text


def _untyped(value: bytes) -> tuple[int, bytes] | None:
    """`= 225`, `= ""`, `= NULL`: the type is not recorded, so numbers get the smallest type that holds them."""
    if value == b"NULL":
        return ber.NULL, b""
    if not value or value.startswith((b"No Such", b"No more")):
        return None
    if _INT.fullmatch(value):
        number = int(value)
        tag = ber.INTEGER if -(2**31) <= number < 2**31 else ber.GAUGE32 if 0 <= number < 2**32 else ber.COUNTER64
        return tag, ber.integer_body(number)
    return ber.OCTET_STRING, _unquoted(value)
