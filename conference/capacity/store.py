"""Reads what planning needs, set-wise: other meetings of the time, lines, servers, rooms in use, examinations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from conference.capacity.bandwidth import STANDARD_PLAN, PlannedQuality, plan_text, read_plan
from conference.capacity.conflicts import (
    CHANGE_OVER,
    Attendee,
    Conflict,
    Proposal,
    RoomTaken,
    Standing,
    Taken,
    exam_conflicts,
    of_findings,
    on_its_day,
    room_conflicts,
    taken_conflicts,
    worst_conflicts_first,
)
from conference.capacity.figures import Figures, shipped_figures
from conference.capacity.forecast import Moment, forecast
from conference.capacity.joining import JoinPlan, plan_joining
from conference.capacity.load import Line, MeetingLoad, Seat, SystemLimits, Weighed, lines_of, weigh
from conference.capacity.plan import CapacityPlan, plan_capacity
from conference.schedule import (
    BOOKED_STATES,
    Meeting,
    MeetingDraft,
    Participant,
    closes_at,
    draft_moments,
    opens_at,
    resolve,
)
from core import Deed, Scope, Session, append_audit
from inventory import Endpoint, Link, MeetingServer, MeetingSystem, RoomUse, Site, Unit, calendar_views

LOOKED_AT = 9                           # meetings of a series: the first and the next eight
LONGEST_MARGIN = timedelta(hours=12)  # more than people are ever let in before, or a meeting runs over
MEETING_SOURCE = "meeting:"


def propose(
    session: Session, scope: Scope, draft: MeetingDraft, meeting_id: int | None = None,
    quality: PlannedQuality = STANDARD_PLAN, span: str = "one",
) -> Proposal:
    """What a form holds, as planning asks for it; branches become their endpoints. Raises ScheduleProblem.

    `meeting_id` is the meeting that is changed, with `span` also those after it. Of a series its first meeting is
    planned, and whether somebody is taken is looked at for the first and the next eight.
    """
    meeting = session.get(Meeting, meeting_id) if meeting_id is not None else None
    first, *later = draft_moments(session, draft, meeting, span)[:LOOKED_AT]
    is_alone = meeting is None or span == "one"
    attendees = tuple(
        Attendee(one.name, one.endpoint_id, one.email, one.draft.role, one.draft.mode == "speak",
                 one.draft.kind == "person")
        for one in resolve(session, scope, draft.participants)
    )
    return Proposal(
        draft.title, first, first + draft.length, attendees, draft.system_id, meeting_id, draft.opens_minutes,
        draft.overrun_minutes, draft.timezone, draft.is_recorded, draft.is_streamed, quality, tuple(later),
        None if is_alone or meeting is None else meeting.series_id,
    )


def proposal_of(session: Session, meeting: Meeting, figures: Figures | None = None) -> Proposal:
    """A meeting that exists, with the quality that is planned for it."""
    people = session.scalars(
        select(Participant).where(Participant.meeting_id == meeting.id).order_by(Participant.position, Participant.id))
    attendees = tuple(
        Attendee(one.name, one.endpoint_id, one.email, one.role, one.mode == "speak", one.kind == "person")
        for one in people
    )
    return Proposal(
        meeting.title, meeting.starts_at, meeting.ends_at, attendees, meeting.system_id, meeting.id,
        meeting.opens_minutes, meeting.overrun_minutes, meeting.timezone, meeting.is_recorded, meeting.is_streamed,
        read_plan(meeting.plan, figures or shipped_figures()),
    )


def keep_plan(session: Session, meeting: Meeting, planned: PlannedQuality, actor: str, now: datetime) -> None:
    """Keep the quality that is planned for a meeting. Audited; whoever is invited need not hear of it."""
    meeting.plan = plan_text(planned)
    session.flush()
    append_audit(session, Deed(actor, "meeting.plan", "meeting", meeting.id, meeting.title,
                               {"endpoints": len(planned.by_endpoint or {})}), now)


def lines_of_endpoints(session: Session, endpoint_ids: Collection[int]) -> list[Link]:
    """The lines that endpoints meet over."""
    ids = {seat.link_id for seat in _seats(session, endpoint_ids) if seat.link_id is not None}
    return list(session.scalars(select(Link).where(Link.id.in_(ids)))) if ids else []


def forecast_of(
    session: Session, system_id: int, start: datetime, end: datetime, figures: Figures | None = None
) -> tuple[Moment, ...]:
    """What the booked meetings of a system ask of it in [start, end): for the page of its servers."""
    figures = figures or shipped_figures()
    loads = loads_between(session, system_id, start, end, figures)
    return forecast(loads, system_limits(session, system_id), start, end, figures)


def conflicts(
    session: Session, proposal: Proposal, usage: Mapping[int, tuple[float, float]] | None = None,
    figures: Figures | None = None,
) -> list[Conflict]:
    """Everything that stands in the meeting's way, worst first. `usage`: see `plan_meeting`."""
    own = _own_meetings(session, proposal)
    ids = proposal.endpoint_ids
    standings = _standings(session, ids, proposal.timezone)
    names = {standing.endpoint_id: standing.name for standing in standings}
    taken = _taken(session, _meetings_beside(session, proposal, own), ids)
    rooms = _rooms_taken(session, proposal, standings)
    found = []
    for day in proposal.days:
        there = taken_conflicts(day, taken, names)
        told = frozenset(one.meeting_id for one in there if one.meeting_id is not None and one.kind == "endpoint")
        there = [*there, *room_conflicts(day, rooms, standings, told | own), *exam_conflicts(day, standings)]
        found += there if day is proposal else [on_its_day(one, day) for one in there]
    if proposal.system_id is not None:
        found += of_findings(plan_meeting(session, proposal, usage, figures).findings)
    return worst_conflicts_first(found)


