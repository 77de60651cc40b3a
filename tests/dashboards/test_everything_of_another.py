"""Two contracts over every route there is: school staff see nothing of another school, nobody's words become markup.

The second school is filled with all that EduNOC can know of one; every text that a device, a person or a service could
have said carries a mark, markup, a formula and characters that change the direction of writing.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from datetime import timedelta

import openpyxl
import pytest
from flask import Flask
from watched_world import World, make_incident, make_member
from werkzeug.routing import AnyConverter, IntegerConverter

from collectors import request_poll, request_recording
from collectors.services import ServiceOutage, Verdict, request_checks, save_answers, save_verdict
from collectors.store.networks import NetworkOutcome, save_network_state
from collectors.store.recordings import RecordingResult, finish_recording
from conference import Kiosk, KioskCommand, KioskState
from core import Role, Scope, permissions_of
from dashboards import Services
from dashboards.access import rule_of
from inventory import (
    AddressSeen,
    CalendarEntry,
    Check,
    Device,
    Endpoint,
    InventorySettings,
    Layer2Report,
    Link,
    MacSeen,
    NeighbourSeen,
    PartSpec,
    Room,
    RoomUse,
    Service,
    ServiceNeed,
    StationSeen,
    VlanSeen,
    create_record,
    keep_map_places,
    rebuild_topology,
    record_facts,
    record_layer2,
    sync_parts,
)
from playbooks import ProjectorSchedule, projectors
from telemetry import NewEvent, record_event

MARK = "Q7ZX"
TEXT = f"=1+2{MARK}<script>window.hurt=1</script>"  # as a form would take it
RAW = f"{TEXT}\N{RIGHT-TO-LEFT OVERRIDE}\x1b[31m\x00"  # as a device may say it
MAC = "02:77:aa:bb:cc:01"
KINDS = ("switch", "router", "ap", "wlan_controller", "projector", "printer", "ups", "server", "camera", "pdu")


@pytest.fixture
def world(database, now) -> World:
    return World(database, now)


@pytest.fixture
def services(services: Services, world: World) -> Services:
    return dataclasses.replace(services, registry=world.registry, live=world.live, reachability=world.view)


@pytest.fixture
def other(database, world, places, now) -> dict[str, int]:
    """The numbers of what stands in the second school."""
    with database.session() as session:
        everything = Scope.everything()
        room = create_record(session, everything, Room, {"site_id": places.site2, "code": "P9", "name": f"P {MARK}"})
        found = {"room": room.id}
        for kind in KINDS:
            row = Device(site_id=places.site2, name=f"{TEXT} {kind}", kind=kind, address="127.0.0.9", room_id=room.id,
                         model=TEXT, vendor=TEXT, mac=MAC if kind == "switch" else None)
            session.add(row)
            session.flush()
            found[kind] = row.id
        _fill_devices(session, found, places, now)
        _fill_services(session, found, places, now)
        _fill_projectors(session, found, places, now)
        _fill_endpoints(session, found, places, now)
    world.ping({found[kind]: "down" if kind == "switch" else "up" for kind in KINDS})
    for kind in KINDS:
        world.measure(found[kind], {
            (f"ssid:{RAW}", "wifi_clients"): 3, (f"ap:{RAW}", "wifi_access_point_up"): 1,
            ("radio:a", "wifi_channel"): 6, ("radio:a", "wifi_channel_busy_ratio"): 0.9,
            (f"supply:{RAW}", "printer_supply_ratio"): 0.03,
            ("lamp:1", "projector_lamp_seconds"): 14e6, ("", "ups_on_battery"): 1,
        })
    return found


def _fill_devices(session, found, places, now) -> None:
    session.add(Link(site_id=places.site2, name=TEXT, isp=TEXT, device_id=found["router"]))
    for kind in KINDS:
        record_facts(session, found[kind], {"model": RAW, "sysname": RAW, "serial": MARK}, now)
        sync_parts(session, found[kind], [
            PartSpec("port", "if:1", 1, RAW, RAW, RAW), PartSpec("ssid", f"ssid:{RAW}", name=RAW),
            PartSpec("ap", f"ap:{RAW}", name=RAW), PartSpec("supply", f"supply:{RAW}", name=RAW)], now)
    for moment in (now - timedelta(hours=2), now):
        is_new = moment == now
        changes = record_layer2(session, found["switch"], Layer2Report(
            neighbours=(NeighbourSeen("lldp", "if:1", 1, RAW, RAW, remote_mac="02:77:aa:bb:cc:99", remote_id=RAW,
                                      remote_description=RAW, remote_label=RAW, capabilities=("bridge", RAW)),),
            fdb=(MacSeen("02:77:aa:bb:cc:07" if is_new else "02:77:aa:bb:cc:08", "if:1", 1, 7),),
            arp=(AddressSeen("10.77.0.9", "02:77:aa:bb:cc:07", "if:1", 1),), vlans=(VlanSeen(7, RAW),),
            stations=(StationSeen("02:77:aa:bb:cc:05", "radio:a", RAW, RAW),), chassis_mac=MAC), moment)
    for change in changes:
        record_event(session, NewEvent(now, "topology", change.kind, RAW, found["switch"], {"mac": RAW, "name": RAW}))
    save_network_state(session, found["switch"], NetworkOutcome(now, "cut_short", MARK))
    rebuild_topology(session, InventorySettings(), places.site2, now)
    keep_map_places(session, places.site2, {f"device:{found['switch']}": (1.0, 2.0)})
    found["poll"] = request_poll(session, found["switch"], MARK, now).id
    found["wish"] = request_recording(session, found["switch"], MARK, now).id
    result = RecordingResult("ok", MARK, MARK, [TEXT], 3, 1, b"PK" + MARK.encode())
    finish_recording(session, found["wish"], result, now)
    incident = make_incident(now, f"{MARK} <script>window.hurt=1</script>", cause=f"device:{found['switch']}",
                             unit_path="/1/3/")
    session.add(incident)
    session.flush()
    session.add(make_member(incident, found["switch"], "/1/3/", now))
    found["incident"] = incident.id


def _fill_services(session, found, places, now) -> None:
    service = Service(unit_id=places.unit2, name=TEXT, notes=TEXT)
    session.add(service)
    session.flush()
    check = Check(service_id=service.id, kind="tcp", target="127.0.0.1:1", name=TEXT[:100])
    session.add_all([check, ServiceNeed(service_id=service.id, device_id=found["server"])])
    session.flush()
    save_verdict(session, service.id, Verdict(False, check.id, "refused", TEXT), now - timedelta(minutes=9))
    save_answers(session, {check.id: (now, {"greeting": TEXT, "server": TEXT})})
    session.add(ServiceOutage(service_id=service.id, started_at=now - timedelta(hours=5),
                              ended_at=now - timedelta(hours=4), reason="refused", detail=TEXT))
    found["request"] = request_checks(session, service.id, MARK, now).id
    found["service"], found["check"] = service.id, check.id


def _fill_projectors(session, found, places, now) -> None:
    session.add(RoomUse(site_id=places.site2, room_id=found["room"], name=TEXT, purpose="exam",
                        starts_at=now - timedelta(minutes=5), ends_at=now + timedelta(hours=1)))
    session.add(CalendarEntry(unit_id=places.unit2, kind="exam", name=TEXT, starts_on=now.date(), ends_on=now.date()))
    schedule = ProjectorSchedule(name=TEXT, site_id=places.site2, runs_at=(now - timedelta(hours=9)).time(),
                                 created_by=MARK)
    session.add(schedule)
    session.get(Device, found["projector"]).pjlink_port = 4352
    session.flush()
    targets = projectors.targets_of(session, Scope.everything(), [found["projector"]])
    preview = projectors.preview_order(
        session, targets, ("off", ""), projectors.Rules("off"), (now, "Asia/Ho_Chi_Minh"))
    found["schedule"] = schedule.id
    found["order"] = projectors.place_order(session, preview, projectors.Wish(MARK), now).id


def _fill_endpoints(session, found, places, now) -> None:
    endpoint = Endpoint(site_id=places.site2, room_id=found["room"], name=TEXT, code="DC-9", camera=TEXT, contact=TEXT,
                        notes=TEXT, codec_id=found["switch"])
    session.add(endpoint)
    session.flush()
    said = {"problem": TEXT, "devices": {"mic": "missing"}}
    session.add_all([
        Kiosk(endpoint_id=endpoint.id, sealed_secret="x", browser=TEXT, devices=json.dumps({"chosen": {"mic": RAW}})),
        KioskState(endpoint_id=endpoint.id, at=now, state="rejoining", payload=json.dumps(said)),
        KioskCommand(endpoint_id=endpoint.id, verb="reload", asked_by=MARK, asked_at=now, good_until=now, state="done",
                     reason=TEXT, result=TEXT)])
    found["endpoint"] = endpoint.id


NUMBERS = {"endpoint_id": "endpoint",
           "wish_id": "wish", "order_id": "order", "service_id": "service", "incident_id": "incident",
           "schedule_id": "schedule", "request_id": "poll", "row_id": "check"}


def addresses(app: Flask, other: dict[str, int], places, role: Role) -> list[str]:
    """Every GET route that the role may open, with the numbers of the second school in every place."""
    found = []
    adapter = app.test_request_context().url_adapter
    for rule in app.url_map.iter_rules():
        permission = rule_of(app.view_functions[rule.endpoint]).permission
        if "GET" not in rule.methods or (permission is not None and permission not in permissions_of(role)):
            continue
        choices: list[dict[str, object]] = [{}]
        for name, converter in rule._converters.items():
            values: list[object] = ["x"]
            if isinstance(converter, AnyConverter):
                values = sorted(converter.items)
            elif isinstance(converter, IntegerConverter):
                values = {"site_id": [places.site2], "unit_id": [places.unit2],
                          "device_id": [other[kind] for kind in KINDS]}.get(name, [other.get(NUMBERS.get(name, ""), 1)])
                values = values if name != "record_id" else sorted({*other.values(), places.site2})
            choices = [{**one, name: value} for one in choices for value in values]
        found += [adapter.build(rule.endpoint, one, method="GET") for one in choices]
    return sorted({path for path in found if not path.startswith(("/static", "/sign-out"))})


QUERIES = ("", "?format=csv", "?format=xlsx", f"?q={MARK[:3]}", f"?q={MAC}", "?q=10.77.0.9")


SHOWN = (
    "/wifi/{site}", "/services", "/services/{service}", "/projectors", "/projectors/{projector}", "/projectors/orders",
    "/projectors/orders/{order}", "/projectors/schedules", "/projectors/replacements", "/printers",
    "/printers/shopping", "/power", "/families/switch", "/devices/{switch}", "/sites/{site}/topology",
    "/sites/{site}/topology/data", "/find/news", "/devices/{switch}/recording/{wish}", "/api/v1/devices/{ap}/live",
    "/api/v1/projectors/orders/{order}", "/incidents/{incident}", "/endpoints", "/endpoints/{endpoint}",
    "/endpoints/{endpoint}/now",
)  # fmt: skip


def words_of(answer) -> str:
    """What a person or a spreadsheet reads."""
    if "spreadsheet" in answer.mimetype:
        book = openpyxl.load_workbook(io.BytesIO(answer.data))
        cells = [cell for row in book.active.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f"]
        return " ".join(str(cell.value) for cell in cells)
    return answer.get_data().decode("utf-8", "replace")


def test_school_staff_see_nothing_of_another_school(app: Flask, as_role, other, places) -> None:
    person = as_role(Role.SCHOOL_STAFF)
    paths = addresses(app, other, places, Role.SCHOOL_STAFF)
    assert len(paths) > 60
    for path in paths:
        for query in QUERIES if not any(letter.isdecimal() for letter in path) else QUERIES[:1]:
            answer = person.client.get(path + query)
            assert answer.status_code < 500, (path + query, answer.status_code)
            words = words_of(answer)
            at = words.find(MARK)
            assert at < 0, (path + query, words[max(0, at - 300):at + 100])
            assert "02:77:aa:bb:cc" not in words.replace(MAC, "").lower(), path + query


def test_nobodys_words_become_markup_or_formulas(app: Flask, as_role, other, places) -> None:
    person = as_role(Role.ADMINISTRATOR)
    seen = set()
    for path in addresses(app, other, places, Role.ADMINISTRATOR):
        for query in QUERIES[:4] if not any(letter.isdecimal() for letter in path) else QUERIES[:1]:
            answer = person.client.get(path + query)
            assert answer.status_code < 500 or answer.status_code == 503, (path + query, answer.status_code)
            words = words_of(answer)
            if answer.mimetype == "text/html":
                assert "<script>window.hurt" not in words, path + query
            if answer.mimetype == "text/csv":
                cells = [cell for row in csv.reader(io.StringIO(words.lstrip("\ufeff"))) for cell in row]
                assert not [cell for cell in cells if cell[:1] in ("=", "@", "+")], path + query
            if not path.endswith(".zip"):
                assert not {"\x00", "\x1b"} & set(words), path + query
            if MARK in words:
                seen.add(path)
    # A test that sees nothing would prove nothing
    missing = {path for path in SHOWN if path.format(**other, site=places.site2) not in seen}
    assert not missing
