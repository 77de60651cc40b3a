"""The routes of the calendar: month, week, day, list; one meeting with its participants; approvals; print."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from flask_login import current_user

from conference import ConferenceSettings, Meeting, live, schedule
from core import Permission
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.listing import Column, Listing, export, page_of, read_list_query
from dashboards.pages.devices.links import page_url
from dashboards.pages.meeting_live.words import AIR_ICONS, air_deed
from dashboards.pages.meetings.entering import WEEKDAYS
from dashboards.pages.meetings.looking import coming, entries_of, lines_of, ready_of, today_of
from dashboards.pages.meetings.months import VIEWS, day_of, days_of, span_of, weeks_of
from dashboards.pages.meetings.store import (
    Wanted,
    endpoint_counts,
    find_meetings,
    readiness_counts,
    unit_of,
    waiting,
)
from dashboards.pages.meetings.words import FINDING_WORDS, KIND_ICONS, READY_WORDS, REPLY_WORDS, STATE_WORDS
from dashboards.pages.sites.words import WEEKDAYS_SHORT
from inventory import NotFound, fold
from playbooks import meetings

blueprint = Blueprint("meetings", __name__, url_prefix="/meetings")

COLUMNS = (
    Column(_l("When")), Column(_l("Meeting")), Column(_l("State"), hide="sm"), Column(_l("Held by"), hide="lg"),
    Column(_l("Endpoints"), is_number=True, hide="sm"), Column(_l("Readiness"), hide="md"),
)  # fmt: skip
FILTERS = ("view", "day", "kind", "state", "unit")
HEADS = (_l("Begins"), _l("Ends"), _l("Meeting"), _l("Kind"), _l("State"), _l("Held by"), _l("Endpoints"),
         _l("ready"), _l("at risk"), _l("not ready"), _l("Room"))  # fmt: skip
PEOPLE_COLUMNS = (Column(_l("Name")), Column(_l("Role"), hide="sm"), Column(_l("Answer")),
                  Column(_l("Contact"), hide="md"), Column(""))  # fmt: skip
PEOPLE_FILTERS = ("role", "reply", "mode")
PEOPLE_HEADS = (_l("Name"), _l("Kind"), _l("Role"), _l("Mode"), _l("E-mail"), _l("Telephone"), _l("Answer"),
                _l("Excused"))  # fmt: skip
MOST_LISTED = 2000


def zone_now() -> ZoneInfo:
    """The zone of the wall's clock."""
    return ZoneInfo(services().settings.core.timezone)


def today() -> date:
    """The day on the wall's calendar."""
    return services().clock().astimezone(zone_now()).date()


def approval_from() -> int:
    """From how many endpoints on somebody must say yes."""
    return services().settings[ConferenceSettings].approval_from


def words() -> dict[str, Any]:
    """Tables of words that every template of meetings may name."""
    return {
        "kinds": schedule.KINDS, "kind_icons": KIND_ICONS, "state_words": STATE_WORDS, "ready_words": READY_WORDS,
        "reply_words": REPLY_WORDS, "finding_words": FINDING_WORDS, "roles": schedule.ROLES, "modes": schedule.MODES,
        "local": local, "may_hold": current_user.can(Permission.HOLD_MEETINGS),
        "may_approve": current_user.can(Permission.APPROVE_MEETINGS), "page_url": page_url, "minutes": minutes,
        "rule_words": rule_words,
        "role_choices": [(word, _(label)) for word, label in schedule.ROLES.items()],
        "reply_choices": [(word, str(entry.label)) for word, entry in REPLY_WORDS.items()],
    }  # fmt: skip


def minutes(number: int) -> timedelta:
    """A number of minutes, for templates that add them."""
    return timedelta(minutes=number)


