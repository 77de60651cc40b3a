"""Fixtures of the pages' tests: an application on a fresh database, and people of every role."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from alerts import AlertsSettings
from collectors import CollectorSettings
from core import NewToken, NewUser, Permission, Role, Scope, create_token, create_user, load_settings
from dashboards import DashboardsSettings, Services, create_app
from inventory import Device, Site, Unit, create_record
from telemetry import TelemetrySettings

SECTIONS = (AlertsSettings, CollectorSettings, DashboardsSettings, TelemetrySettings)
PASSWORD = "mot cau ngan de nho"
CODE = "AAAA-BBBB-CCCC"
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


@pytest.fixture
def services(database, vault, clock, tmp_path: Path) -> Services:
    """The running parts without measuring ones."""
    settings = load_settings(SECTIONS, environ={"EDUNOC_DATA_DIR": str(tmp_path)})
    return Services(settings, database, vault, clock, first_start_code=CODE)


@pytest.fixture
def fresh_app(services: Services) -> Flask:
    """An application that has never been started before."""
    app = create_app(services)
    app.testing = False
    return app


@pytest.fixture
def places(database) -> SimpleNamespace:
    """A department, two schools below it, a site and a device in each school."""
    everything = Scope.everything()
    with database.session() as session:
        top = create_record(session, everything, Unit, {"code": "SO", "name": "Sở Giáo dục và Đào tạo", "kind": "department"})
        found = {"top": top.id}
        for number in (1, 2):
            unit = create_record(session, everything, Unit, {"code": f"TH{number}", "name": f"Trường số {number}", "parent_id": top.id})
            site = create_record(session, everything, Site, {"code": f"D{number}", "name": f"Điểm {number}", "unit_id": unit.id})
            device = create_record(session, everything, Device, {"name": f"sw{number}", "site_id": site.id, "address": f"10.0.0.{number}"})
            found |= {f"unit{number}": unit.id, f"site{number}": site.id, f"device{number}": device.id}
    return SimpleNamespace(**found)


@pytest.fixture
def app(services: Services, database, now, places) -> Flask:
    """An application with one person of each role; school staff belong to the first school."""
    with database.session() as session:
        for role in Role:
            unit = places.unit1 if role is Role.SCHOOL_STAFF else None
            create_user(session, NewUser(role.value, PASSWORD, role, unit_id=unit), now)
    app = create_app(services)
    app.testing = False
    return app


class Person:
    """A browser that remembers the anti-forgery token of the page it saw last."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self._token = ""

    def get(self, path: str, **options):
        """Open a page."""
        answer = self.client.get(path, **options)
        found = TOKEN.search(answer.text) if answer.mimetype == "text/html" else None
        self._token = found.group(1) if found else self._token
        return answer

    def post(self, path: str, data: dict | None = None, **options):
        """Send a form with the token."""
        return self.client.post(path, data={**(data or {}), "csrf_token": self._token}, **options)

    def sign_in(self, username: str, password: str = PASSWORD):
        """Sign in by the form."""
        self.get("/sign-in")
        answer = self.post("/sign-in", {"username": username, "password": password})
        self.get("/account")
        return answer


@pytest.fixture
def stranger(app: Flask) -> Person:
    """Somebody who is not signed in."""
    return Person(app.test_client())


@pytest.fixture
def as_role(app: Flask) -> Callable[[Role], Person]:
    """Sign in as a role."""

    def enter(role: Role) -> Person:
        person = Person(app.test_client())
        assert person.sign_in(role.value).status_code == 302
        return person

    return enter


@pytest.fixture
def token(database, now) -> Callable[..., dict[str, str]]:
    """Make an API token; answers the header that carries it."""

    def make(*permissions: Permission, unit_id: int | None = None, word: str = "Bearer") -> dict[str, str]:
        with database.session() as session:
            _row, shown = create_token(session, NewToken("test", frozenset(permissions), unit_id=unit_id), now)
        return {"Authorization": f"{word} {shown}"}

    return make