def plan_meeting(
    session: Session, proposal: Proposal, usage: Mapping[int, tuple[float, float]] | None = None,
    figures: Figures | None = None,
) -> CapacityPlan:
    """The capacity plan of a meeting among all others of its system and time.

    `usage`: link id -> bits per second (down, up) that are used at that hour, as `line_usage` measures them.
    """
    figures = figures or shipped_figures()
    seats = _seats_of(session, proposal)
    own = MeetingLoad(
        proposal.title, proposal.starts_at - timedelta(minutes=proposal.opens_minutes), proposal.starts_at,
        proposal.ends_at + timedelta(minutes=proposal.overrun_minutes), seats, proposal.meeting_id, proposal.quality,
        int(proposal.is_recorded) + int(proposal.is_streamed),
    )
    beside = [] if proposal.system_id is None else loads_between(
        session, proposal.system_id, own.opens_at, own.closes_at, figures, without=proposal.meeting_id)
    lines = _lines(session, lines_of([Weighed(own, weigh(own, figures))]), usage or {})
    return plan_capacity(own, beside, system_limits(session, proposal.system_id), lines, figures)


def joining_of(session: Session, meeting: Meeting, figures: Figures | None = None) -> JoinPlan:
    """When each endpoint of a meeting joins: the part of its capacity plan that kiosks keep to, without the rest."""
    seats = _seats_of(session, proposal_of(session, meeting, figures))
    limits = system_limits(session, meeting.system_id)
    return plan_joining(seats, meeting.starts_at, opens_at(meeting), limits, figures or shipped_figures())


