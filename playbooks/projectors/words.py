"""How commands to projectors end, in words for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from core import N_, gettext, pjlink

# Words of a task's state, in the order of its life
WAITING, RUNNING, DONE, FAILED, REFUSED = "waiting", "running", "done", "failed", "refused"
STATES: dict[str, str] = {
    WAITING: N_("waiting"),
    RUNNING: N_("under way"),
    DONE: N_("done"),
    FAILED: N_("failed"),
    REFUSED: N_("refused"),
}

# %(title)s is the exam's or meeting's title, %(until)s a local time
REASONS: dict[str, str] = {
    "done": N_("Done, and checked."),
    "said_ok": N_("The projector said that it did it; this model does not tell its state."),
    "already": N_("It was so already; nothing was sent."),
    "warming": N_("Switched on; it is warming up."),
    "cooling": N_("It is cooling down; EduNOC looks again whether it stays off."),
    "still_on": N_("It said yes but is still on. Look at it on site."),
    "still_off": N_("It said yes but did not switch on. Look at it on site."),
    "not_taken": N_("It said yes but did not do it."),
    "not_on": N_("The projector is off, so this can do nothing. Switch it on first."),
    "interrupted": N_("EduNOC was stopped while it was sent. It is not repeated, since louder twice is too loud."),
    "exam": N_("Refused: the examination “%(title)s” runs there until %(until)s."),
    "meeting": N_("Refused: the meeting “%(title)s” runs there until %(until)s."),
    "lesson": N_("Waits: “%(title)s” uses the room until %(until)s."),
    "soon": N_("Refused: “%(title)s” begins there soon and runs until %(until)s."),
    "teaching": N_("Waits: lessons run there until %(until)s."),
    "no_pjlink": N_("EduNOC does not talk to it over PJLink. Enter its PJLink port (usually 4352) in its record."),
    "no_address": N_("It has no network address. Enter it in its record."),
    "bad_credential": N_("Its password cannot be opened. Enter it again in its credential."),
    "too_late": N_("It could not be done in time and is given up."),
    "overtaken": N_("Given up: a later order for this projector took its place."),
    "gone": N_("The projector was removed meanwhile."),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a task's end says: what happened, and what to do next ("" for nothing)."""

    message: str
    advice: str = ""


def say(reason: str, title: str = "", until: datetime | None = None, timezone: str = "Asia/Ho_Chi_Minh") -> Said:
    """The sentences of a reason, in the language of the moment."""
    if reason in REASONS:
        when = until.astimezone(ZoneInfo(timezone)).strftime("%H:%M %d/%m") if until else "?"
        values = {"title": title, "until": when} if "%(" in REASONS[reason] else {}
        return Said(gettext(REASONS[reason], **values))
    message, advice = pjlink.reasons.REASONS.get(reason, (reason, ""))
    return Said(gettext(message) if message else "", gettext(advice) if advice else "")
