"""One measured figure of a benchmark, in the form that the collector writes to docs/benchmarks.md."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured, beside the peer that was measured in the same run and the budget it must keep.

    `ratio` is our value over the peer's, `is_within` is None when there is no budget.
    """

    name: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    ratio: float | None = None
    budget: str = ""
    is_within: bool | None = None


def print_results(results: Iterable[Result], as_json: bool) -> None:
    """Print the figures: one JSON object a line for a program, aligned text for a person."""
    for result in results:
        if as_json:
            print(json.dumps(asdict(result)), flush=True)
            continue
        text = f"{result.name:<58} {result.value:>14,.3f} {result.unit}"
        if result.peer_value is not None:
            text += f"   {result.peer}: {result.peer_value:,.3f}"
        if result.ratio is not None:
            text += f"   ratio {result.ratio:.2f}"
        if result.budget:
            text += f"   budget {result.budget}: {'kept' if result.is_within else 'MISSED'}"
        print(text, flush=True)
