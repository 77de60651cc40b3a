"""Tasks after meetings: proposed from what went wrong, kept by people until done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session

from conference.attendance.models import MeetingTask
from conference.attendance.troubles import Proposal, Trouble, propose
from conference.live import LiveSpell
from conference.schedule import Meeting
from core import Deed, Scope, append_audit
from core import gettext as _
from inventory import Endpoint, FieldProblem, InvalidInput, NotFound, Site, Unit


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task with the names of what it is about."""

    task: MeetingTask
    endpoint_name: str
    site_name: str
    unit_name: str
    meeting_title: str


def proposals(session: Session, scope: Scope, meeting: Meeting, now: datetime) -> list[Proposal]:
    """What went wrong in a meeting and is nobody's task yet, the longest trouble first."""
    until = meeting.ended_at or min(now, meeting.ends_at)
    rows = session.execute(
        select(LiveSpell.endpoint_id, LiveSpell.cause, LiveSpell.began_at, LiveSpell.ended_at, Endpoint.name,
               Site.name, Unit.name)
        .join(Endpoint, Endpoint.id == LiveSpell.endpoint_id).join(Site, Site.id == Endpoint.site_id)
        .join(Unit, Unit.id == Site.unit_id)
        .where(LiveSpell.meeting_id == meeting.id, _in(scope))
    ).all()  # fmt: skip
    troubles = [
        Trouble(endpoint_id, name, site if unit in site else f"{site} – {unit}", cause,
                max((ended or until) - began, until - until))
        for endpoint_id, cause, began, ended, name, site, unit in rows
    ]
    known = set(session.execute(
        select(MeetingTask.endpoint_id, MeetingTask.cause)
        .where(or_(MeetingTask.meeting_id == meeting.id, MeetingTask.is_done.is_(False)))
    ).all())  # fmt: skip
    return [one for one in propose(troubles) if (one.endpoint_id, one.cause) not in known]


def _in(scope: Scope) -> ColumnElement[bool]:
    return true() if scope.unit_path is None else Unit.path.startswith(scope.unit_path, autoescape=True)


