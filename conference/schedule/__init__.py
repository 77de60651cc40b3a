"""The schedule: meetings, series, agenda, participants, templates, approval."""

from conference.schedule.models import AgendaItem, Meeting, MeetingSeries, MeetingTemplate, Participant

__all__ = ["AgendaItem", "Meeting", "MeetingSeries", "MeetingTemplate", "Participant"]