def loads_between(
    session: Session, system_id: int, start: datetime, end: datetime, figures: Figures, without: int | None = None
) -> list[MeetingLoad]:
    """The meetings of a system that are open at some moment of [start, end), with who sits in them."""
    rows = [
        row for row in _meetings(session, start - LONGEST_MARGIN, end + LONGEST_MARGIN)
        if row.system_id == system_id and row.id != without and opens_at(row) < end and start < closes_at(row)
    ]
    seats: defaultdict[int, list[Seat]] = defaultdict(list)
    chosen = (
        select(Participant.meeting_id, Participant.name, Participant.endpoint_id, Participant.mode, Endpoint.link_id)
        .outerjoin(Endpoint, Endpoint.id == Participant.endpoint_id)
        .where(Participant.meeting_id.in_([row.id for row in rows]))
    )
    for meeting_id, name, endpoint_id, mode, link_id in session.execute(chosen) if rows else ():
        seats[meeting_id].append(Seat(name, endpoint_id, link_id, mode == "speak"))
    return [
        MeetingLoad(
            row.title, opens_at(row), row.starts_at, closes_at(row), tuple(seats[row.id]), row.id,
            read_plan(row.plan, figures), int(row.is_recorded) + int(row.is_streamed),
        )
        for row in rows
    ]


def system_limits(session: Session, system_id: int | None, stress: float = 0.0) -> SystemLimits:
    """What an installation carries, by what was entered of it and its servers."""
    system = session.get(MeetingSystem, system_id) if system_id is not None else None
    if system is None:
        return SystemLimits()
    servers = session.execute(
        select(MeetingServer.kind, MeetingServer.capacity_bps)
        .where(MeetingServer.system_id == system_id, MeetingServer.is_enabled)
    ).all()
    recorders = sum(kind == "jibri" for kind, _card in servers)
    return SystemLimits(
        system.name, system.has_visitors, system.main_limit, system.vnode_count, system.vnode_limit,
        system.bridge_limit, system.joins_per_second, system.trunk_bps,
        tuple(card for kind, card in servers if kind == "jvb"), stress, recorders if servers else None,
    )


def _meetings(session: Session, start: datetime, end: datetime) -> Sequence[Meeting]:
    return session.scalars(
        select(Meeting).where(Meeting.starts_at < end, Meeting.ends_at > start, Meeting.state.in_(BOOKED_STATES))
        .order_by(Meeting.starts_at, Meeting.id)
    ).all()


def _own_meetings(session: Session, proposal: Proposal) -> frozenset[int]:
    """What cannot be in its own way: the meeting that is changed, or the whole series when that is."""
    own = {proposal.meeting_id} - {None}
    if proposal.series_id is not None:
        own |= set(session.scalars(select(Meeting.id).where(Meeting.series_id == proposal.series_id)))
    return frozenset(own)


def _meetings_beside(session: Session, proposal: Proposal, own: frozenset[int]) -> list[Meeting]:
    near = [(Meeting.starts_at < day.ends_at + CHANGE_OVER) & (Meeting.ends_at > day.starts_at - CHANGE_OVER)
            for day in proposal.days]
    rows = session.scalars(
        select(Meeting).where(or_(*near), Meeting.state.in_(BOOKED_STATES)).order_by(Meeting.starts_at, Meeting.id))
    return [row for row in rows if row.id not in own]


def _taken(session: Session, others: Sequence[Meeting], endpoint_ids: Collection[int]) -> list[Taken]:
    if not others:
        return []
    endpoints: defaultdict[int, set[int]] = defaultdict(set)
    people: defaultdict[int, list[tuple[str, str, str]]] = defaultdict(list)
    chosen = select(
        Participant.meeting_id, Participant.kind, Participant.endpoint_id, Participant.email, Participant.name,
        Participant.role,
    ).where(
        Participant.meeting_id.in_([row.id for row in others]),
        or_(Participant.endpoint_id.in_(list(endpoint_ids)), Participant.kind == "person"),
    )
    for meeting_id, kind, endpoint_id, email, name, role in session.execute(chosen):
        if endpoint_id in endpoint_ids:
            endpoints[meeting_id].add(endpoint_id)
        if kind == "person" and email:
            people[meeting_id].append((email, name, role))
    return [
        Taken(row.id, row.title, row.starts_at, row.ends_at, frozenset(endpoints[row.id]), tuple(people[row.id]))
        for row in others
    ]


