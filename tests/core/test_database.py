"""The database of records keeps its promises on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from core import Database, DatabaseProblem, NewToken, NewUser, Permission, Role, StartError, refusal_of, sqlite_url
from core.models import ApiToken, Mark, User
from core.store import create_token, create_user, find_user, get_mark, list_users, set_mark

PERSON = NewUser("engineer", "mot cau dai de nho", Role.NETWORK_ENGINEER, full_name="Kỹ sư mạng")


def test_commits_when_the_block_ends_well(either: Database, now: datetime) -> None:
    with either.session() as session:
        create_user(session, PERSON, now)
    with either.reading() as session:
        user = find_user(session, "ENGINEER")
        assert user is not None and user.full_name == "Kỹ sư mạng"


def test_rolls_back_when_the_block_fails(either: Database, now: datetime) -> None:
    with pytest.raises(RuntimeError, match="half done"), either.session() as session:
        create_user(session, PERSON, now)
        raise RuntimeError("half done")
    with either.reading() as session:
        assert list_users(session) == []


def test_reading_session_keeps_nothing(either: Database) -> None:
    with either.reading() as session:
        set_mark(session, "x", "1")
        session.flush()
    with either.reading() as session:
        assert get_mark(session, "x") is None


def test_times_come_back_aware_and_in_utc(either: Database) -> None:
    hanoi = timezone(timedelta(hours=7))
    given = datetime(2026, 11, 23, 7, 45, 1, 234567, tzinfo=hanoi)
    with either.session() as session:
        create_user(session, PERSON, given)
    with either.reading() as session:
        user = find_user(session, "engineer")
        assert user is not None
        assert user.created_at == given and user.created_at.tzinfo is UTC


def test_time_without_a_zone_is_refused(either: Database) -> None:
    with pytest.raises((StatementError, ValueError), match="without a zone"), either.session() as session:
        create_user(session, PERSON, datetime(2026, 11, 23))  # noqa: DTZ001


def test_times_are_compared_as_moments(either: Database, now: datetime) -> None:
    with either.session() as session:
        create_user(session, PERSON, now)
        same_moment_elsewhere = now.astimezone(timezone(timedelta(hours=-5)))
        assert session.query(User).filter(User.created_at == same_moment_elsewhere).count() == 1
        assert session.query(User).filter(User.created_at > same_moment_elsewhere).count() == 0


def test_foreign_keys_are_enforced(either: Database, now: datetime) -> None:
    with pytest.raises(IntegrityError), either.session() as session:
        create_token(session, NewToken("probe", frozenset(), created_by=4711), now)


def test_deleted_creator_leaves_the_token(either: Database, now: datetime) -> None:
    with either.session() as session:
        user = create_user(session, PERSON, now)
        token, _shown = create_token(session, NewToken("probe", frozenset({Permission.VIEW}), created_by=user.id), now)
        token_id = token.id
    with either.session() as session:
        session.delete(session.get(User, user.id))
    with either.reading() as session:
        kept = session.get(ApiToken, token_id)
        assert kept is not None and kept.created_by is None


def test_writers_from_many_threads_wait_for_each_other(either: Database) -> None:
    """Read, then write in one transaction: without the lock taken at the beginning SQLite fails at once."""
    with either.session() as session:
        set_mark(session, "counter", "0")
    problems: list[BaseException] = []

    def add() -> None:
        try:
            for _turn in range(10):
                with either.session() as session:
                    mark = session.get(Mark, "counter", with_for_update=True)
                    assert mark is not None
                    mark.value = str(int(mark.value) + 1)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=add) for _thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    with either.reading() as session:
        assert get_mark(session, "counter") == "80"


def test_reader_beside_a_writer_is_not_held_up(either: Database) -> None:
    with either.session() as writing:
        set_mark(writing, "x", "new")
        writing.flush()
        with either.reading() as reading:
            assert get_mark(reading, "x") is None


def test_sqlite_is_set_up_for_a_server(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path))
    with database.engine.connect() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                 for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")}
    database.close()
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 1, "busy_timeout": 30_000}


def test_migrating_twice_changes_nothing(empty_url: str) -> None:
    database = Database(empty_url)
    database.migrate()
    first = database.revisions()
    database.migrate()
    assert database.revisions() == first and first[0] == first[1]
    database.close()


def test_tables_of_a_newer_edunoc_are_refused(empty_url: str) -> None:
    database = Database(empty_url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('9999')")
    with pytest.raises(DatabaseProblem, match="newer EduNOC"):
        database.migrate()
    database.close()


def test_unreachable_database_says_what_to_do_and_hides_the_password() -> None:
    database = Database("postgresql+psycopg://edunoc:very-secret@127.0.0.1:1/edunoc")
    with pytest.raises(DatabaseProblem, match="EDUNOC_DATABASE_URL") as caught:
        database.migrate()
    database.close()
    assert "very-secret" not in str(caught.value) and isinstance(caught.value, StartError)


@pytest.mark.parametrize("url", ["nonsense", "oracle9://u:very-secret@host/x", "postgresql://u:very-secret@h:port/x"])
def test_wrong_url_is_told_without_its_password(url: str) -> None:
    with pytest.raises(DatabaseProblem, match="postgresql://user:password@host") as caught:
        Database(url)
    assert "very-secret" not in str(caught.value) and caught.value.__cause__ is None


def test_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "edunoc.db").write_bytes(b"this was a spreadsheet once" * 100)
    database = Database(sqlite_url(tmp_path))
    with pytest.raises(DatabaseProblem, match="cannot be opened"):
        database.migrate()
    database.close()


def test_missing_folder_is_told(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "missing"))
    with pytest.raises(DatabaseProblem, match="data folder exists"):
        database.migrate()
    database.close()


def test_a_group_of_refusals_is_a_refusal_and_a_defect_in_it_is_none() -> None:
    full = OperationalError("INSERT", {}, Exception("database or disk is full"))
    assert refusal_of(ExceptionGroup("loop", [full, full])).reason == "disk_full"
    assert refusal_of(ExceptionGroup("loop", [full, ValueError("ours")])) is None
