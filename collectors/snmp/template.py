"""What to ask a device and how its numbers become samples, as arrays; one template serves all devices that are alike.

A template knows rows (OIDs asked) and outputs (samples made from them). It holds no device and no series.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from collectors.snmp.oids import encode_oid, intern_oid
from collectors.snmp.text import bits_in, number_in, pattern_in, size_in, word_in
from collectors.snmp.wire import OBJECT_ID, question, tlv

TAIL = 16  # bytes of each name that are compared in bulk; the length of the rest is compared by position
ENUM_LIMIT = 64
_HIGHEST_BIT = 47  # of the six bytes that are read of an octet string

Terms = tuple[np.ndarray, np.ndarray, np.ndarray]  # flat: which formula, row, factor


class Row(NamedTuple):
    """One OID to ask. `is_text`: a number written as text is expected. `is_unsigned`: negative means overflow.

    `way` of reading such a text: "" the first number, or that of `pattern`; "size", "bits", "words" (see text.py).
    """

    oid: str
    size: int = 9  # most bytes of the value, to keep a reply inside one packet
    is_text: bool = False
    is_unsigned: bool = False
    way: str = ""
    pattern: str = ""
    words: tuple[tuple[str, float | None], ...] = ()

    def number(self, value: object) -> float | None:
        """The number that a text stands for; None when there is none in it."""
        if not self.is_text:
            return None
        if self.way == "words":
            return word_in(value, self.words)
        if self.way:
            return size_in(value) if self.way == "size" else bits_in(value)
        return pattern_in(value, self.pattern) if self.pattern else number_in(value)


class Output(NamedTuple):
    """One sample: (sum of factor * row) * scale + offset, over the sum of `over` rows when there are any.

    `terms` and `over` pair a row number with a factor; `is_complement` takes the result from 1. `enum` pairs raw codes
    with values, other codes are unknown. `sentinels` are raw readings that mean "no value". Samples outside
    `low`..`high`, and those above 0 but below `floor`, are unknown too. `mean_of` makes it the mean of other outputs.
    `bit` takes one bit of a reading of "bits"; `is_decibels` makes 10 log10 of the result, which must be above 0. A
    delta is made of the growth since the last reading, and a count (column, how, key) of rows that are walked (see
    counting.py): both are no part of `evaluate`.
    """

    terms: tuple[tuple[int, float], ...]
    over: tuple[tuple[int, float], ...] = ()
    scale: float = 1.0
    offset: float = 0.0
    is_complement: bool = False
    enum: tuple[tuple[int, float], ...] = ()
    sentinels: tuple[float, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    floor: float = 0.0
    is_counter: bool = False
    mean_of: tuple[int, ...] = ()
    bit: int = -1
    is_delta: bool = False
    is_decibels: bool = False
    count: tuple[str, str, str] | tuple[()] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """Rows' names as bytes: what is asked, where values stand in a reply, what must stand before them."""

    oids: tuple[str, ...]
    questions: tuple[bytes, ...]
    spans: tuple[int, ...]  # bytes from a variable's start to its value's tag, in short form
    tails: np.ndarray  # uint64[n, 2]
    masks: np.ndarray  # uint64[n, 2]
    weights: tuple[int, ...]  # running sum of the bytes that rows take in a reply
    index: dict[bytes, int]


