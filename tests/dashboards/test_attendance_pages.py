"""The pages after a meeting, asked through the application: attendance, corrections, minutes, tasks, files, figures."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from types import SimpleNamespace

import docx
import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from conference import Attendance, LiveSpell, MeetingMinutes, MeetingTask, attendance
from core import AuditEntry, Role
from inventory import Unit
from tests.conference.attendance.rows_of import a_spell, a_stay, end, many_endpoints, minute, participants
from tests.conference.world import a_meeting, a_person, an_endpoint, an_item
from tests.dashboards.watched_world import counted as questions_of

HOSTILE = '=1+2<script>window.hurt=1</script>{{ 7 * 7 }}{% for %}'


@pytest.fixture
def technician(as_role):
    return as_role(Role.MEETING_TECHNICIAN)


@pytest.fixture
def held(database, places, now) -> SimpleNamespace:
    """A meeting of both schools and one person that was held an hour ago and is counted."""
    with database.session() as session:
        rooms = [an_endpoint(session, session.get(Unit, unit)) for unit in (places.unit1, places.unit2)]
        meeting = a_meeting(
            session, rooms, starts_at=now - timedelta(hours=4), minutes=90, unit=session.get(Unit, places.top),
            title="Giao ban đầu năm", people=(a_person("Đại biểu A"),),
            agenda=(an_item("Khai mạc", 10), an_item("Báo cáo", 30, rooms[0])),
        )
        first, second, _person = participants(session, meeting)
        a_stay(session, meeting, first, "aaaaaaaa", (-5, 90), total_dominant_speaker_time=600_000)
        a_spell(session, meeting, first.endpoint_id, "aaaaaaaa", -5, 90)
        a_stay(session, meeting, second, "bbbbbbbb", (20, 50))
        a_stay(session, meeting, HOSTILE, "cccccccc", (0, 10))
        session.add_all([
            LiveSpell(meeting_id=meeting.id, endpoint_id=second.endpoint_id, state="degraded", cause="weak",
                      began_at=minute(meeting, 20), ended_at=minute(meeting, 30)),
            LiveSpell(meeting_id=meeting.id, endpoint_id=second.endpoint_id, state="degraded", cause="device",
                      began_at=minute(meeting, 31), ended_at=minute(meeting, 32)),
        ])
        session.flush()
        attendance.settle(session, meeting.id, end(meeting, 91))
        rows = session.scalars(select(Attendance).order_by(Attendance.position)).all()
        return SimpleNamespace(id=meeting.id, rows=[one.id for one in rows], path=f"/meetings/{meeting.id}",
                               codes=[one.code for one in rooms])


def test_the_list_of_past_meetings(technician, held, as_role) -> None:
    page = technician.get("/meetings/after").text
    assert "Giao ban đầu năm" in page and f"{held.path}/attendance" in page
    assert "50" in re.sub(r"\s", "", page)  # one of two units
    for query in ("?kind=training", "?state=signed", "?q=khongco", "?month=2019-01"):
        assert "Giao ban đầu năm" not in technician.get(f"/meetings/after{query}").text
    assert "Giao ban đầu năm" in technician.get("/meetings/after?state=counted&q=giao+ban").text
    table = technician.get("/meetings/after?format=csv").data.decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(table.splitlines()[1])))[4:6] == ["2", "1"]
    assert "Giao ban đầu năm" in as_role(Role.SCHOOL_STAFF).get("/meetings/after").text


def test_attendance_of_a_meeting(technician, held) -> None:
    page = technician.get(f"{held.path}/attendance").text
    for words in ("có mặt", "vào muộn", "về sớm", "không được mời", "30", "Đại biểu A"):
        assert words in page, words
    assert "<script>window.hurt" not in page and "=1+2&lt;script&gt;" in page
    late = technician.get(f"{held.path}/attendance?state=late").text
    assert "Đại biểu A" not in late and f"/attendance/{held.rows[1]}" in late
    assert f"/attendance/{held.rows[0]}" not in late
    assert technician.get("/meetings/999999/attendance").status_code == 404


def test_files_hold_no_formulas(technician, held) -> None:
    table = technician.get(f"{held.path}/attendance?format=csv").data
    assert table.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
    assert len(rows) == 5 and not [cell for row in rows for cell in row if cell[:1] in "=+-@" and cell[:1]]
    book = load_workbook(io.BytesIO(technician.get(f"{held.path}/attendance/workbook").data))
    assert book.sheetnames == ["Tóm tắt", "Điểm danh", "Theo địa bàn", "Các khoảng có mặt", "Không được mời"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert any(str(cell.value).startswith("=1+2") for cell in cells)
    assert [row[5].value for row in list(book["Điểm danh"].iter_rows())[1:]] == [90, 30, 0]


def test_school_staff_see_their_own_lines_only(as_role, held) -> None:
    person = as_role(Role.SCHOOL_STAFF)
    page = person.get(f"{held.path}/attendance").text
    assert f"/attendance/{held.rows[0]}" in page and f"/attendance/{held.rows[1]}" not in page
    assert "Đại biểu A" not in page and "hurt" not in page
    assert person.get(f"{held.path}/attendance/{held.rows[1]}").status_code == 404
    assert person.get(f"{held.path}/attendance/workbook").status_code == 403
    person.get(f"{held.path}/attendance/{held.rows[0]}")
    assert person.post(f"{held.path}/attendance/{held.rows[0]}/heads", {"heads": "14"}).status_code == 303
    assert person.post(f"{held.path}/attendance/{held.rows[1]}/heads", {"heads": "14"}).status_code == 404
    assert person.post(f"{held.path}/attendance/{held.rows[0]}/correct", {"minutes": "1"}).status_code == 403
    assert "14" in person.get(f"{held.path}/attendance/{held.rows[0]}").text


def test_a_correction_stands_beside_the_measured(technician, held, database) -> None:
    here = f"{held.path}/attendance/{held.rows[1]}"
    assert "máy chủ" in technician.get(here).text
    for number in ("91", "-1", "١", "1.5"):
        answer = technician.post(f"{here}/correct", {"minutes": number, "reason": "x"})
        assert answer.status_code == 422 and "0 đến 90" in answer.text
    assert "lý do" in technician.post(f"{here}/correct", {"minutes": "60"}).text
    assert technician.post(f"{here}/correct", {"minutes": "80", "reason": "Họp bằng điện thoại"}).status_code == 303
    page = technician.get(here).text
    assert "Họp bằng điện thoại" in page and "80" in page and "30" in page
    assert "Họp bằng điện thoại" in technician.get(f"{held.path}/attendance").text
    with database.reading() as session:
        row = session.get(Attendance, held.rows[1])
        assert (row.seconds, row.corrected_seconds, row.corrected_by) == (1800, 4800, "meeting_technician")
        assert session.scalar(select(AuditEntry).where(AuditEntry.action == "attendance.correct"))
        assert attendance.heads_of(session.get(attendance.MeetingCount, held.id).units, 70) == (2, 2)
    assert "nguyên vẹn" in technician.get(f"{held.path}/attendance/check").text
    assert technician.post(f"{here}/correct", {"minutes": "", "reason": ""}).status_code == 303
    with database.reading() as session:
        assert session.get(Attendance, held.rows[1]).corrected_seconds is None


def test_a_broken_seal_is_told(technician, held, database) -> None:
    with database.session() as session:
        session.get(Attendance, held.rows[1]).seconds = 5400
    page = technician.get(f"{held.path}/attendance/check").text
    assert "nguyên vẹn" not in page and "bị sửa" in page


def test_counting_again(technician, held) -> None:
    technician.get(f"{held.path}/attendance")
    assert technician.post(f"{held.path}/attendance/count", {"note": "Kiểm tra"}).status_code == 303
    assert "Kiểm tra" in technician.get(f"{held.path}/attendance/check").text


def test_the_print_view(technician, held) -> None:
    page = technician.get(f"{held.path}/attendance/print").text
    assert page.count("<tr>") == 5 and "data-print" in page


TEXTS = {"number": "12/BB-SGDĐT", "place": "Hà Giang", "chair": "Giám đốc", "secretary": "Chánh văn phòng",
         "recipients": "Như thành phần;\nLưu: VT.", "content": f"Dòng một\n{HOSTILE}\nA & B < C",
         "conclusions": "Giao các xã", "recording_url": "https://meet.example.edu.vn/r/1"}  # fmt: skip


def test_minutes_are_written_signed_and_reopened(technician, held, database) -> None:
    page = technician.get(f"{held.path}/minutes").text
    assert "Khai mạc" in page and "10 phút" in page
    assert technician.post(f"{held.path}/minutes", {"deed": "sign"}).status_code == 422
    assert technician.post(f"{held.path}/minutes", {**TEXTS, "recording_url": "javascript:x"}).status_code == 422
    assert technician.post(f"{held.path}/minutes", {**TEXTS, "deed": "sign"}).status_code == 303
    signed = technician.get(f"{held.path}/minutes").text
    assert "meeting_technician" in signed and "<textarea" not in signed and "window.hurt=1</script>" not in signed
    assert technician.post(f"{held.path}/minutes", TEXTS).status_code == 422
    refused = technician.post(f"{held.path}/attendance/{held.rows[1]}/correct", {"minutes": "80", "reason": "x"})
    assert refused.status_code == 422 and "đã ký" in refused.text
    assert "signed" in technician.get("/meetings/after?state=signed").text
    technician.post(f"{held.path}/minutes/reopen", {"reason": " "})
    with database.reading() as session:
        assert session.get(MeetingMinutes, held.id).signed_at is not None
    technician.post(f"{held.path}/minutes/reopen", {"reason": "Sai số"})
    with database.reading() as session:
        assert session.get(MeetingMinutes, held.id).signed_at is None
        deeds = session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("minutes.%"))).all()
        assert sorted(deeds) == ["minutes.reopen", "minutes.sign"]


def test_the_word_document(technician, held) -> None:
    technician.get(f"{held.path}/minutes")
    technician.post(f"{held.path}/minutes", TEXTS)
    answer = technician.get(f"{held.path}/minutes/document")
    paper = docx.Document(io.BytesIO(answer.data))
    text = "\n".join(
        [one.text for one in paper.paragraphs]
        + [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    )
    for words in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Số: 12/BB-SGDĐT", "BIÊN BẢN",
                  "SỞ GIÁO DỤC VÀ ĐÀO TẠO", "THƯ KÝ", "CHỦ TRÌ", "A & B < C", HOSTILE, "Đại biểu A", "Nơi nhận",
                  "Hà Giang, ngày 23 tháng 11 năm 2026", "Giao các xã"):  # fmt: skip
        assert words in text, words
    assert "{%" not in text.replace(HOSTILE, "") and "49" not in text
    lines = paper.tables[2]
    assert [row.cells[4].text for row in lines.rows] == ["Số phút", "90", "30", "0", "10"]


def test_troubles_become_tasks(technician, held, database, as_role) -> None:
    page = technician.get(f"{held.path}/tasks").text
    assert "quá" in page and "10 phút" in page
    assert technician.post(f"{held.path}/tasks/proposed", {"which": "ticked"}).status_code == 303
    technician.post(f"{held.path}/tasks/proposed", {"which": "all"})
    technician.post(f"{held.path}/tasks/proposed", {"which": "all"})
    with database.reading() as session:
        [task] = session.scalars(select(MeetingTask)).all()
        assert task.cause == "weak"  # a minute of a broken microphone is no task
    here = f"/meetings/tasks/{task.id}"
    technician.post(f"{here}/assign", {"assigned_to": "meeting_technician", "due_on": "2026-11-20"})
    assert "quá hạn" in technician.get("/meetings/tasks?state=overdue").text
    assert technician.post(f"{here}/assign", {"due_on": "hôm qua"}).status_code == 303
    technician.post(f"{here}/done", {"back": "/meetings/tasks?state=done"})
    assert task.title in technician.get("/meetings/tasks?state=done").text.replace("&#39;", "'")
    assert task.title not in technician.get("/meetings/tasks?state=open").text
    technician.post(f"{here}/reopen")
    assert task.title in technician.get("/meetings/tasks?format=csv").data.decode("utf-8-sig")
    assert as_role(Role.SCHOOL_STAFF).post(f"{here}/done").status_code in (400, 404)
    technician.post("/meetings/tasks/remove", {"task": str(task.id)})
    with database.reading() as session:
        assert session.get(MeetingTask, task.id) is None


def test_a_task_in_ones_own_words(technician, held, database) -> None:
    technician.get(f"{held.path}/tasks")
    assert technician.post(f"{held.path}/tasks", {"title": " "}).status_code == 422
    assert technician.post(f"{held.path}/tasks", {"title": "Mua micro", "due_on": "x"}).status_code == 422
    assert technician.post(f"{held.path}/tasks", {"title": "Mua micro", "due_on": "2026-12-01"}).status_code == 303
    assert "Mua micro" in technician.get("/meetings/tasks").text


def test_a_running_meeting_shows_presence_so_far(technician, database, places, now) -> None:
    with database.session() as session:
        room = an_endpoint(session, session.get(Unit, places.unit1))
        meeting = a_meeting(session, [room], starts_at=now - timedelta(minutes=30), minutes=90, state="running")
        a_spell(session, meeting, room.id, "aaaaaaaa", 0, 29.9)
    page = technician.get(f"/meetings/{meeting.id}/attendance").text
    assert "chưa" in page or "đang" in page
    assert 'data-refresh="30"' in page
    assert technician.get(f"/meetings/{meeting.id}/attendance/check").status_code == 404
    assert technician.get(f"/meetings/{meeting.id}/minutes/document").status_code == 200
    technician.get(f"/meetings/{meeting.id}/minutes")
    assert technician.post(f"/meetings/{meeting.id}/minutes", {"content": "x", "deed": "sign"}).status_code == 422


def test_the_page_of_600_endpoints_takes_few_questions(technician, database, places, now) -> None:
    with database.session() as session:
        top = session.get(Unit, places.top)
        rooms = many_endpoints(session, top, 20, 30)
        meeting = a_meeting(session, rooms, starts_at=now - timedelta(hours=4), minutes=90, unit=top)
        for one in participants(session, meeting):
            a_spell(session, meeting, one.endpoint_id, f"{one.id:08x}", 0, 90)
        session.flush()
        attendance.settle(session, meeting.id, end(meeting, 91))
    path = f"/meetings/{meeting.id}/attendance"
    technician.get(path)
    with questions_of(database) as asked:
        assert technician.client.get(path).status_code == 200
    assert len(asked) <= 25
    assert technician.client.get(f"/meetings/{meeting.id}/minutes/document").status_code == 200


# -- figures ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def counted(database, places, now) -> SimpleNamespace:
    """Four meetings of the department in November and October: two full, one empty, one training; one of a school."""
    with database.session() as session:
        top = session.get(Unit, places.top)
        rooms = [an_endpoint(session, session.get(Unit, unit)) for unit in (places.unit1, places.unit2)]
        for number, (kind, ago, present) in enumerate((
            ("meeting", 1, 2), ("meeting", 2, 2), ("conference", 3, 0), ("training", 40, 1),
        )):  # fmt: skip
            meeting = a_meeting(session, rooms, starts_at=now - timedelta(days=ago), minutes=60, unit=top,
                                title=f"Cuộc {number}", kind=kind)  # fmt: skip
            for one in participants(session, meeting)[:present]:
                a_stay(session, meeting, one, f"{number}{one.id:07x}", (0, 60))
            session.add(LiveSpell(meeting_id=meeting.id, endpoint_id=rooms[1].id, state="lost", cause="wan",
                                  began_at=minute(meeting, 5), ended_at=minute(meeting, 9)))  # fmt: skip
            session.flush()
            attendance.settle(session, meeting.id, end(meeting, 61))
        return SimpleNamespace(rooms=[one.id for one in rooms], names=[one.name for one in rooms])


def figures(person, query: str = "") -> dict[tuple[str, str], list[str]]:
    """(indicator, group) -> the numbers, out of the export."""
    text = person.get(f"/meetings/reports?format=csv{query}").data.decode("utf-8-sig")
    return {(row[0], row[2]): row[3:] for row in csv.reader(io.StringIO(text))}


def test_figures_and_their_origin(technician, counted) -> None:
    page = technician.get("/meetings/reports").text
    assert "Cuộc họp trực tuyến" in page and "66,7" in page
    found = figures(technician)
    assert found["Cuộc họp trực tuyến", ""] == ["2", "3", "0", "0.6667"]
    assert found["Cuộc họp trực tuyến", "2026-11"] == ["2", "3", "0", "0.6667"]
    assert found["Tập huấn qua mạng", "2026-10"] == ["1", "1", "0", "1.0"]
    show = technician.get("/meetings/reports/online").text
    assert "/meetings/reports/online/meetings?month=2026-11" in show and "Sở Giáo dục và Đào tạo" in show
    behind = technician.get("/meetings/reports/online/meetings?good=no").text
    assert "Cuộc 2" in behind and "Cuộc 1" not in behind
    assert "Cuộc 0" in technician.get("/meetings/reports/online/meetings?month=2026-11&kind=meeting").text
    assert "Cuộc 0" not in technician.get("/meetings/reports/online/meetings?month=2026-10").text
    assert technician.get("/meetings/reports/nothing").status_code == 404
    for odd in ("?from=x&to=9999-99", "?from=2030-01&to=2020-01", "?unit=x&kind=y"):
        assert technician.get(f"/meetings/reports/online/meetings{odd}").status_code == 200


FORM = {"kinds": ["meeting", "conference"], "counted_by": "endpoint", "least_percent": "50", "least_share": "100",
        "condition": "held and share >= least_share", "share_of": "all", "leaves_out_excused": "true"}  # fmt: skip


def test_a_formula_is_tried_and_put_in_force(technician, counted, database, as_role) -> None:
    here = "/meetings/reports/online/formula"
    technician.get(here)
    preview = technician.post(here, {**FORM, "condition": "held or not held", "deed": "preview"})
    assert preview.status_code == 200 and "100 %" in preview.text and "66,7" in preview.text
    assert figures(technician)["Cuộc họp trực tuyến", ""][0] == "2"
    for wrong in ("__import__('os')", "share.real", "held and", "x" * 301, "(lambda: 1)()", "share ** 2",
                  "1 if held else 0", "[1]", "'a'", "1e999 > 0", "secret > 1"):  # fmt: skip
        answer = technician.post(here, {**FORM, "condition": wrong, "deed": "save"})
        assert answer.status_code == 422, wrong
    assert technician.post(here, {**FORM, "least_percent": "101", "deed": "save"}).status_code == 422
    assert technician.post(here, {**FORM, "kinds": [], "deed": "save"}).status_code == 422
    note = {"note": "Quyết định 1", "deed": "save"}
    assert technician.post(here, {**FORM, "condition": "1 > 0", **note}).status_code == 303
    assert figures(technician)["Cuộc họp trực tuyến", ""][:2] == ["3", "3"]
    assert "Quyết định 1" in technician.get(here).text
    technician.post(f"{here}/undo", {"version": "1"})
    assert figures(technician)["Cuộc họp trực tuyến", ""][:2] == ["2", "3"]
    school = as_role(Role.SCHOOL_STAFF)
    assert school.get(here).status_code == 200 and "<textarea" not in school.get(here).text
    assert school.post(here, {**FORM, "deed": "save"}).status_code == 403


def test_meetings_in_person_stand_below_the_line(technician, counted) -> None:
    here = "/meetings/reports/in-person"
    technician.get(here)
    entry = {"unit": "SO", "month": "2026-11", "kind": "meeting", "count": "5", "source": "Báo cáo 45"}
    for wrong in ({"unit": "?"}, {"month": "2026-13"}, {"kind": "x"}, {"count": "-1"}, {"source": ""}):
        assert technician.post(here, {**entry, **wrong}).status_code == 422
    assert technician.post(here, entry).status_code == 303
    assert figures(technician)["Cuộc họp trực tuyến", ""] == ["2", "8", "5", "0.25"]
    assert "Báo cáo 45" in technician.get(here).text
    technician.post(here, {**entry, "count": "0", "source": "-"})
    assert figures(technician)["Cuộc họp trực tuyến", ""][1] == "3"


def test_how_units_attend(technician, counted, as_role, database, places) -> None:
    text = technician.get("/meetings/reports/units?format=csv").data.decode("utf-8-sig")
    rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(text))}
    assert rows["Trường số 1"] == ["4", "3", "0.75", "0.75"] and rows["Trường số 2"][:3] == ["4", "2", "0.5"]
    own = as_role(Role.SCHOOL_STAFF).get("/meetings/reports/units").text
    assert "Trường số 1" in own and "Trường số 2" not in own
    with database.reading() as session:
        shares = attendance.index_contribution(session, ("2026-01", "2026-12"))
    assert shares == {places.unit1: pytest.approx(2 / 3), places.unit2: pytest.approx(2 / 3)}


def test_which_endpoints_to_upgrade(technician, counted) -> None:
    page = technician.get("/meetings/reports/ranking").text
    assert page.index(counted.names[1]) < page.index(counted.names[0]) and "đường truyền Internet" in page
    text = technician.get("/meetings/reports/ranking?format=csv").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1][1] == counted.names[1] and float(rows[1][5]) > float(rows[2][5])
    weights = dict.fromkeys(attendance.FACTORS, "0")
    assert technician.post("/meetings/reports/ranking/weights", weights).status_code == 422
    assert technician.post("/meetings/reports/ranking/weights", {**weights, "line": "x"}).status_code == 422
    assert technician.post("/meetings/reports/ranking/weights", {**weights, "line": "2,5"}).status_code == 303
    text = technician.get("/meetings/reports/ranking?format=csv").data.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text)))[1][5] == "100.0"
    technician.post("/meetings/reports/ranking/weights/undo", {"version": "1"})
    text = technician.get("/meetings/reports/ranking?format=csv").data.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text)))[1][5] != "100.0"
