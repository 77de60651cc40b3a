"""Databases for the tests of core: each test of the contract runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from core import Database, passwords, sqlite_url
from tests.core.postgresql import running_postgresql

_numbers = count(1)
_real_hasher = passwords._hasher


@pytest.fixture
def real_hasher(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords at the cost that they have in the product; all other tests take the cheapest."""
    monkeypatch.setattr(passwords, "_hasher", _real_hasher)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """URL of a PostgreSQL server's maintenance database, for the whole session."""
    with running_postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_template(postgresql: str) -> str:
    """Name of a database with all tables; a copy of it takes a tenth of the time of making them."""
    _execute(postgresql, "CREATE DATABASE edunoc_template")
    with closing(Database(_beside(postgresql, "edunoc_template"))) as database:
        database.create_all()
    return "edunoc_template"


@pytest.fixture
def postgresql_url(postgresql: str) -> Iterator[str]:
    """URL of a fresh, empty PostgreSQL database."""
    with _fresh(postgresql, "template1") as url:
        yield url


@pytest.fixture
def postgresql_full_url(postgresql: str, postgresql_template: str) -> Iterator[str]:
    """URL of a fresh PostgreSQL database with all tables."""
    with _fresh(postgresql, postgresql_template) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database, once of each kind."""
    return sqlite_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgresql_url")


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with all tables, once of each kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("database")
        return
    with closing(Database(request.getfixturevalue("postgresql_full_url"))) as database:
        yield database


@contextmanager
def _fresh(server: str, template: str) -> Iterator[str]:
    name = f"edunoc_{next(_numbers)}"
    _execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield _beside(server, name)
    finally:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def _beside(server: str, name: str) -> str:
    return server.rsplit("/", 1)[0] + f"/{name}"


def _execute(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
