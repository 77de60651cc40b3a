"""Two workers on one real PostgreSQL: each command is carried out once, each schedule runs once a day."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from threading import Barrier

import pytest

from core import Database, Scope
from playbooks import projectors
from playbooks.projectors.carrying import Outcome
from playbooks.projectors.store.queue import claim_tasks, end_task
from playbooks.projectors.store.schedules import run_due_schedules
from playbooks.projectors.words import FAILED
from tests.core.postgresql import running_postgresql
from tests.playbooks.projectors.conftest import ZONE, School

WORKERS = 4


@pytest.fixture
def database() -> Iterator[Database]:
    """Instead of the shared fixture."""
    with running_postgresql() as url, closing(Database(url)) as database:
        database.create_all()
        yield database


def side_by_side(school: School, deed) -> list:
    """What `deed(session)` gave to each worker, all in transactions that were open at the same time."""
    gate = Barrier(WORKERS)

    def one(_worker: int):
        with school.database.session() as session:
            gate.wait(10)
            return deed(session)

    with ThreadPoolExecutor(WORKERS) as threads:
        return list(threads.map(one, range(WORKERS)))


def test_a_command_is_claimed_once(school: School) -> None:
    ids = [school.add(None, number=number) for number in range(1, 21)]
    first = school.order(ids, "off")
    second = school.order(ids, "on")
    claimed = [task for own in side_by_side(school, lambda s: claim_tasks(s, school.now, 30)) for task in own]
    assert sorted(claimed) == sorted(task.id for task in school.tasks(first))
    assert not any(side_by_side(school, lambda s: claim_tasks(s, school.now, 30)))
    # A worker that died: its claims are looked at again, by one of the others
    school.now += timedelta(minutes=3)
    again = [task for own in side_by_side(school, lambda s: claim_tasks(s, school.now, 30)) for task in own]
    assert sorted(again) == sorted(claimed)
    with school.database.session() as session:
        for task in claimed:
            end_task(session, task, Outcome(FAILED, "pjlink_timeout", "\N{RIGHT-TO-LEFT OVERRIDE}" * 400), school.now)
    then = [task for own in side_by_side(school, lambda s: claim_tasks(s, school.now, 30)) for task in own]
    assert sorted(then) == sorted(task.id for task in school.tasks(second))


def test_a_schedule_runs_once(school: School) -> None:
    school.add(None, number=1)
    raw = {"name": "Tan học", "place": f"unit:{school.unit_id}", "command": "off", "runs_at": "09:00",
           "days": "every_day", "is_enabled": "on"}  # fmt: skip
    with school.database.session() as session:
        projectors.save_schedule(session, Scope.everything(), raw, "quantri", school.now)
    ran = side_by_side(school, lambda s: run_due_schedules(s, school.now, ZONE, timedelta(minutes=15)))
    assert [len(orders) for orders in sorted(ran, key=len)] == [0, 0, 0, 1]
