"""Lists and the search box."""

from __future__ import annotations

import pytest

from core import Scope
from inventory import (
    Asset,
    CalendarEntry,
    Check,
    Credential,
    Device,
    Endpoint,
    Link,
    ListQuery,
    Part,
    Room,
    RoomUse,
    Service,
    Site,
    Unit,
    UnknownFilter,
    create_record,
    distinct_values,
    list_records,
    names_of,
    parts_of,
    scope_of_unit,
    search,
    site_summary,
    unit_paths_of_sites,
    unit_summary,
)
from inventory.store.lists import _COLUMNS


def names(page):
    return [row.name for row in page.rows]


def test_filters_sorting_and_pages(session, everything, province):
    for number in range(1, 31):
        vendor = "Ruckus" if number % 2 else ""
        raw = {"site_id": province.far.id, "name": f"AP {number}", "kind": "ap", "vendor": vendor}
        create_record(session, everything, Device, raw)
    first = list_records(session, everything, Device, ListQuery(filters={"kind": "ap"}, page_size=10))
    assert (first.total, first.pages, names(first)[:3]) == (30, 3, ["AP 1", "AP 2", "AP 3"])
    query = ListQuery(filters={"kind": ["ap", "router"]}, page=99, page_size=10)
    last = list_records(session, everything, Device, query)
    assert (last.page, names(last)) == (4, ["Router chính"])
    assert names(list_records(session, everything, Device, ListQuery(sort="-name")))[0] == "Switch 1"
    assert list_records(session, everything, Device, ListQuery(filters={"vendor": "Ruckus"})).total == 15
    assert list_records(session, everything, Device, ListQuery(filters={"unit_id": province.north.id})).total == 2
    assert list_records(session, everything, Device, ListQuery(filters={"unit_id": 999})).total == 0
    assert list_records(session, everything, Device, ListQuery(filters={"room_id": None})).total == 31
    assert list_records(session, everything, Device, ListQuery(text="ap 3", filters={"kind": "ap"})).total == 4
    assert distinct_values(session, everything, Device, "vendor") == ["Ruckus"]


@pytest.mark.parametrize("sort", ["code", "-code"])
def test_what_is_not_known_stands_last(session, everything, province, sort):
    assert names(list_records(session, everything, Device, ListQuery(sort=sort)))[-1] == "Router chính"


@pytest.mark.parametrize("query", [
    ListQuery(filters={"password": "x"}), ListQuery(sort="sealed"), ListQuery(sort="name; DROP TABLE x"),
])
def test_an_unknown_filter_is_told(session, everything, query):
    with pytest.raises(UnknownFilter, match="This list knows no"):
        list_records(session, everything, Device, query)


@pytest.mark.parametrize("model", list(_COLUMNS))
def test_every_named_filter_and_order_works(session, everything, province, model):
    filters, orders = _COLUMNS[model]
    for order in orders:
        list_records(session, everything, model, ListQuery(text="x", sort=f"-{order}"))
    for column in filters:
        list_records(session, everything, model, ListQuery(filters={column: None}))
        distinct_values(session, everything, model, column)
    scope = Scope("/1/")
    assert list_records(session, scope, model, ListQuery(page=-5, page_size=10**9)).page_size == 500


@pytest.mark.parametrize(("text", "titles"), [
    ("thcs so 12", ["Trường THCS số 12"]),
    ("12 TRƯỜNG", ["Trường THCS số 12", "Điểm trường chính"]),  # the site by its code S12
    ("thcs", ["Trường THCS số 2", "Trường THCS số 12"]),
    ("t12", ["Trường THCS số 12"]),
    ("10.0.0.2", ["Switch 1"]),
    ("foc123", ["Switch 1"]),
    ("SW-1", ["Switch 1"]),
    ("001a.2b3c.4d5e", ["Switch 1"]),
    ("00-1A-2B", ["Switch 1"]),
    ("4d:5e", ["Switch 1"]),
    ("phong may", ["Phòng máy"]),
    ("%", []), ("__", []), ("x", []), ("", []), ("khong co gi", []),
])
def test_search(session, everything, province, text, titles):
    assert [hit.title for hit in search(session, everything, text)] == titles


def test_the_best_hit_comes_first(session, everything, province):
    for name in ("Switch 11", "Tủ Switch 1 cũ", "switch 1"):
        create_record(session, everything, Device, {"site_id": province.far.id, "name": name})
    assert [(hit.title, hit.rank) for hit in search(session, everything, "Switch 1")] == [
        ("Switch 1", 0), ("switch 1", 0), ("Switch 11", 1), ("Tủ Switch 1 cũ", 2)]


def test_a_port_s_mac_address_leads_to_its_device(session, everything, province, now):
    session.add(Part(device_id=province.switch.id, kind="port", key="if:1", name="Gi0/1", mac="aa:bb:cc:00:00:01",
                     first_seen=now))
    session.flush()
    [hit] = search(session, everything, "AABB.CC00.0001")
    assert (hit.word, hit.id, hit.subtitle) == ("device", province.switch.id, "Gi0/1 · aa:bb:cc:00:00:01")
    assert search(session, scope_of_unit(session, province.other.id), "aabb.cc00") == []


def test_search_stays_in_the_scope(session, everything, province):
    raw = {"site_id": province.site.id, "name": "Cáp VNPT", "contract_number": "HD1"}
    create_record(session, everything, Link, raw)
    create_record(session, everything, Asset, {"site_id": province.site.id, "name": "Máy", "code": "HD1-TS"})
    assert {hit.word for hit in search(session, everything, "hd1")} == {"link", "asset"}
    scope = scope_of_unit(session, province.other.id)
    for text in ("hd1", "switch", "thcs so 12", "phong"):
        assert search(session, scope, text) == []


def test_sums(session, everything, province):
    create_record(session, everything, Link, {"site_id": province.site.id, "name": "x"})
    own = site_summary(session, everything, province.site.id)
    assert (own.rooms, own.links, own.devices, own.device_count) == (1, 1, {"router": 1, "switch": 1}, 2)
    assert site_summary(session, scope_of_unit(session, province.other.id), province.site.id).device_count == 0
    whole = unit_summary(session, everything)
    assert (whole.units, whole.sites, whole.device_count) == (5, 2, 2)
    assert unit_summary(session, everything, province.south).device_count == 0
    assert names_of(session, Site, [province.site.id, None, 99]) == {province.site.id: "Điểm trường chính"}
    assert unit_paths_of_sites(session)[province.site.id] == province.school.path
    assert parts_of(session, everything, province.switch.id) == []


def test_models_of_the_face_are_listed_somewhere():
    assert {Unit, Site, Room, Device, Link, Asset, CalendarEntry, Check, Credential, Service, RoomUse,
            Endpoint} == set(_COLUMNS)
