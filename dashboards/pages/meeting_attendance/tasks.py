"""The routes of tasks after meetings: what is to be done, proposals from what went wrong, done and undone."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from conference import Meeting, attendance, live
from core import Permission, list_users
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.listing import Column, Listing, export, read_list_query
from dashboards.pages.meeting_attendance.routes import blueprint, local, may_edit, meeting_or_404, words
from dashboards.undo import flash_undo
from inventory import InvalidInput, NotFound

COLUMNS = (
    Column(_l("State")), Column(_l("Task")), Column(_l("Cause"), hide="md"), Column(_l("Who"), hide="sm"),
    Column(_l("Until"), hide="sm"), Column(""),
)  # fmt: skip
FILTERS = ("state", "cause", "who", "meeting")
HEADS = (_l("State"), _l("Task"), _l("Details"), _l("Cause"), _l("Endpoint"), _l("Site"), _l("Unit"), _l("Meeting"),
         _l("Who"), _l("Until"), _l("Done by"), _l("Done at"))  # fmt: skip
TEXTS = ("title", "details", "assigned_to", "due_on")


def _today() -> date:
    return local(services().clock()).date()


def state_of(task: attendance.MeetingTask, today: date) -> str:
    """A word of TASK_WORDS."""
    if task.is_done:
        return "done"
    return "overdue" if task.due_on is not None and task.due_on < today else "open"


def _common() -> dict[str, Any]:
    return {"title_of": live.title_of, "state_of": state_of, "today": _today(), **words(),
            "may_do": current_user.can(Permission.HANDLE_INCIDENTS), "people": _people()}  # fmt: skip


def _people() -> list[str]:
    """Names to give a task to; only for those who see everybody."""
    if not g.scope.is_everything or not current_user.can(Permission.HANDLE_INCIDENTS):
        return [current_user.name]
    return [one.username for one in list_users(g.session)]


@blueprint.get("/tasks")
@needs(Permission.VIEW)
def tasks() -> str | Response:
    """All tasks, what is due first."""
    query = read_list_query(request.args, COLUMNS, FILTERS)
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    wanted = {"q": query.text, **query.filters}
    rows, total = attendance.find_tasks(g.session, g.scope, wanted, _today(), (query.offset, query.limit))
    if query.format:
        return export("tasks", HEADS, map(_cells, rows), query.format)
    return render_template(
        "meeting_attendance/tasks.html", listing=Listing("tasks", COLUMNS, rows, total, query),
        numbers=attendance.open_tasks(g.session, g.scope, _today()),
        causes=[(word, live.title_of(word)) for word in attendance.ACTIONS], **_common(),
    )  # fmt: skip


def _cells(line: attendance.TaskLine) -> tuple[Any, ...]:
    task = line.task
    return (
        str(words()["task_words"][state_of(task, _today())].label), task.title, task.details,
        live.title_of(task.cause) if task.cause else "", line.endpoint_name, line.site_name, line.unit_name,
        line.meeting_title, task.assigned_to, task.due_on.isoformat() if task.due_on else "", task.done_by,
        task.done_at,
    )  # fmt: skip


@blueprint.get("/<int:meeting_id>/tasks")
@needs(Permission.VIEW)
def meeting_tasks(meeting_id: int) -> str:
    """What went wrong in a meeting, and what is done about it."""
    return _meeting_page(meeting_or_404(meeting_id), {}, {})


def _meeting_page(meeting: Meeting, texts: dict[str, str], errors: dict[str, str]) -> str:
    wanted = {"meeting": str(meeting.id)}
    rows, _total = attendance.find_tasks(g.session, g.scope, wanted, _today(), (0, 500))
    return render_template(
        "meeting_attendance/meeting_tasks.html", meeting=meeting, rows=rows, texts=texts, errors=errors,
        proposals=attendance.proposals(g.session, g.scope, meeting, services().clock()), may_edit=may_edit(meeting),
        **_common(),
    )  # fmt: skip


@blueprint.post("/<int:meeting_id>/tasks")
@needs(Permission.HOLD_MEETINGS)
def add_task(meeting_id: int) -> AnyResponse | tuple[str, int]:
    """A task in one's own words."""
    meeting = meeting_or_404(meeting_id)
    if not may_edit(meeting):
        abort(403)
    texts = {name: request.form.get(name, "") for name in TEXTS}
    try:
        made = attendance.write_task(g.session, meeting, texts, current_user.actor, services().clock())
    except InvalidInput as problem:
        return _meeting_page(meeting, texts, {one.column: one.message for one in problem.problems}), 422
    _told([made])
    return redirect(url_for("meeting_attendance.meeting_tasks", meeting_id=meeting_id), 303)


