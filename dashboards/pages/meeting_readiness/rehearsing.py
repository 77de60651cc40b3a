"""Rehearsals: plan one in waves, watch it, and say a word where measurement does not."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from conference import Meeting, kiosk, readiness, schedule
from core import CoreSettings, Permission
from core import gettext as _
from dashboards.access import needs
from dashboards.gate import services
from dashboards.pages.meeting_readiness.board import load_tiles
from dashboards.pages.meeting_readiness.routes import blueprint, meeting_or_404, words

REFRESH_S = 5


@blueprint.get("/<int:meeting_id>/rehearsals")
@needs(Permission.VIEW)
def rehearsals(meeting_id: int) -> str:
    """The rehearsals of a meeting, and the form for another."""
    meeting = meeting_or_404(meeting_id)
    if meeting.rehearses_id is not None:
        return _one(meeting)
    return _list(meeting, {}, {})


def _list(meeting: Meeting, values: dict[str, str], problems: dict[str, str]) -> str:
    found = readiness.rehearsals_of(g.session, meeting.id)
    count = len(readiness.called_to(g.session, meeting.id))
    return render_template("meeting_readiness/rehearsals.html", meeting=meeting, rehearsals=found, values=values,
                           problems=problems, count=count, **words())  # fmt: skip


@blueprint.post("/<int:meeting_id>/rehearsals")
@needs(Permission.HOLD_MEETINGS)
def plan_rehearsal(meeting_id: int) -> AnyResponse | tuple[str, int]:
    """Book a rehearsal in waves."""
    meeting, form = meeting_or_404(meeting_id), request.form
    values = {name: form.get(name, "").strip() for name in ("starts_at", "size", "minutes", "who")}
    try:
        plan = readiness.RehearsalPlan(_moment(values["starts_at"]), _whole(values["size"]), _whole(values["minutes"]),
                                       _who(meeting, values["who"]))  # fmt: skip
        made = readiness.plan_rehearsal(g.session, meeting, plan, current_user.actor, services().clock(), g.scope)
    except schedule.ScheduleProblem as problem:
        shown = {one.column: one.message for one in problem.problems}
        return _list(meeting, values, shown), 422
    flash(_("The rehearsal is booked."), "success")
    return redirect(url_for("meeting_readiness.rehearsals", meeting_id=made.id), 303)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise schedule.ScheduleProblem.of("starts_at", _("Enter the day and time of the first wave.")) from None
    zone = ZoneInfo(services().settings[CoreSettings].timezone)
    return found.replace(tzinfo=zone) if found.tzinfo is None else found


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _who(meeting: Meeting, word: str) -> frozenset[int]:
    """All, those who speak, or those that are not ready now."""
    tiles = load_tiles(g.session, g.scope, meeting)
    if word == "speak":
        return frozenset(one.called.endpoint_id for one in tiles if one.is_speaker)
    if word == "open":
        return frozenset(one.called.endpoint_id for one in tiles if one.state != "ready")
    return frozenset()


def _one(rehearsal: Meeting) -> str:
    """One rehearsal: its waves, who has passed."""
    entries = [one for one in readiness.entries_of(g.session, rehearsal.id) if g.scope.includes(one[1].unit_path)]
    now = services().clock()
    waves: dict[int, list[Any]] = {}
    for entry, called, is_joined in entries:
        waves.setdefault(entry.wave, []).append((entry, called, is_joined))
    counts = {word: sum(entry.state == word for entry, _called, _joined in entries)
              for word in readiness.REHEARSAL_STATES}  # fmt: skip
    of = g.session.get(Meeting, rehearsal.rehearses_id)
    return render_template(
        "meeting_readiness/rehearsal.html", meeting=rehearsal, of=of, waves=waves, counts=counts, moment=now,
        why=readiness.REHEARSAL_REASONS, refresh_s=REFRESH_S, **words())


@blueprint.post("/<int:meeting_id>/rehearsals/decide")
@needs(Permission.CONTROL_MEETINGS)
def decide(meeting_id: int) -> AnyResponse:
    """A person's word on some endpoints of a rehearsal."""
    rehearsal = meeting_or_404(meeting_id)
    visible = {one.called.endpoint_id for one in load_tiles(g.session, g.scope, rehearsal)}
    ids = [int(one) for one in request.form.getlist("endpoint") if one.isdecimal() and len(one) < 10]
    try:
        readiness.decide(g.session, rehearsal.id, [one for one in ids if one in visible],
                         request.form.get("state", ""), current_user.actor, services().clock())  # fmt: skip
    except ValueError:
        abort(400)
    return redirect(url_for("meeting_readiness.rehearsals", meeting_id=meeting_id), 303)


@blueprint.get("/<int:meeting_id>/done")
@needs(Permission.CONTROL_MEETINGS)
def done(meeting_id: int) -> str:
    """What became of the commands that were given together."""
    meeting = meeting_or_404(meeting_id)
    span = (_whole(request.args.get("first", "")), _whole(request.args.get("last", "")))
    rows = readiness.commands_between(g.session, g.scope, span)
    return render_template("meeting_readiness/done.html", meeting=meeting, rows=rows, verbs=kiosk.KIOSK_VERBS,
                           is_running=any(one.state in ("waiting", "sent") for one, _name in rows), **words())


@blueprint.post("/<int:meeting_id>/done/cancel")
@needs(Permission.CONTROL_MEETINGS)
def cancel(meeting_id: int) -> AnyResponse:
    """Take back the commands that no page has fetched yet."""
    meeting_or_404(meeting_id)
    first, last = _whole(request.form.get("first", "")), _whole(request.form.get("last", ""))
    now = services().clock()
    taken = sum(
        kiosk.cancel_command(g.session, one.id, current_user.actor, now)
        for one, _name in readiness.commands_between(g.session, g.scope, (first, last)) if one.state == "waiting"
    )
    flash(_("%(number)s commands were taken back.", number=taken), "success" if taken else "warning")
    return redirect(url_for("meeting_readiness.done", meeting_id=meeting_id, first=first, last=last), 303)
