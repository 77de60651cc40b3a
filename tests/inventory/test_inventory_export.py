"""Spreadsheets that go out: what is exported is what an import takes, and harmless to whom opens it."""

from __future__ import annotations

import csv
import io
import zipfile
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from core import LANGUAGES, use_language
from inventory import (
    ASSET_KINDS,
    DEVICE_KINDS,
    EXCHANGED,
    Asset,
    CalendarEntry,
    Check,
    Credential,
    Device,
    Endpoint,
    ImportOptions,
    Link,
    RoomUse,
    Service,
    Site,
    create_record,
    export_table,
    import_table,
    list_records,
    scope_of_unit,
    template,
    update_record,
)
from inventory.exchange import reading
from inventory.exchange.cells import guarded, text_of_cell, unguarded
from inventory.problems import InvalidInput

FORMS = ("csv", "xlsx")


def exported(session, scope, kind, form):
    file = io.BytesIO()
    count = export_table(session, scope, kind, file, form)
    return count, file.getvalue()


def again(session, scope, kind, content):
    report = import_table(session, scope, kind, io.BytesIO(content), ImportOptions(is_dry_run=True))
    assert not report.problems, [str(problem) for problem in report.problems]
    return report.created, report.updated, report.unchanged


@pytest.fixture
def full(session, everything, province):
    """Every field of every kind filled in somewhere, with texts that spreadsheets like to spoil."""
    names = {"=SNMP": "snmp_v2c", "=PJ": "pjlink"}
    session.add_all([Credential(name=name, kind=kind, sealed="sealed-secret-text") for name, kind in names.items()])
    session.flush()
    numbers = {row.name: row.id for row in list_records(session, everything, Credential).rows}
    update_record(session, everything, Site, province.site.id, {
        "latitude": "22.8233", "longitude": "-104.5", "address": "+84 đường 3/2", "contact": "-1",
        "notes": "a\nb,\"c\";'=d"})
    update_record(session, everything, Device, province.switch.id, {
        "credential_id": numbers["=SNMP"], "pjlink_credential_id": numbers["=PJ"],
        "notes": "@x", "model": "'=1+1", "vendor": "0012", "timeout_s": "0.5",
        "profile": "1E5", "firmware": "15.0", "is_monitored": "no"})
    create_record(session, everything, Device, {
        "site_id": province.far.id, "name": "Xa/gần", "parent_device_id": province.switch.id, "code": "007"})
    create_record(session, everything, Device, {"site_id": province.far.id, "name": "b", "parent_device_id": 3})
    line = create_record(session, everything, Link, {
        "site_id": province.site.id, "name": "Cáp", "committed_down_bps": 300_500_001, "committed_up_bps": "1 Gbps",
        "monthly_cost": 880_000, "starts_on": "01/01/2026", "device_id": province.router.id, "part_key": "if:ether1"})
    create_record(session, everything, Asset, {
        "site_id": province.site.id, "code": "000123", "name": "=HYPERLINK(\"x\")", "cost": "12500000",
        "purchased_on": "2024-02-29", "device_id": province.switch.id, "room_id": province.room.id})
    for raw in ({"kind": "teaching", "weekday": 6, "starts_at": "07:05", "ends_at": "11:30"},
                {"kind": "holiday", "starts_on": "2027-02-01", "ends_on": "2027-02-07"},
                {"kind": "exam", "starts_on": "2026-12-21", "ends_on": "2026-12-22", "starts_at": "7:30",
                 "ends_at": "16:00"}):
        create_record(session, everything, CalendarEntry, {"unit_id": province.top.id, "name": "x", **raw})
    for room_id, title in ((province.room.id, "=Thi học kỳ I"), (None, "Họp, giao ban")):
        create_record(session, everything, RoomUse, {
            "site_id": province.site.id, "room_id": room_id, "name": title, "purpose": "exam",
            "starts_at": "21/12/2026 07:00", "ends_at": "2026-12-21T10:30"})
    create_record(session, everything, Service, {
        "unit_id": province.top.id, "name": "=Cổng; thông tin", "kind": "portal", "importance": "critical",
        "hours": "teaching", "target_percent": "99,9", "needed": "any", "down_after": 5, "notes": "+84"})
    for code, line_id in (("DC-1", line.id), ("DC-2", None)):
        create_record(session, everything, Endpoint, {
            "site_id": province.site.id if line_id else province.far.id, "code": code, "name": "=Điểm cầu",
            "room_id": province.room.id if line_id else None, "link_id": line_id, "kind": "codec",
            "computer_id": province.switch.id, "codec_id": province.router.id, "sip_uri": "10.1.2.3:5060",
            "can_speak": "no", "seats": "040", "phone": "+84 219 3866 123", "camera": "@cam", "notes": "'=x"})
    service = list_records(session, everything, Service).rows[0].id
    for raw in ({"kind": "dns", "target": "Example.edu.vn mx", "expect": "@mail"},
                {"kind": "http", "target": "https://example.edu.vn/", "name": "=1", "expect_status": "200, 302"},
                {"kind": "smtp", "target": "mail.example.edu.vn", "security": "starttls", "is_enabled": "no"}):
        create_record(session, everything, Check, {"service_id": service, **raw})
    create_record(session, everything, Check, {"device_id": province.switch.id, "kind": "tcp", "target": ":22"})
    return province


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", EXCHANGED)
def test_what_is_exported_changes_nothing_when_imported(session, everything, full, kind, form, language):
    with use_language(language):
        count, content = exported(session, everything, kind, form)
    assert count > 0
    assert again(session, everything, kind, content) == (0, 0, count)
    assert b"sealed-secret-text" not in content