def _standings(session: Session, endpoint_ids: Collection[int], timezone: str) -> list[Standing]:
    if not endpoint_ids:
        return []
    views = calendar_views(session, timezone)
    chosen = select(Endpoint.id, Endpoint.name, Endpoint.site_id, Endpoint.room_id).where(
        Endpoint.id.in_(list(endpoint_ids))).order_by(Endpoint.name_key, Endpoint.id)
    return [
        Standing(*row, exams=views[row.site_id].exams if row.site_id in views else ())
        for row in session.execute(chosen)
    ]


def _rooms_taken(session: Session, proposal: Proposal, standings: Sequence[Standing]) -> list[RoomTaken]:
    chosen = select(
        RoomUse.site_id, RoomUse.room_id, RoomUse.name, RoomUse.purpose, RoomUse.starts_at, RoomUse.ends_at,
        RoomUse.source,
    ).where(
        RoomUse.site_id.in_(sorted({standing.site_id for standing in standings})),
        or_(*((RoomUse.ends_at > day.starts_at) & (RoomUse.starts_at < day.ends_at) for day in proposal.days)),
    )
    return [
        RoomTaken(*row[:6], meeting_id=_meeting_of(row.source)) for row in session.execute(chosen)
    ] if standings else []


def _meeting_of(source: str) -> int | None:
    number = source.removeprefix(MEETING_SOURCE)
    return int(number) if number != source and number.isdecimal() else None


def _seats_of(session: Session, proposal: Proposal) -> tuple[Seat, ...]:
    seats_of = {one.endpoint_id: one for one in _seats(session, proposal.endpoint_ids)}
    return tuple(
        replace(seats_of.get(one.endpoint_id) or Seat(one.name, one.endpoint_id), speaks=one.speaks)
        for one in proposal.attendees
    )


def _seats(session: Session, endpoint_ids: Collection[int]) -> list[Seat]:
    """Endpoints with their line; one that names none has the line of its site, where that has just one."""
    if not endpoint_ids:
        return []
    ids = list(endpoint_ids)
    rows = session.execute(
        select(Endpoint.id, Endpoint.name, Endpoint.link_id, Endpoint.site_id, Unit.parent_id)
        .join(Site, Site.id == Endpoint.site_id).join(Unit, Unit.id == Site.unit_id).where(Endpoint.id.in_(ids))
    ).all()
    lineless = sorted({site_id for _id, _name, link_id, site_id, _above in rows if link_id is None})
    single: dict[int, int] = {}
    if lineless:
        of_site = select(Link.site_id, func.min(Link.id)).where(Link.site_id.in_(lineless))
        single = dict(session.execute(of_site.group_by(Link.site_id).having(func.count() == 1)).all())
    isps = dict(session.execute(select(Link.id, Link.isp).where(
        Link.id.in_([row.link_id or single.get(row.site_id, 0) for row in rows]))).all())
    found = []
    for endpoint_id, name, link_id, site_id, above in rows:
        line = link_id if link_id is not None else single.get(site_id)
        isp = isps.get(line, "") if line is not None else ""
        found.append(Seat(name, endpoint_id, line, group=f"{isp}/{above}"))
    return found


def _lines(session: Session, link_ids: Collection[int], usage: Mapping[int, tuple[float, float]]) -> dict[int, Line]:
    if not link_ids:
        return {}
    chosen = (
        select(Link.id, Site.name, Link.name, Link.committed_down_bps, Link.committed_up_bps)
        .join(Site, Site.id == Link.site_id).where(Link.id.in_(list(link_ids)))
    )
    unused: tuple[float | None, float | None] = (None, None)
    return {
        link_id: Line(link_id, f"{site} – {name}" if name else site, down, up, *usage.get(link_id, unused))
        for link_id, site, name, down, up in session.execute(chosen)
    }
