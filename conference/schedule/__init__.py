"""The schedule: meetings, series, agenda, participants, templates, approval."""

from conference.schedule.agenda import agenda_remarks, laid_out, speaking_now
from conference.schedule.drafts import (
    AgendaDraft,
    MeetingDraft,
    ParticipantDraft,
    ScheduleProblem,
    problems_of,
)
from conference.schedule.models import AgendaItem, Meeting, MeetingSeries, MeetingTemplate, Participant
from conference.schedule.recurrence import Repeat, RuleProblem, check_rule, moments, read_rule, rule_of
from conference.schedule.store.deciding import (
    approve,
    cancel_meeting,
    endpoint_count,
    excuse,
    may_decide,
    needs_approval,
    refuse,
    restore,
    submit,
)
from conference.schedule.store.reading import (
    MeetingEndpoint,
    agenda_of,
    coming_meetings,
    counts_of,
    endpoints_of,
    endpoints_of_meetings,
    find_meeting,
    is_held_in,
    meeting_of_join_code,
    meeting_of_room,
    meetings_between,
    meetings_of_endpoint,
    occurrences_of,
    participant_of_invite_code,
    participants_of,
    running_meetings,
    series_of,
    system_of,
    visible,
)
from conference.schedule.store.resolving import Place, branch_places, places, resolve
from conference.schedule.store.saving import mark_began, mark_left, save_meeting
from conference.schedule.times import Manners, closes_at, is_open, is_over, manners_of, opens_at
from conference.schedule.words import (
    BOOKED_STATES,
    KINDS,
    MODES,
    OPEN_STATES,
    PARTICIPANT_KINDS,
    REPLIES,
    ROLES,
    SPANS,
    STATES,
)

__all__ = [
    "BOOKED_STATES", "KINDS", "MODES", "OPEN_STATES", "PARTICIPANT_KINDS", "REPLIES", "ROLES", "SPANS", "STATES",
    "AgendaDraft", "AgendaItem", "Manners", "Meeting", "MeetingDraft", "MeetingEndpoint", "MeetingSeries",
    "MeetingTemplate", "Participant", "ParticipantDraft", "Place", "Repeat", "RuleProblem", "ScheduleProblem",
    "agenda_of", "agenda_remarks", "approve", "branch_places", "cancel_meeting", "check_rule", "closes_at",
    "coming_meetings", "counts_of", "endpoint_count", "endpoints_of", "endpoints_of_meetings", "excuse",
    "find_meeting", "is_held_in", "is_open", "is_over", "laid_out", "manners_of", "mark_began", "mark_left",
    "may_decide", "meeting_of_join_code", "meeting_of_room", "meetings_between", "meetings_of_endpoint", "moments",
    "needs_approval", "occurrences_of", "opens_at", "participant_of_invite_code", "participants_of", "places",
    "problems_of", "read_rule", "refuse", "resolve", "restore", "rule_of", "running_meetings", "save_meeting",
    "series_of", "speaking_now", "submit", "system_of", "visible",
]
