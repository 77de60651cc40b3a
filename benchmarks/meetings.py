"""A meeting of 700 endpoints: heartbeats, readiness, the live board, Jicofo's document, attendance, the year's figures,
reservations without the main database, conflicts while typing."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks import heartbeats, readiness
from benchmarks.province_meetings import LARGE, SMALL_SIZE, copy_counts, held
from benchmarks.result import Result
from collectors.jitsi import answers
from conference import Meeting, attendance, live
from conference.attendance.kpi.formula import DEFAULTS
from conference.attendance.kpi.report import make_report
from conference.capacity import Attendee, Proposal, conflicts
from conference.jitsi import Desk, desk_file, refresh_desk
from core import Database, Scope, Session, Vault, sqlite_url
from dashboards.pages.meeting_live.feed import Feed
from deploy.demo import meetings
from inventory import Endpoint, save_system
from telemetry import LiveTable, SeriesRegistry

START = datetime(2026, 11, 23, 0, 45, tzinfo=UTC)
ROOT = Path(__file__).parents[1]
SECRET = "reservation-secret-of-a-benchmark"  # noqa: S105 - of a data folder that lives for seconds
ASK_S, MINUTE_S, BEAT_S = 1.5, 60.0, 10.0
EVERYBODY = (Scope.everything(), "vi")


def run(quick: bool = False) -> list[Result]:
    """The figures. `quick` takes a tenth of the endpoints."""
    size = LARGE // 10 if quick else LARGE
    found = [*heartbeats.run(quick), *readiness.run(quick)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = Database(sqlite_url(folder))
        database.create_all()
        readiness._fill(database, size)
        try:
            found += [*_board(database, size), _document(size), _settling(database, size), _year(database),
                      _conflicts(database, size), *_reservations(database, folder)]  # fmt: skip
        finally:
            database.close()
    return found


def _usual(turns: int, work: Callable[[], object]) -> float:
    seconds = []
    for _turn in range(turns):
        began = perf_counter()
        work()
        seconds.append(perf_counter() - began)
    return float(np.median(seconds))


def _board(database: Database, size: int) -> list[Result]:
    """One viewer for a minute: asks each 1.5 s, the kiosks beat each 10 s. Beside it: all anew with each answer."""
    registry, table = SeriesRegistry(database), LiveTable()
    registry.load()
    sources, feed, seconds = live.Sources(registry, table), Feed(), []
    wire = whole = 0
    version = ""
    for step in range(int(MINUTE_S / ASK_S) + 1):
        now = START + timedelta(seconds=step * ASK_S)
        if step * ASK_S % BEAT_S < ASK_S:
            with database.session() as session:
                meetings.beat(session, now)
        with database.reading() as session:
            meeting = session.query(Meeting).order_by(Meeting.id).first()
            began = perf_counter()
            board = live.live_board(session, sources, meeting, now)
            answer = feed.answer(board, EVERYBODY, version)
            seconds.append(perf_counter() - began)
        version = answer["v"]
        if step:  # the first answer is the page's own beginning
            wire += _compressed(answer)
            whole += _compressed(feed.answer(board, EVERYBODY, ""))
    first, usual = seconds[0], float(np.percentile(seconds[1:], 95))
    return [
        Result(f"Live board of {size}, the first", first, "s", budget="<= 2 s", is_within=first <= 2),
        Result(f"Live board of {size}, each further, p95", usual, "s", budget="<= 2 s", is_within=usual <= 2),
        Result("Live board over the wire, a minute and viewer", wire / 1000, "kB", "all anew each time", whole / 1000,
               wire / whole, "< 200 kB", wire < 200_000),
    ]  # fmt: skip


def _compressed(answer: object) -> int:
    return len(gzip.compress(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode(), 6))


def _document(size: int) -> Result:
    """Jicofo's document of a room, two megabytes; reading JSON alone beside it."""
    ballast = {"sources": ["x" * 60] * 40}
    keys = [f"{number:08x}" for number in range(size)]
    body = json.dumps({
        "name": "giao-ban@muc.meet.example", "meeting_id": "0c4c0d1e",
        "chat_room": {"room_jid": "giao-ban@muc.meet.example", "members": {
            key: {"is_audio_muted": True, "is_video_muted": False, **ballast} for key in keys[:60]}},
        "participants": {key: {"stats_id": "Room-1", **ballast} for key in keys},
        "colibri_session_manager": {"sessions": {}, "participants": {
            key: {"bridge": "jvb-3", "audio_muted": True, "video_muted": False} for key in keys}},
    }).encode()  # fmt: skip
    ours = _usual(5, lambda: answers.read_room(body))
    alone = _usual(5, lambda: json.loads(body))
    return Result(f"Jicofo's document of {len(body) / 1e6:.1f} MB read", ours, "s", "json.loads alone", alone,
                  ours / alone, "< 1 s", ours < 1)  # fmt: skip


