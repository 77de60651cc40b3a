"""Schedules: kept by people, run by the worker once on each of their days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CursorResult, delete, or_, select, update

from core import Deed, Scope, Session, append_audit
from core import gettext as _
from inventory import ROOM_KINDS, FieldProblem, InvalidInput, NotFound, Site, Unit, calendar_views
from playbooks.projectors.models import ProjectorOrder, ProjectorSchedule
from playbooks.projectors.refusing import Rules
from playbooks.projectors.scheduling import DAYS, Plan, due_on, holds_on
from playbooks.projectors.store.orders import Wish, place_order
from playbooks.projectors.store.targets import Group, preview_order, targets_in

SCHEDULED = ("off", "on")


def list_schedules(session: Session, scope: Scope) -> list[ProjectorSchedule]:
    """The schedules that lie within the scope, by time of day."""
    chosen = select(ProjectorSchedule).order_by(ProjectorSchedule.runs_at, ProjectorSchedule.name, ProjectorSchedule.id)
    return list(session.scalars(chosen.where(_within(scope))))


def _within(scope: Scope) -> Any:
    if scope.unit_path is None:
        return ProjectorSchedule.id > 0
    units = select(Unit.id).where(Unit.path.startswith(scope.unit_path, autoescape=True))
    sites = select(Site.id).where(Site.unit_id.in_(units))
    return or_(ProjectorSchedule.unit_id.in_(units), ProjectorSchedule.site_id.in_(sites))


def get_schedule(session: Session, scope: Scope, schedule_id: int) -> ProjectorSchedule:
    """The schedule. Raises NotFound."""
    found = session.scalar(select(ProjectorSchedule).where(ProjectorSchedule.id == schedule_id, _within(scope)))
    if found is None:
        raise NotFound(_("There is no such schedule. It may have been deleted."))
    return found


def save_schedule(
    session: Session, scope: Scope, raw: Mapping[str, str], actor: str, now: datetime
) -> ProjectorSchedule:
    """Make or change a schedule (raw["id"]) from a form's texts, audited. Raises InvalidInput, NotFound."""
    values, problems = _checked(session, scope, raw)
    if problems:
        raise InvalidInput(problems)
    known = raw.get("id", "")
    if known:
        schedule = get_schedule(session, scope, int(known) if known.isdecimal() else 0)
        for name, value in values.items():
            setattr(schedule, name, value)
    else:
        schedule = ProjectorSchedule(**values, created_by=actor[:100])
        session.add(schedule)
    session.flush()
    deed = Deed(actor, "projector_schedule.save", "projector_schedule", schedule.id, schedule.name, dict(raw))
    append_audit(session, deed, now)
    return schedule


def _checked(
    session: Session, scope: Scope, raw: Mapping[str, str]
) -> tuple[dict[str, Any], list[FieldProblem]]:
    problems = []

    def wrong(name: str, message: str) -> None:
        problems.append(FieldProblem(None, name, message))

    name = " ".join(raw.get("name", "").split())
    if not 0 < len(name) <= 200:
        wrong("name", _("Give the schedule a name of at most 200 characters."))
    hour, mark, minute = raw.get("runs_at", "").partition(":")
    is_time = mark and hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60
    if not is_time:
        wrong("runs_at", _("Enter hours and minutes, such as 17:30."))
    for field, known in (("command", SCHEDULED), ("days", DAYS), ("room_kind", {"": "", **ROOM_KINDS})):
        if raw.get(field, "") not in known:
            wrong(field, _("Choose one of the list."))
    wait = raw.get("wait_minutes") or "180"
    if not (wait.isdecimal() and int(wait) <= 720):
        wrong("wait_minutes", _("Enter minutes from 0 to 720."))
    place = _place(session, scope, raw)
    if place is None:
        wrong("place", _("Choose a unit or a site that you may see."))
    values = {
        "name": name, "runs_at": time(int(hour), int(minute)) if is_time else time(),
        "command": raw.get("command"), "days": raw.get("days"), "room_kind": raw.get("room_kind", ""),
        "wait_minutes": int(wait) if wait.isdecimal() else 180,
        "is_enabled": raw.get("is_enabled", "") in ("true", "1", "on"), **(place or {}),
    }  # fmt: skip
    return values, problems


def _place(session: Session, scope: Scope, raw: Mapping[str, str]) -> dict[str, int | None] | None:
    word, _mark, number = raw.get("place", "").partition(":")
    if word not in ("unit", "site") or not number.isdecimal() or len(number) > 9:
        return None
    if word == "site":
        query = select(Unit.path).join(Site, Site.unit_id == Unit.id).where(Site.id == int(number))
    else:
        query = select(Unit.path).where(Unit.id == int(number))
    path = session.scalar(query)
    if path is None or not scope.includes(path):
        return None
    return {"unit_id": int(number) if word == "unit" else None, "site_id": int(number) if word == "site" else None}


def delete_schedule(session: Session, scope: Scope, schedule_id: int, actor: str, now: datetime) -> str:
    """Delete it, audited; gives back its name. Raises NotFound."""
    schedule = get_schedule(session, scope, schedule_id)
    name = schedule.name
    session.execute(delete(ProjectorSchedule).where(ProjectorSchedule.id == schedule_id))
    session.expire_all()
    append_audit(
        session, Deed(actor, "projector_schedule.delete", "projector_schedule", schedule_id, name), now
    )
    return name


def run_due_schedules(session: Session, now: datetime, timezone: str, lead: timedelta) -> list[ProjectorOrder]:
    """Place the orders of all schedules whose time has come; each runs once a day, whatever the number of workers."""
    zone, orders = ZoneInfo(timezone), []
    for schedule in session.scalars(select(ProjectorSchedule).where(ProjectorSchedule.is_enabled)).all():
        day = due_on(Plan(schedule.runs_at, schedule.last_run_on), now, zone)
        if day is None:
            continue
        taken = session.execute(
            update(ProjectorSchedule)
            .where(
                ProjectorSchedule.id == schedule.id,
                or_(ProjectorSchedule.last_run_on.is_(None), ProjectorSchedule.last_run_on < day),
            )
            .values(last_run_on=day)
        )
        if isinstance(taken, CursorResult) and taken.rowcount == 1:
            orders += _run(session, schedule, now, timezone, lead)
    return orders


def has_due_schedule(session: Session, now: datetime, timezone: str) -> bool:
    """Whether some schedule's time has come; only reads."""
    rows = select(ProjectorSchedule.runs_at, ProjectorSchedule.last_run_on).where(ProjectorSchedule.is_enabled)
    return any(due_on(Plan(*row), now, ZoneInfo(timezone)) is not None for row in session.execute(rows))


def _run(
    session: Session, schedule: ProjectorSchedule, now: datetime, timezone: str, lead: timedelta
) -> Sequence[ProjectorOrder]:
    group = Group(schedule.unit_id, schedule.site_id, None, schedule.room_kind)
    calendars, day = calendar_views(session, timezone), now.astimezone(ZoneInfo(timezone)).date()
    targets = [
        target for target in targets_in(session, Scope.everything(), group)
        if target.has_pjlink and holds_on(schedule.days, day, calendars.get(target.site_id))
    ]
    if not targets:
        return []
    rules = Rules(schedule.command, is_scheduled=schedule.command == "off", lead=lead)
    preview = preview_order(session, targets, (schedule.command, ""), rules, (now, timezone))
    wish = Wish(f"schedule:{schedule.name}"[:100], timedelta(minutes=max(schedule.wait_minutes, 10)), "schedule",
                schedule.id)  # fmt: skip
    return [place_order(session, preview, wish, now)]
