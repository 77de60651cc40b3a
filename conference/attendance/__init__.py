"""What remains of a meeting: attendance, minutes, tasks, figures for the leaders."""

from conference.attendance.models import Attendance, MeetingMinutes, MeetingTask

__all__ = ["Attendance", "MeetingMinutes", "MeetingTask"]
