"""Every reason a stage can answer with, and the sentence people read: "why did I (not) get a message"."""

from __future__ import annotations

from core import N_, gettext

REASONS: dict[str, str] = {
    # reachability
    "ping_verdict": N_("The ping plane decided that this cannot be reached."),
    "device_reachable": N_("The device can be reached, so its values count."),
    "not_pinged": N_("The device is not pinged; its values are taken as they are."),
    "device_unreachable": N_("Held: the device cannot be reached, and that is an incident of its own."),
    "reachability_unclear": N_("Held: it is not decided yet whether the device can be reached."),
    "own_network_lost": N_("Held: EduNOC has lost its own network and cannot tell."),
    # fold
    "is_cause": N_("This is the cause; nothing above it is down."),
    "behind_incident": N_("Folded into the incident that explains it."),
    "needs_what_is_down": N_("Folded into the incident of the server, line or service that it needs."),
    "may_follow": N_("Held: what explained it has just ended, and it may follow by itself."),
    # maintenance, calendar, silence
    "no_maintenance": N_("No maintenance is going on here."),
    "maintenance": N_("No message: maintenance is going on here."),
    "always": N_("This rule speaks at any hour."),
    "teaching_hours": N_("It is teaching time."),
    "outside_teaching_hours": N_("No message: this rule speaks in teaching hours only."),
    "not_silenced": N_("Nobody silenced this."),
    "silenced": N_("No message: somebody silenced this for a while."),
    "end_is_told": N_("The end of what was announced is told at any time."),
    # dedupe
    "new": N_("This is a new incident."),
    "reopened": N_("The trouble came back soon, so it is the same incident again."),
    "flapping": N_("It comes and goes; this is told once, then no more until it is steady."),
    "already_flapping": N_("No message: it comes and goes, and that was told already."),
    "closed_by_person": N_("No message: a person closed the incident; it must end before it can begin anew."),
    "already_announced": N_("The message went out earlier."),
    "acknowledged": N_("No message: somebody has taken the incident."),
    "still_standing": N_("It still stands, and nobody was told yet."),
    "over": N_("The trouble is over."),
    "flapping_hold": N_("Held open: it comes and goes, and must be well for a while first."),
    "never_announced": N_("No message about the end, since none was sent about the beginning."),
    "folded": N_("It became part of a larger incident."),
    "no_longer_watched": N_("Closed: this is no longer watched."),
    "data_lost": N_("Closed: no values have come for a long time."),
    # route
    "routed": N_("Recipients were found."),
    "no_route": N_("No message: no recipient is set up for this unit, severity and hour."),
    "quiet": N_("No recipient was looked for."),
    # send, remember
    "queued": N_("The messages were written to the queue."),
    "nothing_to_send": N_("There was nothing to send."),
    "remembered": N_("The story was written."),
    # sending
    "sent": N_("The message was handed over."),
    "timeout": N_("The other side did not answer in time; EduNOC tries again."),
    "unreachable": N_("The other side cannot be reached; EduNOC tries again."),
    "busy": N_("The other side asks to wait; EduNOC tries again."),
    "server_error": N_("The other side had an error; EduNOC tries again."),
    "left_behind": N_("EduNOC stopped while sending; the message is sent again."),
    "rate_limited": N_("Waiting: the channel is at its limit of messages a minute."),
    "digested": N_("Merged with others into one message, since many came at once."),
    "wrong_credential": N_("The other side refused the user name, password or token. Check the channel's settings."),
    "refused": N_("The other side refused the message. Check the recipient."),
    "bad_settings": N_("The channel's settings cannot be used. Open the channel and save it again."),
    "forbidden_address": N_("The webhook points inside our own network, which the settings do not allow."),
    "channel_off": N_("The channel is switched off or was deleted."),
    "too_many_attempts": N_("Given up after too many attempts."),
}


def explain(reason: str) -> str:
    """The sentence for a reason, in the language of the moment; unknown ones are shown as they are."""
    return gettext(REASONS[reason]) if reason in REASONS else reason
