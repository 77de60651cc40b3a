"""Making, changing, moving and deleting single records, and who may see them."""

from __future__ import annotations

import io

import pytest

from core import Scope
from inventory import (
    Asset,
    CalendarEntry,
    Check,
    Credential,
    Device,
    InvalidInput,
    Link,
    ListQuery,
    NotFound,
    Part,
    Room,
    Site,
    Unit,
    ancestors,
    create_record,
    delete_record,
    get_record,
    import_table,
    inventory_version,
    list_records,
    preview_delete,
    scope_of_unit,
    unit_children,
    update_record,
)
from inventory.store import records
from inventory.subjects import SUBJECTS


def problems_of(call, *arguments):
    """(column, message) of everything that the call complains about."""
    with pytest.raises(InvalidInput) as caught:
        call(*arguments)
    return [(problem.column, problem.message) for problem in caught.value.problems]


def test_every_problem_of_a_form_is_told_at_its_field(session, everything, province):
    raw = {"site_id": province.site.id, "name": "", "kind": "toaster", "address": "10.0.0.300", "mac": "x",
           "snmp_port": "0", "room_id": "999", "notes": "\x1b[2J", "code": "SW-1"}
    found = dict(problems_of(create_record, session, everything, Device, raw))
    assert set(found) == {"name", "kind", "address", "mac", "snmp_port", "room_id", "notes", "code"}
    assert found["name"] == "This must not be empty."
    assert "used already" in found["code"]


@pytest.mark.parametrize(("model", "raw"), [
    (Link, {"name": "Cáp quang", "isp": "VNPT", "committed_down_bps": "300", "monthly_cost": "880.000",
            "starts_on": "01/01/2026", "ends_on": "31/12/2026"}),
    (Asset, {"code": "TS-1", "name": "Máy tính", "cost": "12.500.000", "depreciation_years": "5"}),
])
def test_lines_and_assets(session, everything, province, model, raw):
    record = create_record(session, everything, model, {**raw, "site_id": str(province.site.id)})
    assert get_record(session, everything, model, record.id).name == raw["name"]
    if model is Link:
        assert (record.committed_down_bps, record.monthly_cost) == (300_000_000, 880_000)


def test_rules_across_fields(session, everything, province):
    link = {"site_id": province.site.id, "name": "x", "starts_on": "2026-02-01", "ends_on": "2026-01-01"}
    assert problems_of(create_record, session, everything, Link, link)[0][0] == "ends_on"
    site = {"code": "X", "name": "X", "unit_id": province.school.id, "latitude": "22"}
    assert problems_of(create_record, session, everything, Site, site)[0][0] == "longitude"


@pytest.mark.parametrize(("raw", "columns"), [
    ({"kind": "teaching", "weekday": "T2", "starts_at": "7:00", "ends_at": "11:30"}, []),
    ({"kind": "teaching", "weekday": "T2", "starts_at": "11:00", "ends_at": "7:30"}, ["ends_at"]),
    ({"kind": "teaching", "starts_at": "7:00"}, ["weekday", "ends_at"]),
    ({"kind": "holiday", "starts_on": "20/11/2026", "ends_on": "20/11/2026"}, []),
    ({"kind": "holiday", "starts_on": "20/11/2026"}, ["ends_on"]),
    ({"kind": "term", "starts_on": "5/9/2026", "ends_on": "1/1/2026"}, ["ends_on"]),
    ({"kind": "term", "starts_on": "5/9/2026", "ends_on": "1/1/2027", "weekday": "T2"}, ["weekday"]),
    ({"kind": "exam", "starts_on": "5/9/2026", "ends_on": "5/9/2026", "starts_at": "9:00"}, ["ends_at"]),
    ({"kind": "exam", "starts_on": "5/9/2026", "ends_on": "5/9/2026", "starts_at": "9:00", "ends_at": "8:00"},
     ["ends_on"]),
    ({"kind": "exam", "starts_on": "5/9/2026", "ends_on": "6/9/2026", "starts_at": "9:00", "ends_at": "8:00"}, []),
    ({"kind": "party"}, ["kind"]),
])
def test_calendar_lines(session, everything, province, raw, columns):
    raw = {"unit_id": province.top.id, "name": "x", **raw}
    if columns:
        found = problems_of(create_record, session, everything, CalendarEntry, raw)
        assert [column for column, _message in found] == columns
    else:
        create_record(session, everything, CalendarEntry, raw)


@pytest.mark.parametrize(("kind", "target", "stored"), [
    ("http", "https://example.edu.vn/", "https://example.edu.vn/"), ("tcp", ":443", ":443"), ("http", ":443", None),
    ("tcp", "https://example.edu.vn/", None),
])
def test_checks(session, everything, province, kind, target, stored):
    raw = {"device_id": province.switch.id, "kind": kind, "target": target}
    if stored is None:
        assert problems_of(create_record, session, everything, Check, raw)[0][0] == "target"
    else:
        assert create_record(session, everything, Check, raw).target == stored
        assert problems_of(create_record, session, everything, Check, raw)[0][0] == "target"


