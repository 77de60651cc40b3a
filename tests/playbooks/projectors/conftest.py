"""A school with rooms and pretended projectors, and the worker that carries commands out on them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from core import Database, Scope, Vault, pjlink
from deploy.demo.pjlink import Door, Fittings, PjlinkServer, Projector
from inventory import Device, Room, RoomUse, Site, Unit, touch_inventory
from playbooks import PlaybooksSettings, ProjectorOrder, ProjectorTask, projectors
from playbooks.projectors.work import Bench, ProjectorWork
from tests.waiting import wait_until_async

ZONE = "Asia/Ho_Chi_Minh"


@dataclass
class School:
    """One site with two rooms; moves its own clock."""

    database: Database
    vault: Vault
    now: datetime
    unit_id: int = 0
    site_id: int = 0
    rooms: list[int] = field(default_factory=list)
    board: pjlink.Switchboard = field(default_factory=pjlink.Switchboard)
    settings: PlaybooksSettings = field(default_factory=lambda: PlaybooksSettings(projector_cooling_s=30))

    def clock(self) -> datetime:
        return self.now

    def door(self, power: str = "1", **options) -> Door:
        fittings = options.pop("fittings", None) or Fittings(warm_s=20, cool_s=60)
        return Door(Projector(lambda: self.now.timestamp(), fittings, power=power), **options)

    def add(self, door: Door | None, room: int | None = 0, **values) -> int:
        with self.database.session() as session:
            number = values.pop("number", door.port if door else 0)
            row = {"address": door.host if door else "127.0.0.1", "pjlink_port": door.port if door else 4352, **values}
            device = Device(
                site_id=self.site_id, name=f"Máy chiếu {number}", kind="projector", timeout_s=0.5,
                room_id=self.rooms[room] if room is not None else None, **row,
            )  # fmt: skip
            session.add(device)
            session.flush()
            touch_inventory(session)
            return device.id

    def use(self, purpose: str, minutes: tuple[int, int], room: int | None = None, title: str = "Thi học kỳ I") -> None:
        with self.database.session() as session:
            session.add(RoomUse(
                site_id=self.site_id, room_id=self.rooms[room] if room is not None else None, name=title,
                purpose=purpose, starts_at=self.now + timedelta(minutes=minutes[0]),
                ends_at=self.now + timedelta(minutes=minutes[1]),
            ))  # fmt: skip

    def preview(self, ids: list[int], word: str, argument: str = "", scheduled: bool = False):
        with self.database.reading() as session:
            targets = projectors.targets_of(session, Scope.everything(), ids)
            rules = projectors.Rules(word, scheduled)
            return projectors.preview_order(session, targets, (word, argument), rules, (self.now, ZONE))

    def order(self, ids: list[int], word: str, argument: str = "", actor: str = "co-giao") -> int:
        found = self.preview(ids, word, argument)
        with self.database.session() as session:
            return projectors.place_order(session, found, projectors.Wish(actor), self.now).id

    def tasks(self, order_id: int) -> list[ProjectorTask]:
        with self.database.reading() as session:
            return [line.task for line in projectors.lines_of_order(session, Scope.everything(), order_id)]

    def task(self, order_id: int) -> ProjectorTask:
        (only,) = self.tasks(order_id)
        return only

    def get_order(self, order_id: int) -> ProjectorOrder:
        with self.database.reading() as session:
            return projectors.get_order(session, Scope.everything(), order_id)

    async def until(self, order_id: int, state: str, reason: str | None = None) -> ProjectorTask:
        def there() -> ProjectorTask | None:
            task = self.task(order_id)
            return task if task.state == state and reason in (None, task.reason) else None

        return await wait_until_async(there, 10, f"{state} {reason}")


@pytest.fixture
def school(database: Database, vault: Vault) -> School:
    with database.session() as session:
        unit = Unit(name="Sở Giáo dục", kind="department", code="SO", path="/1/")
        session.add(unit)
        session.flush()
        site = Site(unit_id=unit.id, name="THPT số 1", code="T1")
        session.add(site)
        session.flush()
        rooms = [Room(site_id=site.id, name=f"Phòng {n}", code=f"P{n}", kind=kind)
                 for n, kind in ((1, "classroom"), (2, "meeting"))]  # fmt: skip
        session.add_all(rooms)
        session.flush()
        now = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)  # a Wednesday, 09:00 in Hà Nội
        return School(database, vault, now, unit.id, site.id, [room.id for room in rooms])


@pytest.fixture
async def work(school: School, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[], ProjectorWork]]:
    """Start the loop; it ends with the test."""
    monkeypatch.setattr("playbooks.projectors.work.TICK_S", 0.02)
    monkeypatch.setattr("playbooks.projectors.work.SCHEDULES_EVERY_S", 0.05)
    running: list[tuple[asyncio.Task, Bench]] = []

    def begin() -> ProjectorWork:
        bench = Bench(school.database, school.vault, school.settings, school.clock, ZONE, school.board)
        one = ProjectorWork(bench)
        running.append((asyncio.create_task(one.run()), bench))
        return one

    yield begin
    for task, bench in running:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        bench.threads.shutdown(wait=True)


@pytest.fixture
async def server() -> AsyncIterator[PjlinkServer]:
    async with PjlinkServer([]) as found:
        yield found


