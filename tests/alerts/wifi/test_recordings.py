"""The Wi-Fi model over recordings of real controllers: from the wire to the diagnosis."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from alerts.wifi import CODES, WifiCache, WifiLimits, diagnose_wifi, read_wifi, wifi_diagnosis
from collectors.snmp import Patience
from core import Scope
from deploy.demo.replay import ReplayAgent, read_recording
from inventory import Device, Part, Room, Site, Unit, create_record, sync_parts
from telemetry import LiveTable, SeriesKey, SeriesRegistry
from tests.collectors.snmp.agents import RECORDINGS, read

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


class School:
    """A site with a controller in an inventory of its own."""

    def __init__(self, database) -> None:
        self.database, self.registry, self.live = database, SeriesRegistry(database), LiveTable()
        self.registry.load()
        everything = Scope.everything()
        with database.session() as session:
            unit = create_record(session, everything, Unit, {"code": "T", "name": "Trường", "kind": "primary"})
            site = create_record(session, everything, Site, {"code": "D", "name": "Điểm", "unit_id": unit.id})
            self.site = site.id
        self.controller = self.device(name="Bộ điều khiển", kind="wlan_controller")

    def device(self, **values) -> int:
        with self.database.session() as session:
            row = create_record(session, Scope.everything(), Device,
                                {"site_id": self.site, "address": "10.0.0.1", **values})
            return row.id

    def room(self, name: str) -> int:
        with self.database.session() as session:
            values = {"site_id": self.site, "name": name, "code": "P1", "kind": "classroom"}
            return create_record(session, Scope.everything(), Room, values).id

    async def poll(self, name: str) -> None:
        """Read a recording as the controller's answer."""
        path = next(RECORDINGS.glob(f"{name}.snmp*"))
        reading = await read(ReplayAgent(read_recording(path)), patience=Patience(timeout_s=2.0))
        keys = [SeriesKey(sample.part, sample.metric, 64) for sample in reading.samples]
        series = self.registry.resolve(self.controller, keys)
        self.live.grow(len(self.registry), self.registry.width)
        self.live.value[series] = [sample.value for sample in reading.samples]
        self.live.at[series] = NOW.timestamp() - 5
        with self.database.session() as session:
            sync_parts(session, self.controller, reading.survey.parts(), NOW)

    def picture(self):
        with self.database.reading() as session:
            return read_wifi(WifiCache().get(session, self.registry), self.live, NOW.timestamp())


@pytest.fixture
def school(database) -> School:
    return School(database)


@pytest.mark.parametrize(
    ("name", "points", "clients"),
    [
        ("centreon__network-aruba-instant-ap-usage", 5, 50),  # as expected.csv has it
        ("snmpsimdata__wifi-aruba-7020", 3, 18),  # tells the sum alone, not which point has whom
        ("snmpsimdata__switch-h3c-comware-lsq1wcmd0", 121, 1707),
    ],
)
async def test_a_recorded_controller(school: School, name: str, points: int, clients: int) -> None:
    await school.poll(name)
    picture = school.picture()
    assert len(picture.index.points) == points
    assert set(picture.index.points.site.tolist()) == {school.site}
    assert np.isfinite(picture.up).any()
    verdicts = diagnose_wifi(picture, np.zeros(len(picture.up), np.int64), 1, WifiLimits())
    assert wifi_diagnosis(picture, verdicts, 0).code in CODES
    assert picture.clients_at(np.array([school.site]), verdicts.clients).tolist() == [clients]


async def test_a_recorded_point_is_the_inventorys_by_its_serial_number(school: School) -> None:
    await school.poll("centreon__network-aruba-instant-ap-usage")
    part = school.picture().index.points.parts[0]
    with school.database.reading() as session:
        row = session.query(Part).filter(Part.key == part).one()
        serial = row.alias
    room = school.room("Tầng 1")
    device = school.device(name="Điểm phát hành lang", kind="ap", serial=serial, address="10.0.0.2", room_id=room)
    points = school.picture().index.points
    assert len(points) == 5
    assert points.device[0] == device
    assert points.room[0] == room
    assert points.names[0] == "Điểm phát hành lang"