def _settling(database: Database, size: int) -> Result:
    with database.session() as session:
        number = held(session, START - timedelta(days=2), size, "counted").id
        small = held(session, START - timedelta(days=3), min(SMALL_SIZE, size // 2), "counted-small").id
        attendance.settle(session, small, START)
    with database.session() as session:
        began = perf_counter()
        attendance.settle(session, number, START)
        session.flush()
        taken = perf_counter() - began
    return Result(f"Attendance of {size} endpoints settled", taken, "s", budget="<= 2 s", is_within=taken <= 2)


def _year(database: Database) -> Result:
    """The five indicators of 2,000 counted meetings, out of the packed rows."""
    with database.session() as session:
        copy_counts(session, START)

    def read() -> None:
        with database.reading() as session:
            found = attendance.read_counted(session, Scope.everything(), "2025-12", "2026-11")
            for word, formula in DEFAULTS.items():
                make_report(word, formula, found, [], ("2025-12", "2026-11"))

    taken = _usual(5, read) * 1000
    return Result("Five indicators of a year, 2,000 meetings", taken, "ms", budget="<= 100 ms", is_within=taken <= 100)


def _conflicts(database: Database, size: int) -> Result:
    """While somebody types: all endpoints in one question each table, beside a look at each endpoint by itself."""
    with database.reading() as session:
        rooms = session.query(Endpoint).order_by(Endpoint.id).limit(size).all()
        system = session.query(Meeting.system_id).first()[0]
        people = tuple(Attendee(one.name, one.id, speaks=not place) for place, one in enumerate(rooms))
        whole = Proposal(title="Tập huấn", starts_at=START + timedelta(hours=1), ends_at=START + timedelta(hours=2),
                         attendees=people, system_id=system)  # fmt: skip
        ours = _usual(5, lambda: _look(session, whole)) * 1000
        single = [replace(whole, attendees=(one,)) for one in people[::10]]
        each = _usual(1, lambda: [_look(session, one) for one in single]) * 1000 / len(single) * len(people)
    return Result(f"Conflicts of {size} endpoints while typing", ours, "ms", "endpoint by endpoint (of every tenth)",
                  each, ours / each, "<= 100 ms", ours <= 100)  # fmt: skip


def _look(session: Session, proposal: Proposal) -> None:
    session.expire_all()
    conflicts(session, proposal)


def _reservations(database: Database, folder: Path) -> list[Result]:
    """`app.py reservations` as a process of its own, its main database destroyed."""
    vault = Vault.open_or_create(folder / "secret.key")
    with database.session() as session:
        save_system(session, vault, None, {
            "name": "Hệ thống đo", "public_url": "https://meet.example.edu.vn", "domain": "meet.example.edu.vn",
            "algorithm": "HS256", "token_key": SECRET * 2, "reservation_secret": SECRET, "is_enabled": "true",
            "server_networks": "127.0.0.0/8",
        })  # fmt: skip
    desk = Desk(desk_file(folder))
    refresh_desk(desk, database, datetime.now(UTC))
    desk.close()
    database.close()
    for file in folder.glob("edunoc.db*"):
        file.unlink()
    (folder / "edunoc.db").write_bytes(b"this is no database any more" * 100)
    environ = {**os.environ, "EDUNOC_DATA_DIR": str(folder)}
    process = subprocess.Popen([sys.executable, "app.py", "reservations", "--port", "0"], cwd=ROOT, env=environ,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # fmt: skip
    try:
        return [_asked(_port_of(process))]
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()


def _port_of(process: subprocess.Popen[str]) -> int:
    deadline = time.monotonic() + 60
    while process.stdout is not None and time.monotonic() < deadline:
        found = re.search(r"http://127\.0\.0\.1:(\d+)/jitsi", process.stdout.readline())
        if found:
            return int(found[1])
    raise RuntimeError("the answerer of reservations did not start")


def _asked(port: int) -> Result:
    line, taken = HTTPConnection("127.0.0.1", port, timeout=10), []
    headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/x-www-form-urlencoded"}
    for turn in range(100):
        began = perf_counter()
        line.request("POST", "/jitsi/conference", f"name=nobody-booked-me-{turn}", headers)
        answer = line.getresponse()
        text = answer.read()
        taken.append((perf_counter() - began) * 1000)
        if answer.status != 403:
            raise RuntimeError(f"the answerer of reservations said {answer.status}: {text[:200]!r}")
    late = float(np.percentile(taken, 99))
    return Result("A reservation answered, the main database gone, p99", late, "ms", budget="< 200 ms",
                  is_within=late < 200)  # fmt: skip
