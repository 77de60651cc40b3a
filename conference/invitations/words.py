"""Words of invitations: how far a message is, what came of a reply, and what a person should do about it."""

from __future__ import annotations

from core import N_

WAITING, SENDING, SENT, FAILED, REPLACED = "waiting", "sending", "sent", "failed", "replaced"
STATES: dict[str, str] = {
    WAITING: N_("waits to be sent"),
    SENDING: N_("is being sent"),
    SENT: N_("sent"),
    FAILED: N_("not delivered"),
    REPLACED: N_("replaced by a newer one"),
}
REQUEST, CANCEL, NOTE = "REQUEST", "CANCEL", "NOTE"
METHODS: dict[str, str] = {
    REQUEST: N_("Invitation"),
    CANCEL: N_("Cancellation"),
    NOTE: N_("Reminder"),
}
# Why somebody gets a message
INVITED, CHANGED, REMOVED, CALLED_OFF = "invited", "changed", "removed", "called_off"
CAUSES: dict[str, str] = {
    INVITED: N_("is invited"),
    CHANGED: N_("is told of the change"),
    REMOVED: N_("is no longer asked to come"),
    CALLED_OFF: N_("is told that it does not take place"),
}
# Why a message was not delivered; other words are those of the mail server's answer
FAILURES: dict[str, str] = {
    "bad_address": N_("This is no e-mail address. Correct it in the inventory or in the meeting."),
    "refused": N_("The mail server refused this address. Check it, then send the invitation again."),
    "too_many_attempts": N_("The mail server did not take the message for a long time. Check the mail account."),
    "wrong_credential": N_("The mail server refused user name or password. Check mail_user and mail_password."),
    "bad_settings": N_("The mail account cannot be used as it is entered. Check the mail settings of [conference]."),
    "busy": N_("The mail server is busy; it is tried again by itself."),
    "unreachable": N_("The mail server cannot be reached; it is tried again by itself."),
    "timeout": N_("The mail server did not answer in time; it is tried again by itself."),
    "server_error": N_("The mail server failed; it is tried again by itself."),
    "untrusted": N_("The mail server's certificate is not trusted. Install a right one, or name your own authority in"
                    " mail_ca_file."),
    "no_encryption": N_("The mail server offers no encryption. Switch it on there, or set the security to none."),
    "no_folder": N_("The mailbox has no such folder. Correct replies_folder."),
}
# What came of a reply by mail
USED = "used"
OUTCOMES: dict[str, str] = {
    USED: N_("counts"),
    "old_sequence": N_("answers an older version of the invitation"),
    "older_reply": N_("a newer answer of the same person counts"),
    "unknown_meeting": N_("answers a meeting that EduNOC does not know"),
    "unknown_occurrence": N_("answers a day on which the series has no meeting"),
    "stranger": N_("comes from somebody who was not invited"),
    "not_own_address": N_("was sent from another address than that of the person invited"),
    "called_off": N_("answers a meeting that was called off"),
    "over": N_("came after the meeting"),
    "bad_answer": N_("says neither yes, no nor perhaps"),
    "not_a_reply": N_("holds a calendar entry that is no answer"),
    "no_calendar": N_("holds no calendar answer"),
    "garbage": N_("cannot be read"),
    "returned": N_("tells that an invitation could not be delivered"),
    "too_big": N_("is larger than any answer"),
}
ANSWERS = ("accepted", "declined", "tentative")
