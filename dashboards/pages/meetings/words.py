"""How states, kinds and readiness of meetings are shown: icon, word and colour."""

from __future__ import annotations

from core import lazy_gettext as _l
from dashboards.words import Word

STATE_WORDS: dict[str, Word] = {
    "draft": Word("unknown", "pencil", _l("draft")),
    "pending": Word("attention", "clock", _l("waits for approval")),
    "scheduled": Word("info", "calendar-event", _l("scheduled")),
    "running": Word("good", "player-play", _l("running")),
    "ended": Word("idle", "checks", _l("ended")),
    "cancelled": Word("down", "x", _l("cancelled")),
    "refused": Word("down", "circle-x", _l("not approved")),
}
KIND_ICONS = {"meeting": "users", "conference": "speakerphone", "training": "school", "observation": "eye"}
READY_WORDS: dict[str, Word] = {
    "ready": Word("good", "circle-check", _l("ready")),
    "risk": Word("attention", "alert-triangle", _l("at risk")),
    "not_ready": Word("down", "circle-x", _l("not ready")),
    "unknown": Word("unknown", "help-circle", _l("not checked yet")),
}
REPLY_WORDS: dict[str, Word] = {
    "accepted": Word("good", "circle-check", _l("will come")),
    "declined": Word("down", "circle-x", _l("will not come")),
    "tentative": Word("attention", "help-circle", _l("perhaps")),
    "delegated": Word("info", "user-check", _l("sends somebody")),
    "needs-action": Word("unknown", "circle-dashed", _l("no answer yet")),
}
FINDING_WORDS: dict[str, Word] = {
    "critical": Word("down", "circle-x", _l("Will not work")),
    "warning": Word("attention", "alert-triangle", _l("At risk")),
    "info": Word("info", "info-circle", _l("To know")),
}
