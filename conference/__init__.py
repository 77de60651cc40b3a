"""Meetings: schedule, tokens, rooms' readiness, live quality, attendance."""

from conference import attendance, capacity, invitations, jitsi, kiosk, live, readiness, retention, schedule
from conference.attendance import Attendance, MeetingMinutes, MeetingTask
from conference.bench import Bench
from conference.forgetting import forget_secrets
from conference.invitations import CalendarFeed, Invitation, InvitationReply, Reminder
from conference.jitsi import RoomEvent, RoomReservation
from conference.kiosk import Kiosk, KioskCommand, KioskSpell, KioskState
from conference.live import LiveNote, LiveSpell
from conference.readiness import Readiness, ReadinessCall, RehearsalEntry
from conference.schedule import AgendaItem, Meeting, MeetingSeries, MeetingTemplate, Participant
from conference.settings import ConferenceSettings
from conference.worker import Worker

__all__ = [
    "AgendaItem", "Attendance", "Bench", "CalendarFeed", "ConferenceSettings", "Invitation", "InvitationReply", "Kiosk",
    "KioskCommand", "KioskSpell", "KioskState", "LiveNote", "LiveSpell", "Meeting", "MeetingMinutes", "MeetingSeries",
    "MeetingTask", "MeetingTemplate", "Participant", "Readiness", "ReadinessCall", "RehearsalEntry", "Reminder",
    "RoomEvent", "RoomReservation", "Worker", "attendance", "capacity", "forget_secrets", "invitations", "jitsi",
    "kiosk", "live", "readiness", "retention", "schedule",
]