def rule_words(series: Any) -> str:
    """A series' rule in words: "every week on Mon, Thu until 31/12/2026"."""
    repeat = schedule.read_rule(series.rule, series.timezone)
    days = ", ".join(str(WEEKDAYS_SHORT[WEEKDAYS.index(day)]) for day in repeat.days)
    names = {"DAILY": _("every day"), "WEEKLY": _("every week"), "MONTHLY": _("every month")}
    if repeat.interval > 1:
        names = {"DAILY": _("every %(n)s days", n=repeat.interval), "WEEKLY": _("every %(n)s weeks", n=repeat.interval),
                 "MONTHLY": _("every %(n)s months", n=repeat.interval)}  # fmt: skip
    text = names[repeat.frequency]
    if repeat.nth:
        weeks = {1: _("first"), 2: _("second"), 3: _("third"), 4: _("fourth")}
        text += ", " + _("%(nth)s %(day)s", nth=weeks.get(repeat.nth, _("last")), day=days)
    elif repeat.month_day:
        text += ", " + _("on day %(day)s", day=repeat.month_day)
    elif days:
        text += ", " + days
    if repeat.count is not None:
        return text + ", " + _("%(n)s meetings", n=repeat.count)
    return text + (", " + _("until %(day)s", day=f"{repeat.until:%d/%m/%Y}") if repeat.until else "")


def local(moment: datetime) -> datetime:
    """A moment on the wall's clock."""
    return moment.astimezone(zone_now())


@blueprint.get("")
@needs(Permission.VIEW)
def index() -> str | Response:
    """The calendar; ?view= one of month, week, day, list; ?day= any day of it; filters by the URL."""
    query = read_list_query(request.args, COLUMNS, FILTERS)
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    view = query.filters.get("view", "")
    day = day_of(query.filters.get("day", ""), today())
    span = span_of("list" if query.format else view if view in VIEWS else "month", day)
    word = query.filters.get("unit", "")
    unit = unit_of(g.session, g.scope, int(word) if word.isdecimal() and len(word) < 10 else None)
    start, end = span.moments(zone_now())
    states = (query.filters["state"],) if query.filters.get("state") in STATE_WORDS else ()
    kind = query.filters.get("kind", "")
    rows = find_meetings(g.session, g.scope, Wanted(
        start, end, kind if kind in schedule.KINDS else "", states, unit.path if unit else "", query.text,
    ))  # fmt: skip
    if query.format:
        return export("meetings", HEADS, _export_rows(rows), query.format)
    return _draw(query, span, rows, unit)


def _draw(query: Any, span: Any, rows: Any, unit: Any) -> str:
    zone, session, now = zone_now(), g.session, services().clock()
    shown, total = page_of(rows, query) if span.view in ("list", "day") else (rows, len(rows))
    lines = lines_of(session, shown) if span.view in ("list", "day") else []
    counts = endpoint_counts(session, [one.id for one, _name in rows]) if span.view == "week" else {}
    days = days_of(span, entries_of(rows, counts, zone)) if span.view in ("month", "week") else []
    return render_template(
        "meetings/index.html",
        listing=Listing("meetings", COLUMNS, lines, total, query), span=span, days=days, weeks=weeks_of(days),
        today=today(), unit=unit, figures=today_of(session, g.scope, span_of("day", today()), zone),
        coming=coming(session, g.scope, now), url=_url_of(query), views=VIEWS,
        state_choices=[(word, str(entry.label)) for word, entry in STATE_WORDS.items()],
        kind_choices=[(word, _(label)) for word, label in schedule.KINDS.items()], **words(),
    )  # fmt: skip


def _url_of(query: Any) -> Any:
    def url(**changes: Any) -> str:
        return query.url(**changes)

    return url


def _export_rows(rows: Any) -> Any:
    for line in lines_of(g.session, rows[:MOST_LISTED]):
        one = line.meeting
        yield (local(one.starts_at), local(one.ends_at), one.title, _(schedule.KINDS.get(one.kind, one.kind)),
               str(STATE_WORDS[one.state].label), line.unit_name, line.endpoints,
               *(line.ready.counts.get(state, 0) for state in ("ready", "risk", "not_ready")), one.room)  # fmt: skip


def found(meeting_id: int) -> Meeting:
    """The meeting of an address, if one may see it; 404 otherwise."""
    try:
        return schedule.find_meeting(g.session, g.scope, meeting_id)
    except NotFound:
        abort(404)


def own(meeting_id: int) -> Meeting:
    """The meeting of an address, if one may change it: it is held in one's own area. 404 or 403 otherwise."""
    meeting = found(meeting_id)
    if not schedule.is_held_in(g.session, g.scope, meeting):
        abort(403)
    return meeting


