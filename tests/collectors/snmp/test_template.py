"""Arithmetic of samples: scales, sums, ratios, codes, sentinels, ranges; NaN wherever there is no value."""

from __future__ import annotations

import math

import numpy as np
import pytest

from collectors.snmp.template import Output, Row, build_template, evaluate

R = ("1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.2.0", "1.3.6.1.2.1.1.4.0", "1.3.6.1.2.1.1.5.0")


def value_of(output: Output, *raw: float, unsigned: bool = False) -> float:
    template = build_template([Row(oid, is_unsigned=unsigned) for oid in R[: len(raw)]], [output])
    return float(evaluate(template, np.array(raw, dtype=float))[0])


ONE = ((0, 1.0),)


@pytest.mark.parametrize(
    ("output", "raw", "value"),
    [
        (Output(ONE, scale=0.1), (2199,), 219.9),
        (Output(ONE, scale=0.5, offset=-10), (30,), 5.0),
        (Output(ONE, over=((1, 1.0),)), (50, 200), 0.25),
        (Output(ONE, over=((1, 1.0),)), (50, 0), math.nan),  # size 0: no ratio
        (Output(ONE, over=((1, 1.0),)), (50, math.nan), math.nan),
        (Output(((0, 1.0), (1, -1.0), (2, -1.0)), over=((0, 1.0),)), (100, 20, 30), 0.5),
        (Output(ONE, scale=0.01, is_complement=True), (97,), 0.03),
        (Output(((0, 0.5), (1, 0.5)), scale=0.01), (10, 30), 0.2),  # a mean
        (Output(ONE, enum=((1, 1.0), (2, 0.0))), (2,), 0.0),
        (Output(ONE, enum=((1, 1.0), (2, 0.0))), (4,), math.nan),  # a code that is not listed: unknown
        (Output(ONE, enum=((1, 1.0),)), (1e12,), math.nan),
        (Output(ONE, enum=((1, 1.0),)), (-1,), math.nan),
        (Output(ONE, sentinels=(-1.0, 65535.0)), (65535,), math.nan),
        (Output(ONE, sentinels=(-1.0,), scale=0.1), (-1,), math.nan),
        (Output(ONE, low=0, high=1), (1.01,), math.nan),
        (Output(ONE, low=-40, high=150), (-40,), -40.0),
        (Output(ONE, high=70, floor=40), (5.0,), math.nan),  # 5 Hz is a scaling mistake
        (Output(ONE, high=70, floor=40), (0.0,), 0.0),  # no mains
        (Output(ONE, scale=3), (math.nan,), math.nan),
        (Output(ONE, scale=0.001, is_decibels=True), (250,), -6.0206),  # 250 uW
        (Output(ONE, scale=0.001, is_decibels=True), (0,), math.nan),  # no light
        (Output(ONE, bit=1), (2.0**46,), 1.0),
        (Output(ONE, bit=1), (2.0**47,), 0.0),
    ],
)
def test_samples(output: Output, raw: tuple[float, ...], value: float) -> None:
    assert value_of(output, *raw) == pytest.approx(value, nan_ok=True)


def test_overflowed_sizes_are_mended() -> None:
    """hrStorageSize is signed: 3 TiB of 1 KiB units turn up as -1073741824."""
    assert value_of(Output(ONE), -1_073_741_824, unsigned=True) == 3_221_225_472


def test_requests_keep_inside_a_packet() -> None:
    rows = [Row(f"1.3.6.1.2.1.31.1.1.1.6.{i}", size=9) for i in range(1, 200)]
    template = build_template(rows, [Output(((i, 1.0),)) for i in range(len(rows))])
    start, stops = 0, []
    while start < len(rows):
        stop = template.fit(start, 128, 1400)
        size = sum(template.names.spans[i] + 2 + 9 for i in range(start, stop))
        assert size <= 1400 and stop > start
        stops.append(stop - start)
        start = stop
    assert max(stops) >= 50
    assert template.fit(0, 1, 1400) == 1 and template.fit(0, 64, 1) == 1
