"""The database of records: SQLite in WAL mode by default, PostgreSQL by URL; sessions and migrations.

Samples are not kept here (telemetry has its own store).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import DateTime, MetaData, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from core.failure import OutsideFailure, StartError, TryLater

MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 20488  # any number of ours: PostgreSQL's advisory lock while one process migrates


class DatabaseProblem(StartError):
    """The database cannot be reached, or its tables belong to a newer EduNOC."""


class Base(DeclarativeBase):
    """Mother of all tables. Constraint names are fixed by rule, so that migrations can name them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UTCDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC; SQLite keeps no zone, so the zone is taken off and put back here."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored; use an aware datetime")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Database:
    """One engine and its sessions."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _make_engine(url)
        # SQLite: a transaction that reads first and writes later fails with SQLITE_BUSY when somebody wrote in
        # between, whatever the timeout. Writers therefore take the write lock at their beginning.
        writing = self.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        self._writing = sessionmaker(writing, expire_on_commit=False)
        self._reading = sessionmaker(self.engine, expire_on_commit=False)

    def new_session(self, is_writing: bool = True) -> Session:
        """A session whose owner commits and closes it."""
        return self._writing() if is_writing else self._reading()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that may write: commits when the block ends well, rolls back when it does not. Keep it short."""
        with self._writing() as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads, beside any writer."""
        with self._reading() as session:
            yield session

    def create_all(self) -> None:
        """All tables of the imported models at once, marked as the newest revision: for tests."""
        with self.engine.begin() as connection:
            Base.metadata.create_all(connection)
            MigrationContext.configure(connection).stamp(ScriptDirectory.from_config(_alembic()), "head")

    def migrate(self) -> None:
        """Bring the tables to the newest revision; does nothing when they are there already. Raises DatabaseProblem.

        Of several processes that start together one migrates, the others wait for it.
        """
        current, newest = self.revisions()
        if current == newest:
            return
        if current is not None and not _is_known(current):
            raise DatabaseProblem(
                f"The database was last used by a newer EduNOC (revision {current}; this one knows up to {newest})."
                " Start the newer EduNOC again, or restore the backup made before the upgrade."
            )
        with self._migrating() as connection:
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def _migrating(self) -> Iterator[Connection]:
        """A transaction that nobody else can migrate beside."""
        with self.engine.connect().execution_options(sqlite_begin="BEGIN IMMEDIATE") as connection:
            if connection.dialect.name != "sqlite":
                with connection.begin():
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
                    yield connection
                return
            # SQLite changes a table by copying it, and dropping the old one would delete the children by their
            # foreign keys. The pragma counts only outside a transaction: on the driver's connection, before BEGIN.
            driver = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    yield connection
                    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                    if orphans:
                        raise DatabaseProblem(
                            f"The migration was undone: it would leave {len(orphans)} rows without the row that they"
                            f" belong to (first: {tuple(orphans[0])})."
                        )
            finally:
                driver.execute("PRAGMA foreign_keys=ON")

    def revisions(self) -> tuple[str | None, str | None]:
        """(revision of the tables, newest revision known to the code). Raises DatabaseProblem when out of reach."""
        try:
            with self.engine.connect() as connection:
                current = MigrationContext.configure(connection).get_current_revision()
        except DBAPIError as error:
            raise DatabaseProblem(_unreachable(self.engine, error)) from error
        return current, ScriptDirectory.from_config(_alembic()).get_current_head()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def insert_missing(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert those of the rows whose key nobody has taken yet, not even a writer beside us (PostgreSQL has such).

    Writers of several rows at once bring them in the same order, so that none waits for the other in a circle.
    """
    own = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    if rows:
        session.execute(own.insert(model).on_conflict_do_nothing(), [dict(row) for row in rows])


def refusal_of(error: BaseException) -> OutsideFailure | None:
    """What it means that the database takes or gives nothing at present: disk_full, database_busy, database_away.

    None for every other error, which is a defect of ours. A group of errors is a refusal when all in it are.
    """
    if isinstance(error, BaseExceptionGroup):
        inner = [refusal_of(one) for one in error.exceptions]
        return inner[0] if all(inner) else None
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    text = str(error.orig).strip()
    if "disk is full" in text or "No space left" in text:
        return TryLater("disk_full", text)
    is_busy = "database is locked" in text or "database is busy" in text
    return TryLater("database_busy" if is_busy else "database_away", text)


def sqlite_url(data_dir: Path) -> str:
    """The URL of the database file in a data folder."""
    return f"sqlite:///{sqlite_file(data_dir)}"


def sqlite_file(data_dir: Path) -> Path:
    """The database file in a data folder."""
    return data_dir / "edunoc.db"


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _is_known(revision: str) -> bool:
    return any(script.revision == revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions())


def _unreachable(engine: Engine, error: DBAPIError) -> str:
    place = engine.url.render_as_string(hide_password=True)
    reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    if engine.dialect.name == "sqlite":
        return (
            f"The database {place} cannot be opened: {reason}. See that the data folder exists, is on a healthy disk"
            " with free space, and may be written by EduNOC's user."
        )
    return (
        f"The database {place} cannot be used: {reason}. See that PostgreSQL runs, and that address, user, password and"
        " database name in EDUNOC_DATABASE_URL are right."
    )


def _make_engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        try:
            return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10)
        except (ArgumentError, NoSuchModuleError, ValueError):
            # from None: the original error quotes the URL with its password
            raise DatabaseProblem(
                "EDUNOC_DATABASE_URL is not a database address. It looks like"
                " postgresql://user:password@host:5432/edunoc; leave it empty for SQLite in the data folder."
            ) from None
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # The driver must not open transactions behind our back: a reader that turns writer inside a deferred
        # transaction gets SQLITE_BUSY at once, whatever the timeout.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA busy_timeout=30000")
        cursor.execute("PRAGMA cache_size=-32768")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))

    return engine
