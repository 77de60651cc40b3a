"""What a field of a record is: its heading, how it is read, whether it must be there; the check of a whole record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core import gettext as _
from inventory.parsing import Parser
from inventory.problems import BadValue

Values = dict[str, Any]
Trouble = tuple[str, str]  # (field, message)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record: a box of a form and a column of a spreadsheet.

    `title`, `help` and the labels of `choices` are English texts to be translated when shown. `refers` names the
    subject this field points to: a form gives its id, a spreadsheet its code or name. `default` is what blank means;
    `shape` "moment" marks a day with a time.
    """

    name: str
    title: str
    parse: Parser
    required: bool = False
    default: Any = ""
    help: str = ""
    example: str = ""
    choices: Mapping[Any, str] | None = None
    refers: str = ""
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """One kind of record: "device", "devices" in commands and file names, its fields, and rules across fields."""

    word: str
    plural: str
    title: str
    fields: tuple[Field, ...]
    rules: tuple[Callable[[Values], list[Trouble]], ...] = ()
    key_help: str = ""

    def field(self, name: str) -> Field:
        """The field with this name. Raises KeyError."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


def is_blank(raw: Any) -> bool:
    """True for what counts as "nothing entered"."""
    return raw is None or (isinstance(raw, str) and not raw.strip())


def check_field(field: Field, raw: Any) -> Any:
    """The value of one field. Raises BadValue."""
    if is_blank(raw):
        if field.required:
            raise BadValue(_("This must not be empty."))
        return field.default
    value = field.parse(raw)
    if is_blank(value):  # nothing is left once invisible marks are taken off
        return check_field(field, None)
    return value


def check_fields(subject: Subject, raw: Mapping[str, Any], *, is_new: bool) -> tuple[Values, list[Trouble]]:
    """The values of a record and everything wrong with them. For a change only the given fields are looked at."""
    values: Values = {}
    troubles: list[Trouble] = []
    for field in subject.fields:
        if field.name not in raw and not is_new:
            continue
        try:
            values[field.name] = check_field(field, raw.get(field.name))
        except BadValue as problem:
            troubles.append((field.name, str(problem)))
    return values, troubles


def check_rules(subject: Subject, values: Values) -> list[Trouble]:
    """What is wrong across the fields of a complete record; fields that are not there were reported already."""
    return [trouble for rule in subject.rules for trouble in rule(values)]
