"""A meeting's timeline: troubles, notes, orders, commands, incidents, joins and leaves; many at once in bulk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from alerts import Incident, IncidentMember
from conference.jitsi import RoomEvent
from conference.kiosk import KIOSK_VERBS, KioskCommand, KioskSpell
from conference.live.causes import Cause
from conference.live.models import LiveNote, LiveSpell
from conference.live.store.reading import JOINED, LEFT
from conference.live.words import NOTE_KINDS, STATES, group_sentence, sentence_of
from conference.schedule import Meeting, Participant
from core import Session, current_language, gettext, ngettext
from inventory import Endpoint
from playbooks import meetings

TOGETHER = timedelta(seconds=60)
FEW = 3  # joins or leaves within a minute that are still told by name
MOST = 400


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One line: when it began, its kind (a word of words.NOTE_KINDS, or spell, joined, left, order, command,
    incident), what it says, who did it, until when (None: a moment, or it lasts)."""

    at: datetime
    kind: str
    text: str
    who: str = ""
    until: datetime | None = None
    lasts: bool = False
    lasting: int = 0
    endpoint_id: int | None = None
    incident_id: int | None = None
    count: int = 1


def timeline(session: Session, meeting: Meeting) -> list[TimelineLine]:
    """Everything that happened, oldest first."""
    start = meeting.starts_at - timedelta(minutes=meeting.opens_minutes)
    end = meeting.ends_at + timedelta(minutes=meeting.overrun_minutes)
    names = dict(session.execute(
        select(Endpoint.id, Endpoint.name).join(Participant, Participant.endpoint_id == Endpoint.id)
        .where(Participant.meeting_id == meeting.id)
    ).all())  # fmt: skip
    found = [*_notes(session, meeting, names), *_spells(session, meeting, names), *_orders(session, meeting)]
    found += [*_commands(session, meeting, names), *_incidents(session, meeting, start, end)]
    found += _comings(session, meeting, names)
    return sorted(found, key=lambda line: line.at)[-MOST:]


def story_of_endpoint(session: Session, meeting: Meeting, endpoint_id: int) -> list[TimelineLine]:
    """The same for one endpoint, the newest first."""
    name = {endpoint_id: ""}
    found = [*_notes(session, meeting, name, endpoint_id), *_spells(session, meeting, name, endpoint_id)]
    found += _commands(session, meeting, name, endpoint_id)
    return sorted(found, key=lambda line: line.at, reverse=True)[:30]


def _notes(
    session: Session, meeting: Meeting, names: dict[int, str], endpoint_id: int | None = None
) -> Iterable[TimelineLine]:
    chosen = select(LiveNote).where(LiveNote.meeting_id == meeting.id)
    if endpoint_id is not None:
        chosen = chosen.where(LiveNote.endpoint_id == endpoint_id)
    for one in session.scalars(chosen.order_by(LiveNote.id.desc()).limit(MOST)):
        name = names.get(one.endpoint_id or 0, "")
        text = one.text or gettext(NOTE_KINDS.get(one.kind, one.kind))
        yield TimelineLine(one.at, one.kind, f"{name}: {text}" if name and name not in text else text, one.by,
                           endpoint_id=one.endpoint_id)  # fmt: skip


def cause_of_spell(spell: LiveSpell) -> Cause | None:
    """The cause as it was when the spell was written, with the figures of its sentence."""
    if not spell.cause:
        return None
    try:
        kept = json.loads(spell.evidence or "{}")
    except ValueError:
        kept = {}
    return Cause(spell.cause, spell.group, kept if isinstance(kept, dict) else {})


def _spells(
    session: Session, meeting: Meeting, names: dict[int, str], endpoint_id: int | None = None
) -> Iterable[TimelineLine]:
    """Spells that began within a minute with one state, cause and group are one line."""
    chosen = select(LiveSpell).where(LiveSpell.meeting_id == meeting.id)
    if endpoint_id is not None:
        chosen = chosen.where(LiveSpell.endpoint_id == endpoint_id)
    open_bunch: dict[tuple[str, str, str], list[LiveSpell]] = {}
    for spell in session.scalars(chosen.order_by(LiveSpell.began_at, LiveSpell.id)):
        key = (spell.state, spell.cause, spell.group)
        bunch = open_bunch.get(key)
        if bunch and spell.began_at - bunch[0].began_at <= TOGETHER:
            bunch.append(spell)
            continue
        if bunch:
            yield _spell_line(bunch, names)
        open_bunch[key] = [spell]
    for bunch in open_bunch.values():
        yield _spell_line(bunch, names)


def _spell_line(bunch: Sequence[LiveSpell], names: dict[int, str]) -> TimelineLine:
    first, count = bunch[0], len({one.endpoint_id for one in bunch})
    cause, state = cause_of_spell(first), gettext(STATES.get(first.state, first.state))
    if count > 1:
        text = group_sentence(cause, count) if cause else ngettext("%(num)d room", "%(num)d rooms", count)
        text = f"{state.capitalize()}: {text}"
    else:
        name = names.get(first.endpoint_id, "")
        why = sentence_of(cause) if cause else ""
        text = f"{name}: {state}. {why}".strip() if name else f"{state.capitalize()}. {why}".strip()
    lasting = len({one.endpoint_id for one in bunch if one.ended_at is None})
    lasts = lasting > 0
    until = None if lasts else max(one.ended_at for one in bunch if one.ended_at is not None)
    kind = "lost" if first.state == "lost" else "spell"
    return TimelineLine(
        first.began_at, kind, text, until=until, lasts=lasts, lasting=lasting, incident_id=first.incident_id,
        endpoint_id=first.endpoint_id if count == 1 else None, count=count,
    )


