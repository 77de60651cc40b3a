"""Fills the places of profiles' names with what a row says: indexes as MAC, address or text, values, arcs of OIDs."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

from collectors.profiles.places import INDEX, Form, Slice, Source, form_of
from collectors.snmp.text import clean_line, mac_of
from collectors.snmp.wire import Value

PART_LIMIT = 120
# "Black Toner, PN 006R01509;SN48178080E0", "Cyan Toner S/N:CRUM-1304": the next cartridge has another number
_SERIAL = re.compile(r"[\s,;(]*(?:\bS/N|;\s*SN|\bSN\s*[:#]|\bSerial\b).*$", re.IGNORECASE)


def named(text: str, values: Mapping[str, Value], index: str) -> str:
    """The text with its places filled, runs of blanks made one, at most PART_LIMIT long."""
    return " ".join(filled(form_of(text), values, index).split())[:PART_LIMIT]


def filled(form: Form, values: Mapping[str, Value], index: str) -> str:
    """The text with its places filled; a place without a value is empty."""
    return "".join(piece if isinstance(piece, str) else _first(piece, values, index) for piece in form.pieces)


def is_filled(form: Form, values: Mapping[str, Value], index: str) -> bool:
    """Whether every place has a value."""
    return all(isinstance(piece, str) or _first(piece, values, index) for piece in form.pieces)


def _first(sources: tuple[Source, ...], values: Mapping[str, Value], index: str) -> str:
    return next((text for source in sources if (text := _text(source, values, index))), "")


def _text(source: Source, values: Mapping[str, Value], index: str) -> str:
    value: Value | None = index if source.column == INDEX else values.get(source.column)
    is_arcs = source.column == INDEX
    for step in source.steps:
        if value is None:
            return ""
        if isinstance(step, Slice):
            value, is_arcs = _sliced(clean_line(value), step), True
        elif isinstance(step, int):
            value = _shifted(value, step)
        else:
            value = _as(step, value, is_arcs)
    return clean_line(value)


def _sliced(dotted: str, step: Slice) -> str:
    arcs = dotted.split(".")
    if step.first < 0:
        return arcs[step.first] if -step.first <= len(arcs) else ""
    return ".".join(arcs[step.first : None if step.last is None else step.last + 1])


def _shifted(value: Value, number: int) -> str:
    text = clean_line(value)
    return str(int(text) + number) if text.isdigit() else ""


def _as(how: str, value: Value, is_arcs: bool) -> str:
    if how == "arcs" or how == "counted":
        raw = value if isinstance(value, bytes) else clean_line(value).encode()
        arcs = ".".join(map(str, raw))
        return f"{len(raw)}.{arcs}" if how == "counted" else arcs
    if how == "noserial":
        return _SERIAL.sub("", clean_line(value))
    if is_arcs:
        value = _bytes_of(clean_line(value))
    if how == "mac":
        return mac_of(value[1:] if is_arcs and isinstance(value, bytes) and value[:1] == b"\x06" else value)
    if how == "ip":
        return _address(value)
    if is_arcs and isinstance(value, bytes) and value and value[0] == len(value) - 1:
        value = value[1:]  # RFC 2578 7.7: a text of varying length stands behind its length
    return clean_line(value)


def _bytes_of(dotted: str) -> bytes:
    try:
        return bytes(int(arc) for arc in dotted.split("."))
    except ValueError:
        return b""


def _address(value: Value) -> str:
    if isinstance(value, bytes):
        if len(value) in (5, 17):
            value = value[1:]  # InetAddress in an index stands behind its length
        if len(value) in (4, 16):
            return str(ipaddress.ip_address(value))
    text = clean_line(value)
    parts = text.split(".")
    if len(parts) == 4 and all(part.isdigit() and int(part) < 256 for part in parts):
        return ".".join(str(int(part)) for part in parts)  # some write leading zeros
    return text
