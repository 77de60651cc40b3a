"""The routes of the form: new, change, and its parts: participants, agenda, what stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, flash, g, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from conference import Meeting, capacity, schedule
from core import Permission, Secret
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.pages.meetings.entering import (
    WEEKDAYS,
    Entered,
    blank,
    draft_of_form,
    entered,
    entered_from,
    errors_of,
)
from dashboards.pages.meetings.months import day_of, next_working_day
from dashboards.pages.meetings.people import added, pasted, sorted_people, without
from dashboards.pages.meetings.routes import approval_from, blueprint, own, today, words
from dashboards.pages.meetings.store import candidates, ids_of_codes, names_of, system_choices, unit_choices
from dashboards.pages.sites.words import WEEKDAYS_SHORT
from inventory import InvalidInput, NotFound, fold

SHOWN = 300  # participants drawn at once; the rest is counted and stays in the list


def timezone() -> str:
    """The zone in which times are entered."""
    return services().settings.core.timezone


@blueprint.get("/new")
@needs(Permission.HOLD_MEETINGS)
def new() -> str:
    """An empty form, or one filled from a template (?template=) or another meeting (?copy=)."""
    return _page(_start(), None)


def _start() -> Entered:
    day = day_of(request.args.get("day", ""), next_working_day(today()))
    units, systems = unit_choices(g.session, g.scope), system_choices(g.session)
    start = blank(day, units[0][0] if units else None, systems[0][0] if len(systems) == 1 else None)
    morning = draft_moment(start)
    try:
        if request.args.get("template", "").isdecimal():
            chosen = schedule.find_template(g.session, g.scope, int(request.args["template"]))
            return entered_from(schedule.draft_from(chosen.content, morning))
        if request.args.get("copy", "").isdecimal():
            other = schedule.find_meeting(g.session, g.scope, int(request.args["copy"]))
            draft = schedule.draft_of(g.session, other)
            by = timedelta(days=max(0, (day - other.starts_at.date()).days))
            return entered_from(replace(draft, starts_at=draft.starts_at + by, ends_at=draft.ends_at + by, rule=""))
    except (NotFound, ValueError):
        abort(404)
    return start


def draft_moment(form: Entered) -> datetime:
    """When a form's day and hour are."""
    wall = datetime.fromisoformat(f"{form.texts['day']}T{form.texts['starts']}")
    return wall.replace(tzinfo=ZoneInfo(timezone()))


@blueprint.post("")
@needs(Permission.HOLD_MEETINGS)
def create() -> Response | tuple[str, int]:
    """Write a new meeting; "book" also books it or hands it over for approval."""
    form, now = entered(request.form), services().clock()
    try:
        draft = draft_of_form(form, timezone())
        meeting = schedule.save_meeting(g.session, draft, current_user.actor, now, g.scope)
    except InvalidInput as problem:
        return _page(form.with_errors(errors_of(problem)), None), 422
    keep_stream_key(schedule.occurrences_of(g.session, meeting.series_id) if meeting.series_id else [meeting])
    if request.form.get("then") == "book":
        state = schedule.submit(g.session, meeting, current_user.actor, now, approval_from())
        flash(told_state(state), "success")
    else:
        flash(_("The draft is kept. Nobody is invited until you book it."), "success")
    return redirect(url_for("meetings.show", meeting_id=meeting.id), 303)


def keep_stream_key(meetings: Sequence[Meeting]) -> None:
    """Seal the key of the broadcast, when one was entered; it is never shown again."""
    text = request.form.get("stream_key", "").strip()[:300]
    if text:
        sealed = services().vault.seal(Secret(text))
        for one in meetings:
            one.sealed_stream_key = sealed


def told_state(state: str) -> str:
    """What booking came to."""
    if state == "pending":
        return _("The meeting waits for approval; invitations are sent when somebody says yes.")
    return _("The meeting is booked. Invitations are on their way.")