@pytest.mark.parametrize("form", FORMS)
def test_an_export_fills_an_empty_database(session, everything, full, form, tmp_path):
    from core import Database, sqlite_url

    files = {kind: exported(session, everything, kind, form) for kind in EXCHANGED}
    folder = tmp_path / "other"
    folder.mkdir()
    other = Database(sqlite_url(folder))
    other.create_all()
    try:
        with other.session() as fresh:
            fresh.add(Credential(name="=SNMP", kind="snmp_v2c", sealed="x"))
            fresh.add(Credential(name="=PJ", kind="pjlink", sealed="x"))
            for kind, (count, content) in files.items():
                report = import_table(fresh, everything, kind, io.BytesIO(content))
                assert (report.problems, report.created) == ((), count)
            for kind, (_count, content) in files.items():
                if form == "csv":  # a workbook holds the time of its making
                    assert exported(fresh, everything, kind, form)[1] == content
    finally:
        other.close()


def test_an_export_stays_in_the_scope(session, everything, full):
    scope = scope_of_unit(session, full.other.id)
    assert exported(session, scope, "devices", "csv")[0] == 2
    assert exported(session, scope, "units", "csv")[0] == 1
    file = io.BytesIO()
    assert export_table(session, everything, "devices", file, "csv", full.north.path) == 2


def test_no_cell_is_a_formula(session, everything, full):
    for kind in EXCHANGED:
        for row in csv.reader(io.StringIO(exported(session, everything, kind, "csv")[1].decode("utf-8-sig"))):
            for cell in row:
                assert not cell.startswith(("=", "@", "\t", "\r"))
                assert not cell.startswith(("+", "-")) or float(cell)
        sheet = load_workbook(io.BytesIO(exported(session, everything, kind, "xlsx")[1])).active
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


@given(st.text(max_size=40))
def test_the_guard_comes_off_again(text):
    plain = guarded(text.replace("\r", " "))
    assert not plain.startswith(("=", "@", "+cmd", "-cmd"))
    assert guarded(unguarded(plain)) == plain
    if text.isprintable():
        assert unguarded(guarded(text)) == text


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=60)
MARKS = ("", "=", "'", "'=", "''=", "+", "-", "@", "#", "0", '"', ";", ",", "\t")
MARKED = st.tuples(st.sampled_from(MARKS), TEXTS).map("".join)


@contextmanager
def undone(session):
    """What is written inside is taken back, so that each example starts afresh."""
    savepoint = session.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(MARKED, min_size=1, max_size=5), notes=MARKED, cost=st.none() | st.integers(0, 10**12),
       bought=st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)), kind=st.sampled_from(sorted(ASSET_KINDS)),
       form=st.sampled_from(FORMS))
def test_any_asset_survives_the_journey(province, everything, session, names, notes, cost, bought, kind, form):
    with undone(session):
        made = 0
        for number, name in enumerate(names):
            try:
                create_record(session, everything, Asset, {
                    "code": f"{name}{number}", "name": name, "kind": kind, "site_id": province.site.id, "cost": cost,
                    "notes": notes, "purchased_on": bought, "room_id": province.room.id})
                made += 1
            except InvalidInput:
                continue
        count, content = exported(session, everything, "assets", form)
        assert count == made
        if made:
            assert again(session, everything, "assets", content) == (0, 0, made)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(speed=st.integers(1_000, 10**13), latitude=st.floats(-90, 90), longitude=st.floats(-180, 180),
       starts=st.times(), form=st.sampled_from(FORMS))
def test_any_number_survives_the_journey(session, everything, province, speed, latitude, longitude, starts, form):
    with undone(session):
        raw = {"site_id": province.site.id, "name": "x", "committed_down_bps": speed}
        create_record(session, everything, Link, raw)
        update_record(session, everything, Site, province.site.id, {"latitude": latitude, "longitude": longitude})
        create_record(session, everything, CalendarEntry, {
            "unit_id": province.top.id, "kind": "exam", "name": "x", "starts_on": "2026-06-01", "ends_on": "2026-06-02",
            "starts_at": starts, "ends_at": time(8)})
        for kind in ("links", "sites", "calendar"):
            count, content = exported(session, everything, kind, form)
            assert again(session, everything, kind, content) == (0, 0, count)


# -- workbooks -----------------------------------------------------------------------------------------------------