def _orders(session: Session, meeting: Meeting) -> Iterable[TimelineLine]:
    for one in meetings.orders_of(session, meeting.id, None, MOST):
        state = gettext(meetings.STATES.get(one.state, one.state))
        said = meetings.say(one.failure, one.detail) if one.failure else state
        text = f"{gettext(meetings.VERBS[one.verb].title)} ({one.reason}): {said}"
        yield TimelineLine(one.ordered_at, "order", text, one.ordered_by, one.done_at)


def _commands(
    session: Session, meeting: Meeting, names: dict[int, str], endpoint_id: int | None = None
) -> Iterable[TimelineLine]:
    """Commands that one person gave to many at one moment are one line."""
    columns = (KioskCommand.verb, KioskCommand.asked_by, KioskCommand.asked_at, KioskCommand.reason)
    chosen = select(*columns, func.count(), func.min(KioskCommand.endpoint_id)).where(
        KioskCommand.meeting_id == meeting.id
    )
    if endpoint_id is not None:
        chosen = chosen.where(KioskCommand.endpoint_id == endpoint_id)
    for verb, by, at, reason, count, only in session.execute(chosen.group_by(*columns).limit(MOST)):
        label = gettext(KIOSK_VERBS[verb].label) if verb in KIOSK_VERBS else verb
        whom = names.get(only, "") if count == 1 else ngettext("%(num)d room", "%(num)d rooms", count)
        text = ": ".join(part for part in (label, whom) if part) + (f" ({reason})" if reason else "")
        yield TimelineLine(at, "command", text, by, endpoint_id=only if count == 1 else None, count=count)


def _incidents(session: Session, meeting: Meeting, start: datetime, end: datetime) -> Iterable[TimelineLine]:
    """Incidents of the meeting's sites that began or lasted while it ran."""
    sites = (
        select(Endpoint.site_id).join(Participant, Participant.endpoint_id == Endpoint.id)
        .where(Participant.meeting_id == meeting.id)
    )  # fmt: skip
    behind = select(IncidentMember.incident_id).where(IncidentMember.site_id.in_(sites))
    chosen = select(Incident).where(
        or_(Incident.site_id.in_(sites), Incident.id.in_(behind)), Incident.folded_into_id.is_(None),
        Incident.severity_rank <= 1, Incident.opened_at >= start, Incident.opened_at <= end,
    )  # fmt: skip
    language = current_language()
    for one in session.scalars(chosen.order_by(Incident.opened_at).limit(100)):
        title = one.titles.get(language) or next(iter(one.titles.values()), one.cause)
        yield TimelineLine(one.started_at, "incident", title, "", one.closed_at, one.closed_at is None,
                           incident_id=one.id)  # fmt: skip


def _comings(session: Session, meeting: Meeting, names: dict[int, str]) -> list[TimelineLine]:
    """First joins and last leaves, many of a minute in one line."""
    first: dict[int, datetime] = {}
    last: dict[int, datetime] = {}
    spells = select(KioskSpell.endpoint_id, func.min(KioskSpell.first_at), func.max(KioskSpell.last_at)).where(
        KioskSpell.meeting_id == meeting.id
    )
    for endpoint_id, joined, seen in session.execute(spells.group_by(KioskSpell.endpoint_id)):
        first[endpoint_id], last[endpoint_id] = joined, seen
    owners = dict(session.execute(
        select(Participant.subject, Participant.endpoint_id).where(
            Participant.meeting_id == meeting.id, Participant.endpoint_id.is_not(None))
    ).all())  # fmt: skip
    events = select(RoomEvent.subject, RoomEvent.name, func.min(RoomEvent.happened_at), func.max(RoomEvent.happened_at))
    events = events.where(RoomEvent.meeting_id == meeting.id, RoomEvent.name.in_((JOINED, LEFT)))
    for subject, name, earliest, latest in session.execute(events.group_by(RoomEvent.subject, RoomEvent.name)):
        one = owners.get(subject)
        if one is None:
            continue
        if name == JOINED and (one not in first or earliest < first[one]):
            first[one] = earliest
        if name == LEFT and (one not in last or latest > last[one]):
            last[one] = latest
    found = list(_bunches(first, "joined", names))
    if meeting.ended_at is not None:
        over = {one: at for one, at in last.items() if at >= meeting.ended_at - timedelta(minutes=30)}
        found += _bunches(over, "left", names)
    return found


def _bunches(moments: dict[int, datetime], kind: str, names: dict[int, str]) -> Iterable[TimelineLine]:
    """A line a minute: by name when few came, by number when many did."""
    ordered = sorted(moments.items(), key=lambda pair: pair[1])
    place = 0
    while place < len(ordered):
        begin, bunch = ordered[place][1], []
        while place < len(ordered) and ordered[place][1] - begin <= TOGETHER:
            bunch.append(ordered[place])
            place += 1
        span = int((bunch[-1][1] - begin).total_seconds())
        if len(bunch) <= FEW:
            who = ", ".join(names.get(one, str(one)) for one, _at in bunch)
            text = gettext("%(who)s joined", who=who) if kind == "joined" else gettext("%(who)s left", who=who)
        elif kind == "joined":
            text = gettext("%(count)s rooms joined within %(span)s s", count=len(bunch), span=max(span, 1))
        else:
            text = gettext("%(count)s rooms left within %(span)s s", count=len(bunch), span=max(span, 1))
        yield TimelineLine(begin, kind, text, count=len(bunch))


