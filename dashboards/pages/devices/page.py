"""Puts together what the device page shows; one function a part, so that a refresh reads only what it draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts import Incident, Maintenance
from collectors import CheckState, PollState, check_states, latest_poll_request, poll_states
from core import Scope, Session
from dashboards.cabling import Cabling, cabling_of
from dashboards.language import from_epoch
from dashboards.pages.devices.ports import Panel, panel_of, series_part
from dashboards.pages.devices.reading import Reading, read_device
from dashboards.pages.devices.store import Children, Place, checks_of, children_of, incidents_of, maintenance_of
from dashboards.pages.devices.tiles import ON_PROJECTOR_CARD, Group, KeyFigure, key_figures, tile_groups
from dashboards.pages.devices.verdict import Evidence, Verdict, judge
from dashboards.services import Services
from dashboards.status import Board
from dashboards.store import row_of
from inventory import Check, Credential, Fact, FactChange, Part, fact_history, facts_of, parts_of


@dataclass(frozen=True, slots=True)
class Desk:
    """What every part of the page needs."""

    session: Session
    scope: Scope
    services: Services
    language: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Present:
    """The first screen: how it is now."""

    place: Place
    state: str
    verdict: Verdict
    figures: Sequence[KeyFigure]
    panel: Panel
    poll: PollState | None


@dataclass(frozen=True, slots=True)
class Sight:
    """What most parts of the page look at, read once: the place, the values, the device's parts."""

    place: Place
    reading: Reading
    parts: Sequence[Part]

    @property
    def part_names(self) -> dict[str, str]:
        """Series part -> what people call it."""
        return {series_part(part): part.alias or part.name or part.description for part in self.parts}

    @property
    def panel(self) -> Panel:
        """Its ports."""
        return panel_of(self.parts, self.reading)


def look(desk: Desk, place: Place) -> Sight:
    """Read the device's values, and its parts without those that are gone."""
    reading = read_device(desk.services, place.device.id, place.device.interval_s, desk.now.timestamp())
    return Sight(place, reading, parts_of(desk.session, desk.scope, place.device.id))


def present(desk: Desk, sight: Sight, board: Board) -> Present:
    """State, sentence, key figures and ports."""
    place, reading = sight.place, sight.reading
    state = board.states_of([place.device.id])[place.device.id]
    poll = poll_states(desk.session, [place.device.id]).get(place.device.id)
    works = maintenance_of(desk.session, place, desk.now) if state == "maintenance" else None
    return Present(
        place=place,
        state=state,
        verdict=_verdict(desk, place, state, (poll, works, reading)),
        figures=key_figures(reading, desk.language),
        panel=sight.panel,
        poll=poll,
    )


def _verdict(
    desk: Desk, place: Place, state: str, known: tuple[PollState | None, Maintenance | None, Reading]
) -> Verdict:
    poll, works, reading = known
    worst = next((one for one in incidents_of(desk.session, place.device.id, 1) if one.state != "closed"), None)
    view = desk.services.reachability
    return judge(
        Evidence(
            device=place.device,
            state=state,
            reach=view.of(place.device.id) if view is not None else None,
            poll=poll,
            incident=worst,
            newest_at=from_epoch(reading.newest_at) or (poll.last_ok_at if poll else None),
            works_until=works.ends_at if works else None,
            works_reason=works.reason if works else "",
            language=desk.language,
            now=desk.now,
        )
    )


def measured(desk: Desk, sight: Sight) -> list[Group]:
    """The tiles of what the device measures of itself."""
    told = ON_PROJECTOR_CARD if sight.place.device.kind == "projector" else ()
    return tile_groups(sight.reading, sight.part_names, desk.language, told)


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A check and how it went last; `state` is None when it was never made."""

    check: Check
    state: CheckState | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The side column: what stands around the numbers."""

    incidents: Sequence[Incident]
    checks: Sequence[CheckLine]
    children: Children
    child_states: dict[int, str]
    poll: PollState | None
    is_by_snmp: bool
    cabling: Cabling


def surroundings(desk: Desk, place: Place, board: Board) -> Surroundings:
    """Incidents, checks, what hangs on the device, how reading it goes."""
    device_id = place.device.id
    children = children_of(desk.session, desk.scope, device_id)
    checks = checks_of(desk.session, device_id)
    states = check_states(desk.session, device_id) if checks else {}
    cabling = cabling_of(desk.session, desk.scope, board, device_id)
    known = {child.id for child in children.rows} | {one.device_id for _port, one in cabling.joined if one.device_id}
    return Surroundings(
        incidents=incidents_of(desk.session, device_id),
        children=children,
        checks=[CheckLine(check, states.get(check.id)) for check in checks],
        child_states=board.states_of(sorted(known)),
        poll=poll_states(desk.session, [device_id]).get(device_id),
        is_by_snmp=_is_by_snmp(desk, place),
        cabling=cabling,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What the device says of itself, with its history."""

    facts: Sequence[Fact]
    history: Sequence[FactChange]


def known(desk: Desk, place: Place) -> Known:
    """Facts and their changes; the first value of a fact is no change."""
    changes = fact_history(desk.session, desk.scope, place.device.id, 60)
    return Known(facts_of(desk.session, desk.scope, place.device.id), [one for one in changes if one.old is not None])


def _is_by_snmp(desk: Desk, place: Place) -> bool:
    """Whether its readings are SNMP's; else they are PJLink's."""
    number = place.device.credential_id
    credential = row_of(desk.session, Credential, number) if number else None
    return credential is not None and credential.kind.startswith("snmp")


def open_request_id(desk: Desk, place: Place) -> int | None:
    """The "poll now" that is still under way, so that a reloaded page goes on waiting for it."""
    latest = latest_poll_request(desk.session, place.device.id)
    if latest is None or latest.done_at is not None or (desk.now - latest.requested_at).total_seconds() > 300:
        return None
    return latest.id