def workbook_of(rows) -> bytes:
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def test_typed_cells_are_read_as_people_mean_them(session, everything, province):
    content = workbook_of([
        ["Mã tài sản", "Tên", "Mã điểm trường", "Ngày mua", "Nguyên giá (đồng)", "Số năm khấu hao"],
        [1001, "Máy tính", "S12", datetime(2024, 8, 15), 12_500_000.0, 5],
        [None, None, None, None, None, None],
        [1002, 3.5, "S12", "15/08/2024", "12.500.000 đ", "5"],
    ])
    report = import_table(session, everything, "assets", io.BytesIO(content))
    assert (report.problems, report.created) == ((), 2)
    first, second = sorted(list_records(session, everything, Asset).rows, key=lambda row: row.code)
    assert (first.code, first.purchased_on, first.cost, second.name) == ("1001", date(2024, 8, 15), 12_500_000, "3.5")
    assert (second.purchased_on, second.cost) == (first.purchased_on, first.cost)


@pytest.mark.parametrize(("value", "text"), [
    (None, ""), (True, "yes"), (False, "no"), (12.0, "12"), (22.8233, "22.8233"), (1e20, "1e+20"), (7, "7"),
    (datetime(2026, 9, 5), "2026-09-05"), (datetime(2026, 9, 5, 7, 30), "2026-09-05 07:30"),
    (date(2026, 9, 5), "2026-09-05"),
    (time(7, 30), "07:30"), (timedelta(hours=31, minutes=5), "31:05"), ("x", "x"),
])
def test_cells(value, text):
    assert text_of_cell(value) == text


def test_row_numbers_are_those_of_the_sheet(session, everything, province):
    content = workbook_of([["Site code", "Name"], [], ["S12", "a"], [], ["S99", "b"]])
    report = import_table(session, everything, "devices", io.BytesIO(content))
    assert [problem.row for problem in report.problems] == [5]


def test_a_zip_bomb_is_refused_before_it_is_unpacked(session, everything, monkeypatch):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (20 << 20))
    assert len(file.getvalue()) < (1 << 20)
    monkeypatch.setattr(reading, "UNPACKED_LIMIT", 10 << 20)
    monkeypatch.setattr(reading, "load_workbook", lambda *a, **k: pytest.fail("was unpacked"))
    [problem] = import_table(session, everything, "sites", io.BytesIO(file.getvalue())).problems
    assert "unpacks to far more" in problem.message


def test_entities_in_a_workbook_are_not_expanded(session, everything):
    content = workbook_of([["Site code", "Name", "Unit code"], ["a", "b", "c"]])
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename.startswith("xl/worksheets/"):
                bomb = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>"
                text = data.decode()
                data = text.replace("<worksheet", bomb + "<worksheet", 1).encode()
            new.writestr(entry, data)
    [problem] = import_table(session, everything, "sites", io.BytesIO(file.getvalue())).problems
    assert "damaged" in problem.message


def test_a_sheet_that_claims_to_be_huge(session, everything, province):
    workbook = Workbook()
    sheet = workbook.active
    sheet.append(["Site code", "Name"])
    sheet.append(["S12", "a"])
    sheet.cell(1_048_576, 16_384, "far away")
    file = io.BytesIO()
    workbook.save(file)
    report = import_table(session, everything, "devices", io.BytesIO(file.getvalue()))
    assert (report.problems, report.created) == ((), 1)


# -- templates -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", EXCHANGED)
def test_a_template_offers_its_choices_and_explains_itself(session, everything, province, kind, language):
    with use_language(language):
        content = template(kind)
    workbook = load_workbook(io.BytesIO(content))
    data, explained, lists = workbook.worksheets
    subject = EXCHANGED[kind]
    assert data.max_column == len(subject.fields)
    assert data.max_row == 1
    with_choices = [field for field in subject.fields if field.choices is not None]
    rules = data.data_validations.dataValidation
    assert len(rules) == len(with_choices)
    for rule in rules:
        assert rule.formula1.startswith(f"'{lists.title}'!$")
    text = "\n".join(str(cell.value) for row in explained.iter_rows() for cell in row if cell.value)
    assert all(data.cell(1, number).value in text for number in range(1, data.max_column + 1))
    report = import_table(session, everything, kind, io.BytesIO(content))
    assert (report.problems, report.rows) == ((), 0)


@pytest.mark.parametrize("kind", EXCHANGED)
def test_the_examples_of_a_template_are_understood(kind):
    for field in EXCHANGED[kind].fields:
        if field.example and not field.refers:
            field.parse(field.example)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_is_understood_in_every_language(session, everything, province, language):
    with use_language(language):
        labels = [str(label) for label in DEVICE_KINDS.values()]
        from core import gettext

        rows = "".join(f"S12,Máy {number},{gettext(label)}\n" for number, label in enumerate(labels))
    report = import_table(session, everything, "devices", io.BytesIO(f"Site code,Name,Kind\n{rows}".encode()))
    assert report.created == len(DEVICE_KINDS)
    kinds = {row.kind for row in list_records(session, everything, Device).rows}
    assert kinds == set(DEVICE_KINDS)


def test_the_models_exchanged_are_those_people_edit():
    assert list(EXCHANGED) == ["units", "sites", "rooms", "devices", "links", "assets", "calendar", "services",
                               "checks", "uses", "endpoints"]
