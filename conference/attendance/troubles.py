"""What went wrong with endpoints becomes proposals of tasks: grouped by endpoint and cause, in plain words. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from core import N_, gettext, ngettext

WORTH = timedelta(minutes=2)  # shorter trouble that came once needs nobody
# What somebody can put right afterwards, and the one thing to do. A word of live's causes -> text
ACTIONS: dict[str, str] = {
    "device": N_("Check or replace the camera, microphone or loudspeaker"),
    "silent": N_("Check the microphone: it was open and nothing was heard"),
    "dark": N_("Check the camera: its picture was black"),
    "weak": N_("Replace or clean up the computer: its processor was at its limit"),
    "computer": N_("Find out why the room's computer went off or hung"),
    "lan": N_("Put the room on a cable, or repair the school's own network"),
    "wan": N_("Report the line to its provider: it lost packets or was slow"),
    "line": N_("Report the line to its provider: the school could not be reached"),
    "udp": N_("Open UDP port 10000 in the school's firewall"),
    "fallback": N_("Open UDP port 10000: media took a detour through a firewall"),
    "throttled": N_("Enter the school's address among those the meeting server does not throttle"),
    "token": N_("Set the clock of the room's computer"),
    "power": N_("Check the power and the battery of the room"),
    "unheard": N_("Find out with the school why nothing was heard of the room"),
    "poor": N_("Find out why the quality was poor: measure the line and the computer"),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """One spell of an endpoint's trouble."""

    endpoint_id: int
    name: str
    place: str
    cause: str
    lasted: timedelta


@dataclass(frozen=True, slots=True)
class Proposal:
    """A task that would put a trouble right."""

    endpoint_id: int
    name: str
    place: str
    cause: str
    spells: int
    lasted: timedelta
    title: str
    details: str


def propose(troubles: Iterable[Trouble]) -> list[Proposal]:
    """One proposal for each endpoint and cause that lasted two minutes or came twice; the longest first."""
    groups: dict[tuple[int, str], list[Trouble]] = defaultdict(list)
    for one in troubles:
        if one.cause in ACTIONS:
            groups[one.endpoint_id, one.cause].append(one)
    found = []
    for (endpoint_id, cause), own in groups.items():
        lasted = sum((one.lasted for one in own), timedelta())
        if lasted < WORTH and len(own) < 2:
            continue
        minutes = max(1, round(lasted.total_seconds() / 60))
        times = ngettext("%(num)d time", "%(num)d times", len(own))
        details = gettext("In trouble %(times)s, %(minutes)s minutes in all. %(place)s", times=times, minutes=minutes,
                          place=own[0].place)  # fmt: skip
        title = f"{own[0].name}: {gettext(ACTIONS[cause])}"
        found.append(Proposal(endpoint_id, own[0].name, own[0].place, cause, len(own), lasted, title, details))
    return sorted(found, key=lambda one: (-one.lasted, one.name, one.cause))
