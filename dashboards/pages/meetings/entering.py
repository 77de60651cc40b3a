"""The form of a meeting: its fields as texts, from a draft and back to one. Knows no route."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from conference import schedule
from core import gettext as _
from dashboards.pages.meetings.people import dump, load, with_words

TEXTS = ("title", "kind", "unit_id", "system_id", "day", "starts", "ends", "opens_minutes", "overrun_minutes",
         "stream_url", "description", "repeat", "interval", "nth", "until", "count", "ends_by")  # fmt: skip
TICKS = ("is_recorded", "is_streamed", "is_important")
REPEATS = {"": "", "daily": "DAILY", "weekly": "WEEKLY", "month_day": "MONTHLY", "month_nth": "MONTHLY"}
BLANK_ITEMS = 2
LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Entered:
    """What stands in the form. `items`: (minutes, title, speaker's key) of the agenda, with blank ones at the end."""

    texts: Mapping[str, str]
    ticks: Mapping[str, bool]
    days: Sequence[str] = ()
    people: tuple[schedule.ParticipantDraft, ...] = ()
    items: Sequence[tuple[str, str, str]] = ()
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def people_json(self) -> str:
        """The participants as they travel in the page."""
        return dump(self.people)

    @property
    def speakers(self) -> list[schedule.ParticipantDraft]:
        """Who may be chosen for an item: who leads or speaks, and whoever is chosen already."""
        chosen = {speaker for _minutes, _title, speaker in self.items}
        return [one for one in self.people
                if one.role != "participant" or one.mode == "speak" or one.key in chosen]  # fmt: skip

    def with_errors(self, errors: Mapping[str, str]) -> Entered:
        """The same with what is wrong."""
        return replace(self, errors={**self.errors, **errors})

    def with_people(self, people: Sequence[schedule.ParticipantDraft]) -> Entered:
        """The same with other participants."""
        return replace(self, people=tuple(people))


def entered(form: MultiDict[str, str]) -> Entered:
    """What a request sent. The words that stand beside the participants are taken into their list."""
    words = {name: value for name, value in form.items() if name.startswith(("role:", "mode:"))}
    lists = [form.getlist(f"item_{name}") for name in ("minutes", "title", "speaker")]
    items = [(a.strip()[:5], b.strip()[:400], c[:300]) for a, b, c in zip(*lists, strict=False)]
    kept = [item for item in items if item[0] or item[1]]
    return Entered(
        {name: form.get(name, "").strip()[:LIMIT] for name in TEXTS}, {name: name in form for name in TICKS},
        [word for word in form.getlist("days") if word in WEEKDAYS], with_words(load(form.get("people", "")), words),
        kept + [("", "", "")] * BLANK_ITEMS,
    )  # fmt: skip


WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def entered_from(draft: schedule.MeetingDraft) -> Entered:
    """A draft as the form shows it."""
    zone = ZoneInfo(draft.timezone)
    begins, ends = draft.starts_at.astimezone(zone), draft.ends_at.astimezone(zone)
    texts = {
        "title": draft.title, "kind": draft.kind,
        "unit_id": str(draft.unit_id), "system_id": str(draft.system_id or ""),
        "day": begins.date().isoformat(), "starts": f"{begins:%H:%M}", "ends": f"{ends:%H:%M}",
        "opens_minutes": str(draft.opens_minutes), "overrun_minutes": str(draft.overrun_minutes),
        "stream_url": draft.stream_url, "description": draft.description,
        "repeat": "", "interval": "1", "nth": "1", "until": "", "count": "", "ends_by": "until",
    }  # fmt: skip
    days: Sequence[str] = ()
    if draft.rule:
        repeat = schedule.read_rule(draft.rule, draft.timezone)
        word = {"DAILY": "daily", "WEEKLY": "weekly"}.get(repeat.frequency, "month_nth" if repeat.nth else "month_day")
        days = repeat.days
        texts |= {"repeat": word, "interval": str(repeat.interval), "nth": str(repeat.nth or 1),
                  "until": repeat.until.isoformat() if repeat.until else "", "count": str(repeat.count or ""),
                  "ends_by": "count" if repeat.count else "until"}  # fmt: skip
    items = [(str(one.minutes), one.title, one.speaker) for one in draft.agenda]
    ticks = {name: bool(getattr(draft, name)) for name in TICKS}
    return Entered(texts, ticks, days, draft.participants, items + [("", "", "")] * BLANK_ITEMS)


def draft_of_form(form: Entered, timezone: str) -> schedule.MeetingDraft:
    """The draft. Raises ScheduleProblem for what cannot be read; what can be is judged by the schedule."""
    problems: dict[str, str] = {}
    begins, ends = _times(form, ZoneInfo(timezone), problems)
    numbers = {name: _whole(form.texts[name], name, problems) for name in ("opens_minutes", "overrun_minutes")}
    unit_id = form.texts["unit_id"]
    if not unit_id.isdecimal():
        problems["unit_id"] = _("Choose the unit that holds the meeting, within your area.")
    rule = _rule(form, begins, timezone, problems)
    agenda = _agenda(form, problems)
    if problems:
        raise schedule.ScheduleProblem.of_fields(problems)
    system_id = form.texts["system_id"]
    return schedule.MeetingDraft(
        form.texts["title"], int(unit_id), begins, ends, kind=form.texts["kind"],
        system_id=int(system_id) if system_id.isdecimal() else None, description=form.texts["description"],
        timezone=timezone, stream_url=form.texts["stream_url"] if form.ticks["is_streamed"] else "", rule=rule,
        participants=form.people, agenda=agenda, **numbers, **form.ticks,
    )  # fmt: skip


def _times(form: Entered, zone: ZoneInfo, problems: dict[str, str]) -> tuple[datetime, datetime]:
    try:
        day = date.fromisoformat(form.texts["day"])
    except ValueError:
        problems["day"] = _("Choose the day.")
        day = date(2000, 1, 1)
    moments = []
    for name in ("starts", "ends"):
        try:
            moments.append(datetime.combine(day, time.fromisoformat(form.texts[name]), zone).astimezone(UTC))
        except ValueError:
            problems[name] = _("Enter a time such as 08:00.")
            moments.append(datetime.combine(day, time(), zone).astimezone(UTC))
    begins, ends = moments
    if ends <= begins and ends + timedelta(days=1) - begins <= schedule.LONGEST:  # over midnight
        ends += timedelta(days=1)
    return begins, ends


def _whole(text: str, name: str, problems: dict[str, str]) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 6:
        return int(text)
    problems[name] = _("Enter a whole number.")
    return 0


def _rule(form: Entered, begins: datetime, timezone: str, problems: dict[str, str]) -> str:
    frequency = REPEATS.get(form.texts["repeat"], "")
    if not frequency:
        return ""
    local = begins.astimezone(ZoneInfo(timezone))
    interval = _whole(form.texts["interval"] or "1", "interval", problems)
    until, count = None, None
    if form.texts["ends_by"] == "count":
        count = _whole(form.texts["count"], "count", problems)
    elif form.texts["until"]:
        try:
            until = date.fromisoformat(form.texts["until"])
        except ValueError:
            problems["until"] = _("Choose the day.")
    own = (WEEKDAYS[local.weekday()],)
    days = {"weekly": tuple(form.days) or own, "month_nth": own}.get(form.texts["repeat"], ())
    nth = int(form.texts["nth"]) if form.texts["nth"] in ("1", "2", "3", "4", "-1") else 1
    return schedule.rule_of(schedule.Repeat(
        frequency, max(1, interval), days, nth if form.texts["repeat"] == "month_nth" else 0,
        local.day if form.texts["repeat"] == "month_day" else 0, until, count,
    ), timezone)  # fmt: skip


def _agenda(form: Entered, problems: dict[str, str]) -> tuple[schedule.AgendaDraft, ...]:
    found = []
    for number, (minutes, title, speaker) in enumerate(one for one in form.items if one[0] or one[1]):
        if not (minutes.isascii() and minutes.isdecimal()):
            problems["agenda"] = _("Item %(number)s: enter how many minutes it takes.", number=number + 1)
            continue
        found.append(schedule.AgendaDraft(title, int(minutes), speaker))
    return tuple(found)


def blank(day: date, unit_id: int | None, system_id: int | None) -> Entered:
    """An empty form: two hours in the morning."""
    texts = dict.fromkeys(TEXTS, "") | {
        "kind": "meeting", "day": day.isoformat(), "starts": "08:00", "ends": "10:00", "opens_minutes": "30",
        "overrun_minutes": "60", "interval": "1", "nth": "1", "ends_by": "until",
        "unit_id": str(unit_id or ""), "system_id": str(system_id or ""),
    }  # fmt: skip
    return Entered(texts, dict.fromkeys(TICKS, False), (), (), [("", "", "")] * (BLANK_ITEMS + 1))


def errors_of(problem: Any) -> dict[str, str]:
    """Problems by the form's fields: the draft's times stand in three of them."""
    names = {"starts_at": "starts", "ends_at": "ends", "rule": "repeat"}
    found: dict[str, str] = {}
    for one in problem.problems:
        found.setdefault(names.get(one.column, one.column), one.message)
    return found
