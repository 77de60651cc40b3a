"""The schedule on a real PostgreSQL: what SQLite forgives, it does not."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from conference.schedule import (
    Change,
    approve,
    cancel_meeting,
    change_meeting,
    draft_of,
    effect_of,
    find_meeting,
    mark_began,
    meetings_between,
    occurrences_of,
    restore,
    save_template,
    submit,
    templates,
)
from conference.schedule.store.turning import (
    end_meetings,
    hold_running_rooms,
    note_sightings,
    open_meetings,
    write_ahead,
)
from core import Database, Scope
from dashboards.pages.meetings.looking import coming
from dashboards.pages.meetings.store import (
    candidates,
    count_waiting,
    double_booked,
    ids_of_codes,
    search_meetings,
    waiting,
)
from inventory import Site, Unit
from tests.conference.world import MONDAY, NEVER_APPROVED, a_meeting, a_unit, an_item, endpoints
from tests.core.postgresql import running_postgresql

NOW = MONDAY - timedelta(days=1)


def test_the_schedule_on_postgresql() -> None:
    with running_postgresql() as url, closing(Database(url)) as database:
        database.create_all()
        with database.session() as session:
            top = a_unit(session, "Sở", kind="department")
            rooms = endpoints(session, 4, top)
            first = a_meeting(session, rooms, unit=top, rule="FREQ=WEEKLY;BYDAY=MO;COUNT=6", state="draft",
                              agenda=(an_item("Một", 10, rooms[1]),))
            submit(session, first, "tester", NOW, 3)
            assert count_waiting(session, Scope.everything()) == 1 == len(waiting(session, Scope(top.path)))
            approve(session, first, "leader", NOW)
            single = a_meeting(session, rooms[:2], unit=top)
            assert double_booked(session, [single.id]) == {single.id: 2}
            third = occurrences_of(session, first.series_id)[2]
            draft = draft_of(session, third)
            moved = replace(draft, starts_at=draft.starts_at + timedelta(hours=2),
                            ends_at=draft.ends_at + timedelta(hours=2), participants=draft.participants[1:])
            wanted = Change(moved, NEVER_APPROVED, "following")
            assert effect_of(session, third, wanted, NOW).cancellations == 1
            assert len(change_meeting(session, third, wanted, "tester", NOW)) == 4
            cancel_meeting(session, third, "tester", NOW, "Bão")
            restore(session, third, "tester", NOW, NEVER_APPROVED)
            unit_id = session.get_one(Site, rooms[0].site_id).unit_id
            school = Scope(session.get_one(Unit, unit_id).path)
            assert find_meeting(session, school, first.id) is first
            assert third not in meetings_between(session, school, MONDAY, MONDAY + timedelta(days=60))
            assert save_template(session, "Mẫu", draft, "tester", NOW) in templates(session, school)
            assert len(coming(session, Scope.everything(), NOW)) == 3
            assert candidates(session, school, "truong")
            assert ids_of_codes(session, Scope.everything(), [rooms[0].code]) == {rooms[0].code: rooms[0].id}
            assert search_meetings(session, Scope.everything(), "giao ban", 3, NOW)[0][0] in (first, single)
            mark_began(session, first.id, MONDAY)
            for moment in (MONDAY, MONDAY + timedelta(hours=4)):
                for part in (open_meetings, note_sightings, hold_running_rooms, end_meetings, write_ahead):
                    part(session, moment)
            session.refresh(first)
            assert first.state == "ended" == single.state
