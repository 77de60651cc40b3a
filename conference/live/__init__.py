"""A meeting while it runs: who is in, lost, bad, and for what cause."""

from conference.live.board import Board, BridgeNow, EndpointNow, Finding, GroupNow
from conference.live.broadcast import BROADCAST_STATES, Airing, Broadcast, broadcast_of
from conference.live.causes import CAUSES, ROW_OF, Cause, Facts, cause_of
from conference.live.grading import grades_of
from conference.live.heartbeat import Heartbeat
from conference.live.limits import Limits
from conference.live.models import LiveNote, LiveSpell
from conference.live.now import Sources, live_board
from conference.live.remedies import REMEDIES, Offer, Remedy, suggested_for
from conference.live.security import FINDINGS, finding_sentence
from conference.live.store.broadcasting import AIR_NOTES, broadcast_now, broadcast_ran
from conference.live.store.cast import CastCache
from conference.live.store.reading import meetings_running, newest_heartbeat
from conference.live.store.remedying import Done, Line, Person, Plan, carry_out, note, offers_for, plan
from conference.live.store.timeline import TimelineLine, cause_of_spell, story_of_endpoint, timeline
from conference.live.words import GRADES, IN, MARKS, NOTE_KINDS, STATES, TITLES, sentence_of, title_of
from conference.live.work import LOOP

__all__ = [
    "AIR_NOTES", "BROADCAST_STATES", "CAUSES", "FINDINGS", "GRADES", "IN", "LOOP", "MARKS", "NOTE_KINDS",
    "REMEDIES", "ROW_OF", "STATES", "TITLES", "Airing", "Board", "BridgeNow", "Broadcast", "CastCache", "Cause",
    "Done", "EndpointNow", "Facts", "Finding", "GroupNow", "Heartbeat", "Limits", "Line", "LiveNote", "LiveSpell",
    "Offer", "Person", "Plan", "Remedy", "Sources", "TimelineLine", "broadcast_now", "broadcast_of",
    "broadcast_ran", "carry_out", "cause_of", "cause_of_spell", "finding_sentence", "grades_of", "live_board",
    "meetings_running", "newest_heartbeat", "note", "offers_for", "plan", "sentence_of", "story_of_endpoint",
    "suggested_for", "timeline", "title_of",
]