def add_proposed(
    session: Session, meeting: Meeting, chosen: Iterable[Proposal], actor: str, now: datetime
) -> list[MeetingTask]:
    """Make proposals tasks."""
    made = [
        MeetingTask(meeting_id=meeting.id, endpoint_id=one.endpoint_id, cause=one.cause, title=one.title[:300],
                    details=one.details, created_by=actor[:100], created_at=now)
        for one in chosen
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    if made:
        append_audit(session, Deed(actor, "meeting_task.add", "meeting", meeting.id, f"{len(made)} tasks",
                                   {"tasks": [one.id for one in made]}), now)  # fmt: skip
    return made


def write_task(
    session: Session, meeting: Meeting, texts: Mapping[str, str], actor: str, now: datetime
) -> MeetingTask:
    """A task in a person's own words. Raises InvalidInput."""
    title = " ".join(texts.get("title", "").split())[:300]
    if not title:
        raise InvalidInput([FieldProblem(None, "title", _("Say in a few words what is to be done."))])
    task = MeetingTask(
        meeting_id=meeting.id, title=title, details=texts.get("details", "").strip()[:2000],
        assigned_to=texts.get("assigned_to", "").strip()[:100], due_on=read_day(texts.get("due_on", "")),
        created_by=actor[:100], created_at=now,
    )  # fmt: skip
    session.add(task)
    session.flush()
    append_audit(session, Deed(actor, "meeting_task.add", "meeting", meeting.id, title, {"tasks": [task.id]}), now)
    return task


def read_day(text: str) -> date | None:
    """A day as a date field sends it. Raises InvalidInput."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput([FieldProblem(None, "due_on", _("Enter a day such as 2026-12-31."))]) from None


def find_task(session: Session, scope: Scope, task_id: int) -> MeetingTask:
    """A task that the scope shows. Raises NotFound."""
    found = session.scalar(_chosen(scope).with_only_columns(MeetingTask).where(MeetingTask.id == task_id))
    if found is None:
        raise NotFound(f"task {task_id}")
    return found


def assign(
    session: Session, task: MeetingTask, assigned_to: str, due_on: str, actor: str, now: datetime
) -> tuple[str, str]:
    """Give a task to somebody with a day; answers (who, day) before, for undo. Raises InvalidInput."""
    before = (task.assigned_to, task.due_on.isoformat() if task.due_on else "")
    task.due_on, task.assigned_to = read_day(due_on), assigned_to.strip()[:100]
    append_audit(session, Deed(actor, "meeting_task.assign", "task", task.id, task.title,
                               {"before": before, "to": task.assigned_to, "due": due_on}), now)  # fmt: skip
    session.flush()
    return before


def set_done(session: Session, task: MeetingTask, is_done: bool, actor: str, now: datetime) -> None:
    """Done, or not after all."""
    task.is_done, task.done_by, task.done_at = is_done, actor[:100] if is_done else "", now if is_done else None
    append_audit(session, Deed(actor, "meeting_task.done" if is_done else "meeting_task.reopen", "task", task.id,
                               task.title), now)  # fmt: skip
    session.flush()


def remove_tasks(session: Session, scope: Scope, task_ids: Sequence[int], actor: str, now: datetime) -> int:
    """Take back tasks that were made by one click; done ones stay. Answers how many went."""
    rows = session.scalars(
        _chosen(scope).with_only_columns(MeetingTask)
        .where(MeetingTask.id.in_(task_ids), MeetingTask.is_done.is_(False))
    ).all()  # fmt: skip
    for one in rows:
        session.delete(one)
    if rows:
        numbers = {"tasks": [one.id for one in rows]}
        append_audit(session, Deed(actor, "meeting_task.remove", "meeting", rows[0].meeting_id or 0,
                                   f"{len(rows)} tasks", numbers), now)  # fmt: skip
    session.flush()
    return len(rows)


def _chosen(scope: Scope):  # noqa: ANN202
    organiser = select(Meeting.id).join(Unit, Unit.id == Meeting.unit_id).where(_in(scope))
    inside = select(Endpoint.id).join(Site, Site.id == Endpoint.site_id).join(Unit, Unit.id == Site.unit_id)
    chosen = (
        select(MeetingTask, Endpoint.name, Site.name, Unit.name, Meeting.title)
        .outerjoin(Endpoint, Endpoint.id == MeetingTask.endpoint_id).outerjoin(Site, Site.id == Endpoint.site_id)
        .outerjoin(Unit, Unit.id == Site.unit_id).outerjoin(Meeting, Meeting.id == MeetingTask.meeting_id)
    )  # fmt: skip
    if scope.unit_path is None:
        return chosen
    return chosen.where(or_(
        MeetingTask.endpoint_id.in_(inside.where(_in(scope))),
        (MeetingTask.endpoint_id.is_(None)) & MeetingTask.meeting_id.in_(organiser),
    ))  # fmt: skip


def find_tasks(
    session: Session, scope: Scope, wanted: Mapping[str, str], today: date, page: tuple[int, int]
) -> tuple[list[TaskLine], int]:
    """(one page of tasks: what is due first; how many in all). `wanted`: q, state (open, overdue, done), cause,
    meeting, who."""
    chosen = _chosen(scope)
    state = wanted.get("state", "")
    if state in ("open", "overdue"):
        chosen = chosen.where(MeetingTask.is_done.is_(False))
    if state == "overdue":
        chosen = chosen.where(MeetingTask.due_on < today)
    if state == "done":
        chosen = chosen.where(MeetingTask.is_done.is_(True))
    if wanted.get("cause"):
        chosen = chosen.where(MeetingTask.cause == wanted["cause"])
    if wanted.get("meeting", "").isdecimal() and len(wanted["meeting"]) < 10:
        chosen = chosen.where(MeetingTask.meeting_id == int(wanted["meeting"]))
    if wanted.get("who"):
        chosen = chosen.where(MeetingTask.assigned_to == wanted["who"])
    if wanted.get("q"):
        columns = (MeetingTask.title, MeetingTask.assigned_to, Endpoint.name, Unit.name)
        chosen = chosen.where(or_(*(one.icontains(wanted["q"], autoescape=True) for one in columns)))
    total = session.scalar(select(func.count()).select_from(chosen.with_only_columns(MeetingTask.id).subquery())) or 0
    order = (MeetingTask.is_done, MeetingTask.due_on.is_(None), MeetingTask.due_on, MeetingTask.id.desc())
    rows = session.execute(chosen.order_by(*order).offset(page[0]).limit(page[1]))
    return [TaskLine(task, *(name or "" for name in names)) for task, *names in rows], total


def open_tasks(session: Session, scope: Scope, today: date) -> tuple[int, int]:
    """(open ones, of which overdue)."""
    chosen = _chosen(scope).with_only_columns(MeetingTask.id).where(MeetingTask.is_done.is_(False))
    total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    overdue = chosen.where(MeetingTask.due_on < today).subquery()
    return total, session.scalar(select(func.count()).select_from(overdue)) or 0
