"""The schedule: meetings, series, agenda, participants, templates, approval."""

from conference.schedule.agenda import agenda_remarks, laid_out, speaking_now
from conference.schedule.codes import guest_subject
from conference.schedule.drafts import (
    LONGEST,
    AgendaDraft,
    MeetingDraft,
    ParticipantDraft,
    ScheduleProblem,
    problems_of,
)
from conference.schedule.models import AgendaItem, Meeting, MeetingSeries, MeetingTemplate, Participant
from conference.schedule.recurrence import Repeat, RuleProblem, check_rule, moments, read_rule, rule_of
from conference.schedule.step import LOOP
from conference.schedule.store.changing import Change, Effect, change_meeting, effect_of
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
from conference.schedule.store.drafting import draft_of, participant_draft
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
from conference.schedule.store.saving import forget_secrets, mark_began, mark_left, save_meeting
from conference.schedule.store.series import draft_moments
from conference.schedule.store.templates import delete_template, find_template, save_template, templates
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
from conference.schedule.writing import draft_content, draft_from

__all__ = [
    "BOOKED_STATES", "KINDS", "LONGEST", "LOOP", "MODES", "OPEN_STATES", "PARTICIPANT_KINDS", "REPLIES", "ROLES",
    "SPANS", "STATES", "AgendaDraft", "AgendaItem", "Change", "Effect", "Manners", "Meeting", "MeetingDraft",
    "MeetingEndpoint", "MeetingSeries", "MeetingTemplate", "Participant", "ParticipantDraft", "Place", "Repeat",
    "RuleProblem", "ScheduleProblem", "agenda_of", "agenda_remarks", "approve", "branch_places", "cancel_meeting",
    "change_meeting", "check_rule", "closes_at", "coming_meetings", "counts_of", "delete_template", "draft_content",
    "draft_from", "draft_moments", "draft_of", "effect_of", "endpoint_count", "endpoints_of", "endpoints_of_meetings",
    "excuse", "find_meeting", "find_template", "forget_secrets", "guest_subject", "is_held_in", "is_open", "is_over",
    "laid_out", "manners_of", "mark_began", "mark_left", "may_decide", "meeting_of_join_code", "meeting_of_room",
    "meetings_between", "meetings_of_endpoint", "moments", "needs_approval", "occurrences_of", "opens_at",
    "participant_draft", "participant_of_invite_code", "participants_of", "places", "problems_of", "read_rule",
    "refuse", "resolve", "restore", "rule_of", "running_meetings", "save_meeting", "save_template", "series_of",
    "speaking_now", "submit", "system_of", "templates", "visible",
]
