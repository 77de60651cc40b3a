"""Fixtures of the kiosk's tests: endpoints with a paired browser, an inbox that writes when asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest

from conference.kiosk import Inbox, Taken, make_code, redeem, sign, take_heartbeat
from core import Database, Secret, Vault
from inventory import Endpoint
from telemetry import Batch, SeriesRegistry
from tests.conference import world


@dataclass
class Page:
    """A kiosk page of the test: signs as the real one does."""

    database: Database
    vault: Vault
    inbox: Inbox
    code: str
    endpoint_id: int
    secret: Secret
    number: int = 0

    def request(self, body: bytes, now: datetime, **changes) -> tuple[dict[str, str], bytes, str]:
        """What it sends."""
        self.number += 1
        at_ms, number = changes.get("at_ms", int(now.timestamp() * 1000)), changes.get("number", self.number)
        signature = sign(changes.get("secret", self.secret), at_ms, number, body)
        headers = {"X-EduNOC-Endpoint": changes.get("code", self.code), "X-EduNOC-Time": str(at_ms),
                   "X-EduNOC-Number": str(number), "X-EduNOC-Signature": signature}
        return headers, body, "10.1.2.3"

    def beat(self, now: datetime, said: dict | bytes | None = None, **changes) -> Taken:
        """Send a heartbeat; it is not written yet."""
        body = said if isinstance(said, bytes) else json.dumps(said or {"state": "waiting"}).encode()
        with self.database.reading() as session:
            return take_heartbeat(self.inbox, session, self.vault, self.request(body, now, **changes), now)

    def say(self, now: datetime, said: dict | None = None, **changes) -> Taken:
        """Send a heartbeat that must be taken, and have it written."""
        taken = self.beat(now, said, **changes)
        assert taken.reason == "", taken
        self.inbox.flush()
        return taken


@pytest.fixture
def registry(database) -> SeriesRegistry:
    """The series."""
    registry = SeriesRegistry(database)
    registry.load()
    return registry


@pytest.fixture
def batches() -> list[Batch]:
    """The samples that were handed over."""
    return []


@pytest.fixture
def inbox(database, registry, batches) -> Iterator[Inbox]:
    """An inbox that writes when `flush` is called, or after an hour."""
    inbox = Inbox(database, registry, batches.append, every_s=3600)
    yield inbox
    inbox.close()


@pytest.fixture
def pair(database, vault, inbox, now) -> Callable[[Endpoint], Page]:
    """Pair a page with an endpoint."""

    def do(endpoint: Endpoint) -> Page:
        with database.session() as session:
            code = make_code(session, session.get(Endpoint, endpoint.id), "ky-thuat", now)
            paired = redeem(session, vault, code, "Chromium", now)
        assert not isinstance(paired, str)
        return Page(database, vault, inbox, endpoint.code, endpoint.id, paired.secret)

    return do


@pytest.fixture
def endpoint(database) -> Endpoint:
    """An endpoint of a school."""
    with database.session() as session:
        return world.an_endpoint(session, name="Điểm cầu THCS số 12")


@pytest.fixture
def page(pair, endpoint) -> Page:
    """Its paired page."""
    return pair(endpoint)
