"""Meetings for programs: list, one, book, change, cancel."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from apiflask import APIBlueprint
from flask import abort, g
from flask_login import current_user
from pydantic import BaseModel, Field

from conference import ConferenceSettings, Meeting, schedule
from core import Permission
from dashboards.access import needs
from dashboards.api.paging import PageOf, PageQuery, paged
from dashboards.gate import services
from inventory import NotFound

blueprint = APIBlueprint(
    "api_meetings", __name__, url_prefix="/api/v1",
    tag={"name": "meetings", "description": "Book, change and cancel meetings."},
)  # fmt: skip
LONGEST_SPAN = timedelta(days=400)


class MeetingParticipantShape(BaseModel):
    """Who takes part. A branch (only when sent) is every endpoint of a unit and of all units below it."""

    kind: str = Field(pattern="^(unit|endpoint|person|branch)$")
    unit_id: int | None = None
    endpoint_id: int | None = None
    name: str = Field("", max_length=200, description="Of a person; units and endpoints bring theirs")
    email: str = Field("", max_length=254)
    phone: str = Field("", max_length=40)
    role: str = Field("participant", pattern="^(chair|cohost|secretary|participant)$")
    mode: str = Field("listen", pattern="^(speak|listen)$")
    is_required: bool = True


class MeetingParticipantReadShape(MeetingParticipantShape):
    """Who takes part, with the answer."""

    subject: str = Field(description="The user id in the meeting's token")
    reply: str = Field(description="RFC 5545 PARTSTAT, lower case")
    excuse: str = ""


class MeetingItemShape(BaseModel):
    """One item of the agenda."""

    title: str = Field(max_length=300)
    minutes: int = Field(ge=1, le=1440)
    speaker: str = Field("", max_length=300, description="endpoint:<id>, unit:<id>, person:<e-mail>; empty: chair")
    offset_minutes: int | None = Field(None, ge=0, le=1440, description="After the beginning; empty: after the last")


class MeetingNewShape(BaseModel):
    """A meeting to book. Times carry their zone."""

    title: str = Field(max_length=300)
    unit_id: int = Field(description="The unit that holds it")
    starts_at: datetime
    ends_at: datetime
    kind: str = Field("meeting", description="meeting, conference, training or observation")
    system_id: int | None = None
    description: str = Field("", max_length=20_000)
    opens_minutes: int = Field(30, ge=0, le=240)
    overrun_minutes: int = Field(60, ge=0, le=480)
    is_recorded: bool = False
    is_streamed: bool = False
    stream_url: str = Field("", max_length=300)
    is_important: bool = False
    rule: str = Field("", max_length=300, description="RRULE value (RFC 5545); daily, weekly or monthly")
    participants: list[MeetingParticipantShape] = Field(default_factory=list, max_length=3000)
    agenda: list[MeetingItemShape] = Field(default_factory=list, max_length=100)
    is_draft: bool = Field(False, description="Keep it as a draft: no room is taken and nobody is invited")


class MeetingChangeShape(BaseModel):
    """Fields to change; what is not sent stays. `participants` and `agenda` are replaced whole."""

    span: str = Field("one", pattern="^(one|following|all)$", description="Of a series: which meetings")
    title: str | None = Field(None, max_length=300)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    kind: str | None = None
    system_id: int | None = None
    description: str | None = Field(None, max_length=20_000)
    opens_minutes: int | None = Field(None, ge=0, le=240)
    overrun_minutes: int | None = Field(None, ge=0, le=480)
    is_recorded: bool | None = None
    is_streamed: bool | None = None
    stream_url: str | None = Field(None, max_length=300)
    is_important: bool | None = None
    rule: str | None = Field(None, max_length=300)
    participants: list[MeetingParticipantShape] | None = Field(None, max_length=3000)
    agenda: list[MeetingItemShape] | None = Field(None, max_length=100)


class MeetingCancelShape(BaseModel):
    """Why a meeting is cancelled; everybody invited reads it."""

    reason: str = Field(min_length=1, max_length=500)
    span: str = Field("one", pattern="^(one|following|all)$")


class MeetingShape(BaseModel):
    """A meeting in a list."""

    id: int
    title: str
    kind: str
    state: str = Field(description="draft, pending, scheduled, running, ended, cancelled or refused")
    unit_id: int
    system_id: int | None
    starts_at: datetime
    ends_at: datetime
    room: str
    series_id: int | None
    sequence: int
    endpoints: int


class MeetingWholeShape(MeetingShape):
    """One meeting. Of another unit's meeting one sees only one's own participants."""

    description: str
    opens_at: datetime
    closes_at: datetime
    is_recorded: bool
    is_streamed: bool
    stream_url: str
    is_important: bool
    join_code: str
    rule: str
    cancel_reason: str
    participants: list[MeetingParticipantReadShape]
    agenda: list[MeetingItemShape]


class MeetingQuery(PageQuery):
    """Which meetings: those that touch [since, until)."""

    since: datetime | None = Field(None, description="Default: now")
    until: datetime | None = Field(None, description="Default: 14 days after since; at most 400")
    state: str = Field("", max_length=16)


@blueprint.get("/meetings")
@needs(Permission.VIEW)
@blueprint.input(MeetingQuery, location="query", arg_name="query")
@blueprint.output(PageOf[MeetingShape])
@blueprint.doc(summary="List meetings by start", responses=[401, 403, 422])
def list_meetings(query: MeetingQuery) -> Any:
    """The meetings that one may see."""
    since = _aware(query.since or services().clock())
    until = min(_aware(query.until) if query.until else since + timedelta(days=14), since + LONGEST_SPAN)
    rows = schedule.meetings_between(g.session, g.scope, since, until)
    if query.state:
        rows = [one for one in rows if one.state == query.state]
    first = (query.page - 1) * query.per_page
    shown = rows[first : first + query.per_page]
    counts = schedule.counts_of(g.session, [one.id for one in shown])
    return paged([_line(one, counts[one.id]["endpoints"]) for one in shown], len(rows), query.page, query.per_page)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        abort(422, "Times need their zone, such as 2026-11-23T08:00:00+07:00.")
    return moment


@blueprint.get("/meetings/<int:meeting_id>")
@needs(Permission.VIEW)
@blueprint.output(MeetingWholeShape)
@blueprint.doc(summary="One meeting", responses=[401, 403, 404])
def one_meeting(meeting_id: int) -> Any:
    """With participants and agenda."""
    return _whole(_found(meeting_id))


@blueprint.post("/meetings")
@needs(Permission.HOLD_MEETINGS)
@blueprint.input(MeetingNewShape, location="json", arg_name="body")
@blueprint.output(MeetingWholeShape, status_code=201)
@blueprint.doc(summary="Book a meeting", responses=[401, 403, 422],
               description="A large meeting waits for approval: its state is then pending.")
def book(body: MeetingNewShape) -> Any:
    """Write and book it; of a series the first meeting is answered."""
    now = services().clock()
    given = body.model_dump(exclude={"participants", "agenda", "is_draft"})
    draft = schedule.MeetingDraft(
        **given, timezone=services().settings.core.timezone, participants=_people(body), agenda=_items(body)
    )
    meeting = schedule.save_meeting(g.session, draft, current_user.actor, now, g.scope)
    if not body.is_draft:
        schedule.submit(g.session, meeting, current_user.actor, now, _approval_from())
    return _whole(meeting), 201


@blueprint.patch("/meetings/<int:meeting_id>")
@needs(Permission.HOLD_MEETINGS)
@blueprint.input(MeetingChangeShape, location="json", arg_name="body")
@blueprint.output(MeetingWholeShape)
@blueprint.doc(summary="Change a meeting", responses=[401, 403, 404, 422])
def change(meeting_id: int, body: MeetingChangeShape) -> Any:
    """Change one meeting, or with `span` more of its series."""
    meeting = _own(meeting_id)
    before = schedule.draft_of(g.session, meeting)
    given = body.model_dump(exclude={"participants", "agenda", "span"}, exclude_unset=True)
    kept = {name: value for name, value in given.items() if value is not None or name == "system_id"}
    draft = replace(before, **kept)
    if body.participants is not None:
        draft = replace(draft, participants=_people(body))
    if body.agenda is not None:
        draft = replace(draft, agenda=_items(body))
    wanted = schedule.Change(draft, _approval_from(), body.span, g.scope)
    schedule.change_meeting(g.session, meeting, wanted, current_user.actor, services().clock())
    return _whole(meeting)


@blueprint.post("/meetings/<int:meeting_id>/cancel")
@needs(Permission.HOLD_MEETINGS)
@blueprint.input(MeetingCancelShape, location="json", arg_name="body")
@blueprint.output(MeetingWholeShape)
@blueprint.doc(summary="Cancel a meeting", responses=[401, 403, 404, 422])
def cancel(meeting_id: int, body: MeetingCancelShape) -> Any:
    """Cancel one meeting, or with `span` more of its series."""
    meeting = _own(meeting_id)
    now = services().clock()
    schedule.cancel_meeting(g.session, meeting, current_user.actor, now, body.reason, body.span)
    return _whole(meeting)


def _found(meeting_id: int) -> Meeting:
    try:
        return schedule.find_meeting(g.session, g.scope, meeting_id)
    except NotFound:
        abort(404)


def _own(meeting_id: int) -> Meeting:
    meeting = _found(meeting_id)
    if not schedule.is_held_in(g.session, g.scope, meeting):
        abort(403)
    return meeting


def _approval_from() -> int:
    return services().settings[ConferenceSettings].approval_from


def _people(body: MeetingNewShape | MeetingChangeShape) -> tuple[schedule.ParticipantDraft, ...]:
    return tuple(schedule.ParticipantDraft(**one.model_dump()) for one in body.participants or ())


def _items(body: MeetingNewShape | MeetingChangeShape) -> tuple[schedule.AgendaDraft, ...]:
    return tuple(schedule.AgendaDraft(**one.model_dump()) for one in body.agenda or ())


def _line(one: Meeting, endpoints: int) -> dict[str, Any]:
    names = set(MeetingShape.model_fields) - {"endpoints"}
    return {**{name: getattr(one, name) for name in names}, "endpoints": endpoints}


def _whole(one: Meeting) -> dict[str, Any]:
    session = g.session
    scope = None if schedule.is_held_in(session, g.scope, one) else g.scope
    people = schedule.participants_of(session, one.id, scope)
    names = set(MeetingParticipantReadShape.model_fields)
    drafts = {row.id: schedule.participant_draft(row).key for row in people}
    plain = ("description", "is_recorded", "is_streamed", "stream_url", "is_important", "join_code", "cancel_reason")
    series = schedule.series_of(session, one)
    return {
        **_line(one, schedule.endpoint_count(session, one.id)), **{name: getattr(one, name) for name in plain},
        "opens_at": schedule.opens_at(one), "closes_at": schedule.closes_at(one),
        "rule": series.rule if series is not None else "",
        "participants": [{name: getattr(row, name) for name in names} for row in people],
        "agenda": [
            {"title": item.title, "minutes": item.minutes, "offset_minutes": item.offset_minutes,
             "speaker": drafts.get(item.participant_id or 0, "")}
            for item in schedule.agenda_of(session, one.id)
        ],
    }  # fmt: skip
