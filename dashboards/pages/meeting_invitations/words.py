"""How states of messages and outcomes of replies are shown: icon, word and colour."""

from __future__ import annotations

from conference import invitations
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.words import Word

STATE_WORDS: dict[str, Word] = {
    "waiting": Word("info", "clock", _l("waits to be sent")),
    "retried": Word("attention", "refresh", _l("is tried again")),
    "sending": Word("info", "send", _l("is being sent")),
    "sent": Word("good", "mail", _l("sent")),
    "failed": Word("down", "circle-x", _l("not delivered")),
    "none": Word("unknown", "circle-dashed", _l("nothing sent yet")),
    "no_address": Word("attention", "alert-triangle", _l("no e-mail address")),
}


def outcome_word(outcome: str) -> Word:
    """What came of a reply by mail."""
    text = _(invitations.OUTCOMES.get(outcome, outcome))
    if outcome == "used":
        return Word("good", "circle-check", text)
    return Word("down" if outcome in ("stranger", "not_own_address", "returned") else "unknown", "info-circle", text)


def failure_text(failure: str) -> str:
    """A failure as it is kept ("refused 550") in words, with the mail server's code."""
    word, _blank, code = failure.partition(" ")
    text = _(invitations.FAILURES.get(word, word))
    return f"{text} ({code})" if code and code.replace(".", "").isdecimal() else text
