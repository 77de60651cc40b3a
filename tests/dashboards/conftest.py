"""Fixtures of the pages' tests: an application on a fresh database, and people of every role."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from types import SimpleNamespace

import pytest
from flask import Flask
from web_person import CODE, PASSWORD, SECTIONS, Person

from core import (
    Database,
    NewToken,
    NewUser,
    Permission,
    Role,
    Scope,
    Session,
    create_token,
    create_user,
    load_settings,
    sqlite_url,
)
from dashboards import Services, create_app
from inventory import Device, Site, Unit, create_record
from telemetry import Ingest, LiveTable, SeriesRegistry, TelemetrySettings, open_store


@pytest.fixture
def services(database, vault, clock, tmp_path: Path):
    """The running parts, with an embedded sample store."""
    settings = load_settings(SECTIONS, environ={"EDUNOC_DATA_DIR": str(tmp_path)})
    registry, live = SeriesRegistry(database), LiveTable()
    registry.load()
    store = open_store(settings[TelemetrySettings], tmp_path, registry)
    ingest = Ingest(live, registry, store)
    yield Services(
        settings,
        database,
        vault,
        clock,
        registry=registry,
        live=live,
        store=store,
        ingest=ingest,
        first_start_code=CODE,
    )
    store.close()


@pytest.fixture
def fresh_app(services: Services) -> Flask:
    """An application that has never been started before."""
    app = create_app(services)
    app.testing = False
    return app


@pytest.fixture(scope="session")
def seeded(tmp_path_factory) -> tuple[Path, SimpleNamespace]:
    """A database file made once and copied for each test: a department, two schools below it with a site and a device
    each, and one person of each role; school staff belong to the first school."""
    folder = tmp_path_factory.mktemp("seeded")
    database = Database(sqlite_url(folder))
    database.create_all()
    with database.session() as session:
        found = _make_places(session)
        for role in Role:
            unit = found["unit1"] if role is Role.SCHOOL_STAFF else None
            create_user(session, NewUser(role.value, PASSWORD, role, unit_id=unit), datetime(2026, 11, 1, tzinfo=UTC))
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return folder / "edunoc.db", SimpleNamespace(**found)


def _make_places(session: Session) -> dict[str, int]:
    everything = Scope.everything()
    top = create_record(
        session, everything, Unit, {"code": "SO", "name": "Sở Giáo dục và Đào tạo", "kind": "department"}
    )
    found = {"top": top.id}
    for number in (1, 2):
        unit = create_record(
            session, everything, Unit, {"code": f"TH{number}", "name": f"Trường số {number}", "parent_id": top.id}
        )
        site = create_record(
            session, everything, Site, {"code": f"D{number}", "name": f"Điểm {number}", "unit_id": unit.id}
        )
        device = create_record(
            session, everything, Device, {"name": f"sw{number}", "site_id": site.id, "address": f"10.0.0.{number}"}
        )
        found |= {f"unit{number}": unit.id, f"site{number}": site.id, f"device{number}": device.id}
    return found


@pytest.fixture
def database(request, tmp_path: Path):
    """The seeded database's copy; an empty one for the tests of the first start."""
    is_fresh = "fresh_app" in request.fixturenames
    source = request.getfixturevalue("database_template") if is_fresh else request.getfixturevalue("seeded")[0]
    copyfile(source, tmp_path / "edunoc.db")
    database = Database(sqlite_url(tmp_path))
    yield database
    database.close()


@pytest.fixture
def places(seeded) -> SimpleNamespace:
    """Numbers of the units, sites and devices."""
    return seeded[1]


@pytest.fixture
def app(services: Services) -> Flask:
    """An application with somebody of each role."""
    app = create_app(services)
    app.testing = False
    return app


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
