"""The closed lists of words in alerts, each with the text that pages and messages show for it."""

from __future__ import annotations

from core import N_

SEVERITY_LABELS = {"critical": N_("Critical"), "major": N_("Major"), "minor": N_("Minor"), "info": N_("Information")}

STATE_LABELS = {"open": N_("Open"), "acknowledged": N_("Being handled"), "closed": N_("Closed")}

# kinds of IncidentEvent
EVENT_LABELS = {
    "opened": N_("The trouble began"),
    "reopened": N_("The trouble came back"),
    "flapping": N_("The trouble comes and goes"),
    "announced": N_("People were told"),
    "quiet": N_("Nobody was told"),
    "returned": N_("Well again, still watched"),
    "again": N_("Wrong again"),
    "unknown": N_("No values come any more"),
    "known": N_("Values come again"),
    "severity": N_("The severity changed"),
    "folded": N_("Became part of a larger incident"),
    "took_in": N_("Took in another incident"),
    "notification": N_("Message"),
    "acknowledged": N_("Somebody has taken it"),
    "commented": N_("Comment"),
    "assigned": N_("Given to somebody"),
    "closed": N_("Closed"),
}

# states of a Notification
MESSAGE_STATE_LABELS = {
    "queued": N_("Waiting"), "sending": N_("Being sent"), "sent": N_("Sent"), "failed": N_("Failed"),
    "digested": N_("Merged"),
}

# kinds of a Notification; the words in a subject
STATUS_LABELS = {
    "opened": N_("TROUBLE"), "reopened": N_("TROUBLE AGAIN"), "flapping": N_("COMES AND GOES"), "recovered": N_("OVER"),
    "digest": N_("SEVERAL"), "test": N_("TEST"),
}

# hours of a Route
HOURS_LABELS = {
    "always": N_("At any hour"), "teaching": N_("In teaching hours"), "working": N_("In office hours"),
}

CLOSE_LABELS = {
    "returned": N_("It is well again"),
    "person": N_("Closed by a person"),
    "folded": N_("Became part of a larger incident"),
    "no_longer_watched": N_("It is no longer watched"),
    "data_lost": N_("No values have come for a long time"),
}
