"""The words of a message: subject, text and the same as HTML. Pure; in the language of the moment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_gmt
from markupsafe import Markup, escape

from conference.invitations.facts import Facts, Outgoing, one_line, some_lines
from conference.invitations.words import CALLED_OFF, CANCEL, CHANGED
from core import current_language
from core import gettext as _

_LINK = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True, slots=True)
class Written:
    """A message in words."""

    subject: str
    text: str


def write(outgoing: Outgoing, link: str) -> Written:
    """Subject and text of an invitation, an update or a cancellation."""
    facts = outgoing.entry.facts
    return Written(one_line(_subject(outgoing) + ": " + facts.title, 290), _text(outgoing, link))


def _subject(outgoing: Outgoing) -> str:
    if outgoing.method == CANCEL:
        return _("Called off") if outgoing.cause == CALLED_OFF else _("No longer invited")
    if outgoing.cause == CHANGED:
        return _("Changed meeting")
    return _("Rehearsal") if outgoing.entry.facts.is_rehearsal else _("Invitation")


def _text(outgoing: Outgoing, link: str) -> str:
    facts = outgoing.entry.facts
    lines = [one_line(facts.title), "", _("Time: %(when)s", when=when_text(facts))]
    if facts.rule and outgoing.entry.occurrence_at is None:
        lines.append(_("It repeats; your calendar shows every day of it."))
    if facts.organiser:
        lines.append(_("Held by: %(unit)s", unit=one_line(facts.organiser)))
    if outgoing.method == CANCEL:
        lines += ["", _cancelled(outgoing)]
        return "\n".join(lines)
    lines.append(_("You speak in this meeting.") if outgoing.recipient.mode == "speak" else _("You listen."))
    if link:
        lines += ["", _("Join here (the address is yours alone, do not pass it on):"), link]
    lines += description_lines(facts)
    lines += ["", _("Please answer with the buttons of your mail program, or on the page above.")]
    return "\n".join(lines)


def _cancelled(outgoing: Outgoing) -> str:
    if outgoing.cause != CALLED_OFF:
        return _("You are no longer asked to take part.")
    reason = one_line(outgoing.entry.reason)
    text = _("This meeting does not take place.")
    return f"{text} {_('Reason: %(reason)s', reason=reason)}" if reason else text


def description_lines(facts: Facts) -> list[str]:
    """Description, agenda and the viewers' address, each under its heading."""
    lines: list[str] = []
    if facts.description.strip():
        lines += ["", some_lines(facts.description.strip())]
    if facts.agenda:
        lines += ["", _("Agenda:"), *(f"- {one_line(item)}" for item in facts.agenda)]
    if facts.stream_url:
        lines += ["", _("To watch only: %(link)s", link=one_line(facts.stream_url))]
    return lines


def calendar_description(facts: Facts, link: str) -> str:
    """What stands below an entry in a calendar."""
    lines = [_("Join: %(link)s", link=link)] if link else []
    return "\n".join([*lines, *description_lines(facts)]).strip()


def when_text(facts: Facts) -> str:
    """Monday 23/11/2026, 08:00-10:00 (GMT+07:00), in the meeting's zone."""
    return _when(facts.starts_at, facts.ends_at, facts.timezone, current_language())


@lru_cache(256)
def _when(starts_at: datetime, ends_at: datetime, timezone: str, language: str) -> str:
    zone = ZoneInfo(timezone)
    begin, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    pattern = "EEEE, dd/MM/yyyy" if language == "vi" else "EEEE, d MMMM yyyy"
    day = format_date(begin.date(), pattern, locale=language)
    last = _clock(end, language)
    if end.date() != begin.date():
        last += f" {format_date(end.date(), 'dd/MM/yyyy', locale=language)}"
    return f"{day}, {_clock(begin, language)}–{last} ({get_timezone_gmt(begin, locale=language)})"


def _clock(moment: datetime, language: str) -> str:
    return format_time(moment, "HH:mm", locale=language)


def agenda_line(facts_start: datetime, timezone: str, offset_minutes: int, title: str, speaker: str) -> str:
    """08:30 Report of the year (THCS Nguyễn Trãi)."""
    at = (facts_start + timedelta(minutes=offset_minutes)).astimezone(ZoneInfo(timezone))
    text = f"{at:%H:%M} {one_line(title)}"
    return f"{text} ({one_line(speaker)})" if speaker else text


def reminder(facts: Facts, minutes: int, link: str) -> Written:
    """A plain reminder, without a calendar part."""
    if minutes >= 1440 and minutes % 1440 == 0:
        ahead = _("in %(count)s days", count=minutes // 1440) if minutes > 1440 else _("in a day")
    elif minutes >= 60 and minutes % 60 == 0:
        ahead = _("in %(count)s hours", count=minutes // 60) if minutes > 60 else _("in an hour")
    else:
        ahead = _("in %(count)s minutes", count=minutes)
    lines = [one_line(facts.title), "", _("Time: %(when)s", when=when_text(facts))]
    if facts.organiser:
        lines.append(_("Held by: %(unit)s", unit=one_line(facts.organiser)))
    if link:
        lines += ["", _("Join here (the address is yours alone, do not pass it on):"), link]
    return Written(one_line(_("Meeting %(ahead)s: %(title)s", ahead=ahead, title=facts.title), 290), "\n".join(lines))


def as_html(text: str) -> str:
    """The text as HTML: escaped, paragraphs at empty lines, addresses as links, the first line as heading."""
    paragraphs = [part.splitlines() for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]
    parts = [Markup("<h2>{}</h2>").format(" ".join(paragraphs[0]))] if paragraphs else []
    for part in paragraphs[1:]:
        parts.append(Markup("<p>{}</p>").format(Markup("<br>").join(_linked(line) for line in part)))
    return (
        '<!doctype html><html><head><meta charset="utf-8"></head>'
        '<body style="font-family:sans-serif;font-size:15px;line-height:1.5">' + "".join(parts) + "</body></html>"
    )


def _linked(line: str) -> Markup:
    parts, last = [], 0
    for found in _LINK.finditer(line):
        parts += [escape(line[last:found.start()]), Markup('<a href="{0}">{0}</a>').format(found.group())]
        last = found.end()
    return Markup("").join([*parts, escape(line[last:])])
