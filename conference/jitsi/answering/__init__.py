"""What Jitsi's servers are answered without the main database: reservations, room events, public keys, recorders."""

from conference.jitsi.answering.booking import Booking, Snapshot, SystemProof
from conference.jitsi.answering.desk import Desk, OpenRoom, desk_file
from conference.jitsi.answering.doors import Answer, Call, answer_call
from conference.jitsi.answering.events import EventFact, EventProblem, read_event
from conference.jitsi.answering.wsgi import make_machine_app

__all__ = [
    "Answer", "Booking", "Call", "Desk", "EventFact", "EventProblem", "OpenRoom", "Snapshot", "SystemProof",
    "answer_call", "desk_file", "make_machine_app", "read_event",
]
