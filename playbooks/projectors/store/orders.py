"""Orders: written by a page, the API or a schedule with one task a projector; read back with their progress; undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from core import Deed, Scope, Session, append_audit
from inventory import Device, Site, Unit
from playbooks.projectors.commands import COMMANDS
from playbooks.projectors.models import ProjectorOrder, ProjectorTask
from playbooks.projectors.refusing import Refusal, Target
from playbooks.projectors.store.targets import Preview
from playbooks.projectors.words import DONE, REFUSED, RUNNING, WAITING

PASSING = frozenset({"exam", "meeting", "lesson", "soon", "teaching"})  # refusals that end by themselves


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants it, from where, until when it is worth trying. `schedule_id` and `undoes_id` where there is one."""

    actor: str
    patience: timedelta = timedelta(minutes=10)
    source: str = "person"
    schedule_id: int | None = None
    undoes_id: int | None = None


def place_order(session: Session, preview: Preview, wish: Wish, now: datetime) -> ProjectorOrder:
    """Write the order and its tasks, audited. Refused ones keep their reason; those of a schedule wait for its end."""
    order = ProjectorOrder(
        command=preview.command, argument=preview.argument, source=wish.source, requested_by=wish.actor[:100],
        requested_at=now, schedule_id=wish.schedule_id, undoes_id=wish.undoes_id,
    )  # fmt: skip
    session.add(order)
    session.flush()
    tasks = [_task(order, target, None, wish, now) for target in preview.accepted]
    tasks += [_task(order, target, why, wish, now) for target, why in preview.refused]
    session.add_all(tasks)
    session.flush()
    names = [target.name for target in preview.accepted]
    append_audit(session, Deed(
        wish.actor, f"projector.{preview.command}", "projector_order", order.id,
        f"{preview.command} {preview.argument}".strip() + f": {len(names)}, refused {len(preview.refused)}",
        {"devices": [target.device_id for target in preview.accepted], "names": names[:50], "source": wish.source,
         "refused": {target.device_id: why.reason for target, why in preview.refused}},
    ), now)  # fmt: skip
    return order


def _task(
    order: ProjectorOrder, target: Target, why: Refusal | None, wish: Wish, now: datetime
) -> ProjectorTask:
    give_up_at = now + wish.patience
    task = ProjectorTask(
        order_id=order.id, device_id=target.device_id, command=order.command, argument=order.argument,
        not_before=now, give_up_at=give_up_at,
    )  # fmt: skip
    if why is not None:
        task.reason, task.detail, task.until = why.reason, why.title[:300], why.until
        ends = why.until if wish.source == "schedule" and why.reason in PASSING else None
        if ends is not None and ends < give_up_at:
            task.not_before = ends
        else:
            task.state, task.done_at = REFUSED, now
    return task


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One projector of an order, ready to show."""

    task: ProjectorTask
    device_name: str
    site_name: str


def get_order(session: Session, scope: Scope, order_id: int) -> ProjectorOrder | None:
    """The order, if the scope shows one of its projectors."""
    order = session.get(ProjectorOrder, order_id)
    if order is None or (scope.unit_path is not None and not lines_of_order(session, scope, order_id)):
        return None
    return order


def lines_of_order(session: Session, scope: Scope, order_id: int) -> list[TaskLine]:
    """Its projectors that the scope shows: what is not finished first, then failed and refused ones."""
    chosen = (
        select(ProjectorTask, Device.name, Site.name)
        .join(Device, Device.id == ProjectorTask.device_id)
        .join(Site, Site.id == Device.site_id)
        .join(Unit, Unit.id == Site.unit_id)
        .where(ProjectorTask.order_id == order_id)
        .order_by(Site.name_key, Device.name_key)
    )
    if scope.unit_path is not None:
        chosen = chosen.where(Unit.path.startswith(scope.unit_path, autoescape=True))
    rank = {RUNNING: 0, WAITING: 1, REFUSED: 3, DONE: 4}
    lines = [TaskLine(*row) for row in session.execute(chosen)]
    return sorted(lines, key=lambda line: rank.get(line.task.state, 2))


def recent_orders(session: Session, scope: Scope, limit: int = 20) -> list[tuple[ProjectorOrder, Mapping[str, int]]]:
    """The newest orders that touch the scope, each with how many of its tasks are in which state."""
    chosen = select(ProjectorOrder).order_by(ProjectorOrder.id.desc()).limit(limit)
    if scope.unit_path is not None:
        chosen = chosen.where(ProjectorOrder.id.in_(_orders_in(scope)))
    orders = list(session.scalars(chosen))
    counts: dict[int, Counter[str]] = {order.id: Counter() for order in orders}
    rows = select(ProjectorTask.order_id, ProjectorTask.state, func.count()).where(
        ProjectorTask.order_id.in_(counts)
    )
    for order_id, state, number in session.execute(rows.group_by(ProjectorTask.order_id, ProjectorTask.state)):
        counts[order_id][state] = number
    return [(order, counts[order.id]) for order in orders]


def _orders_in(scope: Scope):  # noqa: ANN202 - a subquery
    path = scope.unit_path or "/"
    return (
        select(ProjectorTask.order_id)
        .join(Device, Device.id == ProjectorTask.device_id)
        .join(Site, Site.id == Device.site_id)
        .join(Unit, Unit.id == Site.unit_id)
        .where(Unit.path.startswith(path, autoescape=True))
    )


def latest_tasks(session: Session, device_id: int, limit: int = 5) -> list[tuple[ProjectorTask, ProjectorOrder]]:
    """What was done to one projector last, the newest first."""
    chosen = select(ProjectorTask, ProjectorOrder).join(ProjectorOrder, ProjectorOrder.id == ProjectorTask.order_id)
    chosen = chosen.where(ProjectorTask.device_id == device_id).order_by(ProjectorTask.id.desc()).limit(limit)
    return [(task, order) for task, order in session.execute(chosen)]


def undoable(order: ProjectorOrder, lines: Sequence[TaskLine]) -> list[ProjectorTask]:
    """The tasks of an order that can be taken back: done by it, not so already, and of a kind that goes back."""
    if not COMMANDS[order.command].undo:
        return []
    tasks = [line.task for line in lines if line.task.state == DONE and line.task.reason != "already"]
    return [task for task in tasks if order.command != "input" or task.before]


def undo_order(
    session: Session, undone: Sequence[ProjectorTask], preview: Preview, wish: Wish, now: datetime
) -> ProjectorOrder:
    """Place the order that takes these tasks back; each input returns to what it was on its projector."""
    before = {task.device_id: task.before for task in undone}
    order = place_order(session, preview, wish, now)
    if order.command == "input":
        for task in session.scalars(select(ProjectorTask).where(ProjectorTask.order_id == order.id)):
            task.argument = before.get(task.device_id, "")
        session.flush()
    return order