def test_a_change_leaves_the_other_fields(session, everything, province):
    changed = update_record(session, everything, Device, province.switch.id, {"model": "C1000"})
    assert (changed.model, changed.serial, changed.code) == ("C1000", "FOC123", "SW-1")
    assert problems_of(update_record, session, everything, Device, changed.id, {"name": "Router chính"})[0][0] == "name"


def test_a_device_that_moves_leaves_its_room(session, everything, province):
    moved = update_record(session, everything, Device, province.switch.id, {"site_id": province.far.id})
    assert moved.room_id is None
    raw = {"room_id": province.room.id}
    assert problems_of(update_record, session, everything, Device, moved.id, raw) == [
        ("room_id", "This room belongs to another site. Choose a room of the same site.")]


def test_nothing_hangs_on_itself(session, everything, province):
    raw = {"parent_id": province.school.id}
    assert "circle" in problems_of(update_record, session, everything, Unit, province.top.id, raw)[0][1]
    raw = {"parent_device_id": province.switch.id}
    assert "circle" in problems_of(update_record, session, everything, Device, province.router.id, raw)[0][1]
    assert "circle" in problems_of(update_record, session, everything, Device, province.switch.id, raw)[0][1]


def test_a_moved_unit_takes_its_branch_along(session, everything, province):
    update_record(session, everything, Unit, province.north.id, {"parent_id": province.south.id})
    top, north, south, school = (unit.id for unit in (province.top, province.north, province.south, province.school))
    assert get_record(session, everything, Unit, school).path == f"/{top}/{south}/{north}/{school}/"
    above = ancestors(session, get_record(session, everything, Unit, school))
    assert [unit.id for unit in above] == [top, south, north]
    update_record(session, everything, Unit, north, {"parent_id": None})
    assert get_record(session, everything, Unit, school).path == f"/{north}/{school}/"


def test_a_tree_may_be_deep(session, everything):
    parent = None
    for level in range(30):
        raw = {"code": f"U{level}", "name": f"Cấp {level}", "parent_id": parent}
        parent = create_record(session, everything, Unit, raw).id
    assert get_record(session, everything, Unit, parent).path.count("/") == 31


def test_a_tree_too_deep_for_its_path_is_refused(session, everything):
    rows = ["code,name,parent_id", "U0,x,"] + [f"U{n},x,U{n - 1}" for n in range(1, 120)]
    report = import_table(session, everything, "units", io.BytesIO("\n".join(rows).encode()))
    assert "too deep" in report.problems[0].message
    assert list_records(session, everything, Unit).total == 0
    assert import_table(session, everything, "units", io.BytesIO("\n".join(rows[:60]).encode())).created == 59
    units = {row.code: row for row in list_records(session, everything, Unit, ListQuery(page_size=100)).rows}
    top = create_record(session, everything, Unit, {"code": "TOP", "name": "x", "parent_id": units["U58"].id})
    extra = [f"V{n},x,{'' if n == 0 else f'V{n - 1}'}" for n in range(60)]
    file = io.BytesIO("\n".join(["code,name,parent_id", *extra]).encode())
    assert import_table(session, everything, "units", file).created == 60
    units = {row.code: row for row in list_records(session, everything, Unit, ListQuery(page_size=200)).rows}
    [(column, message)] = problems_of(update_record, session, everything, Unit, units["V0"].id, {"parent_id": top.id})
    assert (column, "too deep" in message) == ("parent_id", True)
    assert get_record(session, everything, Unit, units["V0"].id).parent_id is None  # nothing is half done


def test_a_quicker_writer_is_told(session, everything, province, monkeypatch):
    """What PostgreSQL allows: the check finds the name free, and somebody takes it before it is written."""
    monkeypatch.setattr(records, "UNIQUE", {"device": ((("notes",), "name"),)})
    raw = {"site_id": province.site.id, "name": "Router chính"}
    assert problems_of(create_record, session, everything, Device, raw)[0][0] == "name"
    raw = {"name": "Router chính"}
    assert problems_of(update_record, session, everything, Device, province.switch.id, raw)[0][0] == "name"
    assert get_record(session, everything, Device, province.switch.id).name == "Switch 1"
    assert list_records(session, everything, Device).total == 2


def test_the_tree_opens_one_branch_at_a_time(session, everything, province):
    [top] = unit_children(session, everything)
    assert (top.code, top.has_children, top.sites, top.devices) == ("SO", True, 2, 2)
    north, south = unit_children(session, everything, top.id)
    assert [(north.name, north.sites, north.devices), (south.name, south.sites, south.devices)] == [
        ("Xã Bắc", 1, 2), ("Xã Nam", 1, 0)]
    assert unit_children(session, everything, province.school.id) == []
    [own] = unit_children(session, scope_of_unit(session, province.north.id))
    assert own.code == "X1"


