"""A booked meeting changed: one, this and the following ones of its series, or all that are to come; told before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete

from conference.schedule.drafts import MeetingDraft, ScheduleProblem
from conference.schedule.models import Meeting, MeetingSeries, Participant
from conference.schedule.recurrence import is_same_rule
from conference.schedule.store.deciding import endpoint_count, needs_approval
from conference.schedule.store.drafting import draft_of, participant_draft
from conference.schedule.store.reading import participants_of
from conference.schedule.store.resolving import Resolved
from conference.schedule.store.rooms import take_rooms
from conference.schedule.store.saving import EVERYTHING, PLAIN, checked, values_of, write_agenda, write_participants
from conference.schedule.store.series import AT_ONCE, begin_series, extend_series
from conference.schedule.store.splitting import coming_of, replan
from conference.schedule.words import CHANGEABLE_STATES, ONE, OPEN_STATES, PENDING, SCHEDULED
from core import Deed, Scope, Session, append_audit
from core import gettext as _

# What stands in an invitation: a change of it is worth an update to everybody (RFC 5546 section 2.1.4)
TOLD = ("title", "kind", "starts_at", "ends_at", "description", "system_id", "stream_url", "agenda")

# Of these what is mailed (conference.invitations tells of nothing else)
MAILED = ("title", "starts_at", "ends_at", "description", "timezone", "unit_id")


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of a meeting. `span` is a word of SPANS; `approval_from` as the setting says."""

    draft: MeetingDraft
    approval_from: int
    span: str = ONE
    scope: Scope = EVERYTHING


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does to others. Counts are of participants with an e-mail address, once for a whole series."""

    fields: tuple[str, ...]
    added: int
    removed: int
    invitations: int
    updates: int
    cancellations: int
    meetings: int
    will_wait: bool

    @property
    def is_nothing(self) -> bool:
        """Whether nobody would notice."""
        return not (self.fields or self.added or self.removed or self.updates)


def effect_of(session: Session, meeting: Meeting, change: Change, now: datetime) -> Effect:
    """What the change would do, without doing it. Raises ScheduleProblem as the change itself would."""
    people = checked(session, change.draft, change.scope)
    before = draft_of(session, meeting)
    after = _wanted(meeting, change, before)
    fields, is_mailed = told_fields(before, after), _is_mailed(before, after)
    kept, new, gone = _compared(participants_of(session, meeting.id), people)
    is_open = meeting.state in OPEN_STATES
    growing = len([one for one in people if one.endpoint_id is not None])
    return Effect(
        fields, len(new), len(gone),
        sum(bool(one.email) for one in new) if is_open else 0,
        sum(bool(one.email) and (is_mailed or (row.role, row.mode) != (one.draft.role, one.draft.mode))
            for row, one in kept) if is_open else 0,
        sum(bool(one.email) for one in gone) if is_open else 0,
        len(coming_of(session, meeting, now, change.span)),
        meeting.state == SCHEDULED and _must_wait(meeting, growing, fields, change.approval_from),
    )  # fmt: skip


def told_fields(before: MeetingDraft, after: MeetingDraft) -> tuple[str, ...]:
    """The fields of an invitation that differ."""
    changed = [name for name in TOLD if name != "agenda" and _seen(before, name) != _seen(after, name)]
    items = [[(one.title, one.minutes, one.speaker) for one in draft.agenda] for draft in (before, after)]
    if items[0] != items[1]:
        changed.append("agenda")
    if not is_same_rule(before.rule, after.rule, before.starts_at, before.timezone):
        changed.append("rule")
    return tuple(changed)


def _is_mailed(before: MeetingDraft, after: MeetingDraft) -> bool:
    """Whether everybody who stays gets an update."""
    streams = [draft.stream_url if draft.is_streamed else "" for draft in (before, after)]
    return (any(_seen(before, name) != _seen(after, name) for name in MAILED) or streams[0] != streams[1]
            or bool({"agenda", "rule"} & set(told_fields(before, after))))


def _seen(draft: MeetingDraft, name: str) -> object:
    """A field as people see it: times to the minute."""
    value = getattr(draft, name)
    return value.replace(second=0, microsecond=0) if isinstance(value, datetime) else value


def _wanted(meeting: Meeting, change: Change, before: MeetingDraft) -> MeetingDraft:
    """The draft, without what it cannot change: alone changed meetings keep their series' rule."""
    is_alone = meeting.series_id is not None and change.span == ONE
    rule = before.rule if is_alone or (meeting.series_id is not None and not change.draft.rule) else change.draft.rule
    return replace(change.draft, rehearses_id=meeting.rehearses_id, rule=rule)


