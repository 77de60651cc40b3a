"""Databases for the tests of core: each test of the contract runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from core import Database, sqlite_url
from tests.core.postgresql import running_postgresql

_numbers = count(1)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """URL of a PostgreSQL server's maintenance database, for the whole session."""
    with running_postgresql() as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql: str) -> Iterator[str]:
    """URL of a fresh, empty PostgreSQL database."""
    name = f"edunoc_{next(_numbers)}"
    server = create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield postgresql.rsplit("/", 1)[0] + f"/{name}"
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database, once of each kind."""
    return sqlite_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgresql_url")


@pytest.fixture
def either(empty_url: str) -> Iterator[Database]:
    """A database with all tables, once of each kind."""
    database = Database(empty_url)
    database.create_all()
    yield database
    database.close()
