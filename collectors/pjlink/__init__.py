"""Reading projectors over PJLink. What changes them lives in playbooks."""

from collectors.pjlink.asking import Asked, ask_projector
from collectors.pjlink.reading import Known, Lives, Reading, changed_lamps, facts, learn, parts, questions, samples

__all__ = [
    "Asked", "Known", "Lives", "Reading", "ask_projector", "changed_lamps", "facts", "learn", "parts", "questions",
    "samples",
]
