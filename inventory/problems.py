"""What is wrong with something a person entered: one list for forms and spreadsheets alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One problem and what to do about it. `row` is the spreadsheet's row (1 = headings); None for a form or the file.

    `column` is the field's name for a form, the heading as it stands in the file for a spreadsheet, "" for a whole row.
    """

    row: int | None
    column: str
    message: str

    def __str__(self) -> str:
        where = ([f"{self.row}"] if self.row is not None else []) + ([self.column] if self.column else [])
        return f"{' / '.join(where)}: {self.message}" if where else self.message


class InvalidInput(ValueError):
    """What was entered cannot be stored; `problems` lists every reason."""

    def __init__(self, problems: Iterable[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class NotFound(LookupError):
    """There is no such record, or it lies outside what the person may see: the two are not told apart."""


class BadValue(ValueError):
    """One value cannot be understood; the text says what to enter instead."""
