"""The words of the schedule: kinds and states of meetings, roles, modes and replies of participants."""

from __future__ import annotations

from core import N_

KINDS: dict[str, str] = {
    "meeting": N_("Meeting"),
    "conference": N_("Conference"),
    "training": N_("Training"),
    "observation": N_("Lesson observation"),
}
DRAFT, PENDING, SCHEDULED, RUNNING, ENDED, CANCELLED, REFUSED = (
    "draft", "pending", "scheduled", "running", "ended", "cancelled", "refused",
)
STATES: dict[str, str] = {
    DRAFT: N_("draft"),
    PENDING: N_("waits for approval"),
    SCHEDULED: N_("scheduled"),
    RUNNING: N_("running"),
    ENDED: N_("ended"),
    CANCELLED: N_("cancelled"),
    REFUSED: N_("not approved"),
}
OPEN_STATES = (SCHEDULED, RUNNING)  # people may join
BOOKED_STATES = (PENDING, SCHEDULED, RUNNING)  # rooms and people are taken
UNTOLD_STATES = (DRAFT, PENDING, REFUSED)  # nobody was invited
CHANGEABLE_STATES = (DRAFT, PENDING, SCHEDULED, RUNNING, REFUSED)

ROLES: dict[str, str] = {
    "chair": N_("Chair"),
    "cohost": N_("Co-host"),
    "secretary": N_("Secretary"),
    "participant": N_("Participant"),
}
MODES: dict[str, str] = {"speak": N_("speaks"), "listen": N_("listens")}
PARTICIPANT_KINDS: dict[str, str] = {"unit": N_("Unit"), "endpoint": N_("Endpoint"), "person": N_("Person")}
BRANCH = "branch"  # only in a draft: every endpoint of a unit and of all below it

# RFC 5545 section 3.2.12 (PARTSTAT), lower case
REPLIES: dict[str, str] = {
    "needs-action": N_("no answer yet"),
    "accepted": N_("will come"),
    "declined": N_("will not come"),
    "tentative": N_("perhaps"),
    "delegated": N_("sends somebody"),
}
# What a change is about, in a series
ONE, FOLLOWING, ALL = "one", "following", "all"
SPANS: dict[str, str] = {
    ONE: N_("Only this meeting"),
    FOLLOWING: N_("This and the following meetings"),
    ALL: N_("All coming meetings of the series"),
}
