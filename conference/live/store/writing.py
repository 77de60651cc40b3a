"""Writes down what changed on a live board: spells of trouble, the meeting's begin and end, mass losses, findings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from conference.live.board import Board, EndpointNow, Finding
from conference.live.limits import Limits
from conference.live.models import LiveNote, LiveSpell
from conference.live.security import finding_sentence
from conference.live.store.remedying import Line, note
from conference.schedule import Meeting
from core import Session, ngettext
from inventory import endpoint_number
from telemetry import NewEvent, record_events

FLAPS = timedelta(seconds=60)  # a trouble that is back so soon goes on; it is not a new one
TROUBLED = ("degraded", "lost", "late", "left")
WITHIN = timedelta(seconds=60)


def trouble_of(row: EndpointNow) -> tuple[str, str] | None:
    """(state, cause) of a row that is in trouble, None when it is well. A room that never came is "late"."""
    if row.tone not in ("down", "attention"):
        return None
    cause = row.cause.word if row.cause is not None else ""
    if row.state in ("degraded", "lost", "left"):
        return row.state, cause
    if row.is_in:
        return ("degraded", cause) if cause else None
    return "late", cause


def save_spells(session: Session, board: Board) -> list[LiveSpell]:
    """Open, go on with and end spells so that they fit the board; returns those that began now."""
    now = board.now
    recent = select(LiveSpell).where(
        LiveSpell.meeting_id == board.meeting_id,
        LiveSpell.ended_at.is_(None) | (LiveSpell.ended_at > now - FLAPS),
    )  # fmt: skip
    open_of: dict[int, LiveSpell] = {}
    ended: dict[tuple[int, str, str], LiveSpell] = {}
    for spell in session.scalars(recent.order_by(LiveSpell.id)):
        if spell.ended_at is None:
            open_of[spell.endpoint_id] = spell
        else:
            ended[spell.endpoint_id, spell.state, spell.cause] = spell
    begun = []
    for row in board.rows:
        trouble, spell = trouble_of(row), open_of.pop(row.endpoint_id, None)
        if spell is not None and _goes_on(spell.state, spell.cause, trouble):
            continue
        if spell is not None:
            spell.ended_at = now
        if trouble is None:
            continue
        again = ended.get((row.endpoint_id, *trouble))
        if again is not None and spell is None:
            again.ended_at = None
            continue
        begun.append(_spell(board, row, trouble))
    for spell in open_of.values():  # endpoints that take part no longer
        spell.ended_at = now
    session.add_all(begun)
    session.flush()
    return begun


def _spell(board: Board, row: EndpointNow, trouble: tuple[str, str]) -> LiveSpell:
    args = dict(row.cause.args) if row.cause is not None else {}
    return LiveSpell(
        meeting_id=board.meeting_id, endpoint_id=row.endpoint_id, state=trouble[0], cause=trouble[1],
        group=row.cause.group[:100] if row.cause is not None else "", incident_id=row.incident_id,
        evidence=json.dumps({**dict(row.figures), **args}, ensure_ascii=False)[:500], began_at=board.now,
    )  # fmt: skip


def has_changed(session: Session, board: Board) -> bool:
    """Whether save_spells would write something; only reads."""
    rows = session.execute(
        select(LiveSpell.endpoint_id, LiveSpell.state, LiveSpell.cause).where(
            LiveSpell.meeting_id == board.meeting_id, LiveSpell.ended_at.is_(None))
    ).all()  # fmt: skip
    wanted = {row.endpoint_id: trouble for row in board.rows if (trouble := trouble_of(row)) is not None}
    return len(rows) != len(wanted) or any(not _goes_on(state, cause, wanted.get(one)) for one, state, cause in rows)


def _goes_on(state: str, cause: str, trouble: tuple[str, str] | None) -> bool:
    """Whether a spell and what is wrong now are the same: less being known now (a restart) makes no new spell."""
    return trouble is not None and trouble[0] == state and trouble[1] in (cause, "unheard", "")


def note_mass_loss(session: Session, board: Board, limits: Limits) -> None:
    """One line when many rooms were lost within a minute, and one when most of them are back."""
    lost = select(LiveSpell.endpoint_id, LiveSpell.ended_at).where(
        LiveSpell.meeting_id == board.meeting_id, LiveSpell.state == "lost", LiveSpell.began_at > board.now - WITHIN
    )
    rows = session.execute(lost).all()
    latest = session.scalar(
        select(LiveNote).where(LiveNote.meeting_id == board.meeting_id, LiveNote.kind.in_(("mass_loss", "mass_return")))
        .order_by(LiveNote.id.desc()).limit(1)
    )  # fmt: skip
    still = sum(row.state == "lost" for row in board.rows)
    is_told = latest is not None and latest.kind == "mass_loss"
    if len(rows) >= limits.mass_loss and not (is_told and latest and board.now - latest.at < WITHIN):
        text = ngettext("%(num)d room was lost within a minute", "%(num)d rooms were lost within a minute", len(rows))
        note(session, board.meeting_id, Line("mass_loss", text, board.now))
    elif is_told and latest is not None and still < max(limits.mass_loss // 3, 1):
        note(session, board.meeting_id, Line("mass_return", "", board.now))


def note_ends(session: Session, meeting: Meeting, now: datetime) -> None:
    """The lines "began" and "ended", once each."""
    told = set(session.scalars(select(LiveNote.kind).where(
        LiveNote.meeting_id == meeting.id, LiveNote.kind.in_(("began", "ended")))))  # fmt: skip
    if meeting.began_at is not None and "began" not in told:
        note(session, meeting.id, Line("began", "", meeting.began_at))
    if (meeting.ended_at is not None or meeting.state == "ended") and "ended" not in told:
        note(session, meeting.id, Line("ended", "", meeting.ended_at or now))


def ended_unnoted(session: Session) -> list[int]:
    """Meetings whose begin was told, that are over, and whose end was not told yet."""
    told = select(LiveNote.meeting_id).where(LiveNote.kind == "ended")
    began = select(LiveNote.meeting_id).where(LiveNote.kind == "began")
    chosen = select(Meeting.id).where(Meeting.state == "ended", Meeting.id.in_(began), Meeting.id.not_in(told))
    return list(session.scalars(chosen.limit(50)))


def unseen(session: Session, meeting_id: int, findings: Sequence[Finding]) -> list[Finding]:
    """The findings that the meeting's story does not tell yet."""
    if not findings:
        return []
    told = set(session.scalars(
        select(LiveNote.text).where(LiveNote.meeting_id == meeting_id, LiveNote.kind == "security")
    ))  # fmt: skip
    return [one for one in findings if finding_sentence(one) not in told]