@blueprint.get("/<int:meeting_id>")
@needs(Permission.VIEW)
def show(meeting_id: int) -> str | Response:
    """One meeting: what, when, who with answers, agenda; ?format= its participants as a file."""
    query = read_list_query(request.args, PEOPLE_COLUMNS, PEOPLE_FILTERS)
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    meeting = found(meeting_id)
    values = gathered(meeting)
    people = [one for one in values["people"] if _fits(one, query)]
    if query.format:
        return export(f"participants-{meeting.id}", PEOPLE_HEADS, map(_person_row, people), query.format)
    rows, total = page_of(people, query)
    return render_template(
        "meetings/show.html", listing=Listing("people", PEOPLE_COLUMNS, rows, total, query), air=_air(meeting),
        air_icons=AIR_ICONS, air_deed=air_deed, verbs=meetings.VERBS,
        may_control=current_user.can(Permission.CONTROL_MEETINGS), **values, **words(),
    )


def _air(meeting: Meeting) -> list[live.Airing]:
    """How the stream and the recording are, of a meeting that is booked, runs or is over."""
    if meeting.state not in ("scheduled", "running", "ended"):
        return []
    own = services()
    return live.broadcast_now(g.session, own.registry, own.live, meeting, own.clock()).shown


def _fits(one: Any, query: Any) -> bool:
    wanted = query.filters
    return (
        all(word in fold(f"{one.name} {one.email} {one.subject}") for word in fold(query.text).split())
        and wanted.get("role", one.role) == one.role and wanted.get("reply", one.reply) == one.reply
        and wanted.get("mode", one.mode) == one.mode
    )  # fmt: skip


def _person_row(one: Any) -> tuple[Any, ...]:
    return (one.name, _(schedule.PARTICIPANT_KINDS.get(one.kind, one.kind)), _(schedule.ROLES[one.role]),
            _(schedule.MODES[one.mode]), one.email, one.phone, str(REPLY_WORDS[one.reply].label),
            one.excuse)  # fmt: skip


def gathered(meeting: Meeting) -> dict[str, Any]:
    """Everything about one meeting. Of another unit's meeting one sees only one's own participants."""
    session = g.session
    is_own = schedule.is_held_in(session, g.scope, meeting)
    people = schedule.participants_of(session, meeting.id, None if is_own else g.scope)
    counts = schedule.counts_of(session, [meeting.id])[meeting.id]
    agenda, series = schedule.agenda_of(session, meeting.id), schedule.series_of(session, meeting)
    since = services().clock()
    return {
        "meeting": meeting, "is_own": is_own, "people": people, "counts": counts, "agenda": agenda, "series": series,
        "speakers": {one.id: one for one in people}, "system": schedule.system_of(session, meeting),
        "unit": unit_of(session, type(g.scope).everything(), meeting.unit_id),
        "ready": ready_of(readiness_counts(session, [meeting.id])[meeting.id], counts["endpoints"]),
        "occurrences": schedule.occurrences_of(session, series.id, since)[:6] if series is not None else [],
        "opens_at": schedule.opens_at(meeting), "closes_at": schedule.closes_at(meeting),
        "join_url": url_for("meetings_join.show", code=meeting.join_code, _external=True),
        "may_decide": schedule.may_decide(meeting, current_user.actor), "speaking": schedule.speaking_now(
            agenda, meeting, services().clock()),
    }  # fmt: skip


@blueprint.get("/<int:meeting_id>/print")
@needs(Permission.VIEW)
def printed(meeting_id: int) -> str:
    """The meeting on paper: agenda, participants, QR code."""
    return render_template("meetings/print.html", **gathered(found(meeting_id)), **words())


@blueprint.get("/approvals")
@needs(Permission.APPROVE_MEETINGS)
def approvals() -> str:
    """The meetings that wait for a yes or no."""
    return render_template("meetings/approvals.html", lines=lines_of(g.session, waiting(g.session, g.scope)),
                           may_decide=lambda one: schedule.may_decide(one, current_user.actor),
                           approval_from=approval_from(), **words())  # fmt: skip
