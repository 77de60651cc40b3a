"""What a form or a program enters about a meeting, and what is wrong with it. Pure; rows are the store's business."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from conference.schedule.recurrence import RuleProblem, check_rule
from conference.schedule.words import BRANCH, KINDS, MODES, PARTICIPANT_KINDS, ROLES
from core import gettext as _
from inventory import FieldProblem, InvalidInput

ZONE = "Asia/Ho_Chi_Minh"
LONGEST = timedelta(hours=16)
MOST_PARTICIPANTS = 3000
MOST_ITEMS = 100
MOST_OPENS, MOST_OVERRUN = 240, 480  # minutes
_EMAIL = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,189}")
_LINK = re.compile(r"https?://[^\s<>\"]{3,280}")


class ScheduleProblem(InvalidInput):
    """What was entered cannot become a meeting. `problems` lists all reasons; `field` and `text` are the first."""

    @classmethod
    def of(cls, field: str, text: str) -> ScheduleProblem:
        """One reason at one field."""
        return cls([FieldProblem(None, field, text)])

    @classmethod
    def of_fields(cls, texts: Mapping[str, str]) -> ScheduleProblem:
        """Reasons by field."""
        return cls(FieldProblem(None, field, text) for field, text in texts.items())

    @property
    def field(self) -> str:
        """The name of the first field with a problem."""
        return self.problems[0].column

    @property
    def text(self) -> str:
        """What to do about it."""
        return self.problems[0].message


@dataclass(frozen=True, slots=True)
class ParticipantDraft:
    """Who is to take part. `kind`: unit, endpoint, person, or branch (every endpoint of a unit and of those below it).

    Name, e-mail and telephone of units and endpoints come from the inventory.
    """

    kind: str
    unit_id: int | None = None
    endpoint_id: int | None = None
    name: str = ""
    email: str = ""
    phone: str = ""
    role: str = "participant"
    mode: str = "listen"
    is_required: bool = True

    @property
    def key(self) -> str:
        """What the agenda and a later change know this participant by."""
        if self.kind == "endpoint":
            return f"endpoint:{self.endpoint_id}"
        if self.kind in ("unit", BRANCH):
            return f"{self.kind}:{self.unit_id}"
        return f"person:{(self.email or self.name).strip().casefold()}"


@dataclass(frozen=True, slots=True)
class AgendaDraft:
    """One item. `speaker` is a participant's key, "" for the chair's table; without an offset it follows the last."""

    title: str
    minutes: int
    speaker: str = ""
    offset_minutes: int | None = None

    def at(self, offset: int) -> AgendaDraft:
        """The same item at a fixed moment."""
        return replace(self, offset_minutes=offset)


@dataclass(frozen=True, slots=True)
class MeetingDraft:
    """All that a form enters about one meeting or series. Times are aware; `rule` is an RRULE value, "" for once."""

    title: str
    unit_id: int
    starts_at: datetime
    ends_at: datetime
    kind: str = "meeting"
    system_id: int | None = None
    description: str = ""
    timezone: str = ZONE
    opens_minutes: int = 30
    overrun_minutes: int = 60
    is_recorded: bool = False
    is_streamed: bool = False
    stream_url: str = ""
    is_important: bool = False
    rule: str = ""
    rehearses_id: int | None = None
    participants: tuple[ParticipantDraft, ...] = ()
    agenda: tuple[AgendaDraft, ...] = ()

    @property
    def length(self) -> timedelta:
        """How long it is planned."""
        return self.ends_at - self.starts_at


def problems_of(draft: MeetingDraft) -> list[FieldProblem]:
    """All that is wrong with a draft by itself; what the inventory knows is the store's to check."""
    return [FieldProblem(None, field, text) for field, text in
            (*_about_the_meeting(draft), *_about_times(draft), *_about_participants(draft), *_about_agenda(draft))]


def _about_the_meeting(draft: MeetingDraft) -> Iterator[tuple[str, str]]:
    if not draft.title.strip():
        yield "title", _("Give the meeting a title.")
    elif len(draft.title) > 300:
        yield "title", _("At most %(most)s characters.", most=300)
    if draft.kind not in KINDS:
        yield "kind", _("Choose one of: %(words)s.", words=", ".join(KINDS))
    if len(draft.description) > 20_000:
        yield "description", _("At most %(most)s characters.", most=20_000)
    if draft.stream_url and not _LINK.fullmatch(draft.stream_url):
        yield "stream_url", _("Enter a whole address that begins with https://.")