def note_findings(session: Session, meeting: Meeting, findings: Sequence[Finding], now: datetime) -> list[Finding]:
    """Write security signals that were not told yet: a line of the story and an event for the desk."""
    new = unseen(session, meeting.id, findings)
    for one in new:
        note(session, meeting.id, Line("security", finding_sentence(one), now, endpoint_id=one.endpoint_id))
    record_events(session, [
        NewEvent(now, "meeting", f"meeting_{one.word}", finding_sentence(one),
                 endpoint_number(one.endpoint_id) if one.endpoint_id else None,
                 {"meeting": meeting.id, "room": meeting.room, "subject": one.subject, **dict(one.values)})
        for one in new
    ])  # fmt: skip
    return new


def close_spells(session: Session, running: Sequence[int], now: datetime) -> int:
    """End the spells of meetings that run no more; returns how many."""
    left = session.scalars(
        select(LiveSpell).where(LiveSpell.ended_at.is_(None), LiveSpell.meeting_id.not_in(list(running)))
    ).all()
    for spell in left:
        spell.ended_at = now
    session.flush()
    return len(left)


def is_news(session: Session, meeting_id: int, board: Board, findings: Sequence[Finding]) -> bool:
    """Whether there is anything to write down of this board; only reads."""
    if has_changed(session, board) or unseen(session, meeting_id, findings):
        return True
    kinds = select(LiveNote.kind).where(LiveNote.meeting_id == meeting_id).order_by(LiveNote.id.desc())
    told = session.scalars(kinds.where(LiveNote.kind.in_(("began", "mass_loss", "mass_return")))).all()
    began = session.scalar(select(Meeting.began_at).where(Meeting.id == meeting_id))
    is_waiting_for_return = next((kind for kind in told if kind != "began"), "") == "mass_loss"
    return is_waiting_for_return or (began is not None and "began" not in told)


def has_open_elsewhere(session: Session, running: Sequence[int]) -> bool:
    """Whether troubles are still open of meetings that run no more."""
    chosen = select(LiveSpell.id).where(LiveSpell.ended_at.is_(None), LiveSpell.meeting_id.not_in(list(running)))
    return session.scalar(chosen.limit(1)) is not None
