"""What an import would do or has done, and everything that kept it from doing it."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.problems import FieldProblem

CHANGES_LIMIT = 200


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that makes or changes a record. `action`: "create" or "update"; `columns`: headings of what changes."""

    row: int
    action: str
    title: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The outcome of a file. With problems nothing was written; `changes` shows the first CHANGES_LIMIT rows."""

    kind: str
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: tuple[FieldProblem, ...] = ()
    changes: tuple[RowChange, ...] = ()
    is_written: bool = False