@blueprint.post("/<int:meeting_id>/tasks/proposed")
@needs(Permission.HOLD_MEETINGS)
def add_proposed(meeting_id: int) -> AnyResponse:
    """Make the ticked proposals tasks, or all of them."""
    meeting = meeting_or_404(meeting_id)
    if not may_edit(meeting):
        abort(403)
    ticked = set(request.form.getlist("proposal"))
    every = request.form.get("which") == "all"
    found = attendance.proposals(g.session, g.scope, meeting, services().clock())
    chosen = [one for one in found if every or f"{one.endpoint_id}:{one.cause}" in ticked]
    made = attendance.add_proposed(g.session, meeting, chosen, current_user.actor, services().clock())
    if made:
        _told(made)
    else:
        flash(_("Tick at least one proposal."), "warning")
    return redirect(url_for("meeting_attendance.meeting_tasks", meeting_id=meeting_id), 303)


def _told(made: list[attendance.MeetingTask]) -> None:
    numbers = [("task", str(one.id)) for one in made]
    text = _("Tasks made: %(n)s.", n=len(made))
    flash_undo(text, url_for("meeting_attendance.remove_tasks"), numbers)


def _task(task_id: int) -> attendance.MeetingTask:
    try:
        return attendance.find_task(g.session, g.scope, task_id)
    except NotFound:
        abort(404)


def _back() -> AnyResponse:
    back = request.form.get("back", "")
    is_ours = back.startswith("/meetings/") and "\\" not in back
    return redirect(back if is_ours else url_for("meeting_attendance.tasks"), 303)


@blueprint.post("/tasks/remove")
@needs(Permission.HOLD_MEETINGS)
def remove_tasks() -> AnyResponse:
    """Take back tasks that were made by mistake."""
    numbers = [int(word) for word in request.form.getlist("task") if word.isdecimal() and len(word) < 10]
    gone = attendance.remove_tasks(g.session, g.scope, numbers, current_user.actor, services().clock())
    flash(_("Tasks taken back: %(n)s.", n=gone), "success")
    return _back()


@blueprint.post("/tasks/<int:task_id>/assign")
@needs(Permission.HANDLE_INCIDENTS)
def assign(task_id: int) -> AnyResponse:
    """Give a task to somebody, until a day."""
    task, form = _task(task_id), request.form
    try:
        who, day = attendance.assign(g.session, task, form.get("assigned_to", ""), form.get("due_on", ""),
                                     current_user.actor, services().clock())  # fmt: skip
    except InvalidInput as problem:
        flash(problem.problems[0].message, "danger")
        return _back()
    flash_undo(_("The task is given to %(who)s.", who=task.assigned_to or "–"),
               url_for("meeting_attendance.assign", task_id=task_id),
               (("assigned_to", who), ("due_on", day), ("back", form.get("back", ""))))  # fmt: skip
    return _back()


@blueprint.post("/tasks/<int:task_id>/done")
@needs(Permission.HANDLE_INCIDENTS)
def done(task_id: int) -> AnyResponse:
    """A task is done."""
    task = _task(task_id)
    attendance.set_done(g.session, task, True, current_user.actor, services().clock())
    flash_undo(_("Done: %(title)s", title=task.title), url_for("meeting_attendance.reopen_task", task_id=task_id),
               (("back", request.form.get("back", "")),))  # fmt: skip
    return _back()


@blueprint.post("/tasks/<int:task_id>/reopen")
@needs(Permission.HANDLE_INCIDENTS)
def reopen_task(task_id: int) -> AnyResponse:
    """A task is not done after all."""
    attendance.set_done(g.session, _task(task_id), False, current_user.actor, services().clock())
    flash(_("The task is open again."), "success")
    return _back()
