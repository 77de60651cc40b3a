"""How readiness is shown: icon, word and colour of each state, outcome and result of a rehearsal."""

from __future__ import annotations

from conference import readiness
from core import lazy_gettext as _l
from dashboards.words import Word

STATES: dict[str, Word] = {
    "not_ready": Word("down", "circle-x", _l("not ready")),
    "risk": Word("attention", "alert-triangle", _l("at risk")),
    "unknown": Word("unknown", "help-circle", _l("unknown")),
    "ready": Word("good", "circle-check", _l("ready")),
}
LEVELS: dict[str, Word] = {
    "block": Word("down", "circle-x", _l("blocks")),
    "blind": Word("unknown", "help-circle", _l("not known")),
    "risk": Word("attention", "alert-triangle", _l("risk")),
    "note": Word("info", "info-circle", _l("note")),
}
OUTCOMES: dict[str, Word] = {
    "reached": Word("info", "phone", _l("reached")),
    "no_answer": Word("attention", "phone", _l("no answer")),
    "will_fix": Word("info", "clock", _l("will put it right")),
    "fixed": Word("good", "check", _l("put right")),
    "message": Word("info", "mail", _l("message sent")),
}
REHEARSAL: dict[str, Word] = {
    "failed": Word("down", "circle-x", _l("failed")),
    "absent": Word("attention", "alert-triangle", _l("absent")),
    "waiting": Word("idle", "clock", _l("its wave is still to come")),
    "passed": Word("good", "circle-check", _l("passed")),
}
assert set(STATES) == set(readiness.STATES)
