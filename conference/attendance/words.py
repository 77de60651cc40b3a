"""The words of attendance: how somebody attended, how evidence was tied, why sources disagree, what a chain suffers."""

from __future__ import annotations

from core import N_

# How somebody attended, as lists filter it
PRESENT, PARTIAL, ABSENT, EXCUSED, UNINVITED = "present", "partial", "absent", "excused", "uninvited"
LATE, EARLY = "late", "early"
STATES: dict[str, str] = {
    PRESENT: N_("present"),
    PARTIAL: N_("partly present"),
    ABSENT: N_("absent without excuse"),
    EXCUSED: N_("absent with excuse"),
    UNINVITED: N_("not invited"),
}
MARKS: dict[str, str] = {LATE: N_("came late"), EARLY: N_("left early")}
LINKED_BY: dict[str, str] = {
    "connection": N_("by the kiosk's connection"),
    "subject": N_("by the token"),
    "name": N_("by the shown name only"),
    "unnamed": N_("by nothing: a connection without a name"),
    "": N_("nobody came"),
}
REASONS: dict[str, str] = {
    "no_client": N_("The kiosk page sent nothing: joined by another browser, or its heartbeats were blocked."),
    "no_server": N_("The server saw nobody: its events were lost, or nobody looked into the room."),
    "server_longer": N_("The kiosk fell silent earlier: the computer hung, or the server noticed a cut late."),
    "client_longer": N_("The server lost some of it: events did not arrive, or it was restarted."),
}
CHAIN_PROBLEMS: dict[str, str] = {
    "changed_row": N_("A row was changed after it was counted."),
    "missing_row": N_("A row is missing or was added."),
    "other_audit": N_("The chain was made anew: its end is not the one that the audit keeps."),
}
SOURCES: dict[str, str] = {
    "both": N_("server and kiosk"),
    "server": N_("server only"),
    "client": N_("kiosk only"),
}
INDICATORS: dict[str, tuple[str, str]] = {
    "assured": (
        N_("Conferences and training assured"),
        N_("Conferences and training whose rooms were checked beforehand and that were held (row 12 of the plans)."),
    ),
    "online": (
        N_("Meetings held online"),
        N_("Meetings and conferences between offices and schools that were really held online (row 13)."),
    ),
    "training": (
        N_("Training over the network"),
        N_("Professional training that was really attended over the network (row 14)."),
    ),
    "broadcast": (
        N_("Important conferences broadcast live"),
        N_("Important conferences for which a live stream was really started (row 15)."),
    ),
    "observation": (
        N_("Lessons observed online"),
        N_("Lesson observations that were planned and really held over the network (row 16)."),
    ),
}
# What a condition of a formula may name, with its meaning
NAMES: dict[str, str] = {
    "invited": N_("how many were invited"),
    "present": N_("how many were there for the least share of minutes"),
    "share": N_("present / invited"),
    "least_share": N_("the least share of the invited, as set above"),
    "held": N_("1 when somebody was there"),
    "minutes": N_("planned minutes"),
    "important": N_("1 for important meetings"),
    "streamed": N_("1 when a live stream was started"),
    "recorded": N_("1 when it was recorded"),
    "endpoints": N_("invited endpoints"),
    "checked": N_("endpoints checked before the start"),
    "ready": N_("endpoints that were ready"),
    "troubled": N_("endpoints with trouble during it"),
}