@blueprint.get("/<int:meeting_id>/edit")
@needs(Permission.HOLD_MEETINGS)
def edit(meeting_id: int) -> str:
    """The form of a meeting."""
    meeting = own(meeting_id)
    return _page(entered_from(schedule.draft_of(g.session, meeting)), meeting)


@blueprint.post("/<int:meeting_id>")
@needs(Permission.HOLD_MEETINGS)
def change(meeting_id: int) -> Response | tuple[str, int]:
    """Change a meeting or, with `span`, its series."""
    meeting, form = own(meeting_id), entered(request.form)
    try:
        wanted = _change(form, meeting)
        changed = schedule.change_meeting(g.session, meeting, wanted, current_user.actor, services().clock())
    except InvalidInput as problem:
        return _page(form.with_errors(errors_of(problem)), meeting), 422
    keep_stream_key(changed)
    flash(_("%(n)s meetings are changed.", n=len(changed)) if len(changed) > 1 else _("The meeting is changed."),
          "success")  # fmt: skip
    if request.form.get("then") == "book" and meeting.state in ("draft", "refused"):
        now = services().clock()
        flash(told_state(schedule.submit(g.session, meeting, current_user.actor, now, approval_from())), "success")
    return redirect(url_for("meetings.show", meeting_id=meeting.id), 303)


def _change(form: Entered, meeting: Meeting) -> Any:
    span = request.form.get("span", "one")
    draft = draft_of_form(form, meeting.timezone)
    return schedule.Change(draft, approval_from(), span if span in schedule.SPANS else "one", g.scope)


@blueprint.post("/people")
@needs(Permission.HOLD_MEETINGS, writes=False)
def people_part() -> Response:
    """The participants after something was added, removed or set."""
    form = entered(request.form)
    people, told = form.people, []
    for word in request.form.getlist("add"):
        people = added(people, _named(word))
    if request.form.get("remove"):
        people = without(people, [request.form["remove"]])
    if "clear" in request.form:
        people = ()
    if "paste" in request.form:
        new, told = pasted(_pasted_text(), lambda names: ids_of_codes(g.session, g.scope, names), fold)
        people = added(people, new)
    if "add_person" in request.form:
        texts = [request.form.get(f"person_{name}", "").strip()[:200] for name in ("name", "email", "phone")]
        if texts[0]:
            people = added(people, [schedule.ParticipantDraft("person", None, None, *texts)])
        else:
            told = [_("A person needs a name.")]
    answer = make_response(
        render_template("meetings/people.html", told=told, **_people(form.with_people(people)), **words())
    )
    answer.headers["HX-Trigger-After-Swap"] = "people"  # the agenda's speakers and the check follow
    return answer


def _pasted_text() -> str:
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        return upload.read(500_000).decode("utf-8-sig", "replace")
    return request.form.get("codes", "")[:200_000]


def _named(word: str) -> list[schedule.ParticipantDraft]:
    kind, _colon, number = word.partition(":")
    if not (number.isdecimal() and len(number) < 10):
        return []
    if kind == "endpoint":
        return [schedule.ParticipantDraft("endpoint", endpoint_id=int(number))]
    if kind == "unit":
        return [schedule.ParticipantDraft("unit", unit_id=int(number))]
    if kind != "branch":
        return []
    try:
        found = schedule.resolve(g.session, g.scope, [schedule.ParticipantDraft("branch", unit_id=int(number))])
    except InvalidInput:
        return []
    return [schedule.ParticipantDraft("endpoint", endpoint_id=one.endpoint_id) for one in found]


