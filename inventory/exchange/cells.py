"""Between a value and what stands in a spreadsheet's cell; and the guard that keeps a text from being a formula."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from core import gettext as _
from inventory.fields import Field
from inventory.parsing import local_moment

# What a spreadsheet program takes for a formula (OWASP, CSV injection). An apostrophe before it makes it text; texts
# that begin with apostrophes and such a sign get one more, so that taking one off always gives the text back.
_FORMULA = re.compile(r"'*[=+\-@\t\r|%＝＋－＠]")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
CELL_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
MBIT = 1_000_000


def guarded(text: str) -> str:
    """The text as it may stand in a file that somebody opens in a spreadsheet program."""
    text = _UNPRINTABLE.sub(" ", text)
    return f"'{text}" if _FORMULA.match(text) and not _PLAIN_NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def text_of_cell(value: Any) -> str:
    """What a typed cell of a workbook says, as a person would have typed it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, timedelta):
        minutes = int(value.total_seconds() // 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    return str(value)


def shown_value(field: Field, value: Any) -> Any:
    """What an export writes for a value: text, number or date. None is an empty cell."""
    if value is None or value == "" or (field.name == "weekday" and value == -1):
        return None
    if field.choices is not None:
        label = field.choices.get(value)
        return str(value) if label is None else _(label)
    if field.name.endswith("_bps"):
        return int(value) // MBIT if value % MBIT == 0 else value / MBIT
    if isinstance(value, datetime):
        return local_moment(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return value


def text_for_csv(value: Any) -> str:
    """A shown value as text: dates as 2026-09-05, numbers with a point."""
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value) if not value.is_integer() else str(int(value))
    if isinstance(value, date):
        return value.isoformat()
    return guarded(str(value))
