"""The loop that keeps the answerer's file and the main database together: a new snapshot out, the spool in."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from conference.bench import Bench, Loop
from conference.jitsi.answering import Desk, EventFact, EventProblem, OpenRoom, desk_file, read_event
from conference.jitsi.store import close_stale_rooms, has_stale_rooms, keep_events, keep_rooms, make_snapshot
from core import Database, Session, refusal_of
from inventory import note_told

log = structlog.get_logger(__name__)
BATCH = 500
LOOK_EVERY = timedelta(seconds=5)
REMEMBERED = timedelta(days=2)  # rooms that were opened longer ago are over
_desks: dict[Path, Desk] = {}
_lock = threading.Lock()


def desk_of(data_dir: Path) -> Desk:
    """The one desk of this process for a data folder."""
    with _lock:
        file = desk_file(data_dir)
        if file not in _desks:
            _desks[file] = Desk(file)
        return _desks[file]


def ready_desk(data_dir: Path, database: Database, now: datetime) -> Desk:
    """The desk of a data folder, with a first snapshot when nobody has made one and the database answers."""
    desk = desk_of(data_dir)
    if desk.snapshot() is None:
        try:
            refresh_desk(desk, database, now)
        except Exception as error:
            if refusal_of(error) is None:
                raise
    return desk


def refresh_desk(desk: Desk, database: Database, now: datetime) -> bool:
    """Bring the answerer's snapshot up to date; True when something changed. Database errors are the caller's."""
    with database.reading() as session:
        snapshot = make_snapshot(session, now)
    desk.forget_rooms((now - REMEMBERED).timestamp())
    desk.looked_at = now
    return desk.put_snapshot(snapshot)


def drain_desk(desk: Desk, database: Database) -> int:
    """Bring what waits in the spool into the main database, in batches; how many entries."""
    taken = 0
    while entries := desk.spooled(BATCH):
        with database.session() as session:
            _keep(session, entries)
        desk.unspool([entry[0] for entry in entries])  # after the commit: twice is harmless, never is not
        taken += len(entries)
        if len(entries) < BATCH:
            break
    return taken


def _keep(session: Session, entries: list[tuple[int, str, float, str]]) -> None:
    events: list[tuple[EventFact, datetime]] = []
    rooms: list[OpenRoom] = []
    for _number, kind, at, content in entries:
        values: dict[str, Any] = json.loads(content)
        if kind == "event":
            try:
                fact = read_event(values["system_id"], values["name"], values["payload"])
            except EventProblem as problem:
                log.warning("an event of the spool is left out", reason=problem.reason)
                continue
            events.append((fact, datetime.fromtimestamp(at, UTC)))
        elif kind == "room":
            rooms.append(OpenRoom(**values))
        elif kind == "jibri":
            note_told(session, values["server_id"], json.dumps(values["told"]), datetime.fromtimestamp(at, UTC))
    keep_rooms(session, rooms)
    keep_events(session, events)


def step(bench: Bench, now: datetime) -> None:
    """One turn: first what waits, and every few turns what is new (30 ms for 1,200 meetings)."""
    desk = desk_of(bench.settings.core.data_dir)
    drain_desk(desk, bench.database)
    if not timedelta(0) <= now - desk.looked_at < LOOK_EVERY:
        refresh_desk(desk, bench.database, now)
        with bench.database.reading() as session:
            is_stale = has_stale_rooms(session, now)
        if is_stale:
            with bench.database.session() as session:
                close_stale_rooms(session, now)


LOOP = Loop("meeting servers", 2.0, step)
