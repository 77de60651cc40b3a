"""Carries remedies out for one or many endpoints: kiosk commands, server orders, and a note in the story."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from conference.kiosk import WHY_NOT as KIOSK_WHY_NOT
from conference.kiosk import Ask, KioskCommand, command_kiosk
from conference.live.board import EndpointNow
from conference.live.models import LiveNote
from conference.live.remedies import TRIES_WITHIN, WHY_NOT, Offer, Remedy, offers, refusal_of
from conference.schedule import Meeting
from core import Session, gettext, ngettext
from playbooks import MeetingOrder, meetings


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts, and why."""

    actor: str
    reason: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """A remedy for some endpoints: whom it would reach, and who is left out with the reason in words."""

    remedy: Remedy
    rows: Sequence[EndpointNow]
    refused: Mapping[int, str] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What will happen to how many."""
        told = ngettext("“%(what)s” for %(num)d endpoint.", "“%(what)s” for %(num)d endpoints.", len(self.rows),
                        what=self.remedy.title)  # fmt: skip
        return f"{told} {self.remedy.preview}"


@dataclass(frozen=True, slots=True)
class Done:
    """What was asked for: ids of kiosk commands and of orders, and who was left out, in words."""

    commands: Sequence[int] = ()
    orders: Sequence[int] = ()
    refused: Mapping[int, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many endpoints are being helped."""
        return len(self.commands) + len(self.orders)


def tries_of(session: Session, meeting: Meeting, endpoint_ids: Sequence[int], now: datetime) -> dict[int, Counter[str]]:
    """Endpoint id to how often each verb was tried in the last half hour of this meeting."""
    found: dict[int, Counter[str]] = {one: Counter() for one in endpoint_ids}
    kiosk = select(KioskCommand.endpoint_id, KioskCommand.verb, func.count()).where(
        KioskCommand.meeting_id == meeting.id, KioskCommand.asked_at > now - TRIES_WITHIN,
        KioskCommand.undoes_id.is_(None),
    )
    for endpoint_id, verb, number in session.execute(kiosk.group_by(KioskCommand.endpoint_id, KioskCommand.verb)):
        if endpoint_id in found:
            found[endpoint_id][verb] += number
    return found


def _tries_of_servers(session: Session, meeting: Meeting, now: datetime) -> Counter[tuple[str, str]]:
    chosen = select(MeetingOrder.endpoint, MeetingOrder.verb, func.count()).where(
        MeetingOrder.meeting_id == meeting.id, MeetingOrder.ordered_at > now - TRIES_WITHIN, MeetingOrder.endpoint != ""
    )
    rows = session.execute(chosen.group_by(MeetingOrder.endpoint, MeetingOrder.verb))
    return Counter({(connection, verb): number for connection, verb, number in rows})


def offers_for(session: Session, meeting: Meeting, row: EndpointNow, now: datetime) -> list[Offer]:
    """The remedies for one endpoint, with their tries counted."""
    tries = tries_of(session, meeting, [row.endpoint_id], now)[row.endpoint_id]
    servers = _tries_of_servers(session, meeting, now)
    tries.update({verb: number for (connection, verb), number in servers.items() if connection == row.connection})
    return offers(row, tries, meeting.system_id is not None)


def plan(
    session: Session, meeting: Meeting, remedy: Remedy, rows: Sequence[EndpointNow], now: datetime
) -> Plan:
    """Whom a remedy would reach now; nothing is done yet."""
    kiosk = tries_of(session, meeting, [row.endpoint_id for row in rows], now)
    servers = _tries_of_servers(session, meeting, now)
    reached, refused = [], {}
    for row in rows:
        number = (kiosk[row.endpoint_id][remedy.verb] if remedy.by == "kiosk"
                  else servers[row.connection, remedy.verb])  # fmt: skip
        why = refusal_of(remedy, row, number, meeting.system_id is not None)
        if why:
            refused[row.endpoint_id] = gettext(WHY_NOT[why])
        else:
            reached.append(row)
    return Plan(remedy, reached, refused, {row.endpoint_id: row.part.name for row in rows})


def carry_out(
    session: Session, meeting: Meeting, planned: Plan, arguments: Mapping[str, Any], person: Person
) -> Done:
    """Ask for it. Raises OrderProblem and VerbProblem; a reason is required."""
    if not person.reason.strip():
        raise meetings.OrderProblem("reason", gettext("Say why: the record keeps it."))
    remedy = planned.remedy
    values = {**remedy.arguments, **arguments}
    done = _by_kiosk(session, planned, values, person) if remedy.by == "kiosk" else _by_server(
        session, meeting, planned, values, person)  # fmt: skip
    if done.count:
        text = ngettext("%(what)s: %(num)d endpoint. %(why)s", "%(what)s: %(num)d endpoints. %(why)s", done.count,
                        what=remedy.title, why=person.reason.strip())  # fmt: skip
        only = planned.rows[0].endpoint_id if len(planned.rows) == 1 else None
        note(session, meeting.id, Line("remedy", text, person.now, person.actor, only))
    return done


def _by_kiosk(session: Session, planned: Plan, values: Mapping[str, Any], person: Person) -> Done:
    ids = [row.endpoint_id for row in planned.rows]
    given = command_kiosk(session, ids, Ask(planned.remedy.verb, values, person.reason), person.actor, person.now)
    refused = {one: gettext(KIOSK_WHY_NOT.get(why, why)) for one, why in given.refused.items()}
    return Done(tuple(one.id for one in given.commands), (), {**planned.refused, **refused})


def _by_server(
    session: Session, meeting: Meeting, planned: Plan, values: Mapping[str, Any], person: Person
) -> Done:
    made, refused = [], dict(planned.refused)
    for row in planned.rows:
        command = meetings.Command(
            planned.remedy.verb, meeting.system_id or 0, person.reason, meeting.id, meeting.room, row.connection,
            arguments=values, hits=1, names=row.part.name,
        )  # fmt: skip
        try:
            meetings.check(session, command)
        except meetings.OrderProblem as problem:
            refused[row.endpoint_id] = problem.text
            continue
        made.append(meetings.order(session, command, person.actor, person.now).id)
    return Done((), tuple(made), refused)


@dataclass(frozen=True, slots=True)
class Line:
    """A line to write into a meeting's story: its kind (a word of words.NOTE_KINDS), text, moment, by whom, of whom."""

    kind: str
    text: str
    at: datetime
    by: str = ""
    endpoint_id: int | None = None


def note(session: Session, meeting_id: int, line: Line) -> LiveNote:
    """Write a line of the meeting's story."""
    made = LiveNote(
        meeting_id=meeting_id, endpoint_id=line.endpoint_id, at=line.at, kind=line.kind, by=line.by[:100],
        text=line.text[:500],
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made
