"""Devices by family, UPSes and power, printers: asked through the application."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from watched_world import World, counted, epoch, make_incident
from web_person import Person

from core import Role
from dashboards import Services, create_app
from dashboards.pages.families.figures import FAMILIES
from dashboards.pages.power.condition import WORDS as POWER_WORDS
from dashboards.pages.printers.pages import months
from inventory import DEVICE_KINDS, Device, touch_inventory
from telemetry import METRICS

HOSTILE = "<script>alert(1)</script>\u202e"
PAGES = [*(f"/families/{word}" for word in FAMILIES), "/power", "/power/cuts", "/printers", "/printers/shopping"]


@pytest.fixture
def world(database, now) -> World:
    return World(database, now)


@pytest.fixture
def services(services: Services, world: World) -> Services:
    return dataclasses.replace(services, registry=world.registry, live=world.live, reachability=world.view)


@pytest.fixture
def admin(as_role):
    return as_role(Role.ADMINISTRATOR)


@pytest.fixture
def staff(as_role):
    return as_role(Role.SCHOOL_STAFF)


@pytest.fixture
def add(database):
    def make(site_id: int, kind: str, name: str, **values) -> int:
        with database.session() as session:
            device = Device(**{"site_id": site_id, "kind": kind, "name": name, "address": "10.1.1.1", **values})
            session.add(device)
            touch_inventory(session)
            session.flush()
            return device.id

    return make


# ---- all of them


@pytest.mark.parametrize("path", PAGES)
def test_empty_pages_say_what_will_be_here(admin, database, path: str) -> None:
    with database.session() as session:
        session.query(Device).delete()
        touch_inventory(session)
    page = admin.get(path)
    assert page.status_code == 200
    assert "empty-state" in page.text


@pytest.mark.parametrize("path", PAGES)
def test_a_process_that_measures_nothing_still_shows_pages(services: Services, path: str) -> None:
    app = create_app(dataclasses.replace(services, registry=None, live=None, store=None, ingest=None))
    app.testing = False
    person = Person(app.test_client())
    person.sign_in(Role.ADMINISTRATOR.value)
    assert person.get(path).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_exports_need_the_permission(admin, staff, path: str) -> None:
    assert admin.get(f"{path}?format=csv").status_code == 200
    assert admin.get(f"{path}?format=xlsx").data[:2] == b"PK"
    assert staff.get(f"{path}?format=csv").status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_hostile_names_are_text(admin, database, world, places, add, now, path: str) -> None:
    for kind in ("switch", "router", "firewall", "ap", "server", "camera", "computer", "sensor", "ups", "printer"):
        device = add(places.site1, kind, f"{HOSTILE} {kind}", vendor=HOSTILE, model=HOSTILE)
        world.measure(device, {(f"supply:{HOSTILE}", "printer_supply_ratio"): 0.05, ("", "cpu_used_ratio"): 0.4,
                               ("", "ups_on_battery"): 1.0})
        with database.session() as session:
            session.add(make_incident(now, HOSTILE, rule_id="ups_on_battery", device_id=device, device_name=HOSTILE,
                                      cause=f"x:{device}", site_id=places.site1))
    page = admin.get(path).text
    assert "alert(1)" in page
    assert "<script>alert" not in page
    assert "\u202e" not in page


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/printers/shopping"])
def test_turns_of_a_list_never_fail(admin, world, places, add, path: str) -> None:
    word = path.rpartition("/")[2]
    kind = FAMILIES[word].kinds[0] if word in FAMILIES else {"power": "ups"}.get(word, "printer")
    for number in range(3):
        add(places.site2, kind, f"máy {number}")
    sorts = [figure.word for figure in FAMILIES[word].figures] if word in FAMILIES else ["lasts", "supply", "pages"]
    for sort in ("state", "name", "site", *sorts):
        for turn in ("", "desc"):
            assert admin.get(f"{path}?sort={sort}&dir={turn}&page=1&per=25").status_code == 200
    for query in ("q=may+1", "state=down", "state=good", "unit=zz", "unit=99", f"unit={places.unit2}", "site=x",
                  f"site={places.site1}", "vendor=none", "page=99"):
        assert admin.get(f"{path}?{query}").status_code == 200


# ---- families


def test_every_kind_of_device_has_a_page_and_every_figure_a_metric() -> None:
    kinds = {kind for family in FAMILIES.values() for kind in family.kinds} | {"ups", "printer", "projector"}
    assert kinds == set(DEVICE_KINDS)
    for family in FAMILIES.values():
        words = [figure.word for figure in family.figures]
        assert len(words) == len(set(words))
        for figure in family.figures:
            assert figure.metric in METRICS or figure.how.startswith(("use", "wifi_"))


def test_families_with_a_page_of_their_own_are_linked(admin) -> None:
    page = admin.get("/families/switch").text
    assert 'href="/power">' in page.partition('class="tabs"')[2]
    assert 'href="/printers">' in page.partition('class="tabs"')[2]


def test_a_switch_shows_its_ports_power_and_busiest_port(admin, world, places, add) -> None:
    switch = add(places.site1, "switch", "SW đầy")
    world.ping({switch: "up"})
    world.measure(switch, {
        ("if:1", "if_oper_up"): 1, ("if:2", "if_oper_up"): 1, ("if:3", "if_oper_up"): 0,
        ("if:1", "if_in_octets_total"): 11.75e6, ("if:1", "if_out_octets_total"): 1e6,
        ("if:1", "if_speed_bits_per_second"): 1e8, ("if:2", "if_in_octets_total"): 1e6,
        ("if:2", "if_speed_bits_per_second"): 1e9, ("if:1", "poe_power_watts"): 30, ("if:2", "poe_power_watts"): 28,
        ("", "poe_budget_watts"): 60, ("cpu:1", "cpu_used_ratio"): 0.2, ("cpu:2", "cpu_used_ratio"): 0.71,
        ("sensor:a", "temperature_celsius"): 41,
    })
    page = admin.get("/families/switch?q=SW").text
    for text in ("2/3", "94 %", "97 %", "58 trên 60 W", "71 %", "41 °C"):
        assert text in page, text
    row = admin.get("/families/switch?q=SW&format=csv").data.decode("utf-8-sig").splitlines()[1]
    assert "SW đầy" in row
    assert ",94" in row


def test_a_speed_of_another_port_or_of_none_gives_no_share(admin, world, places, add) -> None:
    switch = add(places.site1, "switch", "SW lạ")
    world.measure(switch, {("if:1", "if_in_octets_total"): 9e6, ("if:2", "if_speed_bits_per_second"): 1e6,
                           ("if:1", "if_speed_bits_per_second"): 0})
    cells = admin.get("/families/switch?q=SW&format=csv").data.decode("utf-8-sig").splitlines()[1].split(",")
    assert cells[-4] == cells[-3] == ""  # the busiest port: processor and temperature stand behind it


def test_old_figures_are_unknown(admin, world, places, add) -> None:
    server = add(places.site1, "server", "Máy chủ cũ")
    world.measure(server, {("", "cpu_used_ratio"): 0.97}, age_s=3600)
    page = admin.get("/families/server").text
    assert "97 %" not in page
    world.measure(server, {("", "cpu_used_ratio"): 0.97})
    assert "97 %" in admin.get("/families/server").text


def test_the_worse_of_like_state_stands_first(admin, world, places, add) -> None:
    calm, full = add(places.site1, "nas", "A yên"), add(places.site1, "nas", "B đầy")
    broken = add(places.site1, "nas", "C hỏng đĩa")
    world.ping({calm: "up", full: "up", broken: "up"})
    for device, used in ((calm, 0.2), (full, 0.97), (broken, 0.3)):
        world.measure(device, {("storage:v", "storage_used_ratio"): used, ("disk:1", "disk_health"): 1,
                               ("disk:2", "disk_health"): float(device != broken)})
    page = admin.get("/families/server").text
    assert page.index("C hỏng đĩa") < page.index("B đầy") < page.index("A yên")
    assert "1/2" in page


def test_clients_of_points_come_from_the_wifi_model(admin, world, places, add) -> None:
    point, controller = add(places.site1, "ap", "AP 1"), add(places.site1, "wlan_controller", "Bộ điều khiển")
    world.measure(controller, {("ap:AP 1", "wifi_access_point_up"): 1, ("ap:AP 1", "wifi_clients"): 23,
                               ("ap:AP 2", "wifi_access_point_up"): 0,
                               ("ap:AP 1/radio:0", "wifi_channel_busy_ratio"): 0.66})
    rows = {line.split(",")[1]: line.split(",") for line in
            admin.get("/families/ap?format=csv").data.decode("utf-8-sig").splitlines()}
    assert rows["AP 1"][8:10] == ["23.0", "66.0"]
    assert rows["Bộ điều khiển"][8] == "23.0"
    assert rows["Bộ điều khiển"][10:12] == ["1.0", "2.0"]
    assert point


def test_school_staff_see_their_own_only(staff, places, add) -> None:
    for path, kind in (("/families/router", "router"), ("/power", "ups"), ("/printers", "printer")):
        add(places.site1, kind, f"của tôi {kind}")
        add(places.site2, kind, f"của người khác {kind}")
        page = staff.get(path).text
        assert f"của tôi {kind}" in page
        assert f"của người khác {kind}" not in page
    tabs = staff.get("/families/switch").text
    assert "<b>1</b>" in tabs
    assert "<b>2</b>" not in tabs


def test_a_page_asks_a_fixed_number_of_statements(admin, database, world, places, add) -> None:
    for path, kind in (("/families/switch", "switch"), ("/power", "ups"), ("/printers", "printer")):
        add(places.site1, kind, f"đầu tiên {kind}")
        admin.get(path)
        with counted(database) as few:
            admin.get(path)
        for number in range(20):
            world.measure(add(places.site1, kind, f"{kind} thứ {number}"), {("", "cpu_used_ratio"): 0.1})
        admin.get(path)
        with counted(database) as many:
            admin.get(path)
        assert len(many) == len(few), path


# ---- power


def test_who_is_on_battery_stands_first_with_the_time_left(admin, world, places, add) -> None:
    calm, cut, low = (add(places.site1, "ups", name) for name in ("Yên", "Mất điện", "Sắp cạn"))
    world.ping({calm: "up", cut: "up", low: "up"})
    world.measure(calm, {("", "ups_on_battery"): 0, ("", "ups_charge_ratio"): 1.0, ("input:1", "ups_input_volts"): 223})
    world.measure(cut, {("", "ups_on_battery"): 1, ("", "ups_charge_ratio"): 0.8, ("", "ups_runtime_seconds"): 1500,
                        ("", "ups_seconds_on_battery"): 240})
    world.measure(low, {("", "ups_output_source"): 5, ("", "ups_charge_ratio"): 0.2, ("", "ups_runtime_seconds"): 120})
    page = admin.get("/power").text
    assert page.index(">Sắp cạn<") < page.index(">Mất điện<") < page.index(">Yên<")
    for text in ("sắp cạn", "chạy ắc quy", "25 phút", "đã 4 phút", "điện lưới", "223"):
        assert text in page, text


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({("", "ups_on_battery"): 0.0}, "good"),
        ({("", "ups_on_battery"): 0.0, ("", "ups_battery_replace"): 1.0}, "replace"),
        ({("", "ups_on_battery"): 0.0, ("", "ups_battery_status"): 3.0}, "replace"),
        ({("", "ups_on_battery"): 0.0, ("output:1", "ups_load_ratio"): 0.9}, "load"),
        ({("", "ups_on_battery"): 0.0, ("input:1", "ups_input_volts"): 225.0, ("input:2", "ups_input_volts"): 181.0},
         "volts"),
        ({("", "ups_on_battery"): 1.0, ("", "ups_charge_ratio"): 0.9}, "battery"),
        ({("", "ups_on_battery"): 1.0, ("", "ups_runtime_seconds"): 100.0}, "empty"),
        ({("", "ups_on_battery"): 0.0, ("", "ups_self_test_ok"): 0.0}, "replace"),
        ({("", "ups_charge_ratio"): 1.0}, "unknown"),
        ({("", "cpu_used_ratio"): 1.0}, "unknown"),
    ],
)  # fmt: skip
def test_how_a_ups_is(admin, world, places, add, values, word: str) -> None:
    ups = add(places.site1, "ups", "Bộ lưu điện thử")
    world.ping({ups: "up"})
    world.measure(ups, values)
    for other in POWER_WORDS:
        assert ("Bộ lưu điện thử" in admin.get(f"/power?state={other}").text) == (other == word), other


def test_a_silent_ups_is_down_and_an_unwatched_one_is_not_judged(admin, world, places, add) -> None:
    silent = add(places.site1, "ups", "Bộ câm")
    add(places.site1, "ups", "Bộ không theo dõi", is_monitored=False)
    world.ping({silent: "down"})
    assert "Bộ câm" in admin.get("/power?state=down").text
    assert "Bộ không theo dõi" in admin.get("/power?state=unwatched").text


def test_the_least_poe_is_named(admin, world, places, add) -> None:
    for name, used in (("SW rảnh", 10.0), ("SW căng", 58.0)):
        world.measure(add(places.site1, "switch", name), {("if:1", "poe_power_watts"): used,
                                                          ("poe:1", "poe_budget_watts"): 60.0})
    page = admin.get("/power").text
    assert page.index("SW căng") < page.index("SW rảnh")
    assert "58 trên 60 W" in page


def test_power_cuts_are_kept_with_their_length(admin, staff, database, places, add, now) -> None:
    for site, name, minutes, closed in ((places.site1, "UPS 1", 95, True), (places.site2, "UPS 2", 20, False)):
        ups = add(site, "ups", name)
        unit = places.unit1 if site == places.site1 else places.unit2
        with database.session() as session:
            began = now - timedelta(minutes=minutes)
            session.add(make_incident(
                now, "Mất điện", rule_id="ups_on_battery", device_id=ups, device_name=name, site_id=site,
                cause=f"ups:{ups}", started_at=began, unit_path=f"/{places.top}/{unit}/",
                **({"closed_at": now - timedelta(minutes=5), "state": "closed"} if closed else {}),
            ))
    page = admin.get("/power/cuts").text
    for text in ("UPS 1", "UPS 2", "1 giờ 30 phút", "vẫn đang chạy ắc quy"):
        assert text in page, text
    assert "UPS 2" not in staff.get("/power/cuts").text
    lines = admin.get("/power/cuts?format=csv").data.decode("utf-8-sig").splitlines()
    assert any(line.endswith(",5400") for line in lines)


# ---- printers


def test_what_runs_out_stands_first(admin, world, places, add) -> None:
    full, low, empty, jam = (add(places.site1, "printer", name) for name in ("Đầy", "Vơi", "Hết", "Kẹt"))
    world.ping(dict.fromkeys((full, low, empty, jam), "up"))
    for device, rest in ((full, 0.8), (low, 0.1), (empty, 0.0), (jam, 0.5)):
        world.measure(device, {("supply:Mực đen", "printer_supply_ratio"): rest, ("tray:1", "printer_tray_ratio"): 0.5,
                               ("", "printer_status"): 3, ("", "printer_alerts"): float(device == jam)})
    page = admin.get("/printers").text
    assert page.index(">Hết<") < page.index(">Kẹt<") < page.index(">Vơi<") < page.index(">Đầy<")
    for text in ("hết mực", "sắp hết mực", "cần xử lý", "Mực đen", "10 %"):
        assert text in page, text


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({("supply:a", "printer_supply_present"): 1.0, ("", "printer_alerts"): 0.0}, "good"),
        ({("supply:a", "printer_supply_present"): 1.0, ("supply:b", "printer_supply_present"): 0.0}, "empty"),
        ({("", "printer_alerts"): 3.0, ("", "printer_alerts_critical"): 0.0}, "good"),
        ({("", "printer_alerts"): 3.0, ("", "printer_alerts_critical"): 1.0}, "alert"),
        ({("", "printer_alerts"): 1.0}, "alert"), ({("error:jammed", "printer_error"): 1.0}, "alert"),
        ({("tray:1", "printer_tray_present"): 0.0, ("tray:2", "printer_tray_present"): 1.0}, "good"),
        ({("tray:1", "printer_tray_present"): 0.0}, "paper"),
        ({("supply:a", "printer_supply_ratio"): 0.15}, "good"), ({("supply:a", "printer_supply_ratio"): 0.14}, "low"),
    ],
)  # fmt: skip
def test_how_a_printer_is(admin, world, places, add, values, word: str) -> None:
    printer = add(places.site1, "printer", "Máy in thử")
    world.ping({printer: "up"})
    world.measure(printer, values)
    assert "Máy in thử" in admin.get(f"/printers?state={word}").text
    others = [one for one in ("empty", "alert", "low", "paper", "unknown", "off", "good") if one != word]
    assert not [one for one in others if "Máy in thử" in admin.get(f"/printers?state={one}").text]


def test_a_sum_stands_in_where_ports_do_not_tell(admin, world, places, add) -> None:
    switch = add(places.site1, "switch", "SW tổng")
    world.measure(switch, {("", "poe_used_watts"): 41.0, ("", "poe_budget_watts"): 60.0})
    world.measure(add(places.site1, "firewall", "Tường lửa"), {("vpn:a", "vpn_tunnel_up"): 1.0,
                                                             ("vpn:b", "vpn_tunnel_up"): 0.0})
    assert "41 trên 60 W" in admin.get("/families/switch?q=SW").text
    assert "41 trên 60 W" in admin.get("/power").text
    assert ",1.0," in admin.get("/families/firewall?format=csv").data.decode("utf-8-sig").splitlines()[1]


def test_a_printer_that_is_off_is_no_trouble_and_no_good_news(admin, world, places, add) -> None:
    off = add(places.site1, "printer", "Máy tắt")
    world.ping({off: "down"})
    assert "Máy tắt" in admin.get("/printers?state=off").text
    world.ping({off: "up"})
    assert "Máy tắt" in admin.get("/printers?state=unknown").text


def test_the_page_counter_is_the_highest_life_count(admin, world, places, add) -> None:
    printer = add(places.site1, "printer", "Máy in 1")
    world.measure(printer, {("pages:1", "printer_pages_total"): 0.01, ("pages:2", "printer_pages_total"): 0.0})
    for part, total in (("pages:1", 12_345.0), ("pages:2", 99.0)):
        world.live.counter[world.registry.find(printer, part, "printer_pages_total")] = total
    assert "12.345" in admin.get("/printers").text


def test_pages_of_this_month_and_the_last(admin, services, world, places, add, now) -> None:
    printer = add(places.site1, "printer", "Máy in 1")
    world.measure(printer, {("pages:1", "printer_pages_total"): 0.01})
    series = world.registry.find(printer, "pages:1", "printer_pages_total")
    first, before = months(now, ZoneInfo("Asia/Ho_Chi_Minh"))
    hours = {first + timedelta(hours=n): 60 / 3600 for n in range(2, 5)}
    hours |= {before + timedelta(days=3, hours=n): 30 / 3600 for n in range(4)}
    stamps = [epoch(hour) + minute * 60_000 for hour in hours for minute in (5, 25, 45)]
    values = np.repeat(list(hours.values()), 3)
    order = np.argsort(stamps)
    services.store.append(np.full(len(stamps), series, np.int32), np.array(stamps)[order], values[order])
    services.store.flush()
    row = admin.get("/printers?format=csv").data.decode("utf-8-sig").splitlines()[1].split(",")
    assert [float(cell) for cell in row[-3:-1]] == [180, 120]


@pytest.mark.parametrize(
    ("moment", "first", "before"),
    [
        ("2026-11-20T10:00+00:00", "2026-11-01", "2026-10-01"), ("2026-01-01T00:30+00:00", "2026-01-01", "2025-12-01"),
        ("2026-02-28T18:00+00:00", "2026-03-01", "2026-02-01"),  # past midnight in Vietnam
    ],
)
def test_months_are_those_of_the_house(moment: str, first: str, before: str) -> None:
    found = months(datetime.fromisoformat(moment).astimezone(UTC), ZoneInfo("Asia/Ho_Chi_Minh"))
    assert [one.date().isoformat() for one in found] == [first, before]


def test_the_shopping_list_sums_up_by_model(admin, staff, world, places, add) -> None:
    for site, name, rest in ((places.site1, "Máy 1", 0.05), (places.site2, "Máy 2", 0.1), (places.site2, "Máy 3", 0.6)):
        device = add(site, "printer", name, vendor="Brother", model="HL-1")
        world.measure(device, {("supply:Mực TN-1", "printer_supply_ratio"): rest})
    page = admin.get("/printers/shopping").text
    assert "Mực TN-1" in page
    assert "ít nhất 5 %" in page
    lines = admin.get("/printers/shopping?format=csv").data.decode("utf-8-sig").splitlines()[1:]
    assert [line.split(",")[3:5] for line in lines] == [["2", "Máy 1"], ["", "Máy 2"]]
    assert "Điểm 2" not in staff.get("/printers/shopping").text
