"""What remains of a meeting: attendance, minutes, tasks, figures for the leaders."""

from conference.attendance.counting import AttendanceLine, Evidence, Scheduled, count
from conference.attendance.models import (
    Attendance,
    InPersonMeetings,
    KpiFormula,
    MeetingCount,
    MeetingMinutes,
    MeetingTask,
)
from conference.attendance.settling import LOOP, attendance_now, over_at, settle

__all__ = [
    "LOOP", "Attendance", "AttendanceLine", "Evidence", "InPersonMeetings", "KpiFormula", "MeetingCount",
    "MeetingMinutes", "MeetingTask", "Scheduled", "attendance_now", "count", "over_at", "settle",
]
