"""Replies to a plan's requests become an array of readings, the usual reply without an object for each variable.

A reply to a GET repeats the names in the order asked, so only the lengths of values must be followed one by one. Names,
tags and numbers are then compared and gathered for the whole device at once. A reply that is legal but written
differently takes the slow way through `wire.variables`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from collectors.snmp.template import TAIL, Template
from collectors.snmp.wire import ABSENT, INTEGER, NUMBERS, MalformedReply, value_of, variables

_WINDOW = np.arange(-TAIL, 11)  # name's tail, tag, length, nine bytes of value
_TAG, _LENGTH, _BODY = TAIL, TAIL + 1, TAIL + 2
_PAD = bytes(16)


class Segment(NamedTuple):
    """One whole reply: rows start..stop, the datagram, where its variables for these rows begin and end.

    `places` are the offsets of the values' tags when the reply is written in the usual short form, else None.
    """

    start: int
    stop: int
    data: bytes
    at: int
    end: int
    places: list[int] | None = None


class WrongType(NamedTuple):
    """A variable that is there but is no number."""

    row: int
    value: object


class Decoded(NamedTuple):
    """Readings float64[n], NaN where absent; what was no number; "" or how a reply was damaged (its rows are NaN)."""

    raw: np.ndarray
    wrong: list[WrongType]
    damage: str = ""


def decode(template: Template, segments: Sequence[Segment]) -> Decoded:
    """The readings of a poll. Raises MalformedReply when no reply at all is about what was asked."""
    raw = np.full(len(template), np.nan)
    wrong: list[WrongType] = []
    damages: list[MalformedReply] = []
    quick, slow = [], []
    positions: list[int] = []
    rows: list[int] = []
    base = 0
    for segment in segments:
        if segment.places is None:
            slow.append(segment)
            continue
        quick.append(segment.data)
        positions += [place + base for place in segment.places] if base else segment.places
        rows.extend(range(segment.start, segment.stop))
        base += len(segment.data)
    if quick:
        blob = b"".join((*quick, _PAD))
        if not _gather(template, blob, np.array(positions, dtype=np.int64), np.array(rows, dtype=np.int64), raw, wrong):
            slow, wrong = list(segments), []
    for segment in slow:
        try:
            _decode_slowly(template, segment, raw, wrong)
        except MalformedReply as error:
            damages.append(error)
    if damages and len(damages) == len(segments):
        raise damages[0]
    return Decoded(raw, wrong, str(damages[0]) if damages else "")


def segment_of(template: Template, rows: tuple[int, int], data: bytes, at: int, end: int) -> Segment:
    """A reply's variables for rows start..stop. Raises MalformedReply when they do not fit together."""
    start, stop = rows
    here = at
    places = []
    try:
        for span in template.names.spans[start:stop]:
            here += span
            places.append(here)
            here += 2 + data[here + 1]
    except IndexError:
        here = -1
    if here == end:
        return Segment(start, stop, data, at, end, places)
    if len(variables(data, at, end)) < stop - start:
        raise MalformedReply("fewer variables than asked for")
    return Segment(start, stop, data, at, end)


def _gather(
    template: Template, blob: bytes, at: np.ndarray, rows: np.ndarray, raw: np.ndarray, wrong: list[WrongType]
) -> bool:
    """Fill `raw` from the joined replies; False when some name is not the one asked for."""
    window = np.frombuffer(blob, dtype=np.uint8)[at[:, None] + _WINDOW]
    names = window[:, :TAIL].copy().view(np.uint64)
    is_all = len(rows) == len(raw)
    tails, masks = (template.names.tails, template.names.masks) if is_all else (
        template.names.tails[rows], template.names.masks[rows])  # fmt: skip
    if not np.array_equal(names & masks, tails):
        return False
    tags, lengths = window[:, _TAG], window[:, _LENGTH].astype(np.int64)
    is_number = _is_number_tag[tags] & (lengths >= 1) & (lengths <= 9)
    body = window[:, _BODY : _BODY + 8].copy().view(">u8").ravel().astype(np.uint64)
    shift = ((8 - np.minimum(lengths, 8)) * 8).astype(np.uint64) & np.uint64(63)
    values = (body >> shift).astype(np.float64)
    signed = (body.view(np.int64) >> shift.view(np.int64)).astype(np.float64)
    values = np.where(tags == INTEGER, signed, values)
    raw[rows] = np.where(is_number, values, np.nan)
    is_odd = ~is_number | (lengths == 9)
    if is_odd.any():
        for i in np.flatnonzero(is_odd):
            start = int(at[i]) + 2
            row = int(rows[i])
            raw[row] = _number(template, row, int(tags[i]), blob[start : start + int(lengths[i])], wrong)
    return True


_is_number_tag = np.zeros(256, dtype=bool)
_is_number_tag[list(NUMBERS)] = True


def _number(template: Template, row: int, tag: int, body: bytes, wrong: list[WrongType]) -> float:
    if tag in ABSENT:
        return float("nan")
    value = value_of(tag, body)
    if isinstance(value, int | float):
        return float(value)
    number = template.rows[row].number(value)
    if number is None:
        if value not in (None, b""):
            wrong.append(WrongType(row, value))
        return float("nan")
    return number


def _decode_slowly(template: Template, segment: Segment, raw: np.ndarray, wrong: list[WrongType]) -> None:
    index = template.names.index
    known = 0
    found = variables(segment.data, segment.at, segment.end)
    for name, tag, body in found:
        row = index.get(name)
        if row is not None:
            known += 1
            raw[row] = _number(template, row, tag, body, wrong)
    if found and not known:
        raise MalformedReply("answers about other variables than those asked for")


def readings_of(template: Template, values: dict[str, object]) -> tuple[np.ndarray, list[WrongType]]:
    """The same from values by OID, as gufo-snmp hands them over (SNMPv3)."""
    raw = np.full(len(template), np.nan)
    wrong: list[WrongType] = []
    for row, oid in enumerate(template.names.oids):
        value = values.get(oid)
        if isinstance(value, int | float):
            raw[row] = value
        elif value is not None:
            number = template.rows[row].number(value)
            if number is not None:
                raw[row] = number
            elif value != b"":
                wrong.append(WrongType(row, value))
    return raw, wrong
