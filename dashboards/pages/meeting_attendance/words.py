"""How attendance, tasks and seals are shown: icon, word and colour."""

from __future__ import annotations

from core import lazy_gettext as _l
from dashboards.words import Word

STATE_WORDS: dict[str, Word] = {
    "present": Word("good", "user-check", _l("present")),
    "partial": Word("attention", "clock", _l("partly present")),
    "absent": Word("down", "user-off", _l("absent without excuse")),
    "excused": Word("idle", "notes", _l("absent with excuse")),
    "uninvited": Word("info", "user-plus", _l("not invited")),
}
MARK_WORDS: dict[str, Word] = {
    "late": Word("attention", "clock", _l("came late")),
    "early": Word("attention", "logout", _l("left early")),
}
PAPER_WORDS: dict[str, Word] = {
    "running": Word("info", "player-play", _l("meeting runs")),
    "waiting": Word("unknown", "clock", _l("not counted yet")),
    "counted": Word("good", "user-check", _l("counted")),
    "signed": Word("good", "certificate", _l("minutes signed")),
}
TASK_WORDS: dict[str, Word] = {
    "open": Word("info", "circle-dashed", _l("to do")),
    "overdue": Word("down", "alert-triangle", _l("overdue")),
    "done": Word("good", "circle-check", _l("done")),
}
