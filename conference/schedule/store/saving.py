"""A meeting written from a draft: its row, participants, agenda; and what evidence tells of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select, update

from conference.schedule.agenda import laid_out
from conference.schedule.codes import invite_code, join_code, meeting_uid, room_name
from conference.schedule.drafts import AgendaDraft, MeetingDraft, ScheduleProblem, problems_of
from conference.schedule.models import AgendaItem, Meeting, Participant
from conference.schedule.store.resolving import Resolved, resolve
from conference.schedule.store.series import begin_series
from conference.schedule.words import DRAFT, OPEN_STATES, RUNNING
from core import Deed, Scope, Session, append_audit
from core import gettext as _
from inventory import MeetingSystem, Unit

EVERYTHING = Scope.everything()
# Columns that are taken from a draft as they are
PLAIN = ("kind", "unit_id", "system_id", "description", "starts_at", "ends_at", "timezone", "opens_minutes",
         "overrun_minutes", "is_recorded", "is_streamed", "stream_url", "is_important", "rehearses_id")  # fmt: skip


def save_meeting(
    session: Session, draft: MeetingDraft, actor: str, now: datetime, scope: Scope = EVERYTHING
) -> Meeting:
    """Write a new meeting as a draft (`submit` books it), with a series the first of its meetings. Audited.

    Raises ScheduleProblem with every problem of the fields.
    """
    people = checked(session, draft, scope)
    meeting = Meeting(
        title=draft.title.strip(), state=DRAFT, room=room_name(draft.title, local_day(draft)), join_code=join_code(),
        uid=meeting_uid(), created_by=actor[:100], created_at=now, updated_at=now,
        **{name: getattr(draft, name) for name in PLAIN},
    )  # fmt: skip
    session.add(meeting)
    session.flush()
    keys = write_participants(session, meeting.id, people)
    write_agenda(session, meeting.id, draft.agenda, keys)
    if draft.rule:
        begin_series(session, meeting, draft.rule, now)
    append_audit(session, Deed(actor, "meeting.create", "meeting", meeting.id, meeting.title,
                               {"participants": len(people), "rule": draft.rule}), now)  # fmt: skip
    return meeting


def checked(session: Session, draft: MeetingDraft, scope: Scope) -> list[Resolved]:
    """The participants of a draft that has no problem. Raises ScheduleProblem."""
    problems = problems_of(draft)
    if problems:
        raise ScheduleProblem(problems)
    path = session.scalar(select(Unit.path).where(Unit.id == draft.unit_id))
    if path is None or not scope.includes(path):
        raise ScheduleProblem.of("unit_id", _("Choose the unit that holds the meeting, within your area."))
    if draft.system_id is not None and session.get(MeetingSystem, draft.system_id) is None:
        raise ScheduleProblem.of("system_id", _("This meeting system no longer exists; choose another."))
    people = resolve(session, scope, draft.participants)
    keys = {one.key for one in people}
    missing = next((item.speaker for item in draft.agenda if item.speaker and item.speaker not in keys), "")
    if missing:
        raise ScheduleProblem.of("agenda", _("The speaker of an agenda item is not among the participants."))
    return people


def local_day(draft: MeetingDraft) -> Any:
    """The day on the wall's calendar."""
    return draft.starts_at.astimezone(ZoneInfo(draft.timezone)).date()


def write_participants(
    session: Session, meeting_id: int, people: Sequence[Resolved], places: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Write new participants; key of the draft to the row's id. People get the next free number as subject.

    `places` gives the positions when others are in the list already.
    """
    taken = set(session.scalars(select(Participant.subject).where(Participant.meeting_id == meeting_id)))
    number, rows = 1, []
    for position, one in enumerate(people):
        subject = one.subject
        while not subject:
            subject = "" if f"person-{number}" in taken else f"person-{number}"
            number += 1
        taken.add(subject)
        place = position if places is None else places[one.key]
        rows.append({**values_of(one, place), "meeting_id": meeting_id, "subject": subject,
                     "invite_code": invite_code(), "reply": "needs-action"})  # fmt: skip
    if rows:
        session.execute(insert(Participant), rows)
    ids = dict(session.execute(
        select(Participant.subject, Participant.id).where(Participant.meeting_id == meeting_id)
    ).all())  # fmt: skip
    return {one.key: ids[row["subject"]] for one, row in zip(people, rows, strict=True)}


def values_of(one: Resolved, position: int) -> dict[str, Any]:
    """The columns of a participant that a draft decides."""
    draft = one.draft
    return {
        "kind": draft.kind, "unit_id": one.unit_id, "endpoint_id": one.endpoint_id, "name": one.name,
        "email": one.email, "phone": one.phone, "role": draft.role, "mode": draft.mode,
        "is_required": draft.is_required, "position": position,
    }  # fmt: skip


def write_agenda(
    session: Session, meeting_id: int, items: Sequence[AgendaDraft], keys: Mapping[str, int]
) -> None:
    """Replace the agenda."""
    session.execute(delete(AgendaItem).where(AgendaItem.meeting_id == meeting_id))
    session.add_all([
        AgendaItem(meeting_id=meeting_id, position=position, offset_minutes=item.offset_minutes or 0,
                   minutes=item.minutes, title=item.title.strip(), participant_id=keys.get(item.speaker))
        for position, item in enumerate(laid_out(items))
    ])  # fmt: skip
    session.flush()


def forget_secrets(session: Session) -> int:
    """Empty the keys of broadcasts that a lost key file sealed. How many meetings had one."""
    emptied = session.execute(
        update(Meeting).where(Meeting.sealed_stream_key != "").values(sealed_stream_key=""),
        execution_options={"synchronize_session": False},
    )
    session.expire_all()
    return emptied.rowcount


def mark_began(session: Session, meeting_id: int, at: datetime) -> bool:
    """Somebody is in the room: note it the first time, and that the room was not left for good. True when it began."""
    began = session.execute(
        update(Meeting)
        .where(Meeting.id == meeting_id, Meeting.began_at.is_(None), Meeting.state.in_(OPEN_STATES))
        .values(began_at=at, state=RUNNING)
    ).rowcount  # fmt: skip
    session.execute(
        update(Meeting).where(Meeting.id == meeting_id, Meeting.state == RUNNING, Meeting.ended_at < at)
        .values(ended_at=None)
    )  # fmt: skip
    return bool(began)


def mark_left(session: Session, meeting_id: int, at: datetime) -> None:
    """The server destroyed the room. After the planned end the meeting is over; before, people may come back."""
    session.execute(
        update(Meeting).where(Meeting.id == meeting_id, Meeting.state == RUNNING).values(ended_at=at)
    )
