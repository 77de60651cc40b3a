"""What remains of a meeting: attendance, minutes, tasks, figures for the leaders."""

from conference.attendance.models import (
    Attendance,
    InPersonMeetings,
    KpiFormula,
    MeetingCount,
    MeetingMinutes,
    MeetingTask,
)

__all__ = ["Attendance", "InPersonMeetings", "KpiFormula", "MeetingCount", "MeetingMinutes", "MeetingTask"]
