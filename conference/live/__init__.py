"""A meeting while it runs: who is in, lost, bad, and for what cause."""

from conference.live.board import Board, BridgeNow, EndpointNow, Finding, GroupNow
from conference.live.causes import CAUSES, ROW_OF, Cause, Facts, cause_of
from conference.live.limits import Limits
from conference.live.models import LiveNote, LiveSpell
from conference.live.now import Sources, live_board
from conference.live.security import FINDINGS, finding_sentence
from conference.live.store.cast import CastCache
from conference.live.store.reading import meetings_running
from conference.live.words import GRADES, IN, MARKS, NOTE_KINDS, STATES, TITLES, sentence_of, title_of

__all__ = [
    "CAUSES", "FINDINGS", "GRADES", "IN", "MARKS", "NOTE_KINDS", "ROW_OF", "STATES", "TITLES", "Board", "BridgeNow",
    "CastCache", "Cause", "EndpointNow", "Facts", "Finding", "GroupNow", "Limits", "LiveNote", "LiveSpell", "Sources",
    "cause_of", "finding_sentence", "live_board", "meetings_running", "sentence_of", "title_of",
]
