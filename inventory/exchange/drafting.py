"""From a row of texts to a draft: each cell read by its field, problems collected; pointers stay text for now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core import gettext as _
from inventory.exchange.cells import CELL_ERRORS
from inventory.exchange.matching import Draft, FileKeys
from inventory.fields import Field, check_field, is_blank
from inventory.parsing import clean_line
from inventory.problems import BadValue

_MEMO_LIMIT = 5_000      # values remembered a column: kinds, makers, dates come again and again
_MEMO_TEXT_LIMIT = 64
_POINTER_LIMIT = 300     # a site's code, a slash and a device's name


class Drafter:
    """Reads the rows of one file, whose columns are known."""

    def __init__(self, columns: Mapping[int, Field]) -> None:
        self._columns = columns
        self._memo: dict[str, dict[str, Any]] = {field.name: {} for field in columns.values()}

    def draft(self, index: int, number: int, cells: list[str]) -> Draft:
        """The row's values and problems. `index` counts the rows from 0, `number` is the spreadsheet's."""
        draft = Draft(number, index, {}, {})
        for column, field in self._columns.items():
            text = cells[column] if column < len(cells) else ""
            memo = self._memo[field.name]
            if text in memo:
                (draft.texts if field.refers else draft.values)[field.name] = memo[text]
                continue
            try:
                value = self._read(field, text)
            except BadValue as problem:
                draft.problems.append((field.name, str(problem)))
                continue
            (draft.texts if field.refers else draft.values)[field.name] = value
            if len(text) <= _MEMO_TEXT_LIMIT and len(memo) < _MEMO_LIMIT:
                memo[text] = value
        return draft

    @staticmethod
    def _read(field: Field, text: str) -> Any:
        if text in CELL_ERRORS:
            raise BadValue(_("The spreadsheet shows an error here (%(error)s). Enter the value itself.", error=text))
        if not field.refers:
            return check_field(field, text)
        text = clean_line(text, _POINTER_LIMIT)
        if field.required and is_blank(text):
            raise BadValue(_("This must not be empty."))
        return text


def file_keys(rows: Iterable[tuple[int, list[str]]], columns: Mapping[int, Field]) -> FileKeys:
    """Codes and (site, name) of all rows, so that a row may point to one that stands below it."""
    places = {field.name: column for column, field in columns.items()}
    keys = FileKeys()
    for index, (_number, cells) in enumerate(rows):
        code, site, name = (_plain(cells, places.get(field)) for field in ("code", "site_id", "name"))
        if code:
            keys.codes.setdefault(code, index)
        if site and name:
            keys.names.setdefault((site, name), index)
    return keys


def _plain(cells: list[str], column: int | None) -> str:
    if column is None or column >= len(cells):
        return ""
    try:
        return clean_line(cells[column], _POINTER_LIMIT)
    except BadValue:
        return ""
