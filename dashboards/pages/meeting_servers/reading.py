"""How meeting servers stand: the live figures, the last look's reason, remarks in plain words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alerts import Incident
from collectors import (
    OVERLOADED_RATIO,
    Explanation,
    MeetingServerState,
    ServerNow,
    explain,
    server_states,
    servers_now,
)
from core import Session
from core import gettext as _
from core import ngettext as _n
from dashboards.pages.meeting_servers.store import open_incidents_of
from dashboards.services import Services as Running
from inventory import MeetingServer, MeetingSystem

RANK = {"down": 0, "attention": 1, "unknown": 2, "maintenance": 3, "good": 4}
HIGH_LOSS = 0.02
RECORDER_WORDS = {0.0: "idle", 1.0: "busy", 2.0: "expired"}


@dataclass(frozen=True, slots=True)
class ServerView:
    """One server as list and page show it. `remarks` say what is not as it should be although it answers."""

    server: MeetingServer
    system: MeetingSystem
    state: str
    now: ServerNow
    told: Explanation | None = None
    detail: str = ""
    since: datetime | None = None
    asked_at: datetime | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    remarks: Sequence[str] = ()
    incidents: Sequence[Incident] = ()

    @property
    def label(self) -> str | None:
        """The word for its state where the usual one does not fit: it answers, and is no good all the same."""
        if self.state == "maintenance":
            return _("switched off")
        if self.state == "down" and self.now.is_up:
            return _("overloaded") if (self.now.stress or 0.0) >= OVERLOADED_RATIO else _("ill")
        return None

    @property
    def version(self) -> str:
        """Its version, "" when it told none."""
        return self.facts.get("version", "")

    @property
    def loss(self) -> float | None:
        """The worse of the two ways' losses."""
        known = [one for one in (self.now.in_loss, self.now.out_loss) if one is not None]
        return max(known, default=None)


def look(
    session: Session, running: Running, servers: Sequence[MeetingServer], systems: Mapping[int, MeetingSystem],
    now: datetime,
) -> list[ServerView]:
    """All of these servers, in their order."""
    ids = [server.id for server in servers]
    states, incidents = server_states(session, ids), open_incidents_of(session, ids)
    if running.live is None or running.registry is None:
        present = [ServerNow(one.id, one.kind, one.name) for one in servers]
    else:
        present = servers_now(running.live, running.registry, servers, now.timestamp())
    old = _odd_versions(servers, states)
    return [
        _view(server, systems[server.system_id], here, states.get(server.id), (incidents.get(server.id, ()), old))
        for server, here in zip(servers, present, strict=True)
    ]


def _view(
    server: MeetingServer, system: MeetingSystem, here: ServerNow, state: MeetingServerState | None,
    beside: tuple[Sequence[Incident], frozenset[int]],
) -> ServerView:
    incidents, odd = beside
    facts = facts_of(state)
    if not server.is_enabled or not system.is_enabled:
        return ServerView(server, system, "maintenance", here, facts=facts, incidents=incidents)
    remarks = remarks_of(here)
    if server.id in odd:
        remarks.append(_("It runs another version than most bridges of its system: they are never mixed in a meeting."))
    if state is None:
        return ServerView(server, system, "unknown", here, remarks=remarks, incidents=incidents)
    told = explain(state.reason) if state.reason not in ("", "ok") else None
    word = here.state
    if (told is not None and word in ("good", "unknown")) or (word == "good" and remarks):
        word = "attention"
    return ServerView(
        server, system, word, here, told, state.detail, state.since, state.asked_at, facts, remarks, incidents
    )


def facts_of(state: MeetingServerState | None) -> dict[str, str]:
    """What the server told of itself in words."""
    try:
        found = json.loads(state.facts) if state is not None else {}
    except ValueError:
        return {}
    return {str(name): str(text) for name, text in found.items()} if isinstance(found, dict) else {}


def _odd_versions(servers: Sequence[MeetingServer], states: Mapping[int, MeetingServerState]) -> frozenset[int]:
    """Bridges whose version is not that of most bridges of their system; all of them where there is no majority."""
    by_system: dict[int, dict[str, list[int]]] = {}
    for server in servers:
        version = facts_of(states.get(server.id)).get("version", "")
        if server.kind == "jvb" and server.is_enabled and version:
            by_system.setdefault(server.system_id, {}).setdefault(version, []).append(server.id)
    found: set[int] = set()
    for versions in by_system.values():
        most = max(map(len, versions.values()))
        usual = [ids for ids in versions.values() if len(ids) == most]
        keep = usual[0] if len(usual) == 1 else []
        found.update(one for ids in versions.values() for one in ids if len(versions) > 1 and one not in keep)
    return frozenset(found)


def remarks_of(here: ServerNow) -> list[str]:
    """What is not as it should be, in sentences."""
    found: list[str] = []
    if (here.stress or 0.0) >= OVERLOADED_RATIO:
        found.append(_("Overloaded: Jicofo puts nobody else on it, and pictures may freeze."))
    if here.is_joined is False:
        found.append(_("It lost Prosody (XMPP), so that Jicofo cannot use it."))
    if here.is_draining:
        found.append(_("It takes no new participants (drain); those on it stay."))
    if (here.used or 0.0) >= OVERLOADED_RATIO:
        found.append(_("Its network card is nearly full."))
    if max(here.in_loss or 0.0, here.out_loss or 0.0) > HIGH_LOSS:
        found.append(_("Packets are lost between it and the rooms."))
    if (here.versions or 0.0) > 1:
        found.append(_("The bridges run %(n)d different versions; a meeting uses those of one version only.",
                       n=int(here.versions or 0)))
    if here.recorders and here.recorders_free == 0:
        found.append(_n("Its only recorder is busy.", "All its %(num)d recorders are busy.", int(here.recorders)))
    if here.recorder_state == 2:
        found.append(_("It has expired: it finishes what it does and then takes nothing more."))
    return found


@dataclass(frozen=True, slots=True)
class Totals:
    """A system in figures, over its servers; None where nothing is known."""

    system: MeetingSystem
    conferences: int | None
    people: int | None
    visitors: int | None
    bridges: int
    bridges_good: int
    stress: float | None
    out_bps: float | None
    capacity_bps: float | None
    recorders: int
    recorders_free: int
    has_focus: bool


def totals_of(system: MeetingSystem, views: Sequence[ServerView]) -> Totals:
    """The figures of a system. Jicofo knows the people; without it they are those on the bridges."""
    mine = [view for view in views if view.server.system_id == system.id and view.state != "maintenance"]
    bridges = [view for view in mine if view.server.kind == "jvb"]
    focus = next((view.now for view in mine if view.server.kind == "jicofo" and view.now.is_up), None)
    up = [view.now for view in bridges if view.now.is_up]
    people = _sum(one.participants for one in up)
    recorders = [view.now for view in mine if view.server.kind == "jibri"]
    return Totals(
        system,
        _whole(focus.conferences if focus else max((one.conferences or 0 for one in up), default=None)),
        _whole(focus.participants if focus else people),
        _whole(focus.visitors if focus else _sum(one.visitors for one in up)),
        len(bridges), sum(view.state in ("good", "attention") for view in bridges),
        max((one.stress for one in up if one.stress is not None), default=None),
        _sum(one.out_bps for one in up), sum(one.capacity_bps for one in up) if up else None,
        len(recorders), sum(one.recorder_state == 0 for one in recorders), focus is not None,
    )


def _sum(values) -> float | None:
    known = [one for one in values if one is not None]
    return sum(known) if known else None


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
