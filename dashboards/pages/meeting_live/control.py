"""The routes that change something in a running meeting: remedies, orders, undo, remarks; and the timeline."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from conference import Meeting, kiosk, live
from core import Permission
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.pages.meeting_live import acting
from dashboards.pages.meeting_live.routes import words
from dashboards.pages.meeting_live.sources import board_of, meeting_or_404
from dashboards.pages.meeting_live.store import commands_of, servers_of, system_of
from dashboards.pages.meeting_live.words import AIR_ICONS, air_deed
from dashboards.words import Word
from playbooks import meetings

STATE_WORDS: dict[str, Word] = {
    "waiting": Word("info", "clock", _l("waiting")),
    "sent": Word("info", "refresh", _l("under way")),
    "running": Word("info", "refresh", _l("under way")),
    "done": Word("good", "circle-check", _l("done")),
    "failed": Word("down", "circle-x", _l("failed")),
    "expired": Word("attention", "clock", _l("too late")),
    "cancelled": Word("idle", "x", _l("withdrawn")),
}


def add_control(blueprint: Blueprint) -> None:
    """Add the routes to the live board's blueprint."""
    for rule, view, methods in (
        ("/preview", preview, ["POST"]), ("/do", do, ["POST"]), ("/control", control, ["GET"]),
        ("/order/preview", order_preview, ["POST"]), ("/order", order, ["POST"]),
        ("/orders/<int:order_id>/undo", undo_order, ["POST"]),
        ("/commands/<int:command_id>/undo", undo_command, ["POST"]), ("/remark", remark, ["POST"]),
        ("/timeline", timeline, ["GET"]),
    ):  # fmt: skip
        blueprint.add_url_rule(f"/<int:meeting_id>{rule}", view.__name__, view, methods=methods)


@needs(Permission.CONTROL_MEETINGS, writes=False)
def preview(meeting_id: int) -> str:
    """What a remedy would do to how many, and who is left out with which reason; nothing is done yet."""
    meeting = meeting_or_404(meeting_id)
    asked = acting.asked_of(request.form)
    return _shown(meeting, acting.plan_of(meeting, asked), asked)


def _shown(meeting: Meeting, planned: live.Plan, asked: acting.Asked, problem: str = "") -> str:
    return render_template(
        "meeting_live/preview.html", meeting=meeting, plan=planned, asked=asked, problem=problem,
        choices=acting.choices_of(g.session, planned), **words(),
    )  # fmt: skip


@needs(Permission.CONTROL_MEETINGS)
def do(meeting_id: int) -> tuple[str, int] | str:
    """Carry out what was previewed; who may not be helped now is judged again."""
    meeting = meeting_or_404(meeting_id)
    asked = acting.asked_of(request.form)
    planned = acting.plan_of(meeting, asked)
    try:
        done = acting.carry_out(meeting, planned, asked)
    except (meetings.OrderProblem, kiosk.VerbProblem) as problem:
        text = problem.text if isinstance(problem, meetings.OrderProblem) else _(str(problem))
        return _shown(meeting, planned, asked, text), 422
    return render_template("meeting_live/done.html", meeting=meeting, plan=planned, done=done, **words())


@needs(Permission.CONTROL_MEETINGS)
def control(meeting_id: int) -> str:
    """Orders to the meeting's servers, and everything that was ordered so far with its result and way back."""
    meeting = meeting_or_404(meeting_id)
    system = system_of(g.session, meeting)
    orders = meetings.orders_of(g.session, meeting.id, meeting.system_id)
    commands = commands_of(g.session, meeting, g.scope)
    back = {one.id for one, _name in commands if one.state == "done" and kiosk.KIOSK_VERBS[one.verb].undo}
    return render_template(
        "meeting_live/control.html", meeting=meeting, system=system, board=board_of(meeting), orders=orders,
        undoable={one.id for one in orders if meetings.is_undoable(g.session, one)}, commands=commands,
        takes_back=back - kiosk.undone_ids(g.session, back), order_words=STATE_WORDS, verbs=meetings.VERBS,
        kiosk_verbs=kiosk.KIOSK_VERBS, say=meetings.say, recorders=servers_of(g.session, meeting, "jibri"),
        air_icons=AIR_ICONS, air_deed=air_deed,
        may_order=lambda verb: acting.may_order(g.session, g.scope, meeting, verb), **words(),
    )  # fmt: skip


