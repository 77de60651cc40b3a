"""Puts together what the site page shows: the sentence, the tiles, the devices, the tree, the people, seven days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts import Incident, IncidentFilter, list_incidents
from core import Scope, Session, User
from core import gettext as _
from core import ngettext as _n
from dashboards.pages.devices.reading import Reading, read_device
from dashboards.pages.devices.verdict import next_step_of, title_of
from dashboards.pages.overview.board import Share
from dashboards.pages.sites.health import count_words, whole_state
from dashboards.pages.sites.store import (
    Place,
    checks_at,
    devices_at,
    found_uplinks,
    incidents_between,
    links_at,
    machine_count,
    rooms_at,
    staff_of,
)
from dashboards.pages.sites.tiles import Evidence, Tile, five_tiles, gateway_of
from dashboards.pages.sites.timeline import DAYS, Timeline, timeline_of
from dashboards.pages.sites.tree import Tree, tree_of
from dashboards.services import Services
from dashboards.status import STATES, WORST_FIRST, Board, wifi_at
from inventory import Device, Link, Room, Unit, calendar_view

INCIDENTS_SHOWN = 12
KIND_SHOWN = 60  # devices of one kind that are listed here; the rest stands in the device list
_WORST = {STATES[number]: place for place, number in enumerate(WORST_FIRST)}


@dataclass(frozen=True, slots=True)
class Desk:
    """Who looks, and with what."""

    session: Session
    scope: Scope
    services: Services
    language: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the site is, in one sentence; `incident` explains it where there is one."""

    state: str
    sentence: str
    advice: str = ""
    incident: Incident | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """What refreshes itself: how the site is now."""

    place: Place
    verdict: Verdict
    share: Share
    tiles: Sequence[Tile]
    incidents: Sequence[Incident]
    open_count: int


@dataclass(frozen=True, slots=True)
class Stock:
    """What stands at the site, read once. `state` is by device id."""

    devices: Sequence[Device]
    state: Mapping[int, str]
    links: Sequence[Link]
    rooms: Sequence[Room]
    gateway: Device | None


def take_stock(desk: Desk, place: Place, board: Board) -> Stock:
    """Read the site's devices, lines and rooms."""
    devices, links = devices_at(desk.session, place.site.id), links_at(desk.session, place.site.id)
    state = board.states_of([device.id for device in devices])
    return Stock(devices, state, links, rooms_at(desk.session, place.site.id), gateway_of(devices, links))


def present(desk: Desk, place: Place, stock: Stock, reading: Reading) -> Present:
    """The sentence, the tiles and the open incidents."""
    found = list_incidents(desk.session, desk.scope, IncidentFilter(site_id=place.site.id), 1, INCIDENTS_SHOWN)
    wifi, clients = wifi_at(place.site.id)
    tiles = five_tiles(Evidence(
        devices=stock.devices, state=stock.state, links=stock.links, rooms=stock.rooms,
        checks=checks_at(desk.session, place.site.id), gateway=stock.gateway,
        rtt_s=reading.number("", "ping_rtt_seconds"), loss=reading.number("", "ping_loss_ratio"),
        clients=clients, wifi=wifi, language=desk.language,
    ))
    counts = count_words(list(stock.state.values()))
    share = Share(place.site.id, place.site.name, {word: n for word, n in counts.items() if word != "unwatched"})
    return Present(place, _verdict(desk, stock, found.rows, share), share, tiles, found.rows, found.total)


def gateway_reading(desk: Desk, stock: Stock) -> Reading:
    """What is measured on the device at which the line ends."""
    gateway = stock.gateway
    if gateway is None:
        return Reading()
    return read_device(desk.services, gateway.id, gateway.interval_s, desk.now.timestamp())


