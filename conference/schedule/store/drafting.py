"""The way back: a meeting as the draft that would write it, for the form and for templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from conference.schedule.drafts import AgendaDraft, MeetingDraft, ParticipantDraft
from conference.schedule.models import AgendaItem, Meeting, Participant
from conference.schedule.store.reading import agenda_of, participants_of, series_of
from core import Session

_PLAIN = ("title", "unit_id", "starts_at", "ends_at", "kind", "system_id", "description", "timezone", "opens_minutes",
          "overrun_minutes", "is_recorded", "is_streamed", "stream_url", "is_important", "rehearses_id")  # fmt: skip


def draft_of(session: Session, meeting: Meeting) -> MeetingDraft:
    """The meeting as a draft; of a series with its rule."""
    people = participants_of(session, meeting.id)
    series = series_of(session, meeting)
    return MeetingDraft(
        **{name: getattr(meeting, name) for name in _PLAIN}, rule=series.rule if series is not None else "",
        participants=tuple(map(participant_draft, people)),
        agenda=agenda_drafts(agenda_of(session, meeting.id), people),
    )  # fmt: skip


def participant_draft(one: Participant) -> ParticipantDraft:
    """One participant as a draft names it."""
    is_person = one.kind == "person"
    return ParticipantDraft(
        one.kind, None if one.kind == "endpoint" else one.unit_id, one.endpoint_id if one.kind == "endpoint" else None,
        one.name if is_person else "", one.email if is_person else "", one.phone if is_person else "",
        one.role, one.mode, one.is_required,
    )  # fmt: skip


def agenda_drafts(items: Iterable[AgendaItem], people: Iterable[Participant]) -> tuple[AgendaDraft, ...]:
    """The agenda as a draft names it."""
    keys: Mapping[int, str] = {one.id: participant_draft(one).key for one in people}
    return tuple(
        AgendaDraft(item.title, item.minutes, keys.get(item.participant_id or 0, ""), item.offset_minutes)
        for item in items
    )
