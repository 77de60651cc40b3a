"""Formulas in force and their history; counted meetings as columns; meetings in person as entered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from conference.attendance.kpi.figures import Counted, attendance_by_unit, to_counted
from conference.attendance.kpi.formula import DEFAULTS, Formula, read_formula
from conference.attendance.models import InPersonMeetings, KpiFormula, MeetingCount
from conference.schedule import Meeting
from core import Deed, Scope, append_audit
from inventory import NotFound, Unit


def formula_now(session: Session, word: str) -> Formula:
    """The formula of an indicator that is in force."""
    content = session.scalar(
        select(KpiFormula.content).where(KpiFormula.word == word).order_by(KpiFormula.id.desc()).limit(1)
    )
    return read_formula(word, content) if content else DEFAULTS[word]


def formulas_now(session: Session) -> dict[str, Formula]:
    """All formulas in force."""
    newest = select(func.max(KpiFormula.id)).where(KpiFormula.word.in_(tuple(DEFAULTS))).group_by(KpiFormula.word)
    kept = dict(session.execute(select(KpiFormula.word, KpiFormula.content).where(KpiFormula.id.in_(newest))).all())
    return {word: read_formula(word, kept[word]) if word in kept else base for word, base in DEFAULTS.items()}


def units_of_scope(session: Session, scope: Scope) -> frozenset[int] | None:
    """Numbers of the units a scope includes; None: all."""
    return None if scope.unit_path is None else frozenset(session.scalars(_units_in(scope)))


def history(session: Session, word: str, limit: int = 20) -> Sequence[KpiFormula]:
    """The versions of an indicator, newest first."""
    chosen = select(KpiFormula).where(KpiFormula.word == word).order_by(KpiFormula.id.desc()).limit(limit)
    return session.scalars(chosen).all()


@dataclass(frozen=True, slots=True)
class Saved:
    """What is to be kept of a formula or of weights."""

    word: str
    content: str
    note: str
    actor: str


def save_formula(session: Session, saved: Saved, now: datetime) -> KpiFormula:
    """Put a version in force; the ones before stay readable."""
    row = KpiFormula(word=saved.word, content=saved.content, note=saved.note[:300], saved_by=saved.actor[:100],
                     saved_at=now)  # fmt: skip
    session.add(row)
    session.flush()
    append_audit(session, Deed(saved.actor, "meeting_formula.save", "indicator", saved.word, saved.note,
                               {"content": saved.content}), now)  # fmt: skip
    return row


def delete_newest(session: Session, word: str, number: int, actor: str, now: datetime) -> bool:
    """Take the newest version back, if it is still the one with this number; answers whether it was."""
    newest = session.scalar(select(KpiFormula).where(KpiFormula.word == word).order_by(KpiFormula.id.desc()).limit(1))
    if newest is None or newest.id != number:
        return False
    session.delete(newest)
    append_audit(session, Deed(actor, "meeting_formula.undo", "indicator", word, f"version {number}"), now)
    return True


def read_counted(session: Session, scope: Scope, first_month: str, last_month: str) -> Counted:
    """Every counted meeting of the months that the scope's own units held, as columns. Rehearsals do not count."""
    chosen = (
        select(
            MeetingCount.meeting_id, MeetingCount.month, MeetingCount.kind, MeetingCount.unit_id,
            MeetingCount.scheduled_minutes, MeetingCount.is_held, MeetingCount.is_important, MeetingCount.is_streamed,
            MeetingCount.is_recorded, MeetingCount.endpoints, MeetingCount.checked, MeetingCount.ready,
            MeetingCount.troubled, MeetingCount.lines, MeetingCount.units,
        )
        .join(Meeting, Meeting.id == MeetingCount.meeting_id)
        .where(MeetingCount.month >= first_month, MeetingCount.month <= last_month, Meeting.rehearses_id.is_(None))
        .order_by(MeetingCount.meeting_id)
    )  # fmt: skip
    if scope.unit_path is not None:
        chosen = chosen.where(MeetingCount.unit_id.in_(_units_in(scope)))
    return to_counted(session.execute(chosen).all())


def _units_in(scope: Scope):  # noqa: ANN202
    return select(Unit.id).where(Unit.path.startswith(scope.unit_path or "/", autoescape=True))


def in_person(session: Session, scope: Scope, first_month: str, last_month: str) -> Sequence[InPersonMeetings]:
    """The meetings in person of the months, as entered."""
    chosen = select(InPersonMeetings).where(
        InPersonMeetings.month >= first_month, InPersonMeetings.month <= last_month
    )
    if scope.unit_path is not None:
        chosen = chosen.where(InPersonMeetings.unit_id.in_(_units_in(scope)))
    return session.scalars(chosen.order_by(InPersonMeetings.month.desc(), InPersonMeetings.unit_id)).all()


def save_in_person(session: Session, scope: Scope, entered: InPersonMeetings, now: datetime) -> None:
    """Enter, or with the same unit, month and kind replace, how many meetings were held in person. 0 takes it out."""
    path = session.scalar(select(Unit.path).where(Unit.id == entered.unit_id))
    if path is None or not scope.includes(path):
        raise NotFound(f"unit {entered.unit_id}")
    known = session.scalar(select(InPersonMeetings).where(
        InPersonMeetings.unit_id == entered.unit_id, InPersonMeetings.month == entered.month,
        InPersonMeetings.kind == entered.kind,
    ))  # fmt: skip
    if known is not None:
        session.delete(known)
        session.flush()
    if entered.count:
        session.add(entered)
    append_audit(session, Deed(
        entered.entered_by, "in_person.save", "unit", entered.unit_id,
        f"{entered.month} {entered.kind}: {entered.count} ({entered.source})",
        {"before": known.count if known is not None else None},
    ), now)  # fmt: skip
    session.flush()


def index_contribution(session: Session, months: tuple[str, str]) -> dict[int, float]:
    """For the yearly index of schools (plans.md row 24): unit -> share of the meetings it was invited to at which it
    was present, 0..1, by the formula of meetings online. Units that were never invited are left out."""
    counted = read_counted(session, Scope.everything(), *months)
    found = attendance_by_unit(formula_now(session, "online"), counted, np.ones(len(counted), bool))
    return dict(zip(found.unit.tolist(), found.ratio().tolist(), strict=True))


def titles_of(session: Session, meeting_ids: Sequence[int]) -> dict[int, tuple[str, datetime, str]]:
    """Number of a meeting -> (title, start, kind)."""
    rows = session.execute(
        select(Meeting.id, Meeting.title, Meeting.starts_at, Meeting.kind).where(Meeting.id.in_(meeting_ids))
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}
