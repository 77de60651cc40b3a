"""A small province for the tests of alerts: real inventory, registry and live table, a ping plane made of arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace

import numpy as np
from sqlalchemy import select

from alerts import AlertsSettings, Channel, Incident, Notification, Route, load_rules, save_channel
from alerts.watch import Watch
from core import CoreSettings, Database, Vault
from inventory import Device, Link, Part, Site, Unit, touch_inventory
from telemetry import LiveTable, SeriesKey, SeriesRegistry

UNKNOWN, UP, SUSPECT, DOWN = range(4)


class Plane:
    """The ping plane's snapshot, set by hand."""

    def __init__(self, device_ids: list[int], now: float) -> None:
        self.snapshot = SimpleNamespace(
            device=np.array(sorted(device_ids), np.int64), state=np.full(len(device_ids), UP, np.int8),
            reason=np.zeros(len(device_ids), np.int8), since=np.full(len(device_ids), now),
        )

    def set(self, device_ids: list[int], state: int, now: datetime, reason: int = 0) -> None:
        """Give devices a state from now on."""
        rows = np.searchsorted(self.snapshot.device, device_ids)
        self.snapshot.state[rows], self.snapshot.reason[rows] = state, reason
        self.snapshot.since[rows] = now.timestamp()


@dataclass
class Province:
    """Schools of the same make, and a watch over them. `at` is the moment; `after` moves it and ticks on the way."""

    database: Database
    at: datetime
    plane: Plane
    registry: SeriesRegistry
    live: LiveTable
    devices: dict[str, int]
    sites: dict[str, int]
    settings: AlertsSettings = field(default_factory=AlertsSettings)
    watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """A new process: nothing is known but what the tables hold."""
        rules = {rule.id: rule for rule in load_rules(self.settings.rules_dir)}
        core = CoreSettings(public_url="https://noc.example")
        self.watch = Watch(self.database, self.registry, self.live, self.plane, self.settings, core, rules)
        self.watch.start(self.at)

    def change(self, **values: object) -> None:
        """Other settings, as after an edit of the file and a restart."""
        self.settings = self.settings.model_copy(update=values)
        self.restart()

    def after(self, seconds: float, step: float = 2.0) -> None:
        """Let time pass with a tick each `step` seconds."""
        end = self.at + timedelta(seconds=seconds)
        while self.at < end:
            self.at = min(self.at + timedelta(seconds=step), end)
            self.watch.tick(self.at)

    def ping(self, state: int, *names: str, reason: int = 0) -> None:
        """Give devices ("a.router", "a.*") a state from now on."""
        self.plane.set(self.ids(*names), state, self.at, reason)

    def ids(self, *names: str) -> list[int]:
        """Device ids of names; "a.*" is a whole school."""
        return [
            number for name, number in self.devices.items()
            if name in names or f"{name.split('.')[0]}.*" in names or "*" in names
        ]

    def sample(self, device: str, values: dict[str, float], part: str = "") -> None:
        """One reading of a device, now. Values of counters are rates: they go into the live table directly."""
        keys = [SeriesKey(part, name) for name in values]
        series = self.registry.resolve(self.devices[device], keys)
        self.live.grow(len(self.registry))
        self.live.value[series], self.live.at[series] = list(values.values()), self.at.timestamp()

    def incidents(self, *states: str) -> list[Incident]:
        """Incidents in these states (default: not closed), oldest first."""
        with self.database.reading() as session:
            chosen = select(Incident).where(Incident.state.in_(states or ("open", "acknowledged")))
            return list(session.scalars(chosen.order_by(Incident.id)))

    def messages(self) -> list[Notification]:
        """All messages, oldest first."""
        with self.database.reading() as session:
            return list(session.scalars(select(Notification).order_by(Notification.id)))


def build_province(database: Database, now: datetime, schools: tuple[str, ...] = ("a", "b", "c", "d")) -> Province:
    """Schools under two communes, each with a router, two switches, an access point on the first and a lab computer."""
    devices: dict[str, int] = {}
    sites: dict[str, int] = {}
    with database.session() as session:
        session.add_all([
            Unit(id=1, name="Sở", code="SO", kind="department", path="/1/"),
            Unit(id=2, parent_id=1, name="Xã Bắc", code="X2", kind="commune", path="/1/2/"),
            Unit(id=3, parent_id=1, name="Xã Nam", code="X3", kind="commune", path="/1/3/"),
        ])
        session.flush()
        for number, school in enumerate(schools):
            commune, unit_id, site_id = 2 + number % 2, 10 + number, 100 + number
            session.add(Unit(id=unit_id, parent_id=commune, name=f"Trường {school}", code=f"T{school}",
                             path=f"/1/{commune}/{unit_id}/", kind="primary"))
            session.flush()
            session.add(Site(id=site_id, unit_id=unit_id, name=f"Trường {school}", code=f"S{school}"))
            session.flush()
            sites[school] = site_id
            for name, device_id in _school(session, site_id).items():
                devices[f"{school}.{name}"] = device_id
        touch_inventory(session)
    registry = SeriesRegistry(database)
    registry.load()
    plane = Plane(list(devices.values()), now.timestamp() - 3600)
    return Province(database, now, plane, registry, LiveTable(), devices, sites)


def _school(session, site_id: int) -> dict[str, int]:
    first = site_id * 10
    rows = [
        Device(id=first, site_id=site_id, name="Router", kind="router", address="10.0.0.1"),
        Device(id=first + 1, site_id=site_id, name="Switch 1", kind="switch", address="10.0.0.2"),
        Device(id=first + 2, site_id=site_id, name="Switch 2", kind="switch", address="10.0.0.3"),
        Device(id=first + 3, site_id=site_id, name="AP 1", kind="ap", parent_device_id=first + 1),
        Device(id=first + 4, site_id=site_id, name="PC 1", kind="computer", parent_device_id=first + 2),
    ]
    session.add_all(rows[:3])
    session.flush()
    session.add_all(rows[3:])
    session.flush()
    return {name: row.id for name, row in zip(("router", "sw1", "sw2", "ap1", "pc1"), rows, strict=True)}


def add_lines(database: Database, isps: dict[int, str]) -> None:
    """A line of a provider for each site."""
    with database.session() as session:
        session.add_all([Link(site_id=site_id, name="Internet", isp=isp) for site_id, isp in isps.items()])
        touch_inventory(session)


def add_port(database: Database, now: datetime, device_id: int, key: str, **values: object) -> None:
    """A port of a switch."""
    with database.session() as session:
        session.add(Part(device_id=device_id, kind="if", key=key, first_seen=now, **values))
        touch_inventory(session)


def add_channel(
    database: Database, vault: Vault, now: datetime, kind: str, settings: dict[str, object], **route: object
) -> int:
    """A channel with one route to everything; its id."""
    with database.session() as session:
        channel = save_channel(session, vault, Channel(name=f"{kind} {now}", kind=kind, sealed=""), settings, now)
        values = {"recipient": "noc@school.example", "min_severity": "info", **route}
        session.add(Route(channel_id=channel.id, **values))
        return channel.id


EMAIL = {"server": "127.0.0.1", "port": 25, "security": "none", "sender": "edunoc@school.example"}

