"""PJLink, the projectors' own protocol (JBMIA): what both reading (collectors) and changing (playbooks) stand on."""

from core.pjlink import reasons, values, wire
from core.pjlink.listening import Ear, listen, search_projectors
from core.pjlink.session import Answer, Endpoint, Patience, Session, Switchboard
from core.pjlink.wire import PORT, Notice

__all__ = [
    "PORT", "Answer", "Ear", "Endpoint", "Notice", "Patience", "Session", "Switchboard", "listen", "reasons",
    "search_projectors", "values", "wire",
]
