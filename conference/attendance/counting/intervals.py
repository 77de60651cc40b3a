"""Stretches of time as sorted, disjoint pairs of epoch seconds: union, bridging, clipping. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Span = tuple[float, float]
BRIDGE_S = 60.0  # jitsi.md section 5.2: shorter gaps are no absence


@dataclass(frozen=True, slots=True)
class Stretch:
    """Somebody was there from `start` to `end` (epoch seconds). The slacks say how much an edge may lie too far inside.

    An event tells its moment: slack 0. A look each 30 s or a heartbeat each 10 s tells only that somebody was there
    then: half the spacing is the best estimate of what lies beyond.
    """

    start: float
    end: float
    source: str  # "server" | "client"
    slack_start: float = 0.0
    slack_end: float = 0.0


def union(spans: Iterable[Span], bridge: float = 0.0) -> list[Span]:
    """Sorted and disjoint; gaps of at most `bridge` seconds are closed."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[1] >= span[0]):
        if merged and start - merged[-1][1] <= bridge:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def clip(spans: Iterable[Span], start: float, end: float) -> list[Span]:
    """What of the spans lies inside [start, end]; nothing of no length."""
    cut = ((max(a, start), min(b, end)) for a, b in spans)
    return [span for span in cut if span[1] > span[0]]


def length(spans: Iterable[Span]) -> float:
    """Seconds in all; the spans must be disjoint."""
    return sum(end - start for start, end in spans)


def settle_edges(stretches: Iterable[Stretch]) -> list[Span]:
    """Spans whose uncertain edges are moved out by their slack, unless finer evidence knows better.

    An edge is known better when a finer stretch covers it, or begins or ends within twice its slack of it.
    """
    done: list[tuple[float, Span]] = []  # slack of the finest edge, span
    for one in sorted(stretches, key=lambda s: (max(s.slack_start, s.slack_end), s.start, s.end)):
        start, end = one.start, one.end
        finer_start = [span for slack, span in done if slack < one.slack_start]
        finer_end = [span for slack, span in done if slack < one.slack_end]
        if one.slack_start and not _is_near(start, finer_start, 2 * one.slack_start):
            start -= one.slack_start
        if one.slack_end and not _is_near(end, finer_end, 2 * one.slack_end):
            end += one.slack_end
        done.append((max(one.slack_start, one.slack_end), (start, end)))
    return [span for _slack, span in done]


def _is_near(moment: float, spans: Iterable[Span], reach: float) -> bool:
    return any(start - reach <= moment <= end + reach for start, end in spans)


def presence(stretches: Iterable[Stretch]) -> list[Span]:
    """When somebody was there, by these stretches: edges estimated, short gaps bridged."""
    return union(settle_edges(stretches), BRIDGE_S)
