"""Units by the code that people write, for forms of the administration (which sees all of them)."""

from __future__ import annotations

from collections.abc import Iterable

from core import Scope, Session
from inventory import ListQuery, Unit, list_records, names_of


def unit_of_code(session: Session, code: str | None) -> int | None:
    """The unit's id, or None."""
    if not code:
        return None
    found = list_records(session, Scope.everything(), Unit, ListQuery(filters={"code": code.strip()}, page_size=1)).rows
    return found[0].id if found else None


def unit_code_of(session: Session, unit_id: int | None) -> str:
    """The code of a unit, "" for none."""
    unit = session.get(Unit, unit_id) if unit_id is not None else None
    return unit.code if unit is not None else ""


def unit_names(session: Session, unit_ids: Iterable[int | None]) -> dict[int, str]:
    """Id to name."""
    return names_of(session, Unit, unit_ids)
