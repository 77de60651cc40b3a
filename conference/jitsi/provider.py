"""The verbs that every meeting system has to know; Jitsi is the only one built. A second one is a class here.

Rooms of Jitsi need not be made beforehand: they arise when the first one comes in, if the reservation says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from conference.jitsi.store import is_room_open
from conference.jitsi.texts import is_exact_room
from conference.jitsi.tokens import Grant, TokenProblem, grant_of, join_token, join_url, room_url
from conference.schedule import OPEN_STATES, Meeting, Participant, is_open
from core import Secret, Session
from inventory import MeetingSystem, SystemSecrets


@dataclass(frozen=True, slots=True)
class Work:
    """What a provider works with: the system a meeting is held on, its opened secrets, the moment."""

    session: Session
    system: MeetingSystem
    secrets: SystemSecrets
    now: datetime


@dataclass(frozen=True, slots=True)
class RoomPlace:
    """Where a meeting is held: the room's name on the system, and its address without any right to enter."""

    room: str
    url: str


@dataclass(frozen=True, slots=True)
class RoomState:
    """How a room is now: may people enter by the schedule, and does the server say that it is open."""

    is_expected: bool
    is_open: bool


class Provider(Protocol):
    """One kind of meeting system. Every verb may be repeated and then changes nothing more.

    Raises TokenProblem with a named reason where somebody may not enter, TryLater and GiveUp (core) where the outside
    world fails.
    """

    key: str
    title: str

    def create(self, work: Work, meeting: Meeting) -> RoomPlace:
        """See that the room of a scheduled meeting can be entered when its time comes."""

    def update(self, work: Work, meeting: Meeting) -> RoomPlace:
        """Bring what the system knows of the meeting up to date."""

    def refresh(self, work: Work, meeting: Meeting) -> RoomState:
        """How the room is now."""

    def delete(self, work: Work, meeting: Meeting) -> None:
        """See that nobody enters any more."""

    def grant(self, work: Work, meeting: Meeting, participant: Participant) -> Grant:
        """What a participant may do, and from when to when."""

    def join_url(self, work: Work, meeting: Meeting, participant: Participant) -> Secret:
        """The participant's own way in."""


class Jitsi:
    """Jitsi Meet with tokens and reservations: the schedule is what counts, as both are asked at every entrance."""

    key = "jitsi"
    title = "Jitsi Meet"

    def create(self, work: Work, meeting: Meeting) -> RoomPlace:
        """Nothing is made beforehand; a name that Jitsi could not take is refused here and not at the door."""
        if not is_exact_room(meeting.room):
            raise TokenProblem("wildcard_room")
        return RoomPlace(meeting.room, room_url(work.system, meeting.room))

    def update(self, work: Work, meeting: Meeting) -> RoomPlace:
        """As create: tokens and reservations are made from the schedule of the moment."""
        return self.create(work, meeting)

    def refresh(self, work: Work, meeting: Meeting) -> RoomState:
        """By the schedule, and by what the server asked and told."""
        is_expected = meeting.state in OPEN_STATES and is_open(meeting, work.now)
        return RoomState(is_expected, is_room_open(work.session, meeting.id))

    def delete(self, work: Work, meeting: Meeting) -> None:
        """A cancelled meeting opens no room and gives no token; ending one that runs is an order (playbooks)."""

    def grant(self, work: Work, meeting: Meeting, participant: Participant) -> Grant:
        """The policy of tokens.py."""
        return grant_of(meeting, participant)

    def join_url(self, work: Work, meeting: Meeting, participant: Participant) -> Secret:
        """The room's address with a fresh token."""
        return join_url(work.system, meeting, join_token(work.system, work.secrets, meeting, participant, work.now))


PROVIDERS: dict[str, Provider] = {"jitsi": Jitsi()}