def _people(form: Entered) -> dict[str, Any]:
    ids = [{one.endpoint_id for one in form.people if one.kind == "endpoint"},
           {one.unit_id for one in form.people if one.kind in ("unit", "branch")}]  # fmt: skip
    names = names_of(g.session, *ids)
    shown = sorted_people(form.people)
    return {
        "form": form, "shown": shown[:SHOWN], "hidden": max(0, len(shown) - SHOWN),
        "name_of": lambda one: one.name if one.kind == "person" else names.get(one.key, "?"),
        "endpoint_total": sum(one.kind == "endpoint" for one in form.people),
        "person_total": sum(one.kind == "person" for one in form.people),
        "speaker_total": sum(one.mode == "speak" for one in form.people),
    }  # fmt: skip


@blueprint.post("/agenda")
@needs(Permission.HOLD_MEETINGS, writes=False)
def agenda_part() -> str:
    """The agenda's rows, with blank ones at the end and the speakers of now."""
    return render_template("meetings/agenda.html", **_people(entered(request.form)), **words())


@blueprint.get("/candidates")
@needs(Permission.HOLD_MEETINGS)
def candidates_part() -> str:
    """What the picker finds."""
    text = request.args.get("find", "").strip()[:100]
    return render_template("meetings/candidates.html", text=text, found=candidates(g.session, g.scope, text), **words())


@blueprint.post("/check")
@needs(Permission.HOLD_MEETINGS, writes=False)
def check_part() -> str:
    """What stands in the way of what is entered so far, and what a change would send to whom. Nothing is written."""
    form = entered(request.form)
    word = request.form.get("meeting_id", "")
    meeting = own(int(word)) if word.isdecimal() and len(word) < 10 else None
    try:
        values = _checked(form, meeting)
    except InvalidInput as problem:
        values = {"problem": problem.problems[0].message, "findings": [], "remarks": [], "effect": None, "endpoints": 0}
    return render_template("meetings/check.html", meeting=meeting, approval_from=approval_from(),
                           field_words=field_words, **values, **words())  # fmt: skip


FIELD_WORDS = {
    "title": _l("title"), "kind": _l("kind"), "starts_at": _l("beginning"), "ends_at": _l("end"),
    "description": _l("description"), "system_id": _l("meeting system"), "stream_url": _l("viewers' link"),
    "agenda": _l("agenda"), "rule": _l("repetition"),
}  # fmt: skip


def field_words(fields: Sequence[str]) -> str:
    """The names of changed fields, for a sentence."""
    return ", ".join(str(FIELD_WORDS.get(name, name)) for name in fields)


def _checked(form: Entered, meeting: Meeting | None) -> dict[str, Any]:
    session, now = g.session, services().clock()
    draft = draft_of_form(form, meeting.timezone if meeting else timezone())
    change = _change(form, meeting) if meeting else None
    span = change.span if change else "one"
    proposal = capacity.propose(session, g.scope, draft, meeting.id if meeting else None, span=span)
    effect = schedule.effect_of(session, meeting, change, now) if meeting and change else None
    return {
        "problem": "", "findings": capacity.conflicts(session, proposal), "effect": effect,
        "remarks": [*_unreachable(draft), *schedule.agenda_remarks(draft.agenda, draft.length)],
        "endpoints": len(proposal.endpoint_ids),
        "is_past": draft.starts_at < now,
    }  # fmt: skip


def _unreachable(draft: schedule.MeetingDraft) -> list[str]:
    if draft.system_id is not None:
        return []
    return [_("No meeting system is chosen: the meeting can be booked, but nobody can join until one is.")]


def _page(form: Entered, meeting: Meeting | None) -> str:
    return render_template(
        "meetings/form.html", meeting=meeting, units=unit_choices(g.session, g.scope),
        systems=system_choices(g.session), templates=schedule.templates(g.session, g.scope),
        week=list(zip(WEEKDAYS, WEEKDAYS_SHORT, strict=True)), told=[],
        span_choices=[(word, _(label)) for word, label in schedule.SPANS.items()],
        kind_choices=[(word, _(label)) for word, label in schedule.KINDS.items()], **_people(form), **words(),
    )  # fmt: skip
