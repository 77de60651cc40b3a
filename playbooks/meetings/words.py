"""How orders to meeting servers end, in words for people."""

from __future__ import annotations

from core import N_, gettext

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
STATES: dict[str, str] = {
    WAITING: N_("waiting"),
    RUNNING: N_("under way"),
    DONE: N_("done"),
    FAILED: N_("failed"),
    CANCELLED: N_("cancelled"),
}
# %(detail)s is a number or a few words of the server
REASONS: dict[str, str] = {
    "done": N_("Done."),
    "said_ok": N_("The server said that it did it; it does not tell its state."),
    "already": N_("It was done already."),
    "moved": N_("%(detail)s moved."),
    "none_moved": N_("Nobody was moved: no other bridge could take them."),
    "recording": N_("The recorder is in the meeting."),
    "accepted": N_("The recorder accepted; it needs some seconds to join."),
    "looking": N_("Sent; EduNOC looks whether it holds."),
    "not_found": N_("The server knows no such meeting, connection or bridge now. Look at the board: it may be gone."),
    "bad_request": N_("The server did not understand the order: %(detail)s"),
    "token_refused": N_("The server refused our token. Check the system's control key and the clocks."),
    "switched_off": N_("This interface is switched off on the server. Enable it in its configuration."),
    "recorder_busy": N_("The recorder is busy, or its sign-in is not entered. Choose another, or wait."),
    "did_not_start": N_("The recorder accepted but did not join. Look at its log."),
    "not_taken": N_("It said yes but did not do it."),
    "server_error": N_("The server failed: %(detail)s"),
    "busy_server": N_("The server is busy; it is tried again."),
    "unreachable": N_("The server cannot be reached; it is tried again."),
    "timeout": N_("The server did not answer in time; it is tried again."),
    "no_answer": N_("The server did not answer. It is not sent again, as it may have been done. Look at the board."),
    "interrupted": N_("EduNOC was stopped while it was sent. It is not sent again: it may have been carried out."),
    "too_late": N_("It could not be sent in time and is given up."),
    "no_server": N_("The system has no server for this. Enter it in the meeting system."),
    "forbidden_address": N_("The server's address is one that nothing is sent to. Enter the server's own address."),
    "no_key": N_("The system has no key for control. Make one in the meeting system."),
    "bad_secret": N_("The system's secrets cannot be opened. Enter them again."),
    "gone": N_("The system or server was removed meanwhile."),
    "internal_error": N_("EduNOC failed: %(detail)s"),
    "taken_back": N_("Taken back before it was sent."),
}


def say(reason: str, detail: str = "") -> str:
    """The sentence of a reason, in the language of the moment."""
    text = REASONS.get(reason)
    if text is None:
        return reason
    return gettext(text, detail=detail or "?") if "%(" in text else gettext(text)