def _command(meeting: Meeting) -> meetings.Command:
    wanted = acting.wanted_of(request.form)
    if not acting.may_order(g.session, g.scope, meeting, wanted.verb):
        abort(403, _("This reaches beyond your part of the province."))
    return acting.command_of(g.session, meeting, wanted, board_of(meeting))


@needs(Permission.CONTROL_MEETINGS, writes=False)
def order_preview(meeting_id: int) -> tuple[str, int] | str:
    """What an order to a server would do to how many; nothing is sent yet."""
    meeting = meeting_or_404(meeting_id)
    command = _command(meeting)
    problem = ""
    try:
        meetings.check(g.session, command)
    except meetings.OrderProblem as found:
        problem = found.text
    return _order_shown(meeting, command, problem, 422 if problem else 200)


def _order_shown(meeting: Meeting, command: meetings.Command, problem: str, status: int) -> tuple[str, int]:
    return render_template(
        "meeting_live/order.html", meeting=meeting, command=command, verb=meetings.VERBS[command.verb],
        text=meetings.preview_of(command), problem=problem, **words(),
    ), status  # fmt: skip


@needs(Permission.CONTROL_MEETINGS)
def order(meeting_id: int) -> AnyResponse | tuple[str, int]:
    """Order what was previewed."""
    meeting = meeting_or_404(meeting_id)
    command = _command(meeting)
    try:
        acting.place(command)
    except meetings.OrderProblem as problem:
        return _order_shown(meeting, command, problem.text, 422)
    flash(_("Ordered. The result stands below in a few seconds."), "success")
    return redirect(url_for("meeting_live.control", meeting_id=meeting.id), 303)


@needs(Permission.CONTROL_MEETINGS)
def undo_order(meeting_id: int, order_id: int) -> AnyResponse:
    """Take an order to a server back."""
    meeting = meeting_or_404(meeting_id)
    found = meetings.get_order(g.session, order_id)
    is_ours = found is not None and (found.meeting_id == meeting.id or found.system_id == meeting.system_id)
    if found is None or not is_ours or not acting.may_order(g.session, g.scope, meeting, found.verb):
        abort(404)
    if meetings.undo_order(g.session, order_id, current_user.actor, services().clock()) is None:
        flash(_("This order cannot be taken back any more."), "warning")
    return redirect(url_for("meeting_live.control", meeting_id=meeting.id), 303)


@needs(Permission.CONTROL_MEETINGS)
def undo_command(meeting_id: int, command_id: int) -> AnyResponse:
    """Take a command to a kiosk back, or withdraw it while it waits."""
    meeting = meeting_or_404(meeting_id)
    found = next((one for one, _name in commands_of(g.session, meeting, g.scope, 1000) if one.id == command_id), None)
    if found is None:
        abort(404)
    given = kiosk.undo_command(g.session, command_id, current_user.actor, services().clock())
    if given is None or not given.commands:
        flash(_("This command cannot be taken back any more."), "warning")
    return redirect(url_for("meeting_live.control", meeting_id=meeting.id), 303)


@needs(Permission.CONTROL_MEETINGS)
def remark(meeting_id: int) -> AnyResponse:
    """Write a person's line into the meeting's story."""
    meeting = meeting_or_404(meeting_id)
    text = " ".join(request.form.get("text", "").split())[:500]
    if text:
        live.note(g.session, meeting.id, live.Line("remark", text, services().clock(), current_user.actor))
    else:
        flash(_("Write what is to be remembered."), "warning")
    return redirect(url_for("meeting_live.timeline", meeting_id=meeting.id), 303)


@needs(Permission.VIEW)
def timeline(meeting_id: int) -> str:
    """The meeting's story, the newest first; of a part of the province only its own endpoints and what has none."""
    meeting = meeting_or_404(meeting_id)
    lines = live.timeline(g.session, meeting)
    if g.scope.unit_path is not None:
        seen = {row.endpoint_id for row in board_of(meeting).rows}
        lines = [one for one in lines if one.endpoint_id in seen or one.kind in ("began", "ended", *live.AIR_NOTES)]
    values: dict[str, Any] = {"lines": lines[::-1], "kinds": live.NOTE_KINDS}
    return render_template("meeting_live/timeline.html", meeting=meeting, **values, **words())
