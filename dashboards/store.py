"""Rows of other rooms by number, for the few pages whose room offers no function of its own. SQLAlchemy stays here."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import select

from alerts import RuleOverride
from core import Session

R = TypeVar("R")


def row_of(session: Session, model: type[R], number: int) -> R | None:
    """The row with this number, or None."""
    return session.get(model, number)


def delete_row(session: Session, row: Any) -> None:
    """Delete a row; what the database ties to it goes too."""
    session.delete(row)
    session.flush()


def list_overrides(session: Session) -> list[RuleOverride]:
    """Other numbers for rules, newest first."""
    return list(session.scalars(select(RuleOverride).order_by(RuleOverride.id.desc())))
