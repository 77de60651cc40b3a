"""What people wrote after the demonstration's past meetings: minutes, tasks, meetings held in person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from conference import Meeting, attendance
from core import Scope, Session

BY = "demo"
CONTENT = (
    "1. Khai mạc, nêu mục đích và nội dung cuộc họp.\n2. Các bộ phận báo cáo theo chương trình.\n"
    "3. Các điểm cầu trao đổi, nêu khó khăn về đường truyền và thiết bị."
)
CONCLUSIONS = (
    "Các trường hoàn thành nội dung được giao trước ngày 25 hằng tháng.\n"
    "Điểm cầu có đường truyền kém liên hệ nhà cung cấp, báo kết quả về phòng phụ trách công nghệ thông tin."
)
IN_PERSON = (("meeting", 9), ("conference", 1), ("training", 2))
WORTH = 30          # minutes are written of meetings with so many endpoints
WHO = ("Tổ kỹ thuật cụm 1", "Tổ kỹ thuật cụm 2", "Phòng phụ trách CNTT")


def file_papers(session: Session, meetings: Sequence[Meeting], now: datetime) -> None:
    """Minutes of the larger meetings, most of them signed; tasks of the newest conferences."""
    sizes = {number: found.endpoints for number, found in attendance.counts_by_meeting(
        session, [one.id for one in meetings]).items()}  # fmt: skip
    large = [one for one in meetings if sizes.get(one.id, 0) >= WORTH]
    for number, one in enumerate(large, start=1):
        written = one.ends_at + timedelta(hours=5)
        texts = {
            "number": f"{number:02d}/BB-SGDDT", "place": "Phòng họp trực tuyến của Sở", "content": CONTENT,
            "chair": "Lãnh đạo Sở", "secretary": "Thư ký cuộc họp",
            "conclusions": CONCLUSIONS if number % 4 else "",
            "recipients": "Các phòng thuộc Sở\nCác đơn vị dự họp\nLưu: VT",
        }  # fmt: skip
        if number % 7:
            attendance.save_minutes(session, one, texts, BY, written)
        if number % 7 and number % 4 and one.ends_at < now - timedelta(days=3):
            attendance.sign(session, one, BY, written + timedelta(hours=16))
    for one in [held for held in large if held.kind == "conference"][-4:]:
        _tasks(session, one, now)


def _tasks(session: Session, meeting: Meeting, now: datetime) -> None:
    """The longest troubles become tasks of somebody; some are done by now."""
    made_at = meeting.ends_at + timedelta(hours=2)
    chosen = attendance.proposals(session, Scope.everything(), meeting, made_at)[:9]
    for number, task in enumerate(attendance.add_proposed(session, meeting, chosen, BY, made_at)):
        if number % 4 == 3:
            continue
        day = (made_at + timedelta(days=7 + number)).date()
        attendance.assign(session, task, WHO[number % len(WHO)], day.isoformat(), BY, made_at)
        done_at = made_at + timedelta(days=2 + number)
        if number % 3 == 0 and done_at < now:
            attendance.set_done(session, task, True, BY, done_at)


def enter_in_person(session: Session, top: int, communes: Sequence[int], now: datetime) -> None:
    """What was held in person in the months that the meetings lie in, as people entered it."""
    months = sorted({(now - timedelta(days=back)).strftime("%Y-%m") for back in (0, 30, 58)})
    for month in months:
        for kind, count in IN_PERSON:
            for unit_id, share in ((top, count), *((one, 1) for one in communes[:3] if kind == "meeting")):
                attendance.save_in_person(session, Scope.everything(), attendance.InPersonMeetings(
                    unit_id=unit_id, month=month, kind=kind, count=share, source="Sổ theo dõi họp", entered_by=BY,
                    entered_at=now,
                ), now)  # fmt: skip