def _verdict(desk: Desk, stock: Stock, incidents: Sequence[Incident], share: Share) -> Verdict:
    worst = incidents[0] if incidents else None
    pairs = [(device.kind, stock.state[device.id]) for device in stock.devices]
    state = whole_state(pairs, worst.severity if worst else None)
    counts, total = share.counts, share.total
    watched = _n("%(num)d device is watched", "%(num)d devices are watched", total)
    title, step = (title_of(worst, desk.language), next_step_of(worst, desk.language)) if worst else ("", "")
    if not total:
        sentence = _("Nothing is watched here yet.") if not stock.devices else _("Nobody watches the devices here.")
        return Verdict("unknown", sentence, _("Nothing can be said about this site until its devices are watched."))
    if state == "down":
        return Verdict(
            state,
            title or _("Nothing here answers."),
            step or _("Call the school: is there power, is the line up?"),
            worst,
        )
    if state == "maintenance":
        return Verdict(state, _("Maintenance is going on here. Messages are held back."))
    if state == "unknown":
        text = _(
            "Too little is known: of %(all)s devices, %(n)s have not been heard of.", all=total, n=counts["unknown"]
        )
        return Verdict(state, text, _("Check that EduNOC's collector runs and reaches this site."), worst)
    if state == "attention":
        return Verdict(state, _attention(title, counts, total), step, worst)
    if counts["down"] + counts["attention"]:
        off = _n(
            "%(num)d computer, projector or printer is not on",
            "%(num)d computers, projectors or printers are not on",
            counts["down"] + counts["attention"],
        )
        return Verdict("good", _("The network works; %(off)s.", off=off))
    if counts["unknown"]:
        text = _n("%(num)d device has not been heard of.", "%(num)d devices have not been heard of.", counts["unknown"])
        return Verdict("good", _("The network works. %(unknown)s", unknown=text))
    return Verdict("good", _("Everything works: %(watched)s, all answer.", watched=watched))


def _attention(title: str, counts: Mapping[str, int], total: int) -> str:
    if title:
        return title
    trouble = counts["down"] + counts["attention"]
    if trouble:
        return _n(
            "The site answers, but %(num)d of %(all)s devices needs a look.",
            "The site answers, but %(num)d of %(all)s devices need a look.", trouble, all=total,
        )
    return _n(
        "The site answers, but %(num)d of %(all)s devices has not been heard of.",
        "The site answers, but %(num)d of %(all)s devices have not been heard of.", counts["unknown"], all=total,
    )


@dataclass(frozen=True, slots=True)
class KindGroup:
    """The devices of one kind, worst first."""

    kind: str
    share: Share
    rows: Sequence[tuple[Device, str]]
    total: int
    unwatched: int

    @property
    def is_open(self) -> bool:
        """True when something in it wants to be seen at once."""
        return bool(self.share.counts["down"] or self.share.counts["attention"])


def kind_groups(stock: Stock) -> list[KindGroup]:
    """Devices by kind: kinds with trouble first, then the network's own before what hangs on it."""
    order = {kind: place for place, kind in enumerate(_KIND_ORDER)}
    kinds: dict[str, list[Device]] = {}
    for device in stock.devices:
        kinds.setdefault(device.kind, []).append(device)
    groups = []
    for kind, members in kinds.items():
        members.sort(key=lambda one: _WORST[stock.state[one.id]])
        counts = count_words([stock.state[one.id] for one in members])
        share = Share(0, kind, {word: n for word, n in counts.items() if word != "unwatched"})
        rows = [(one, stock.state[one.id]) for one in members[:KIND_SHOWN]]
        groups.append(KindGroup(kind, share, rows, len(members), counts["unwatched"]))
    return sorted(groups, key=lambda group: (order.get(group.kind, len(order)), group.kind))


_KIND_ORDER = (
    "router",
    "firewall",
    "switch",
    "wlan_controller",
    "ap",
    "server",
    "nas",
    "ups",
    "codec",
    "camera",
    "nvr",
    "computer",
    "projector",
    "printer",
    "sensor",
    "other",
)


@dataclass(frozen=True, slots=True)
class MeetingRoom:
    """A meeting room with its equipment."""

    room: Room
    devices: Sequence[tuple[Device, str]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around the numbers."""

    tree: Tree
    groups: Sequence[KindGroup]
    meeting_rooms: Sequence[MeetingRoom]
    units: Sequence[Unit]
    staff: Sequence[User]
    timeline: Timeline
    recent: Sequence[Incident]
    machines: int


def surroundings(desk: Desk, place: Place, stock: Stock) -> Surroundings:
    """Tree, devices by kind, meeting rooms, people, seven days."""
    timezone = desk.services.settings.core.timezone
    recent = incidents_between(desk.session, place.site.id, desk.now - timedelta(days=DAYS), desk.now)
    calendar = calendar_view(desk.session, place.unit.id, timezone)
    callable_units = [unit for unit in (place.unit, *reversed(place.above)) if unit.phone or unit.email]
    return Surroundings(
        tree=tree_of(stock.devices, stock.state, found_uplinks(desk.session, place.site.id)), groups=kind_groups(stock),
        meeting_rooms=[
            MeetingRoom(room, [(one, stock.state[one.id]) for one in stock.devices if one.room_id == room.id])
            for room in stock.rooms if room.kind == "meeting"
        ],
        units=callable_units, staff=staff_of(desk.session, [place.unit.id]),
        timeline=timeline_of(recent, calendar, ZoneInfo(timezone), desk.now), recent=recent[::-1],
        machines=machine_count(desk.session, place.site.id),
    )
