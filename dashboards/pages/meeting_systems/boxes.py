"""The boxes of a form made from a subject's fields: labels, hints, choices, values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core import gettext as _
from inventory import Subject

CHECKBOXES = frozenset({"has_visitors", "is_enabled"})
SPEEDS = frozenset({"trunk_bps", "capacity_bps"})
LONG = frozenset({"server_networks", "notes"})


@dataclass(frozen=True, slots=True)
class Box:
    """One box of a form, as ui.input takes it."""

    name: str
    label: str
    kind: str
    value: Any
    choices: Sequence[tuple[Any, str]]
    hint: str
    is_required: bool
    example: str


def boxes_of(
    subject: Subject, values: Mapping[str, Any], choices: Mapping[str, Sequence[tuple[Any, str]]]
) -> dict[str, Box]:
    """The boxes by name. `choices`: for fields that point to other records."""
    return {field.name: _box(field, values, choices) for field in subject.fields}


def _box(field: Any, values: Mapping[str, Any], choices: Mapping[str, Sequence[tuple[Any, str]]]) -> Box:
    listed = choices.get(field.name) or [(word, _(label)) for word, label in (field.choices or {}).items()]
    kind = "checkbox" if field.name in CHECKBOXES else "select" if listed else (
        "textarea" if field.name in LONG else "text")
    value = values.get(field.name)
    if field.name in SPEEDS and isinstance(value, int):
        value = f"{value / 1e6:g} Mbit/s"
    if field.name == "server_networks" and isinstance(value, str):
        value = "\n".join(value.split())
    return Box(field.name, _(field.title), kind, value, listed, _(field.help) if field.help else "", field.required,
               field.example)
