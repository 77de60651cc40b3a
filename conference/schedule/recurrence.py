"""Repeating meetings: rules of RFC 5545 section 3.3.10 built, checked, read and laid out as moments. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from core import gettext as _

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY")
MOST_COUNT = 400
AHEAD = timedelta(days=400)  # how far meetings of a series are written ahead
_PART = re.compile(r"([A-Z]+)=([A-Z0-9,+\-]+)")
_KNOWN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYSETPOS", "WKST"})
_DAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")


class RuleProblem(ValueError):
    """A rule that cannot be used; the text says what to enter."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A rule as a form shows it. `days` are words of WEEKDAYS; `nth` 1..4 or -1 with one day: "the last Friday"."""

    frequency: str                 # a word of FREQUENCIES
    interval: int = 1
    days: tuple[str, ...] = ()
    nth: int = 0
    month_day: int = 0
    until: date | None = None      # the last day, in the meeting's zone
    count: int | None = None


def rule_of(repeat: Repeat, timezone: str) -> str:
    """The RRULE value of a form's words."""
    parts = [f"FREQ={repeat.frequency}"]
    if repeat.interval > 1:
        parts.append(f"INTERVAL={repeat.interval}")
    if repeat.frequency == "MONTHLY" and repeat.nth and repeat.days:
        parts.append(f"BYDAY={repeat.nth}{repeat.days[0]}")
    elif repeat.frequency == "MONTHLY" and repeat.month_day:
        parts.append(f"BYMONTHDAY={repeat.month_day}")
    elif repeat.frequency != "MONTHLY" and repeat.days:
        parts.append("BYDAY=" + ",".join(day for day in WEEKDAYS if day in repeat.days))
    if repeat.count is not None:
        parts.append(f"COUNT={repeat.count}")
    elif repeat.until is not None:
        last = datetime.combine(repeat.until, time(23, 59, 59), ZoneInfo(timezone))
        parts.append(f"UNTIL={last.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    return ";".join(parts)


def read_rule(rule: str, timezone: str) -> Repeat:
    """A rule as a form shows it. Raises RuleProblem."""
    values = _values(rule)
    days = [match for match in map(_DAY.fullmatch, filter(None, values.get("BYDAY", "").split(","))) if match]
    until = values.get("UNTIL", "")
    return Repeat(
        values["FREQ"], int(values.get("INTERVAL", "1")), tuple(match[2] for match in days),
        int(days[0][1] or 0) if days else 0, int(values.get("BYMONTHDAY", "0").split(",")[0]),
        _moment(until).astimezone(ZoneInfo(timezone)).date() if until else None,
        int(values["COUNT"]) if "COUNT" in values else None,
    )  # fmt: skip


def check_rule(rule: str, starts_at: datetime, timezone: str) -> None:
    """Refuse what EduNOC does not keep: other parts and frequencies, endless counts, a rule that never happens."""
    values = _values(rule)
    if not 1 <= int(values.get("INTERVAL", "1")) <= 60:
        raise RuleProblem(_("Repeat every 1 to %(most)s days, weeks or months.", most=60))
    if "COUNT" in values and not 1 <= int(values["COUNT"]) <= MOST_COUNT:
        raise RuleProblem(_("A series has 1 to %(most)s meetings.", most=MOST_COUNT))
    if "UNTIL" in values and _moment(values["UNTIL"]) < starts_at:
        raise RuleProblem(_("The last day of the series comes before its first meeting."))
    if not moments(rule, starts_at, timezone, starts_at + AHEAD):
        raise RuleProblem(_("This rule gives no meeting in the next 400 days."))


def _values(rule: str) -> dict[str, str]:
    plain = rule.strip().upper().removeprefix("RRULE:")
    parts = [_PART.fullmatch(part) for part in plain.split(";") if part]
    values = {match[1]: match[2] for match in parts if match}
    numbers = [values.get(name, "1") for name in ("INTERVAL", "COUNT")]
    is_understood = (
        all(parts) and len(values) == len(parts) and values.keys() <= _KNOWN and values.get("FREQ") in FREQUENCIES
        and all(number.isdecimal() and len(number) < 6 for number in numbers)
        and not ("COUNT" in values and "UNTIL" in values)
        and all(_DAY.fullmatch(day) for day in filter(None, values.get("BYDAY", "").split(",")))
        and all(re.fullmatch(r"-?\d{1,2}", day) for day in filter(None, values.get("BYMONTHDAY", "").split(",")))
    )  # fmt: skip
    if not is_understood:
        raise RuleProblem(_("Write the rule as RFC 5545 does, such as FREQ=WEEKLY;BYDAY=MO;COUNT=10; daily, weekly or"
                            " monthly."))  # fmt: skip
    if "UNTIL" in values:
        _moment(values["UNTIL"])
    return values


def _moment(text: str) -> datetime:
    for form in ("%Y%m%dT%H%M%SZ", "%Y%m%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise RuleProblem(_("Write the last day as 20271231T165959Z, in UTC."))


def moments(
    rule: str, starts_at: datetime, timezone: str, until: datetime, excluded: Iterable[datetime] = ()
) -> list[datetime]:
    """The starts of a series up to `until`, in UTC, without the excluded ones; at most MOST_COUNT.

    The clock on the wall stays the same over a change of summer time (RFC 5545 section 3.3.10).
    """
    left_out = {moment.astimezone(UTC) for moment in excluded}
    found = takewhile(lambda moment: moment <= until, map(_utc, _laid_out(rule, starts_at, timezone)))
    return [moment for moment in islice(found, MOST_COUNT) if moment not in left_out]


def _laid_out(rule: str, starts_at: datetime, timezone: str) -> rrule:
    values = _values(rule)
    words = ";".join(f"{name}={value}" for name, value in values.items() if name != "UNTIL")
    found = rrulestr(words, dtstart=starts_at.astimezone(ZoneInfo(timezone)))
    return found.replace(until=_moment(values["UNTIL"])) if "UNTIL" in values else found


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def is_same_rule(one: str, other: str, starts_at: datetime, timezone: str) -> bool:
    """Whether two rules mean the same days, however they are written; "FREQ=WEEKLY" repeats the start's own weekday."""
    if not one or not other or one == other:
        return one == other
    until = starts_at + AHEAD
    return moments(one, starts_at, timezone, until) == moments(other, starts_at, timezone, until)


def ended_before(rule: str, moment: datetime) -> str:
    """The same rule, without a meeting at `moment` or later: UNTIL one second before, COUNT taken off."""
    values = _values(rule)
    values.pop("COUNT", None)
    values["UNTIL"] = f"{(moment - timedelta(seconds=1)).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return ";".join(f"{name}={value}" for name, value in values.items())


def moved_days(days: Sequence[str], by: int) -> tuple[str, ...]:
    """Weekdays moved by whole days: what a series keeps when one drags it from Monday to Tuesday."""
    return tuple(WEEKDAYS[(WEEKDAYS.index(day) + by) % 7] for day in days)