def test_deleting_tells_first_what_goes(session, everything, province, now):
    session.add(Part(device_id=province.switch.id, kind="port", key="if:1", first_seen=now))
    create_record(session, everything, Asset, {"site_id": province.far.id, "code": "A", "name": "A",
                                               "device_id": province.router.id})
    shown = preview_delete(session, everything, Unit, province.north.id)
    assert shown.counts == {"unit": 1, "site": 1, "room": 1, "device": 2, "part": 1}
    assert preview_delete(session, everything, Device, province.router.id).unlinked == {"device": 1, "asset": 1}
    assert preview_delete(session, everything, Room, province.room.id).unlinked == {"device": 1}
    create_record(session, everything, Device, {"site_id": province.site.id, "name": "Mới"})
    [(_column, message)] = problems_of(delete_record, session, everything, Unit, province.north.id, shown)
    assert "Look again" in message
    delete_record(session, everything, Unit, province.north.id)
    assert list_records(session, everything, Device).total == 0
    assert list_records(session, everything, Site).total == 1
    with pytest.raises(NotFound):
        get_record(session, everything, Unit, province.north.id)


def test_deleting_a_room_keeps_its_devices(session, everything, province):
    delete_record(session, everything, Room, province.room.id)
    assert get_record(session, everything, Device, province.switch.id).room_id is None


def test_school_staff_see_their_branch_only(session, everything, province):
    scope = scope_of_unit(session, province.other.id)
    hidden = ((Unit, province.school), (Site, province.site), (Room, province.room), (Device, province.switch))
    for model, record in hidden:
        assert record.id not in {row.id for row in list_records(session, scope, model).rows}
        for call in (get_record, preview_delete, delete_record):
            with pytest.raises(NotFound):
                call(session, scope, model, record.id)
        with pytest.raises(NotFound):
            update_record(session, scope, model, record.id, {"name": "x"})
    raw = {"site_id": province.site.id, "name": "x"}
    assert problems_of(create_record, session, scope, Device, raw)[0][0] == "site_id"
    assert create_record(session, scope, Device, {"site_id": province.far.id, "name": "x"}).id
    assert problems_of(create_record, session, scope, Unit, {"code": "Z", "name": "Z"})[0][0] == "parent_id"
    assert list_records(session, Scope.nothing(), Device).total == 0
    assert list_records(session, scope, Credential).total == 0
    assert scope_of_unit(session, 999) == Scope.nothing()
    assert scope_of_unit(session, None) == Scope.everything()


def test_a_scope_does_not_include_a_unit_whose_number_begins_alike(session, everything, province):
    units = [create_record(session, everything, Unit, {"code": f"N{n}", "name": f"N{n}"}) for n in range(60)]
    short = next(unit for unit in units if unit.id == 6)
    seen = {unit.id for unit in list_records(session, Scope(short.path), Unit, ListQuery(page_size=500)).rows}
    assert seen == {6}


def test_own_unit_keeps_the_parent_that_its_staff_cannot_see(session, province):
    scope = scope_of_unit(session, province.school.id)
    changed = update_record(session, scope, Unit, province.school.id, {
        "name": "Trường mới", "parent_id": province.north.id, "code": "T12"})
    assert changed.name == "Trường mới"


def test_every_edit_moves_the_stamp(session, everything, province):
    seen = [inventory_version(session)]
    update_record(session, everything, Device, province.switch.id, {"model": "x"})
    seen.append(inventory_version(session))
    delete_record(session, everything, Device, province.switch.id)
    seen.append(inventory_version(session))
    assert seen == sorted(set(seen))


HOSTILE = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "'; DROP TABLE inventory_device; --", "%(x)s %s {0}",
           "\u202etxt.exe", "Robert\u0000", "\x1b]0;owned\x07", "x" * 10_240, "🏫 Trường", "\ud800", "NULL"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("word", ["unit", "site", "room", "device", "link", "asset"])
def test_hostile_text_is_stored_as_it_is_or_refused(session, everything, province, word, text):
    model = {"unit": Unit, "site": Site, "room": Room, "device": Device, "link": Link, "asset": Asset}[word]
    raw = {"code": "NEW", "name": text, "notes": text, "unit_id": province.school.id, "site_id": province.site.id}
    try:
        record = create_record(session, everything, model, raw)
    except InvalidInput as error:
        assert {problem.column for problem in error.problems} <= {"name", "notes"}
        assert text not in str(error)
        return
    session.expire_all()
    assert get_record(session, everything, model, record.id).name == text.replace("\u202e", "")


def test_every_text_of_every_subject_has_a_limit(session):
    for subject in SUBJECTS.values():
        for field in subject.fields:
            with pytest.raises(ValueError, match=r".+"):
                field.parse("x" * 100_000)


def test_texts_are_no_longer_than_their_columns():
    from inventory.store.records import MODELS

    for word, subject in SUBJECTS.items():
        for field in subject.fields:
            length = getattr(getattr(MODELS[word], field.name).property.columns[0].type, "length", None)
            if length is None or field.choices is not None:
                continue
            samples = ["x" * length, "1" * length, "a@" + "b" * 200 + ".vn", "a." * 126 + "a"]
            for sample in samples:
                try:
                    assert len(str(field.parse(sample))) <= length
                except ValueError:
                    continue
            with pytest.raises(ValueError, match=r".+"):
                field.parse("x" * (length + 1))
