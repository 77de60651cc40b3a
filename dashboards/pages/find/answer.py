"""The answer of "find MAC/IP": the machines that the text means, each where it is; of a single one also its past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core import Scope, Session
from dashboards.pages.find.news import News, news_of_mac
from inventory import Location, locate, mac_history

MOST = 50


@dataclass(frozen=True, slots=True)
class Machine:
    """One MAC address with the places where it is or was seen last, one a site, those that are current first."""

    mac: str
    places: Sequence[Location]

    @property
    def newest(self) -> Location:
        """Where it is, or was last."""
        return self.places[0]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found. `history` and `news` are of the one machine that was found, else empty."""

    machines: Sequence[Machine]
    history: Sequence[Location]
    news: Sequence[News]
    is_cut: bool = False

    @property
    def only(self) -> Machine | None:
        """The machine, when just one is meant."""
        return self.machines[0] if len(self.machines) == 1 else None


def answer_to(session: Session, scope: Scope, text: str, now: datetime) -> Answer:
    """Look for a MAC address (whole, its beginning or end), an IP address or a device's name."""
    found = locate(session, scope, text, MOST)
    machines: dict[str, list[Location]] = {}
    for one in found:
        machines.setdefault(one.mac, []).append(one)
    known = [Machine(mac, places) for mac, places in machines.items()]
    if len(known) != 1:
        return Answer(known, (), (), len(found) >= MOST)
    mac = known[0].mac
    return Answer(known, mac_history(session, scope, mac), news_of_mac(session, scope, mac, now))