def _about_times(draft: MeetingDraft) -> Iterator[tuple[str, str]]:
    if draft.starts_at.tzinfo is None or draft.ends_at.tzinfo is None:
        yield "starts_at", _("The time needs its zone, such as 2026-11-23T08:00:00+07:00.")
        return
    if draft.ends_at <= draft.starts_at:
        yield "ends_at", _("The meeting must end after it begins.")
    elif draft.length > LONGEST:
        yield "ends_at", _("At most %(hours)s hours; make a series for a meeting of several days.",
                           hours=LONGEST // timedelta(hours=1))  # fmt: skip
    if not 0 <= draft.opens_minutes <= MOST_OPENS:
        yield "opens_minutes", _("Enter minutes from %(least)s to %(most)s.", least=0, most=MOST_OPENS)
    if not 0 <= draft.overrun_minutes <= MOST_OVERRUN:
        yield "overrun_minutes", _("Enter minutes from %(least)s to %(most)s.", least=0, most=MOST_OVERRUN)
    try:
        ZoneInfo(draft.timezone)
    except (ValueError, OSError):
        yield "timezone", _("There is no time zone of this name.")
        return
    if draft.rule:
        try:
            check_rule(draft.rule, draft.starts_at, draft.timezone)
        except RuleProblem as problem:
            yield "rule", str(problem)


def _about_participants(draft: MeetingDraft) -> Iterator[tuple[str, str]]:
    people = draft.participants
    if len(people) > MOST_PARTICIPANTS:
        yield "participants", _("At most %(most)s participants.", most=MOST_PARTICIPANTS)
        return
    counted = Counter(one.role for one in people)
    if counted["chair"] > 1:
        yield "participants", _("A meeting has one chair; make the others co-hosts.")
    for one in people:
        if one.kind not in PARTICIPANT_KINDS and one.kind != BRANCH:
            yield "participants", _("“%(word)s” is no kind of participant.", word=one.kind)
        elif one.role not in ROLES or one.mode not in MODES:
            yield "participants", _("“%(word)s” is no role or mode.", word=f"{one.role}, {one.mode}")
        elif one.kind == "person":
            yield from _about_a_person(one)
    twice = [key for key, count in Counter(one.key for one in people if one.kind == "person").items() if count > 1]
    if twice:
        yield "participants", _("%(name)s stands in the list twice.", name=twice[0].partition(":")[2])


def _about_a_person(one: ParticipantDraft) -> Iterator[tuple[str, str]]:
    if not one.name.strip():
        yield "participants", _("A person needs a name.")
    if one.email and not _EMAIL.fullmatch(one.email.strip()):
        yield "participants", _("“%(email)s” is no e-mail address.", email=one.email)
    if len(one.name) > 200 or len(one.phone) > 40:
        yield "participants", _("The name or telephone number of “%(name)s” is too long.", name=one.name[:40])


def _about_agenda(draft: MeetingDraft) -> Iterator[tuple[str, str]]:
    if len(draft.agenda) > MOST_ITEMS:
        yield "agenda", _("At most %(most)s items.", most=MOST_ITEMS)
        return
    keys = {one.key for one in draft.participants}
    for number, item in enumerate(draft.agenda, 1):
        if not item.title.strip() or len(item.title) > 300:
            yield "agenda", _("Item %(number)s needs a title of at most 300 characters.", number=number)
        if not 1 <= item.minutes <= 24 * 60:
            yield "agenda", _("Item %(number)s: enter how many minutes it takes.", number=number)
        if item.offset_minutes is not None and not 0 <= item.offset_minutes <= 24 * 60:
            yield "agenda", _("Item %(number)s begins outside the meeting.", number=number)
        if item.speaker and item.speaker not in keys and not any(one.kind == BRANCH for one in draft.participants):
            yield "agenda", _("Item %(number)s: its speaker is not among the participants.", number=number)
