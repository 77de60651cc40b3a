"""Meetings of a whole province for benchmarks: a system, 700 endpoints, one meeting of 700 that runs, those to come, a
year of counted ones. The demonstration fills, kiosks' heartbeats are its own; the product's loops do the rest."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from collectors import RoomSighting, WatchedRoom
from conference import (
    Bench,
    ConferenceSettings,
    KioskSpell,
    KioskState,
    Meeting,
    Participant,
    attendance,
    live,
    readiness,
    schedule,
)
from conference.attendance.models import MeetingCount
from core import Context, Database, Secret, Session
from deploy.demo import meetings
from inventory import Endpoint, MeetingServer, MeetingSystem, Site, Unit, endpoint_number, meeting_server_number
from telemetry import Batch, Ingest, SeriesKey, SeriesRegistry

LARGE, SMALL_SIZE = 700, 30
COPIES = 2_000          # counted meetings of a year
PAST_DAYS = (1, 8, 15)  # these have their rows of attendance, too: a large one each
SERVER_METRICS = (
    "meeting_server_up", "jvb_stress_ratio", "jvb_ice_failed_total", "jvb_out_bits_per_second",
    "jvb_in_bits_per_second", "jvb_out_loss_ratio", "jvb_in_loss_ratio", "jvb_rtt_seconds",
)  # fmt: skip


def add_meetings(context: Context, bench: Bench, ingest: Ingest, now: datetime) -> None:
    """Fill everything; `now` stands still."""
    def seal(text: str) -> str:
        return context.vault.seal(Secret(text))

    database = context.database
    with database.session() as session:
        meetings.fill(session, now, seal)
    with database.session() as session:
        beats = meetings.beat(session, now)
    _submit(beats, bench.registry, ingest, now)
    with database.session() as session:
        _sight(session, now)
    _servers(database, bench.registry, ingest, now)
    ingest.flush(now.timestamp())
    past(database, bench, now)
    loops = (schedule.LOOP, *readiness.LOOPS, live.LOOP)
    for loop in loops:
        loop.step(bench, now)


def _submit(beats: dict[int, dict[str, float]], registry: SeriesRegistry, ingest: Ingest, now: datetime) -> None:
    wanted = {endpoint_number(one): [SeriesKey("", name) for name in sorted(values)]
              for one, values in beats.items() if values}  # fmt: skip
    for number, series in registry.resolve_many(wanted).items():
        values = beats[number - endpoint_number(0)]
        ingest.submit(Batch(series, np.array([values[name] for name in sorted(values)]), now.timestamp()))


def _sight(session: Session, now: datetime) -> None:
    """Jicofo shows who is in the rooms, spread over four bridges."""
    for meeting in session.query(Meeting).filter(Meeting.state == "running"):
        room = WatchedRoom(system_id=meeting.system_id, room=meeting.room, since=now - timedelta(hours=1),
                           until=now + timedelta(hours=3), asked_at=now, main_count=60, visitor_count=600)  # fmt: skip
        session.add(room)
        session.flush()
        states = session.query(KioskState).filter(KioskState.meeting_id == meeting.id, KioskState.connection != "")
        session.add_all([
            RoomSighting(watched_id=room.id, endpoint=one.connection, bridge=f"jvb-{one.endpoint_id % 4 + 1}",
                         is_visitor=one.is_visitor, first_seen=meeting.starts_at, last_seen=now)
            for one in states
        ])


def _servers(database: Database, registry: SeriesRegistry, ingest: Ingest, now: datetime) -> None:
    with database.reading() as session:
        servers = [one for (one,) in session.query(MeetingServer.id)]
    keys = [SeriesKey("", name) for name in SERVER_METRICS]
    for series in registry.resolve_many({meeting_server_number(one): keys for one in servers}).values():
        ingest.submit(Batch(series, np.array([1.0, 0.4, 170.0, 3e8, 5e7, 0.004, 0.003, 0.02]), now.timestamp()))


def past(database: Database, bench: Bench, now: datetime) -> None:
    """Large meetings that are counted row by row, and a year of counts beside them."""
    threshold = bench.settings[ConferenceSettings].attendance_disagreement_minutes * 60
    for number, days in enumerate(PAST_DAYS):
        with database.session() as session:
            one = held(session, now - timedelta(days=days, hours=3), LARGE, f"past-{number}")
            attendance.settle(session, one.id, now, threshold_s=threshold)
    with database.session() as session:
        small = held(session, now - timedelta(days=2), SMALL_SIZE, "past-small")
        attendance.settle(session, small.id, now, threshold_s=threshold)
    with database.session() as session:
        copy_counts(session, now)


def held(session: Session, starts: datetime, size: int, word: str) -> Meeting:
    """A meeting that is over: every endpoint was heard of, each for a time of its own."""
    system = session.query(MeetingSystem).order_by(MeetingSystem.id).first()
    top = session.query(Unit).filter(Unit.parent_id.is_(None)).order_by(Unit.id).first()
    ends = starts + timedelta(minutes=90)
    meeting = Meeting(
        uid=word, title="Giao ban đã họp", state="ended", unit_id=top.id, system_id=system.id, room=word,
        starts_at=starts, ends_at=ends, began_at=starts, ended_at=ends, is_important=size >= LARGE, created_by="bench",
        created_at=starts - timedelta(days=3), updated_at=starts - timedelta(days=3), join_code=f"join-{word}",
    )
    session.add(meeting)
    session.flush()
    rows = session.query(Endpoint).order_by(Endpoint.id).limit(size).all()
    units = dict(session.query(Endpoint.id, Site.unit_id).join(Site, Site.id == Endpoint.site_id).all())
    session.add_all([
        Participant(meeting_id=meeting.id, kind="endpoint", unit_id=units[one.id], endpoint_id=one.id, name=one.name,
                    subject=f"ep-{one.code}", position=place, role="chair" if place == 0 else "participant",
                    mode="speak" if place < 12 else "listen", invite_code=f"{word}-{one.id}", reply="accepted")
        for place, one in enumerate(rows)
    ])
    session.add_all([
        KioskSpell(meeting_id=meeting.id, endpoint_id=one.id, connection=f"{one.id:08x}",
                   first_at=starts + timedelta(minutes=one.id % 7), last_at=ends - timedelta(minutes=one.id % 23))
        for one in rows if one.id % 37
    ])
    session.flush()
    return meeting


def copy_counts(session: Session, now: datetime) -> None:
    """A year of counted meetings: every fortieth like the large one, the others like the small one."""
    by_size = {one.endpoints: one for one in session.query(MeetingCount).order_by(MeetingCount.meeting_id)}
    large, small = by_size[max(by_size)], by_size[min(by_size)]
    columns = [column.name for column in MeetingCount.__table__.columns]
    system, unit = session.query(MeetingSystem.id).first()[0], large.unit_id
    first = (session.query(Meeting.id).order_by(Meeting.id.desc()).first() or (0,))[0] + 1
    made, counts = [], []
    for number in range(COPIES):
        starts = now - timedelta(hours=4.3 * (number + 1))
        made.append({
            "id": first + number, "uid": f"year-{number}", "title": f"Giao ban {number}", "kind": "meeting",
            "state": "ended", "unit_id": unit, "system_id": system, "room": f"year-{number}", "starts_at": starts,
            "ends_at": starts + timedelta(minutes=90), "began_at": starts, "ended_at": starts + timedelta(minutes=90),
            "join_code": f"year-{number}", "created_at": starts, "updated_at": starts,
        })  # fmt: skip
        like = small if number % 40 else large
        counts.append({name: getattr(like, name) for name in columns} | {
            "meeting_id": first + number, "starts_at": starts, "month": starts.strftime("%Y-%m"),
        })  # fmt: skip
    session.bulk_insert_mappings(Meeting, made)
    session.bulk_insert_mappings(MeetingCount, counts)
