"""The answerer's own small file: the newest snapshot, the rooms that are open, and what waits for the main database.

SQLite beside the main database and independent of it. Whatever cannot be written is kept in memory and tried again, so
that a full disk or a locked folder stops no meeting.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from conference.jitsi.answering.booking import Snapshot, from_json, to_json
from conference.jitsi.answering.reserving import OpenRoom

log = structlog.get_logger(__name__)
MOST_WAITING = 20_000  # events in memory while nothing can be written: some 20 MB, the joining of 30 large meetings
BUSY_MS = 40  # an answer is due within 200 ms, and one may wait for the file three times
_TABLES = """
CREATE TABLE IF NOT EXISTS snapshot (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER, at REAL, content TEXT);
CREATE TABLE IF NOT EXISTS room (number TEXT PRIMARY KEY, system_id INTEGER, meeting_id INTEGER, room TEXT, name TEXT,
    mail_owner TEXT, opened REAL, closed REAL);
CREATE TABLE IF NOT EXISTS spool (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT, at REAL, content TEXT);
"""


def desk_file(data_dir: Path) -> Path:
    """Where the file stands: in a folder of its own, so that the answerer needs the right to write there alone."""
    return data_dir / "meetings" / "desk.db"


class Desk:
    """The file, opened when first needed. Safe between threads and between processes."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._snapshot: tuple[int, Snapshot] | None = None
        self._rooms: dict[str, OpenRoom] = {}   # newest word on each room of this process
        self._unwritten: list[tuple[str, tuple[Any, ...]]] = []
        self._is_failing = False
        self._is_ahead = False      # the snapshot in memory is newer than the file's
        self.looked_at = datetime.min.replace(tzinfo=UTC)  # when somebody of this process made a snapshot last

    def close(self) -> None:
        """Close the file; what could not be written is lost."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    # ---- the snapshot

    def snapshot(self) -> Snapshot | None:
        """The newest snapshot that anybody wrote; the one in memory while the file cannot be read; None before any."""
        with self._lock:
            known = self._snapshot[0] if self._snapshot else 0
            rows = self._read("SELECT version, at FROM snapshot WHERE version <> ?", (known,))
            if rows:
                found = self._read("SELECT version, at, content FROM snapshot", ())
                if found:
                    version, at, content = found[0]
                    self._snapshot = (version, from_json(at, content))
            return self._snapshot[1] if self._snapshot else None

    def put_snapshot(self, snapshot: Snapshot) -> bool:
        """Keep a snapshot; answers whether anything changed. One that changed nothing costs one look."""
        content = to_json(snapshot)
        with self._lock:
            rows = self._read("SELECT content, version FROM snapshot", ())
            if rows and rows[0][0] == content:
                if self._is_ahead:
                    self._snapshot, self._is_ahead = None, False
                return False
            self._write(
                "INSERT INTO snapshot (id, version, at, content) VALUES (1, 1, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                " version = version + 1, at = excluded.at, content = excluded.content", (snapshot.at, content),
                is_kept=False,
            )
            if self._is_failing:
                # A full disk can still be read: under the file's version, this one is not replaced by the older there
                self._snapshot = (rows[0][1] if rows else 0, from_json(snapshot.at, content))
                self._is_ahead = True
            return True

    # ---- rooms that are open

    def open_room_of(self, system_id: int, room: str) -> OpenRoom | None:
        """The open room of a name, the newest when there are several."""
        with self._lock:
            return max((one for one in self._all_rooms() if one.closed is None and (one.system_id, one.room)
                        == (system_id, room)), key=lambda one: one.opened, default=None)

    def room_of_number(self, system_id: int, number: str) -> OpenRoom | None:
        """The room that was told this number, open or closed."""
        with self._lock:
            return next((one for one in self._all_rooms() if (one.system_id, one.number) == (system_id, number)), None)

    def keep_room(self, room: OpenRoom) -> None:
        """Remember an opened or closed room, and put it into the spool for the main database."""
        with self._lock:
            self._rooms[room.number] = room
            self._write(
                "INSERT INTO room VALUES (:number, :system_id, :meeting_id, :room, :name, :mail_owner, :opened,"
                " :closed) ON CONFLICT (number) DO UPDATE SET closed = excluded.closed", asdict(room),
            )
            self.spool("room", room.closed or room.opened, to_text(asdict(room)))

    def forget_rooms(self, before: float) -> None:
        """Forget rooms that were opened before this moment."""
        with self._lock:
            self._rooms = {number: room for number, room in self._rooms.items() if room.opened >= before}
            if self._read("SELECT 1 FROM room WHERE opened < ? LIMIT 1", (before,)):
                self._write("DELETE FROM room WHERE opened < ?", (before,), is_kept=False)

    def _all_rooms(self) -> Iterable[OpenRoom]:
        rows = self._read("SELECT number, system_id, meeting_id, room, name, mail_owner, opened, closed FROM room", ())
        return {**{row[0]: OpenRoom(*row) for row in rows}, **(self._rooms if self._is_failing else {})}.values()

    # ---- the spool

    def spool(self, kind: str, at: float, content: str) -> None:
        """Put something aside for the main database."""
        self._write("INSERT INTO spool (kind, at, content) VALUES (?, ?, ?)", (kind, at, content))

    def spooled(self, limit: int) -> list[tuple[int, str, float, str]]:
        """The oldest entries: (id, kind, at, content)."""
        with self._lock:
            return self._read("SELECT id, kind, at, content FROM spool ORDER BY id LIMIT ?", (limit,))

    def unspool(self, ids: Sequence[int]) -> None:
        """Take entries away that the main database has."""
        if ids:
            self._write("DELETE FROM spool WHERE id BETWEEN ? AND ?", (min(ids), max(ids)), is_kept=False)

    def forget_spooled(self, before: float) -> int:
        """Give up entries from before this moment, which the main database never took; how many."""
        with self._lock:
            old = self._read("SELECT count(*) FROM spool WHERE at < ?", (before,))
            if old and old[0][0]:
                self._write("DELETE FROM spool WHERE at < ?", (before,), is_kept=False)
            return old[0][0] if old else 0

    # ---- the file

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self._file.exists():
                self._file.touch(mode=0o600)  # who meets whom is nobody else's business
            try:
                self._connection = self._connect()
            except sqlite3.OperationalError:
                raise  # locked, full, not ours to write: it may pass
            except sqlite3.DatabaseError as error:
                log.warning("the answerer's file was damaged and is put aside", error=str(error))
                self._file.replace(self._file.with_suffix(".damaged"))
                self._connection = self._connect()
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=BUSY_MS / 1000, check_same_thread=False, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.executescript(_TABLES)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _read(self, query: str, values: Any) -> list[tuple[Any, ...]]:
        try:
            return self._opened().execute(query, values).fetchall()
        except (sqlite3.Error, OSError) as error:
            self._note_failure(error)
            return []

    @property
    def is_full(self) -> bool:
        """Whether so much waits in memory for the file that nothing more can be promised."""
        return len(self._unwritten) >= MOST_WAITING

    def _write(self, statement: str, values: Any, *, is_kept: bool = True) -> None:
        """Write, or keep it in memory until that works; not `is_kept`: whoever asked asks again anyway."""
        with self._lock:
            entry = (statement, values)
            self._unwritten.append(entry)
            try:
                connection = self._opened()
                while self._unwritten:
                    connection.execute(*self._unwritten[0])
                    self._unwritten.pop(0)
            except (sqlite3.Error, OSError) as error:
                self._note_failure(error)
                if not is_kept and self._unwritten[-1] is entry:
                    self._unwritten.pop()
                return
            if self._is_failing:
                self._is_failing = False
                log.info("the answerer's file can be written again")

    def _note_failure(self, error: Exception) -> None:
        if not self._is_failing:
            log.warning("the answerer's file cannot be used; it goes on from memory", error=str(error))
        self._is_failing = True


def to_text(values: dict[str, Any]) -> str:
    """JSON of plain values in ASCII: nothing in it can harm what stores or prints it."""
    return json.dumps(values)
