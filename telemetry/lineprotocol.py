"""InfluxDB line protocol, read strictly and fast: text in, points out, errors by line. Pure; knows no series.

Grammar: https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/ - what it calls undefined is an error.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

PRECISIONS = {"ns": 1_000_000_000, "us": 1_000_000, "ms": 1_000, "s": 1}
ERROR_LIMIT = 100  # lines named one by one; more are counted
_INTEGER = re.compile(r"-?[0-9]{1,19}\Z")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_TRUE, _FALSE = frozenset(("t", "T", "true", "True", "TRUE")), frozenset(("f", "F", "false", "False", "FALSE"))
_KEY = r"(?:[^\\,= \n]|\\.)+"
_HEAD = re.compile(r"((?:[^\\, \n]|\\.)+)((?:," + _KEY + "=" + _KEY + r")*) +")
_TAG = re.compile(rf",({_KEY})=({_KEY})")
_FIELD = re.compile(rf'({_KEY})=("(?:[^"\\]|\\.)*"|[^", ]+)')
_UNESCAPE = re.compile(r"\\([,= \\\"])")


class LineError(ValueError):
    """A line that is not line protocol; says what is wrong with it."""


class Head(NamedTuple):
    """Measurement and tags: what most lines of a stream have in common."""

    measurement: str
    tags: tuple[tuple[str, str], ...]


class Point(NamedTuple):
    """One line. `fields` are its numbers (bool as 0 or 1), `texts` how many text fields it had besides.

    `at` is seconds since 1970, None when the line gave no time.
    """

    head: Head
    fields: list[tuple[str, float]]
    at: float | None
    texts: int
    line: int


class Parsed(NamedTuple):
    """Points of the good lines, and (line number from 1, what is wrong) of the first bad ones."""

    points: list[Point]
    errors: list[tuple[int, str]]
    error_count: int


def parse(text: bytes, precision: str = "ns") -> Parsed:
    """Read lines. A bad line does not spoil the others. Raises ValueError for an unknown precision."""
    divisor = PRECISIONS.get(precision)
    if divisor is None:
        raise ValueError(f"{precision!r} is not a precision; allowed are {', '.join(PRECISIONS)}")
    points: list[Point] = []
    errors: list[tuple[int, str]] = []
    error_count = 0
    heads: dict[str, Head] = {}
    for number, raw in _lines(text):
        try:
            points.append(_parse_line(raw.decode("utf-8"), number, divisor, heads))
        except UnicodeDecodeError:
            error = "the line is not UTF-8"
        except LineError as problem:
            error = str(problem)
        else:
            continue
        error_count += 1
        if len(errors) < ERROR_LIMIT:
            errors.append((number, error))
    return Parsed(points, errors, error_count)


def escape_tag(text: str) -> str:
    """A tag's or field's name, or a tag's value, as it is written in a line.

    A backslash at the end of a value cannot be written in line protocol, so all become its look-alike U+29F5.
    """
    text = text.replace("\\", "\u29f5").replace("\n", " ")
    return text.replace(",", "\\,").replace("=", "\\=").replace(" ", "\\ ")


def _lines(text: bytes) -> Sequence[tuple[int, bytes]]:
    found = _split_quoted(text) if b'"' in text else text.split(b"\n")
    kept, number = [], 1
    for raw in found:
        line = raw.strip(b" \r\t")
        if line and not line.startswith(b"#"):
            kept.append((number, line))
        number += 1 + raw.count(b"\n")
    return kept


def _split_quoted(text: bytes) -> list[bytes]:
    """Lines of a text with quoted fields: a line break inside quotes is part of the field."""
    found, held = [], b""
    for raw in text.split(b"\n"):
        held = held + b"\n" + raw if held else raw
        if held.replace(b"\\\\", b"").replace(b'\\"', b"").count(b'"') % 2 == 0:
            found.append(held)
            held = b""
    if held:
        found.extend(held.split(b"\n"))  # never closed: each line stands for itself, and the first one is wrong
    return found


def _parse_line(line: str, number: int, divisor: int, heads: dict[str, Head]) -> Point:
    if "\\" not in line and '"' not in line:
        pieces = line.split(" ")
        if len(pieces) > 3 or "" in pieces:
            pieces = line.split()
        if len(pieces) < 2:
            raise LineError("fields are missing: a line is measurement,tags fields time")
        if len(pieces) > 3:
            raise LineError("a line has at most three parts: measurement,tags fields time")
        name = pieces[0]
        head = heads.get(name)
        if head is None:
            head = heads[name] = _simple_head(name)
        fields = []
        for field in pieces[1].split(","):
            key, sign, value = field.partition("=")
            if not sign or not key:
                raise LineError(f"{field[:60]!r} is not a field; fields are name=value")
            fields.append((key, _number(value)))
        return Point(head, fields, _time(pieces[2], divisor) if len(pieces) == 3 else None, 0, number)
    return _parse_escaped(line, number, divisor, heads)


def _simple_head(text: str) -> Head:
    measurement, *tags = text.split(",")
    if not measurement:
        raise LineError("the measurement is missing")
    pairs = []
    for tag in tags:
        key, sign, value = tag.partition("=")
        if not sign or not key or not value or "=" in value:
            raise LineError(f"{tag[:60]!r} is not a tag; tags are name=value")
        pairs.append((key, value))
    return Head(measurement, tuple(sorted(pairs)))


def _parse_escaped(line: str, number: int, divisor: int, heads: dict[str, Head]) -> Point:
    start = _HEAD.match(line)
    if start is None:
        raise LineError("the beginning is not measurement,tag=value followed by a blank")
    name = start.group()
    head = heads.get(name)
    if head is None:
        pairs = [(_plain(key), _plain(value)) for key, value in _TAG.findall(start.group(2))]
        head = heads[name] = Head(_plain(start.group(1)), tuple(sorted(pairs)))
    at, fields, texts = start.end(), [], 0
    while True:
        field = _FIELD.match(line, at)
        if field is None:
            raise LineError(f"{line[at : at + 60]!r} is not a field; fields are name=value, text in double quotes")
        key, value = field.groups()
        if value.startswith('"'):
            texts += 1
        else:
            fields.append((_plain(key), _number(value)))
        at = field.end()
        if line[at : at + 1] != ",":
            break
        at += 1
    rest = line[at:]
    if rest and not rest.startswith(" "):
        raise LineError(f"{rest[:60]!r} cannot follow a field's value")
    rest = rest.strip()
    return Point(head, fields, _time(rest, divisor) if rest else None, texts, number)


def _plain(text: str) -> str:
    return _UNESCAPE.sub(r"\1", text) if "\\" in text else text


def _number(text: str) -> float:
    if _FLOAT.match(text):
        value = float(text)
        if value - value != 0.0:  # an exponent beyond a double's range
            raise LineError(f"{text[:40]!r} is too large a number")
        return value
    kind, digits = text[-1:], text[:-1]
    if kind == "i" and _INTEGER.match(digits) and -(1 << 63) <= int(digits) < 1 << 63:
        return float(int(digits))
    if kind == "u" and digits.isascii() and digits.isdigit() and len(digits) <= 20 and int(digits) < 1 << 64:
        return float(int(digits))
    if text in _TRUE:
        return 1.0
    if text in _FALSE:
        return 0.0
    raise LineError(f"{text[:40]!r} is not a value: number, whole number with i or u, true or false, or \"text\"")


def _time(text: str, divisor: int) -> float:
    if not _INTEGER.match(text):
        raise LineError(f"{text[:40]!r} is not a time; it must be a whole number")
    return int(text) / divisor
