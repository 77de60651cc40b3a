"""The queue: tasks are claimed by an UPDATE, noted before anything is sent, and finished or put back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, and_, exists, or_, select, update
from sqlalchemy.orm import aliased

from core import Scope, SealError, Session, Vault, pjlink
from inventory import Device, NotFound, PjlinkCredential, open_credential
from playbooks.projectors.carrying import Aim, Outcome
from playbooks.projectors.commands import COMMANDS, is_overtaken
from playbooks.projectors.models import ProjectorOrder, ProjectorTask
from playbooks.projectors.refusing import Rules
from playbooks.projectors.store.orders import PASSING
from playbooks.projectors.store.targets import targets_of, way_of
from playbooks.projectors.words import DONE, FAILED, REFUSED, RUNNING, WAITING

# A worker that died leaves its claim behind; one conversation takes no longer
CLAIM_LASTS = timedelta(minutes=2)


def has_due(session: Session, now: datetime) -> bool:
    """Whether there may be something to claim; only reads."""
    return session.scalar(select(ProjectorTask.id).where(_is_due(now)).limit(1)) is not None


def _is_due(now: datetime):  # noqa: ANN202 - a condition
    abandoned = and_(ProjectorTask.state == RUNNING, ProjectorTask.claimed_at < now - CLAIM_LASTS)
    return or_(and_(ProjectorTask.state == WAITING, ProjectorTask.not_before <= now), abandoned)


def claim_tasks(session: Session, now: datetime, limit: int) -> list[int]:
    """Take up to `limit` due tasks, oldest first; of one projector only its first: orders keep their order."""
    earlier = aliased(ProjectorTask)
    has_earlier = exists().where(
        earlier.device_id == ProjectorTask.device_id,
        earlier.id < ProjectorTask.id,
        earlier.state.in_((WAITING, RUNNING)),
        earlier.not_before <= now,
    )
    chosen = select(ProjectorTask.id).where(_is_due(now), ~has_earlier).order_by(ProjectorTask.id).limit(limit)
    claimed = []
    for task_id in session.scalars(chosen).all():
        taken = session.execute(
            update(ProjectorTask)
            .where(ProjectorTask.id == task_id, _is_due(now))
            .values(state=RUNNING, claimed_at=now, attempts=ProjectorTask.attempts + 1),
            execution_options={"synchronize_session": False},
        )
        if isinstance(taken, CursorResult) and taken.rowcount == 1:
            claimed.append(task_id)
    return claimed


@dataclass(frozen=True, slots=True)
class Pace:
    """Settings of the queue: minutes before a meeting in which nothing is switched off, and the schools' time zone."""

    lead: timedelta
    timezone: str


def aim_of(session: Session, vault: Vault, task_id: int, pace: Pace, now: datetime) -> Aim | Outcome:
    """All that carrying out a task needs; or how it ends without: refused now, given up, its projector gone."""
    task = session.get(ProjectorTask, task_id)
    order = session.get(ProjectorOrder, task.order_id) if task is not None else None
    device = session.get(Device, task.device_id) if task is not None else None
    if task is None or order is None or device is None:
        return Outcome(FAILED, "gone")
    if task.step == "act" and now >= task.give_up_at:
        return Outcome(FAILED, task.reason if task.reason in pjlink.reasons.REASONS else "too_late")
    if order.source != "schedule" and task.attempts > 1 and _is_overtaken(session, task):
        return Outcome(REFUSED, "overtaken")
    targets = targets_of(session, Scope.everything(), [device.id])
    if not targets:
        return Outcome(FAILED, "no_pjlink")
    if task.step == "act":
        is_scheduled = order.source == "schedule" and task.command == "off"
        way = way_of(session, targets, now, pace.timezone, is_scheduled)
        why = way.refusal(targets[0], Rules(task.command, is_scheduled, pace.lead), now)
        if why is not None:
            is_waiting = is_scheduled and why.reason in PASSING and why.until and why.until < task.give_up_at
            after = (why.until - now).total_seconds() if is_waiting and why.until else 0.0
            return Outcome("later" if is_waiting else REFUSED, why.reason, why.title, after_s=after, until=why.until)
    try:
        chosen = device.credential_id if device.pjlink_credential_id is None else device.pjlink_credential_id
        opened = open_credential(session, vault, chosen) if chosen else None
    except (SealError, NotFound):
        return Outcome(FAILED, "bad_credential")
    password = opened.password if isinstance(opened, PjlinkCredential) else None
    wait = max(5.0, float(device.timeout_s))
    return Aim(
        task.command, task.argument, task.step,
        pjlink.Endpoint(device.address, device.pjlink_port or pjlink.PORT), password,
        pjlink.Patience(wait, wait, 2 * wait, float(device.spacing_s)),
        was_sent=task.sent_at is not None, attempts=task.attempts, device_id=device.id,
    )  # fmt: skip


def _is_overtaken(session: Session, task: ProjectorTask) -> bool:
    """Somebody switched off, it did not work at once, and meanwhile somebody switched on: it is not switched off then.

    A schedule that waits for the end of lessons is not overtaken by what happens in them.
    """
    later = select(ProjectorTask.command).where(
        ProjectorTask.device_id == task.device_id, ProjectorTask.id > task.id, ProjectorTask.state != REFUSED
    )
    return any(is_overtaken(COMMANDS[task.command], COMMANDS[word]) for word in session.scalars(later.distinct()))


def note_sending(session: Session, task_id: int, before: str, now: datetime) -> None:
    """Write down that it is about to be sent, and what was before."""
    task = session.get(ProjectorTask, task_id)
    if task is not None:
        task.sent_at = now
        task.before = task.before or before[:32]
        session.flush()


def end_task(session: Session, task_id: int, outcome: Outcome, now: datetime) -> None:
    """Write how a task went: finished, or put back for later."""
    task = session.get(ProjectorTask, task_id)
    if task is None:
        return
    task.claimed_at = None
    task.reason, task.detail, task.until = outcome.reason, outcome.detail[:300], outcome.until
    task.after = outcome.after[:32] or task.after
    if outcome.state == "later":
        task.state, task.not_before = WAITING, now + timedelta(seconds=outcome.after_s)
        task.step = outcome.step or task.step
    else:
        task.state, task.done_at = outcome.state, now
    session.flush()


def open_tasks(session: Session, device_ids: Sequence[int]) -> dict[int, ProjectorTask]:
    """Device id to its task that is not finished, for the marks on a list."""
    chosen = select(ProjectorTask).where(
        ProjectorTask.device_id.in_(device_ids), ProjectorTask.state.in_((WAITING, RUNNING))
    )
    return {task.device_id: task for task in session.scalars(chosen.order_by(ProjectorTask.id.desc()))}


FINISHED = (DONE, FAILED, REFUSED)