@dataclass(frozen=True, slots=True)
class Template:
    """Arrays over rows (n) and outputs (m); see Row and Output for their meaning."""

    rows: tuple[Row, ...]
    outputs: tuple[Output, ...]
    names: Names
    out_row: np.ndarray  # int32[m]: the row of a plain output, the first row of a formula
    scale: np.ndarray
    offset: np.ndarray
    low: np.ndarray
    high: np.ndarray
    floor: np.ndarray | None
    is_bounded: bool
    is_counter: np.ndarray
    unsigned_rows: np.ndarray
    sentinel_out: np.ndarray
    sentinel_value: np.ndarray
    enum_out: np.ndarray  # int32[e]: outputs that are codes
    enum_table: np.ndarray  # float64[e, ENUM_LIMIT]: value of a code, NaN for an unknown one
    formula_out: np.ndarray
    formulas: tuple[Terms, Terms]  # numerator, denominator
    complements: np.ndarray
    means: tuple[tuple[int, np.ndarray], ...]  # output, the outputs whose known values it is the mean of
    bit_out: np.ndarray
    bit_worth: np.ndarray
    decibel_out: np.ndarray
    delta_out: np.ndarray  # int32[d], each also one of formula_out
    count_out: np.ndarray  # int32[c]
    requests: dict[tuple[int, int, bytes], bytes] = field(default_factory=dict, compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    def questions(self, start: int, stop: int, lead: bytes) -> bytes:
        """The encoded variables of rows start..stop after those of `lead`; remembered."""
        key = (start, stop, lead)
        found = self.requests.get(key)
        if found is None:
            found = self.requests[key] = lead + b"".join(self.names.questions[start:stop])
        return found

    def fit(self, start: int, most: int, max_bytes: int) -> int:
        """Where a request from row `start` ends: at most `most` rows, a reply of `max_bytes`, but at least one row."""
        weights = self.names.weights
        limit = weights[start] + max_bytes
        return max(start + 1, min(start + most, len(self.rows), bisect_right(weights, limit) - 1))


def _names(rows: Sequence[Row]) -> Names:
    oids = tuple(intern_oid(row.oid) for row in rows)
    elements = [tlv(OBJECT_ID, encode_oid(oid)) for oid in oids]
    tails = np.zeros((len(rows), TAIL), dtype=np.uint8)
    masks = np.zeros((len(rows), TAIL), dtype=np.uint8)
    for i, name in enumerate(elements):
        tail = name[-TAIL:]
        tails[i, TAIL - len(tail) :] = np.frombuffer(tail, dtype=np.uint8)
        masks[i, TAIL - len(tail) :] = 0xFF
    spans = tuple(2 + len(name) for name in elements)
    sizes = [span + 2 + row.size for span, row in zip(spans, rows, strict=True)]
    return Names(
        oids=oids,
        questions=tuple(question(oid) for oid in oids),
        spans=spans,
        tails=tails.view(np.uint64),
        masks=masks.view(np.uint64),
        weights=tuple(accumulate(sizes, initial=0)),
        index={encode_oid(oid): i for i, oid in enumerate(oids)},
    )


def build_template(rows: Sequence[Row], outputs: Sequence[Output]) -> Template:
    """Arrays from rows and outputs. Each output needs at least one term; row numbers must exist."""
    enums = [i for i, out in enumerate(outputs) if out.enum]
    formulas = [i for i, out in enumerate(outputs) if _is_formula(out)]
    sentinels = [(i, value) for i, out in enumerate(outputs) for value in out.sentinels]
    low = np.array([out.low for out in outputs])
    high = np.array([out.high for out in outputs])
    return Template(
        rows=tuple(rows),
        outputs=tuple(outputs),
        names=_names(rows),
        out_row=np.array([out.terms[0][0] if out.terms else 0 for out in outputs], dtype=np.int32),
        scale=np.array([out.scale if _is_formula(out) else out.scale * out.terms[0][1] for out in outputs]),
        offset=np.array([out.offset for out in outputs]),
        low=low,
        high=high,
        floor=np.array([out.floor for out in outputs]) if any(out.floor for out in outputs) else None,
        is_bounded=bool(np.isfinite(low).any() or np.isfinite(high).any()),
        is_counter=np.array([out.is_counter for out in outputs], dtype=bool),
        unsigned_rows=np.array([i for i, row in enumerate(rows) if row.is_unsigned], dtype=np.int32),
        sentinel_out=np.array([i for i, _ in sentinels], dtype=np.int32),
        sentinel_value=np.array([value for _, value in sentinels], dtype=np.float64),
        enum_out=np.array(enums, dtype=np.int32),
        enum_table=_enum_table([outputs[i].enum for i in enums]),
        formula_out=np.array(formulas, dtype=np.int32),
        formulas=(_terms(outputs, formulas, "terms"), _terms(outputs, formulas, "over")),
        complements=np.array([out.is_complement for out in (outputs[i] for i in formulas)], dtype=bool),
        means=tuple((i, np.array(out.mean_of)) for i, out in enumerate(outputs) if out.mean_of),
        bit_out=np.array([i for i, out in enumerate(outputs) if out.bit >= 0], dtype=np.int32),
        bit_worth=np.array([2.0 ** (_HIGHEST_BIT - out.bit) for out in outputs if out.bit >= 0]),
        decibel_out=np.array([i for i, out in enumerate(outputs) if out.is_decibels], dtype=np.int32),
        delta_out=np.array([i for i, out in enumerate(outputs) if out.is_delta], dtype=np.int32),
        count_out=np.array([i for i, out in enumerate(outputs) if out.count], dtype=np.int32),
    )


def _is_formula(out: Output) -> bool:
    return len(out.terms) != 1 or bool(out.over) or out.is_complement or out.is_delta


def _enum_table(enums: Sequence[tuple[tuple[int, float], ...]]) -> np.ndarray:
    table = np.full((len(enums), ENUM_LIMIT), np.nan)
    for i, enum in enumerate(enums):
        for code, value in enum:
            table[i, code] = value
    return table


def _terms(outputs: Sequence[Output], chosen: Sequence[int], name: str) -> Terms:
    flat = [(at, row, factor) for at, i in enumerate(chosen) for row, factor in getattr(outputs[i], name)]
    return (
        np.array([at for at, _, _ in flat], dtype=np.int64),
        np.array([row for _, row, _ in flat], dtype=np.int64),
        np.array([factor for _, _, factor in flat], dtype=np.float64),
    )


def evaluate(template: Template, raw: np.ndarray) -> np.ndarray:
    """Samples float64[m] from rows' readings float64[n]; NaN where a reading is missing, a sentinel or impossible."""
    if not len(template):
        return np.full(len(template.outputs), np.nan)
    unsigned = template.unsigned_rows
    if len(unsigned):
        part = raw[unsigned]
        raw[unsigned] = np.where(part < 0, part + 4294967296.0, part)
    plain = raw[template.out_row]
    value = plain * template.scale + template.offset
    if len(template.formula_out):
        value[template.formula_out] = _formula(template, raw)
    if len(template.bit_out):
        value[template.bit_out] = np.floor(plain[template.bit_out] / template.bit_worth) % 2
    if len(template.decibel_out):
        watts = value[template.decibel_out]
        value[template.decibel_out] = 10 * np.log10(np.where(watts > 0, watts, np.nan))
    if len(template.enum_out):
        value[template.enum_out] = _codes(template, plain)
    if len(template.sentinel_out):
        hit = plain[template.sentinel_out] == template.sentinel_value
        value[template.sentinel_out[hit]] = np.nan
    if len(template.delta_out):
        value[template.delta_out] = np.nan
    if len(template.count_out):
        value[template.count_out] = np.nan
    _forget_impossible(template, value)
    for i, members in template.means:
        known = value[members]
        known = known[~np.isnan(known)]
        value[i] = known.mean() if len(known) else np.nan
    return value


def growth(template: Template, before: np.ndarray, raw: np.ndarray) -> np.ndarray:
    """float64[d]: the deltas between two readings; NaN where a reading is missing, went back, or nothing passed."""
    change = raw - before
    change[change < 0] = np.nan  # a restart or a wrap: the next reading tells
    value = np.full(len(template.outputs), np.nan)
    value[template.formula_out] = _formula(template, change)
    _forget_impossible(template, value)
    return value[template.delta_out]


def _forget_impossible(template: Template, value: np.ndarray) -> None:
    if template.is_bounded:
        value[(value < template.low) | (value > template.high)] = np.nan
    if template.floor is not None:
        value[(value > 0) & (value < template.floor)] = np.nan


def _formula(template: Template, raw: np.ndarray) -> np.ndarray:
    count = len(template.formula_out)
    (out, row, factor), (under, over_row, over_factor) = template.formulas
    value = np.bincount(out, weights=raw[row] * factor, minlength=count)
    if len(under):
        divisor = np.bincount(under, weights=raw[over_row] * over_factor, minlength=count)
        has_divisor = np.bincount(under, minlength=count) > 0
        divisor = np.where(has_divisor, divisor, 1.0)
        divisor[divisor == 0] = np.nan
        value /= divisor
    value = value * template.scale[template.formula_out] + template.offset[template.formula_out]
    return np.where(template.complements, 1.0 - value, value)


def _codes(template: Template, plain: np.ndarray) -> np.ndarray:
    codes = plain[template.enum_out]
    is_code = (codes >= 0) & (codes < ENUM_LIMIT)
    whole = np.where(is_code, codes, 0).astype(np.int64)
    found = template.enum_table[np.arange(len(whole)), whole]
    return np.where(is_code, found, np.nan)
