"""A full day: 40 meetings beside a simulated Jitsi, with faults; what is counted equals what truly happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from conference import Attendance, Bench, LiveSpell, Meeting, Participant, Readiness, kiosk, live, readiness
from core import Database, NewUser, Role, Vault, create_user, load_settings
from dashboards import Services, create_app
from inventory import Endpoint
from telemetry import Ingest, LiveTable, SeriesRegistry, TelemetrySettings, open_store
from tests.conference.simulator import Day, Presence, Restart, fake_jitsi, serve
from tests.journey.meeting_centre import Centre, Clock, make_bench
from tests.journey.meeting_scenario import (
    BAD_ISP,
    BAD_LINES,
    EVENING,
    LARGE,
    MORNING,
    Plan,
    add_servers,
    book,
    make_day,
)

A_MINUTE = 60.0
STEP_S = 30.0


@pytest.fixture
def clock() -> Clock:
    return Clock(MORNING)


@pytest.fixture
def centre(database: Database, vault: Vault, clock: Clock, tmp_path: Path) -> Iterator[Centre]:
    """EduNOC with the doors of its web application, on the clock of the test."""
    import app

    settings = load_settings(app.SECTIONS, environ={"EDUNOC_DATA_DIR": str(tmp_path)})
    registry, live = SeriesRegistry(database), LiveTable()
    registry.load()
    with database.session() as session:
        create_user(session, NewUser("admin", "mot cau that dai cho thu", Role.ADMINISTRATOR), MORNING)
    with closing(open_store(settings[TelemetrySettings], tmp_path, registry)) as store:
        ingest = Ingest(live, registry, store)
        services = Services(settings, database, vault, clock, registry=registry, live=live, store=store, ingest=ingest)
        inbox = kiosk.Inbox(database, registry, ingest.submit, every_s=3600.0)
        bench = make_bench(database, vault, settings, clock, (registry, live, ingest))
        with closing(Centre(bench, clock, create_app(services).test_client(), inbox)) as centre:
            yield centre


def test_a_day_of_forty_meetings_is_counted_to_the_minute(centre: Centre, vault: Vault) -> None:
    database = centre.bench.database
    with database.session() as session:
        plan = book(session, vault)
    day = make_day(plan)
    servers = fake_jitsi(day)
    centre.jitsi = servers.test_client()
    with serve(servers) as base:
        with database.session() as session:
            add_servers(session, plan.system_id, day, base)
        centre.live_through(day, EVENING.timestamp(), STEP_S, Watch(centre.bench, plan))
    _troubles_were_explained(database, plan)
    _readiness_was_judged(database, plan)
    # Prosody restarts and asks again for rooms that are reserved already: it is led to the reservation that there is
    assert set(centre.refused) == {"reservation 409"} and not day.refusals, (centre.refused, day.refusals)
    untold = _untold(day)
    wrong = [line for meeting_id, room in zip(plan.meetings, plan.rooms, strict=True)
             for line in _differences(database, meeting_id, day.truth()[room.node], untold)]
    assert not wrong, "\n".join(wrong)
    assert len(untold) < 5, untold


class Watch:
    """Lets the boards of the large meeting take a turn: readiness before it, the live one around the bad minutes."""

    def __init__(self, bench: Bench, plan: Plan) -> None:
        self._bench, self._start = bench, plan.large_start

    def __call__(self, now: datetime) -> None:
        moment = now.timestamp() - self._start
        if moment == -300:
            readiness.LOOPS[0].step(self._bench, now)
        if moment in (360, 390, 420, 1020):
            live.LOOP.step(self._bench, now)


def _troubles_were_explained(database: Database, plan: Plan) -> None:
    """The endpoints of the provider that lost packets stand under one cause, and nobody else does; later it is over."""
    with database.reading() as session:
        spells = session.query(LiveSpell).filter_by(meeting_id=plan.large, cause="wan").all()
        codes = dict(session.query(Endpoint.id, Endpoint.code).all())
    blamed = {codes[one.endpoint_id] for one in spells}
    assert {one.group for one in spells} == {f"isp:{BAD_ISP}"}
    assert len(blamed) >= BAD_LINES - 3 and blamed <= set(plan.bad_lines)  # some came late or not at all
    assert all(one.ended_at is not None for one in spells)


def _readiness_was_judged(database: Database, plan: Plan) -> None:
    with database.reading() as session:
        rows = session.query(Readiness).filter_by(meeting_id=plan.large, milestone="now").all()
    assert len(rows) == LARGE and {one.state for one in rows} <= set(readiness.STATES)
    assert all(one.reason in readiness.REASONS and one.action for one in rows if one.state != "ready")


def _untold(day: Day) -> set[tuple[str, str]]:
    """(room, subject) of whom nobody told: no kiosk, the event of the joining lost, and the room's record with it."""
    joinings = {(call.json()["room_name"], call.json()["occupant"]["id"]) for call in day.lost
                if call.path.endswith("/occupant/joined")}
    records = {call.json()["room_name"] for call in day.lost if call.path.endswith("/room/destroyed")}
    restarts = [fault.at for fault in day.faults if isinstance(fault, Restart)]
    return {
        (room.node, seat.subject) for node, room in day.rooms.items() for seat in room.seats.values()
        if seat.kiosk is None and (node, seat.subject) in joinings
        and (node in records or any(stay.joined < at <= stay.left for stay in seat.stays for at in restarts))
    }


def _differences(
    database: Database, meeting_id: int, truth: Mapping[str, Presence], untold: set[tuple[str, str]]
) -> Iterator[str]:
    """What is counted otherwise than it was, a line each."""
    with database.reading() as session:
        meeting = session.get(Meeting, meeting_id)
        rows = {row.participant_id: row for row in session.query(Attendance).filter_by(meeting_id=meeting_id)}
        people = session.query(Participant).filter_by(meeting_id=meeting_id).all()
        if not rows:
            yield f"{meeting.title}: nothing counted, {meeting.state}"
            return
        for one in people:
            row = rows[one.id]
            true = truth[one.subject].seconds
            if (meeting.room, one.subject) in untold:
                continue
            if abs(row.seconds - true) >= A_MINUTE or (true == 0) != (row.seconds == 0):
                yield f"{meeting.title} {one.subject}: counted {row.seconds}, true {true} {truth[one.subject].spans}"
