"""Fixtures that every room's tests share."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile

import pytest
import structlog
from argon2 import PasswordHasher
from hypothesis import settings

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from core import Database, Vault, passwords, set_language, sqlite_url  # noqa: E402
from core.database import sqlite_file  # noqa: E402

# How long one example takes says something about the machine's other work, nothing about the code
settings.register_profile("edunoc", deadline=None)
settings.load_profile("edunoc")

_plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords():
    """Argon2id with the least memory and time: its real cost is tried in tests/core, not at every sign-in."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda: cheap)
        yield


@pytest.fixture(autouse=True)
def _plain_logs() -> None:
    """structlog's own default draws the variables of every frame of an error: seconds for one with a province in it."""
    structlog.configure(processors=[structlog.processors.add_log_level, _plain])


@pytest.fixture(autouse=True)
def _vietnamese() -> None:
    """Each test starts in the default language, whatever the one before it chose."""
    set_language("vi")


@pytest.fixture(scope="session")
def database_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables; copying it takes a twentieth of the time of making them."""
    folder = tmp_path_factory.mktemp("template")
    with closing(Database(sqlite_url(folder))) as database:
        database.create_all()
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return sqlite_file(folder)


@pytest.fixture
def database(database_template: Path, tmp_path: Path):
    """A fresh SQLite database with the tables of every imported model."""
    copyfile(database_template, sqlite_file(tmp_path))
    database = Database(sqlite_url(tmp_path))
    yield database
    database.close()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A vault with a key file of its own."""
    return Vault.open_or_create(tmp_path / "secret.key")


@pytest.fixture
def now() -> datetime:
    """A school morning: Monday 07:45 in Viet Nam."""
    return datetime(2026, 11, 23, 0, 45, tzinfo=UTC)


@pytest.fixture
def clock(now: datetime):
    """A clock that stands still at `now`."""
    return lambda: now
