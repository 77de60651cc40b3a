"""The route of the school calendar: a week of one unit, and the lines behind it."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, g, render_template, request
from flask_login import current_user

from core import Permission
from dashboards.access import needs
from dashboards.gate import services
from dashboards.pages.calendar.store import lines_above
from dashboards.pages.calendar.week import holding, week_of
from dashboards.pages.sites.words import WEEKDAYS_SHORT
from inventory import CALENDAR_KINDS, WEEKDAYS, Unit, get_record, unit_children

blueprint = Blueprint("calendar", __name__)


@blueprint.get("/calendar")
@needs(Permission.VIEW)
def index() -> str:
    """?unit= names the unit, ?week= any day of the week."""
    word = request.args.get("unit", "")
    if word.isdecimal() and len(word) < 10:
        unit = get_record(g.session, g.scope, Unit, int(word))
    else:
        tops = unit_children(g.session, g.scope)
        unit = get_record(g.session, g.scope, Unit, tops[0].id) if tops else None
    today = services().clock().astimezone(ZoneInfo(services().settings.core.timezone)).date()
    monday = _monday(request.args.get("week", ""), today)
    lines = lines_above(g.session, unit) if unit is not None else []
    counted = holding(lines)
    return render_template(
        "calendar/index.html",
        unit=unit,
        week=week_of(counted, monday),
        lines=counted,
        today=today,
        monday=monday,
        before=monday - timedelta(days=7),
        after=monday + timedelta(days=7),
        day_words=WEEKDAYS_SHORT,
        weekdays=WEEKDAYS,
        calendar_kinds=CALENDAR_KINDS,
        may_edit=current_user.can(Permission.MANAGE_CALENDAR) and current_user.can(Permission.EDIT_INVENTORY),
        owned={one.id for one in counted if unit is not None and _is_own(one.unit_id, unit)},
    )


def _is_own(unit_id: int, unit: Unit) -> bool:
    """True when the unit of the line lies in the person's scope."""
    if g.scope.is_everything:
        return True
    head = unit.path.split(f"/{unit_id}/")[0] + f"/{unit_id}/"
    return g.scope.includes(head)


def _monday(word: str, today: date) -> date:
    try:
        day = date.fromisoformat(word) if word else today
    except ValueError:
        day = today
    if not 1990 <= day.year <= 2200:
        day = today
    return day - timedelta(days=day.weekday())
