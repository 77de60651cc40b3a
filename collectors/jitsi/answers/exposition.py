"""Reads metrics as Prometheus, OpenMetrics and Jitsi's JSON give them: name -> its samples with their labels. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from collectors.jitsi.answers.values import number_of, read_object

_LINE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?\s+(\S+)')
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
_ESCAPED = {r"\\": "\\", r"\"": '"', r"\n": "\n"}

Samples = Mapping[str, Sequence[tuple[Mapping[str, str], float]]]


def read_metrics(body: bytes, prefix: str = "") -> Samples:
    """Samples by name without `prefix`. Lines that cannot be read are passed over; JSON is read when it begins so."""
    if body.lstrip()[:1] == b"{":
        told = read_object(body)
        return {
            name.removeprefix(prefix): [({}, value)]
            for name, raw in told.items() if (value := number_of(raw)) is not None
        }
    found: dict[str, list[tuple[Mapping[str, str], float]]] = {}
    for line in body.decode("utf-8", "replace").splitlines():
        match = None if line.startswith("#") else _LINE.match(line)
        value = number_of(match[3]) if match else None
        if match is None or value is None:
            continue
        labels = {name: _unescape(text) for name, text in _LABEL.findall(match[2] or "")}
        found.setdefault(match[1].removeprefix(prefix), []).append((labels, value))
    return found


def totals(samples: Samples) -> dict[str, float]:
    """Name -> the sum over its labels; a counter is found with and without its ending _total."""
    found: dict[str, float] = {}
    for name, rows in samples.items():
        total = sum(value for _labels, value in rows)
        found[name] = total
        if name.endswith("_total"):
            found.setdefault(name.removesuffix("_total"), total)
    return found


def _unescape(text: str) -> str:
    return re.sub(r"\\[\\\"n]", lambda found: _ESCAPED[found[0]], text)
