"""Minutes as a Word document: the office form filled with what was counted and written. Always in Vietnamese."""

from __future__ import annotations

import io
from typing import Any
from zoneinfo import ZoneInfo

from docxtpl import DocxTemplate

from conference.attendance.facts import Facts
from conference.attendance.papers.form import form
from conference.attendance.papers.texts import clean, clock_text, day_text, minutes_text
from conference.attendance.words import STATES
from core import gettext as _
from core import use_language

MOST_ROWS = 2000
DOTS = "…………"


def minutes_document(facts: Facts, zone: ZoneInfo) -> bytes:
    """The minutes as a .docx. What people wrote is escaped: it is text, never markup of the document."""
    with use_language("vi"):
        template = DocxTemplate(io.BytesIO(form("vi")))
        template.render(_context(facts, zone), autoescape=True)
        out = io.BytesIO()
        template.save(out)
    return out.getvalue()


def _context(facts: Facts, zone: ZoneInfo) -> dict[str, Any]:
    meeting, minutes = facts.meeting, facts.minutes
    day = meeting.starts_at.astimezone(zone)
    place = clean(minutes.place)
    end = meeting.ended_at or meeting.ends_at
    return {
        "above": clean(facts.above_name).upper(), "unit": clean(facts.unit_name).upper(),
        "number": clean(minutes.number) or f"{DOTS}/BB",
        "dated": _("%(place)s, day %(day)s month %(month)s year %(year)s", place=place or DOTS, day=f"{day.day:02d}",
                   month=f"{day.month:02d}", year=day.year),
        "title": clean(meeting.title), "starts": f"{clock_text(meeting.starts_at, zone)}, {day_text(day, zone)}",
        "ends": f"{clock_text(end, zone)}, {day_text(end, zone)}", "place": place or DOTS,
        "chair": clean(minutes.chair) or DOTS, "secretary": clean(minutes.secretary) or DOTS,
        "sentence": numbers_sentence(facts),
        "heads": _("People in the rooms, as counted there: %(n)s.", n=facts.heads) if facts.heads is not None else "",
        "agenda": [_agenda(item, zone) for item in facts.agenda],
        "content": _lines(minutes.content), "conclusions": _lines(minutes.conclusions) or [DOTS],
        "speakers": speakers_sentence(facts), "recording": clean(minutes.recording_url),
        "counted": _("Counted by the meeting server and by the endpoints' own pages; minutes inside the planned time."),
        "totals": [
            {"name": clean(one.name), "invited": one.invited, "present": one.present, "partial": one.partial,
             "absent": one.absent, "excused": one.excused} for one in facts.totals
        ],
        "rows": [_row(number, one, zone) for number, one in enumerate(facts.entries[:MOST_ROWS], 1)],
        "closing": _("The minutes were read to those present and are made in ……… copies."),
        "recipients": _lines(minutes.recipients),
    }  # fmt: skip


def _lines(text: str) -> list[str]:
    return [clean(line) for line in text.split("\n") if line.strip()]


def _agenda(item: Any, zone: ZoneInfo) -> str:
    speaker = f" – {clean(item.speaker)}" if item.speaker else ""
    return f"{clock_text(item.starts_at, zone)} ({_('%(n)s minutes', n=item.minutes)}): {clean(item.title)}{speaker}"


def _row(number: int, one: Any, zone: ZoneInfo) -> dict[str, Any]:
    unit = f" ({clean(one.unit_name)})" if one.unit_name and one.unit_name not in one.name else ""
    return {
        "n": number, "name": clean(one.name) + unit, "first": clock_text(one.first, zone),
        "last": clock_text(one.last, zone), "minutes": round(one.seconds / 60), "state": _(STATES[one.state]),
    }  # fmt: skip


def numbers_sentence(facts: Facts) -> str:
    """How many came, in one sentence."""
    numbers = facts.numbers
    return _(
        "Invited: %(invited)s; present: %(present)s; partly present: %(partial)s; absent with excuse: %(excused)s;"
        " absent without excuse: %(absent)s; came late: %(late)s; left early: %(early)s.",
        invited=facts.invited, **numbers,
    )  # fmt: skip


def speakers_sentence(facts: Facts, most: int = 12) -> str:
    """Who spoke how long, as the server measured; "" when it did not."""
    named = [f"{clean(name)} ({minutes_text(seconds)})" for name, seconds in facts.speakers[:most]]
    return _("Spoke, as measured: %(names)s.", names="; ".join(named)) if named else ""
