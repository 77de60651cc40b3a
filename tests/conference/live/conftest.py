"""A running meeting with rooms, a bridge system and the parts that the live board looks at."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import pytest

from collectors import ReachabilitySnapshot, ReachabilityView, RoomSighting, WatchedRoom
from conference import Bench, ConferenceSettings, KioskSpell, KioskState, Meeting, live
from conference.jitsi import RoomEvent as Event
from core import CoreSettings, Database, Vault, load_settings
from inventory import Device, Link
from telemetry import LiveTable, SeriesRegistry
from tests.conference.world import MONDAY, a_meeting, a_site, a_system, a_unit, an_endpoint, an_item

NOW = MONDAY + timedelta(minutes=20)
WELL = {
    "connection": {"quality": 95, "rtt_ms": 40, "loss_down_pct": 0.1, "loss_up_pct": 0.1, "transport": "udp"},
    "host": {"cpu_pct": 20}, "net": {"gw_loss_pct": 0, "wan_loss_pct": 0.1, "wan_rtt_ms": 30},
    "levels": {"mic_rms_dbfs": -40, "seconds_since_sound": 2}, "devices": {"camera": "ok", "mic": "ok"},
}  # fmt: skip


@dataclass
class Hall:
    """The meeting as tests move it. Endpoints are named by their place in the list, from 0."""

    database: Database
    vault: Vault
    meeting_id: int
    endpoint_ids: list[int]
    gateway_ids: list[int]
    system_id: int
    room: str
    now: datetime = NOW
    view: ReachabilityView = field(default_factory=ReachabilityView)

    def connection(self, place: int) -> str:
        return f"{place:08x}"

    def beat(self, places: Iterable[int], state: str = "in_meeting", ago: float = 3, **parts) -> None:
        """The newest heartbeat of some rooms; `parts` are laid over one of a room that is well."""
        payload = {name: {**part, **parts.get(name, {})} for name, part in WELL.items()}
        payload |= {name: part for name, part in parts.items() if name not in payload}
        with self.database.session() as session:
            for place in places:
                session.merge(KioskState(
                    endpoint_id=self.endpoint_ids[place], at=self.now - timedelta(seconds=ago), state=state,
                    meeting_id=self.meeting_id, connection=self.connection(place) if state == "in_meeting" else "",
                    is_visitor=place > 0, payload=json.dumps(payload), address=parts.get("address", "10.0.0.1"),
                ))  # fmt: skip

    def was_in(self, places: Iterable[int], until: datetime | None = None) -> None:
        with self.database.session() as session:
            session.add_all([
                KioskSpell(meeting_id=self.meeting_id, endpoint_id=self.endpoint_ids[place],
                           connection=self.connection(place), first_at=MONDAY - timedelta(minutes=5, seconds=-place),
                           last_at=until or self.now - timedelta(minutes=1))
                for place in places
            ])  # fmt: skip

    def sight(self, places: Iterable[int], bridge: str = "jvb-1", stress: float = 0.3, **values) -> None:
        with self.database.session() as session:
            watched = session.query(WatchedRoom).filter_by(system_id=self.system_id, room=self.room).one_or_none()
            if watched is None:
                watched = WatchedRoom(system_id=self.system_id, room=self.room, since=MONDAY, until=MONDAY)
                session.add(watched)
            watched.asked_at = self.now
            known = json.loads(watched.bridges or "{}")
            watched.bridges = json.dumps({**known, bridge: {"stress": stress, "endpoints": 100, "healthy": True}})
            session.flush()
            session.add_all([
                RoomSighting(watched_id=watched.id, endpoint=self.connection(place), bridge=bridge,
                             first_seen=MONDAY, last_seen=self.now, **values)
                for place in places
            ])  # fmt: skip

    def event(self, name: str, subject: str, connection: str, ago: float, shown: str = "") -> None:
        with self.database.session() as session:
            at = self.now - timedelta(seconds=ago)
            session.add(Event(
                system_id=self.system_id, meeting_id=self.meeting_id, key=f"{name}{subject}{connection}{ago}"[:64],
                name=f"muc-occupant-{name}", room=self.room, occupant_jid=f"{connection}-x@meet/{connection}",
                endpoint=connection, subject=subject, display_name=shown, happened_at=at, received_at=at, raw="{}",
            ))  # fmt: skip

    def reach(self, state: int, places: Iterable[int] | None = None) -> None:
        """What the ping plane says of the rooms' gateways: collectors' UNKNOWN 0, UP 1, SUSPECT 2, DOWN 3."""
        chosen = set(range(len(self.gateway_ids)) if places is None else places)
        devices = np.array(self.gateway_ids, np.int64)
        states = np.array([state if place in chosen else 1 for place in range(len(devices))], np.int8)
        none = np.zeros(len(devices))
        self.view.publish(ReachabilitySnapshot(devices, states, none.astype(np.int8), none, none, none,
                                               self.now.timestamp()))  # fmt: skip

    def board(self) -> live.Board:
        with self.database.reading() as session:
            meeting = session.get(Meeting, self.meeting_id)
            return live.live_board(session, live.Sources(view=self.view), meeting, self.now)

    def row(self, place: int) -> live.EndpointNow:
        return next(row for row in self.board().rows if row.endpoint_id == self.endpoint_ids[place])

    def bench(self, tmp_path) -> Bench:

        settings = load_settings((CoreSettings, ConferenceSettings), environ={"EDUNOC_DATA_DIR": str(tmp_path)})
        registry = SeriesRegistry(self.database)
        return Bench(self.database, self.vault, settings, lambda: self.now, registry, LiveTable(), self.view, None)


def build(database: Database, vault: Vault, rooms: int = 6, speakers: tuple[int, ...] = ()) -> Hall:
    """A meeting that began 20 minutes ago: every school has a router and a line of the same provider."""
    with database.session() as session:
        top = a_unit(session, "Sở", kind="department")
        system = a_system(session, ("jvb:jvb-1", "jvb:jvb-2", "jicofo:jicofo", "prosody:prosody", "jibri:jibri-1"))
        endpoints, gateways = [], []
        for number in range(rooms):
            site = a_site(session, a_unit(session, f"Trường {number}", top), name=f"Trường {number} – điểm chính")
            session.add(Link(site_id=site.id, name="FTTH", isp="Nhà mạng X"))
            gateway = Device(site_id=site.id, name="Bộ định tuyến", kind="router", address=f"10.0.{number}.1")
            session.add(gateway)
            endpoints.append(an_endpoint(session, site=site, name=f"Điểm cầu {number}"))
            gateways.append(gateway)
        agenda = [an_item(f"Mục {place}", 15, endpoints[place]) for place in speakers]
        meeting = a_meeting(session, endpoints, system=system, unit=top, agenda=tuple(agenda), state="running")
        meeting.began_at = MONDAY - timedelta(minutes=5)
        session.flush()
        return Hall(database, vault, meeting.id, [one.id for one in endpoints], [one.id for one in gateways],
                    system.id, meeting.room)  # fmt: skip


@pytest.fixture
def hall(database: Database, vault: Vault) -> Hall:
    return build(database, vault)


