"""The places in names of parts, labels and joins: {name}, {index:0-5:mac}, {port:-1}, {title|name}. Only read here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

INDEX = "index"
FORMATS = frozenset({"mac", "ip", "text", "arcs", "counted", "noserial"})
_PLACE = re.compile(r"\{([^{}]*)\}")
_SOURCE = re.compile(r"(\w+)((?::[^:|{}]+)*)")
_SLICE = re.compile(r"(\d+)|(\d+)-(\d*)|-(\d+)")
_SHIFT = re.compile(r"\+\d{1,9}")


class PlaceError(ValueError):
    """A place that cannot be understood."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Arcs first..last of an index or OID, counted from 0; `last` None is the end. A negative first counts from it."""

    first: int
    last: int | None


@dataclass(frozen=True, slots=True)
class Source:
    """A column (or "index") and what is done with its value, step by step: a Slice, a format, a number to add."""

    column: str
    steps: tuple[Slice | str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A text with places: literals and, between them, the sources of which the first that gives text counts."""

    pieces: tuple[str | tuple[Source, ...], ...]

    @property
    def columns(self) -> set[str]:
        """The columns that it needs, without the index."""
        return {s.column for piece in self.pieces if not isinstance(piece, str) for s in piece} - {INDEX}


@lru_cache(maxsize=4096)
def form_of(text: str) -> Form:
    """The form that a text of a profile means. Raises PlaceError."""
    pieces: list[str | tuple[Source, ...]] = []
    end = 0
    for match in _PLACE.finditer(text):
        if match.start() > end:
            pieces.append(text[end : match.start()])
        pieces.append(tuple(_source(one) for one in match[1].split("|")))
        end = match.end()
    if end < len(text):
        pieces.append(text[end:])
    return Form(tuple(pieces))


def _source(text: str) -> Source:
    match = _SOURCE.fullmatch(text.strip())
    if not match:
        raise PlaceError(f"{{{text}}} is no place; one is {{column}}, {{index}} or {{index:0-5:mac}}")
    return Source(match[1], tuple(_step(step) for step in match[2].split(":")[1:]))


def _step(text: str) -> Slice | str | int:
    if text in FORMATS:
        return text
    if _SHIFT.fullmatch(text):
        return int(text)
    match = _SLICE.fullmatch(text)
    if not match:
        raise PlaceError(f"{text!r} is no arcs (0, 1-6, 2-, -1), no +number, none of {', '.join(sorted(FORMATS))}")
    if match[1] is not None:
        return Slice(int(match[1]), int(match[1]))
    if match[4] is not None:
        return Slice(-int(match[4]), None if match[4] == "1" else -int(match[4]))
    return Slice(int(match[2]), int(match[3]) if match[3] else None)
