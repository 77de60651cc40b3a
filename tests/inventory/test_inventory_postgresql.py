"""The inventory on a real PostgreSQL: what its SQL and its constraints do differently from SQLite's."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from core import Database
from inventory import (
    EXCHANGED,
    AddressSeen,
    CalendarEntry,
    Device,
    ImportOptions,
    InventorySettings,
    Layer2Report,
    ListQuery,
    MacSeen,
    NeighbourSeen,
    PartSpec,
    Site,
    Unit,
    create_record,
    delete_record,
    edited_sites,
    export_table,
    import_table,
    list_records,
    locate,
    monitored_devices,
    prune_layer2,
    rebuild_topology,
    record_facts,
    record_layer2,
    scope_of_unit,
    search,
    sync_parts,
    unit_children,
    update_record,
    uplinks,
)
from tests.core.postgresql import running_postgresql


@pytest.fixture(scope="module")
def server():
    with running_postgresql() as url:
        yield url


@pytest.fixture
def database(server):
    """Instead of the shared fixture: `session` and `province` stand on PostgreSQL here."""
    database = Database(server)
    database.create_all()
    yield database
    database.close()


def test_records_spreadsheets_and_search(session, everything, province, now):
    update_record(session, everything, Unit, province.north.id, {"parent_id": province.south.id})
    create_record(session, everything, CalendarEntry, {
        "unit_id": province.top.id, "kind": "teaching", "name": "Sáng", "weekday": 0, "starts_at": "7:00",
        "ends_at": "11:30"})
    rows = "".join(f"S2,Máy {number},Router chính mới,AA:00:00:00:{number // 100:02}:{number % 100:02}\n"
                   for number in range(1200))
    text = f"Site code,Name,Hangs on device,MAC address\n{rows}S2,Router chính mới,,\n"
    assert import_table(session, everything, "devices", io.BytesIO(text.encode())).created == 1201
    swap = (
        "Device code,Site code,Name\nR-1,S12,Router chính\n",
        "Device code,Site code,Name\nSW-1,S12,Router chính\nR-1,S12,Switch 1\n",
    )
    for file in swap:
        assert import_table(session, everything, "devices", io.BytesIO(file.encode())).problems == ()
    for kind in EXCHANGED:
        file = io.BytesIO()
        count = export_table(session, everything, kind, file, "csv")
        file.seek(0)
        report = import_table(session, everything, kind, file, ImportOptions(is_dry_run=True))
        assert (report.problems, report.unchanged) == ((), count)
    assert search(session, everything, "thcs so 12")[0].title == "Trường THCS số 12"
    assert search(session, everything, "aa00.0000.1199")[0].title == "Máy 1199"
    page = list_records(session, everything, Device, ListQuery(text="may", sort="-name", page_size=3))
    assert [row.name for row in page.rows] == ["Máy 1199", "Máy 1198", "Máy 1197"]
    scope = scope_of_unit(session, province.south.id)
    assert list_records(session, scope, Site).total == 2
    [top] = unit_children(session, everything)
    assert (top.sites, top.devices) == (2, 1203)
    record_facts(session, province.switch.id, {"model": "\x00=x\ud800"}, now)
    assert sync_parts(session, province.switch.id, [PartSpec("port", "if:1", 2**40)], now).ids
    assert len(monitored_devices(session)) == 2
    assert delete_record(session, everything, Unit, province.top.id).counts["device"] == 1203
    assert list_records(session, everything, Device).total == 0


def test_layer_2_is_kept_drawn_and_found(session, everything, province, now):
    own = {"router": "00:0c:42:00:00:10", "switch": "00:1a:2b:3c:4d:5e"}
    province.router.mac, province.switch.parent_device_id = own["router"], None
    session.flush()
    for port, moment in (("3", now), ("4", now + timedelta(hours=1))):
        told = record_layer2(session, province.switch.id, Layer2Report(
            neighbours=(NeighbourSeen("lldp", "if:1", None, "Router chính", "lan", own["router"]),),
            fdb=(MacSeen(own["router"], "if:1", None), MacSeen("00:1b:11:00:00:01", f"if:{port}", None, 7)),
            arp=(AddressSeen("10.0.0.9", "00:1b:11:00:00:01", "if:1", None),)), moment)
        assert rebuild_topology(session, InventorySettings(), province.site.id, moment) is (moment == now)
    assert [(one.kind, one.part, one.from_part) for one in told] == [("mac_moved", "if:4", "if:3")]
    assert edited_sites(session) == [] and uplinks(session) == {province.switch.id: (province.router.id,)}
    for text in ("00:1b:11", "00:00:01", "10.0.0.9"):
        assert locate(session, everything, text)[0].part == "if:4"
    assert prune_layer2(session, now + timedelta(days=400), 180) == 1
