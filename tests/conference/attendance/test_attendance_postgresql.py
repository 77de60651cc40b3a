"""What remains of a meeting, on PostgreSQL: the same settling, seal, lists, figures and ranking."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

from conference import ConferenceSettings, LiveSpell, Readiness, attendance
from conference.attendance.settling import due
from core import Database, Scope
from tests.conference.attendance.rows_of import a_sighting, a_spell, a_stay, end, many_endpoints, minute, participants
from tests.conference.world import MONDAY, a_meeting, a_unit
from tests.core.postgresql import running_postgresql

EVERYTHING = Scope.everything()


def test_attendance_on_postgresql() -> None:
    with running_postgresql() as url, closing(Database(url)) as database:
        database.create_all()
        with database.session() as session:
            top = a_unit(session, "Sở", kind="department")
            rooms = many_endpoints(session, top, 1, 3)
            for week in range(2):
                meeting = a_meeting(session, rooms, unit=top, minutes=90, starts_at=MONDAY + timedelta(days=7 * week))
                first, second, _third = participants(session, meeting)
                a_stay(session, meeting, first, "aaaaaaaa", (0, 90))
                a_spell(session, meeting, second.endpoint_id, "bbbbbbbb", 0, 45)
                a_sighting(session, meeting, "bbbbbbbb", 0, 45, is_visitor=True)
                for cause in ("weak", "wan", "udp"):
                    session.add(LiveSpell(meeting_id=meeting.id, endpoint_id=rooms[1].id, state="degraded", cause=cause,
                                          began_at=minute(meeting, 1), ended_at=minute(meeting, 9)))  # fmt: skip
                session.add(Readiness(meeting_id=meeting.id, endpoint_id=rooms[1].id, milestone="t15m", state="risk",
                                      at=minute(meeting, -15), score=60))  # fmt: skip
                session.flush()
                now = end(meeting, 90)
                assert attendance.settle(session, meeting.id, now) is not None
        with database.session() as session:
            assert due(session, now) == [] and attendance.verify(session, meeting.id).is_intact
            sheet = attendance.sheet_of(session, EVERYTHING, meeting, now, ConferenceSettings())
            assert [(one.state, round(one.seconds / 60)) for one in sheet.entries] == [
                ("present", 90), ("partial", 45), ("absent", 0)
            ]
            past, total = attendance.past_meetings(session, EVERYTHING, now, {"q": "giao", "state": "counted"}, (0, 9))
            assert total == 2 == len(past)
            found = attendance.proposals(session, EVERYTHING, meeting, now)
            attendance.add_proposed(session, meeting, found, "x", now)
            wanted = {"q": "điểm", "state": "open"}
            lines, total = attendance.find_tasks(session, Scope(top.path), wanted, now.date(), (0, 9))
            assert total == 3 == len(lines)
            months = ("2026-11", "2026-12")
            assert len(attendance.read_counted(session, EVERYTHING, *months)) == 2
            assert sorted(attendance.index_contribution(session, months).values()) == [0.0, 0.0, 1.0]
            ranked = attendance.ranked(session, Scope(top.path), months, now.date(), attendance.weights_now(session))
            assert ranked[0].name == rooms[1].name and ranked[0].rank.record.troubled == {"weak": 2, "line": 2}
            attendance.save_minutes(session, meeting, {"content": "Nội dung\x00"}, "x", now)
            assert attendance.sign(session, meeting, "x", now + timedelta(minutes=1)).digest
