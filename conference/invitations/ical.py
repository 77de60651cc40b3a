"""Calendar objects as they are sent: iTIP requests and cancellations (RFC 5546), published calendars. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vCalAddress, vRecur

from conference.invitations.facts import Facts, Outgoing, one_line, some_lines
from conference.invitations.words import CANCEL

PRODID = "-//EduNOC//Meetings 1.0//VI"
_CUTYPES = {"endpoint": "ROOM", "unit": "GROUP", "person": "INDIVIDUAL"}
_ROLES = {"chair": "CHAIR"}  # RFC 5545 section 3.2.16


@dataclass(frozen=True, slots=True)
class Sender:
    """ORGANIZER: must be the address in the mail's From line, or mail programs show no buttons for an answer."""

    email: str
    name: str = "EduNOC"


@dataclass(frozen=True, slots=True)
class Said:
    """Texts of one message: where to go, and the description below it."""

    location: str
    description: str


def message(outgoing: Outgoing, uid: str, sender: Sender, said: Said, now: datetime) -> str:
    """The calendar part of a message: one VEVENT with the recipient as its only ATTENDEE, CRLF, folded at 75 octets.

    In a cancellation of somebody who is no longer asked the meeting itself goes on, but in this calendar it is
    cancelled (RFC 5546 section 3.2.5).
    """
    entry, recipient = outgoing.entry, outgoing.recipient
    event = _event(entry.facts, uid, now)
    event.add("sequence", outgoing.sequence)
    event["organizer"] = vCalAddress.new(sender.email, cn=one_line(sender.name, 80))
    attendee = vCalAddress.new(
        recipient.email, cn=one_line(recipient.name, 200) or recipient.email,
        cutype=_CUTYPES.get(recipient.kind, "INDIVIDUAL"), role=_ROLES.get(recipient.role, "REQ-PARTICIPANT"),
        partstat="NEEDS-ACTION", rsvp=outgoing.method != CANCEL,
    )
    event.add("attendee", attendee, encode=False)
    event.add("location", one_line(said.location))
    event.add("description", some_lines(said.description))
    event.add("status", "CANCELLED" if outgoing.method == CANCEL else "CONFIRMED")
    event.add("transp", "OPAQUE")
    zone = ZoneInfo(entry.facts.timezone)
    if entry.occurrence_at is not None:
        event.add("recurrence-id", entry.occurrence_at.astimezone(zone))
    elif entry.facts.rule and outgoing.method != CANCEL:
        event.add("rrule", vRecur.from_ical(entry.facts.rule))
        for moment in sorted(outgoing.excluded):
            event.add("exdate", moment.astimezone(zone))
    return _text(outgoing.method, [event], {entry.facts.timezone}, now.date())


@dataclass(frozen=True, slots=True)
class Published:
    """One meeting in a published calendar."""

    uid: str
    facts: Facts
    sequence: int
    said: Said
    is_off: bool = False
    occurrence_at: datetime | None = None
    updated_at: datetime | None = None


def published(meetings: Sequence[Published], sender: Sender, changed_at: datetime) -> str:
    """A read-only calendar (METHOD:PUBLISH): meetings of a series stand by themselves, for not all may concern it.

    RFC 5546 section 3.2.1: ORGANIZER, no ATTENDEE. Equal meetings give an equal text: DTSTAMP is their last change.
    """
    events = []
    for one in meetings:
        uid = one.uid if one.occurrence_at is None else f"{one.occurrence_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{one.uid}"
        event = _event(one.facts, uid, one.updated_at or changed_at)
        event.add("sequence", one.sequence)
        event["organizer"] = vCalAddress.new(sender.email, cn=one_line(sender.name, 80))
        event.add("location", one_line(one.said.location))
        event.add("description", some_lines(one.said.description))
        event.add("status", "CANCELLED" if one.is_off else "CONFIRMED")
        events.append(event)
    first = min((one.facts.starts_at for one in meetings), default=changed_at)
    return _text("PUBLISH", events, {one.facts.timezone for one in meetings}, first.date())


def _event(facts: Facts, uid: str, stamp: datetime) -> Event:
    zone = ZoneInfo(facts.timezone)
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", facts.starts_at.astimezone(zone))
    event.add("dtend", facts.ends_at.astimezone(zone))
    event.add("summary", one_line(facts.title))
    return event


def _text(method: str, events: Iterable[Event], zones: Iterable[str], first: date) -> str:
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    for zone in sorted(zones):
        calendar.add_component(_zone(zone, first.year))
    for event in events:
        calendar.add_component(event)
    return calendar.to_ical().decode("utf-8")


@lru_cache(64)
def _zone(name: str, year: int) -> Timezone:
    """The zone from the year before to three years on; Viet Nam has one offset and needs no more than a line.

    Kept: laying a zone out takes 40 ms, and 600 messages name the same.
    """
    zone = Timezone.from_tzinfo(ZoneInfo(name), tzid=name, first_date=date(year - 1, 1, 1),
                                last_date=date(year + 4, 1, 1))
    zone.pop("comment", None)
    return zone
