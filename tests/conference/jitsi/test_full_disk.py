"""The answerer with a disk that takes nothing: rooms open, the newest schedule counts, nothing acknowledged goes."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from conference.jitsi import Desk, desk_file, drain_desk, refresh_desk
from conference.jitsi.answering import desk as desk_module
from tests.conference.jitsi.conftest import ROOM, meeting_row
from tests.conference.jitsi.test_events import event, rows, tell


class FullDisk:
    """A connection that reads, and refuses to write while `is_full`, as SQLite does on a full disk."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.is_full = True

    def execute(self, statement: str, values=()):
        if self.is_full and not statement.startswith("SELECT"):
            raise sqlite3.OperationalError("database or disk is full")
        return self._connection.execute(statement, values)

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def disk(desk):
    """The desk's file on a full disk."""
    desk.snapshot()
    desk._connection = FullDisk(desk._connection)
    return desk._connection


def test_what_was_acknowledged_is_kept_and_written_when_there_is_space(ask, desk, disk, database, now) -> None:
    for number in range(5):
        assert tell(ask, event("muc-occupant-joined", now, jid=f"aaaaaaa{number}-0000@x/y")).status == 200
    assert ask("POST", "/jitsi/conference", f"name={ROOM}".encode(), at=now).status == 200
    drain_desk(desk, database)
    assert rows(database) == []
    disk.is_full = False
    tell(ask, event("muc-occupant-joined", now, jid="bbbbbbbb-0000@x/y"))
    assert drain_desk(desk, database) >= 6
    assert len(rows(database)) == 6


def test_when_memory_is_full_too_the_server_is_asked_to_come_again(ask, desk, disk, now, monkeypatch) -> None:
    monkeypatch.setattr(desk_module, "MOST_WAITING", 3)
    answers = [tell(ask, event("muc-occupant-joined", now, jid=f"aaaaaaa{n}-0000@x/y")) for n in range(5)]
    assert [one.status for one in answers] == [200, 200, 200, 503, 503]
    assert json.loads(answers[4].body)["reason"] == "no_space"
    disk.is_full = False
    desk.spool("room", 1.0, "{}")
    assert not desk.is_full and len(desk.spooled(9)) == 4


def test_a_full_disk_hides_no_new_meeting_and_days_of_it_cost_no_memory(
    desk, disk, database, world, now, tmp_path
) -> None:
    with database.session() as session:
        session.add(meeting_row(world.unit.id, world.system.id, now + timedelta(minutes=30), room="moi-dat-lich"))
    for second in range(0, 60, 5):
        assert refresh_desk(desk, database, now + timedelta(seconds=second))
        assert (world.system.id, "moi-dat-lich") in desk.snapshot().bookings
    assert len(desk._unwritten) == 0
    disk.is_full = False
    assert refresh_desk(desk, database, now) and not refresh_desk(desk, database, now)
    other = Desk(desk_file(tmp_path))
    assert other.snapshot() == replace(desk.snapshot(), at=other.snapshot().at)
    other.close()
