"""Fixtures that every room's tests share."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from core import Database, Vault, set_language, sqlite_url  # noqa: E402


@pytest.fixture(autouse=True)
def _vietnamese() -> None:
    """Each test starts in the default language, whatever the one before it chose."""
    set_language("vi")


@pytest.fixture
def database(tmp_path: Path):
    """A fresh SQLite database with the tables of every imported model."""
    database = Database(sqlite_url(tmp_path))
    database.create_all()
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
