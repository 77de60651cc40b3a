"""Models and migrations agree, on both databases; migrating keeps the data and lets one process do it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

import alerts
import collectors
import conference
import core
import core.database
import inventory
import playbooks
import telemetry
from core import Base, Database, DatabaseProblem, sqlite_url

ROOT = Path(__file__).parents[2]
# Importing them fills the metadata
WITH_TABLES = (core, inventory, telemetry, collectors, playbooks, alerts, conference)

PARENT = '''"""First."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0001", None, None, None


def upgrade() -> None:
    op.create_table("parent", sa.Column("id", sa.Integer, primary_key=True))
    op.create_table(
        "child", sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent_id", sa.Integer, sa.ForeignKey("parent.id", ondelete="CASCADE", name="fk_child_parent_id")),
    )
    op.execute("INSERT INTO parent VALUES (1)")
    op.execute("INSERT INTO child VALUES (7, 1)")
'''
CHANGE = '''"""Second."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None


def upgrade() -> None:
    with op.batch_alter_table("parent", recreate="{how}") as table:
        table.add_column(sa.Column("name", sa.String(10), server_default="x"))
    {more}
'''


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of migrations of its own, with the product's env.py."""
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text((core.database.MIGRATIONS / "env.py").read_text())
    (folder / "versions" / "0001_first.py").write_text(PARENT)
    monkeypatch.setattr(core.database, "MIGRATIONS", folder)
    return folder


def rows(database: Database, table: str) -> list[tuple]:
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}")]


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    """A database without tables, once of each kind."""
    with closing(Database(empty_url)) as database:
        yield database


def test_models_and_migrations_agree(empty: Database) -> None:
    """If this fails: `make migrations MESSAGE="what changed"`, look at the file, commit it with the model."""
    assert all(WITH_TABLES)
    empty.migrate()
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        difference = compare_metadata(context, Base.metadata)
    assert difference == []


def test_there_is_one_newest_revision(database: Database) -> None:
    current, newest = database.revisions()
    assert newest is not None and current == newest


def test_migrated_tables_are_the_models_tables(empty: Database) -> None:
    empty.migrate()
    found = set(inspect(empty.engine).get_table_names()) - {"alembic_version"}
    assert found == set(Base.metadata.tables)


def test_changing_a_parent_keeps_its_children(migrations: Path, empty: Database) -> None:
    """SQLite copies the parent and drops the old table: with foreign keys on, the children would be deleted."""
    empty.migrate()
    how = "always" if empty.engine.dialect.name == "sqlite" else "auto"
    (migrations / "versions" / "0002_second.py").write_text(CHANGE.format(how=how, more=""))
    empty.migrate()
    assert rows(empty, "parent") == [(1, "x")] and rows(empty, "child") == [(7, 1)]
    with empty.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_migration_that_leaves_orphans_is_undone(migrations: Path, tmp_path: Path) -> None:
    more = 'op.execute("DELETE FROM parent")'
    with closing(Database(sqlite_url(tmp_path))) as database:
        database.migrate()
        (migrations / "versions" / "0002_second.py").write_text(CHANGE.format(how="always", more=more))
        with pytest.raises(DatabaseProblem, match="undone"):
            database.migrate()
        assert rows(database, "parent") == [(1,)] and database.revisions() == ("0001", "0002")


def test_failed_migration_leaves_nothing_half_done(migrations: Path, empty: Database) -> None:
    empty.migrate()
    more = 'raise RuntimeError("in the middle")'
    (migrations / "versions" / "0002_second.py").write_text(CHANGE.format(how="auto", more=more))
    with pytest.raises(RuntimeError, match="in the middle"):
        empty.migrate()
    assert rows(empty, "parent") == [(1,)] and empty.revisions()[0] == "0001"


def test_processes_that_start_together_migrate_once(empty_url: str) -> None:
    program = f"from core import Database; import inventory; Database({empty_url!r}).migrate()"
    started = [
        subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _process in range(3)
    ]
    ended = [(process.communicate(timeout=60)[1], process.returncode) for process in started]
    assert ended == [("", 0)] * 3