def _must_wait(meeting: Meeting, endpoints: int, fields: Sequence[str], approval_from: int) -> bool:
    """A large meeting needs a new yes when it grew beyond the old one, or was moved to another time."""
    is_moved = meeting.approved_count is not None and {"starts_at", "ends_at"} & set(fields)
    return needs_approval(meeting, endpoints, approval_from) or (bool(is_moved) and endpoints >= approval_from)


def change_meeting(session: Session, meeting: Meeting, change: Change, actor: str, now: datetime) -> list[Meeting]:
    """Change a meeting or its series; what was changed, this meeting first. Audited. Raises ScheduleProblem."""
    if meeting.state not in CHANGEABLE_STATES:
        raise ScheduleProblem.of("state", _("This meeting is over or cancelled already."))
    before = draft_of(session, meeting)
    draft = _wanted(meeting, change, before)
    people = checked(session, draft, change.scope)
    fields = told_fields(before, draft)
    is_alone = meeting.series_id is None or change.span == ONE
    changed = [meeting]
    if is_alone:
        meeting.is_exception = meeting.series_id is not None
        if fields:
            meeting.sequence += 1
        _apply(session, meeting, draft, people, {"starts_at", "ends_at"} & set(fields))
    else:
        changed = replan(session, meeting, draft, now, change.span)
        same_people = not any(_compared(participants_of(session, meeting.id), people)[1:]) and _same(before, draft)
        for one in changed:
            own = replace(draft, starts_at=one.starts_at, ends_at=one.ends_at)
            if fields:
                one.sequence += 1
            _apply(session, one, own, None if same_people else people, {"starts_at", "ends_at", "rule"} & set(fields))
    _settle(session, changed, fields, change.approval_from, now)
    if draft.rule and meeting.series_id is None:
        begin_series(session, meeting, draft.rule, now)
    elif not is_alone:
        series = session.get_one(MeetingSeries, meeting.series_id)
        extend_series(session, series, max(now, series.starts_at) + AT_ONCE)
    take_rooms(session, changed)
    append_audit(session, Deed(
        actor, "meeting.change", "meeting", meeting.id, meeting.title,
        {"fields": list(fields), "span": change.span, "meetings": len(changed), "participants": len(people)},
    ), now)  # fmt: skip
    return changed


def _same(before: MeetingDraft, after: MeetingDraft) -> bool:
    return before.participants == after.participants and before.agenda == after.agenda


def _settle(session: Session, changed: Sequence[Meeting], fields: Sequence[str], limit: int, now: datetime) -> None:
    count = endpoint_count(session, changed[0].id)
    for one in changed:
        one.updated_at = now
        if one.state == SCHEDULED and _must_wait(one, count, fields, limit):
            one.state, one.approved_count = PENDING, None
        elif one.state == PENDING and count < limit:
            one.state = SCHEDULED
    session.flush()


def _apply(
    session: Session, meeting: Meeting, draft: MeetingDraft, people: Sequence[Resolved] | None, moved: set[str]
) -> None:
    """Write a draft over a meeting; with `people` None these and the agenda are as they were."""
    meeting.title = draft.title.strip()
    for name in PLAIN:
        setattr(meeting, name, getattr(draft, name))
    session.flush()
    rows = participants_of(session, meeting.id)
    if people is not None:
        kept, new, gone = _compared(rows, people)
        if gone:
            session.execute(delete(Participant).where(Participant.id.in_([one.id for one in gone])))
        places = {one.key: position for position, one in enumerate(people)}
        for row, one in kept:
            for name, value in values_of(one, places[one.key]).items():
                setattr(row, name, value)
        session.flush()
        keys = {one.key: row.id for row, one in kept} | write_participants(session, meeting.id, new, places)
        write_agenda(session, meeting.id, draft.agenda, keys)
        rows = [row for row, _one in kept]
    if moved:  # a yes was given for another time
        for row in rows:
            row.reply, row.reply_at, row.reply_note = "needs-action", None, ""


def _compared(
    rows: Sequence[Participant], people: Sequence[Resolved]
) -> tuple[list[tuple[Participant, Resolved]], list[Resolved], list[Participant]]:
    """(kept, new, gone). Endpoints and units are known by their subject, people by e-mail or name."""
    known = {_identity(row.subject, row.kind, participant_draft(row).key): row for row in rows}
    wanted = {_identity(one.subject, one.draft.kind, one.key): one for one in people}
    kept = [(known[name], one) for name, one in wanted.items() if name in known]
    return kept, [one for name, one in wanted.items() if name not in known], [
        row for name, row in known.items() if name not in wanted
    ]


def _identity(subject: str, kind: str, key: str) -> str:
    return key if kind == "person" else subject
