"""A meeting system whose servers all answer on one loopback address, and the worker that sends orders to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from core import Database, Session, Vault, pjlink
from inventory import MeetingServer, MeetingSystem
from inventory.meeting_secrets import KeyPair, new_key_pair
from playbooks import MeetingOrder, PlaybooksSettings, meetings
from playbooks.meetings.work import MeetingWork
from playbooks.projectors.work import Bench
from tests.playbooks.meetings.servers import Installation, Served
from tests.waiting import wait_until_async

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
KINDS = {"prosody": "prosody", "jicofo": "jicofo", "jvb": "jvb-1", "jibri": "jibri-1"}


@dataclass
class Desk:
    """What the tests hold: the database, the installation, orders."""

    database: Database
    vault: Vault
    installation: Installation
    system_id: int
    servers: dict[str, int]
    settings: PlaybooksSettings = field(
        default_factory=lambda: PlaybooksSettings(recorder_password="test-recorder-password")
    )
    now: datetime = NOW

    def clock(self) -> datetime:
        return self.now

    def command(self, verb: str, **values) -> meetings.Command:
        target = meetings.VERBS[verb].target
        given = {"reason": "thử nghiệm", "meeting_id": 7, "room": self.installation.room,
                 "server_id": self.servers[target] if "server" in meetings.VERBS[verb].needs else None}  # fmt: skip
        return meetings.Command(verb, self.system_id, **{**given, **values})

    def order(self, verb: str, **values) -> int:
        with self.database.session() as session:
            return meetings.order(session, self.command(verb, **values), "ky-thuat", self.now, self.settings).id

    def get(self, order_id: int) -> MeetingOrder:
        with self.database.reading() as session:
            found = meetings.get_order(session, order_id)
            session.expunge(found)
            return found

    async def until(self, order_id: int, state: str, reason: str | None = None) -> MeetingOrder:
        def there() -> MeetingOrder | None:
            found = self.get(order_id)
            return found if found.state == state and reason in (None, found.failure) else None

        return await wait_until_async(there, 10, f"{state} {reason}")

    def write(self, work: Callable[[Session], None]) -> None:
        with self.database.session() as session:
            work(session)


@pytest.fixture(scope="session")
def control_keys() -> KeyPair:
    return new_key_pair("edunoc-system", NOW)


@pytest.fixture(scope="session")
def _served() -> Iterator[tuple[Installation, Served]]:
    installation = Installation()
    served = Served(installation)
    yield installation, served
    served.close()


@pytest.fixture
def desk(database: Database, vault: Vault, control_keys: KeyPair, _served) -> Desk:
    installation, served = _served
    for name, value in vars(Installation(public_key=control_keys.public)).items():
        setattr(installation, name, value)  # one server for all tests; each begins with a fresh state
    with database.session() as session:
        sealed = vault.seal(json.dumps({"system_key": control_keys.private.reveal()}))
        system = MeetingSystem(
            name="Jitsi", public_url="https://meet.example.edu.vn", domain="meet.example.edu.vn", sealed=sealed,
            system_key_id=control_keys.kid,
        )  # fmt: skip
        session.add(system)
        session.flush()
        servers = {kind: MeetingServer(system_id=system.id, kind=kind, name=name, url=served.url)
                   for kind, name in KINDS.items()}  # fmt: skip
        session.add_all(servers.values())
        session.flush()
        return Desk(database, vault, installation, system.id, {kind: one.id for kind, one in servers.items()})


@pytest.fixture
async def work(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[], None]]:
    """Start the loop; it ends with the test."""
    monkeypatch.setattr("playbooks.meetings.work.TICK_S", 0.02)
    running: list[tuple[asyncio.Task, Bench]] = []

    def begin() -> None:
        bench = Bench(desk.database, desk.vault, desk.settings, desk.clock, "Asia/Ho_Chi_Minh", pjlink.Switchboard())
        running.append((asyncio.create_task(MeetingWork(bench).run()), bench))

    yield begin
    for task, bench in running:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        bench.threads.shutdown(wait=True)
