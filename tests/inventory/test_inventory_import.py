"""Spreadsheets that come in: what is refused and how, what is made, changed and left alone."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path

import pytest
import yaml

from core import set_language
from inventory import (
    EXCHANGED,
    Asset,
    CalendarEntry,
    Device,
    ImportOptions,
    Link,
    ListQuery,
    ReadLimits,
    Room,
    Site,
    Unit,
    import_table,
    inventory_version,
    list_records,
    scope_of_unit,
    search,
)

CASES = yaml.safe_load((Path(__file__).parent / "bad_spreadsheets.yaml").read_text(encoding="utf-8"))
MODELS = (Unit, Site, Room, Device, Link, Asset, CalendarEntry)


def bring(session, scope, kind, text, **options):
    source = io.BytesIO(text.encode() if isinstance(text, str) else text)
    return import_table(session, scope, kind, source, ImportOptions(**options))


def counts(report):
    assert not report.problems, [str(problem) for problem in report.problems]
    return report.created, report.updated, report.unchanged


def totals(session, scope):
    return {model: list_records(session, scope, model).total for model in MODELS}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_bad_spreadsheets(session, everything, province, case):
    before = totals(session, everything), inventory_version(session)
    report = bring(session, everything, case["kind"], case["text"])
    assert [str(problem) for problem in report.problems] == case["problems"]
    assert not report.is_written
    assert (totals(session, everything), inventory_version(session)) == before


def test_every_message_is_there_in_vietnamese(session, everything, province):
    set_language("vi")
    for case in CASES:
        for problem in bring(session, everything, case["kind"], case["text"]).problems:
            assert not any(problem.message in text for text in case["problems"]), problem


DEVICES = """Mã điểm trường *;Tên *;Loại;Mã phòng;Địa chỉ mạng;Nối qua thiết bị;# ghi nhớ
S2;AP 1;Điểm phát Wi-Fi;;10.9.0.2;Router 2;tầng trệt
S2;Router 2;Bộ định tuyến;;10.9.0.1;;
S2;AP 2;ap;;10.9.0.3;S12/Router chính;
S12;AP 3;Wi-Fi access point;P1;10.0.0.3;SW-1;
"""


def test_a_second_import_changes_nothing(session, everything, province):
    assert counts(bring(session, everything, "devices", DEVICES, is_dry_run=True)) == (4, 0, 0)
    assert list_records(session, everything, Device).total == 2
    report = bring(session, everything, "devices", DEVICES)
    assert counts(report) == (4, 0, 0)
    assert report.is_written
    assert [(change.row, change.action, change.title) for change in report.changes][:2] == [
        (2, "create", "AP 1"), (3, "create", "Router 2")]
    devices = {row.name: row for row in list_records(session, everything, Device).rows}
    assert devices["AP 1"].parent_device_id == devices["Router 2"].id   # it stands below in the file
    assert devices["AP 2"].parent_device_id == province.router.id
    assert devices["AP 3"].parent_device_id == province.switch.id
    assert devices["AP 3"].room_id == province.room.id
    assert [hit.title for hit in search(session, everything, "10.9.0.3")] == ["AP 2"]
    assert counts(bring(session, everything, "devices", DEVICES)) == (0, 0, 4)
    changed = DEVICES.replace("10.9.0.3", "10.9.0.4")
    report = bring(session, everything, "devices", changed)
    assert counts(report) == (0, 1, 3)
    assert report.changes[0].columns == ("Địa chỉ mạng",)


@pytest.mark.parametrize(("text", "outcome", "now"), [
    # by its code: renamed
    ("Device code,Site code,Name\nSW-1,S12,Switch A\n", (0, 1, 0), {"Switch A": "SW-1", "Router chính": None}),
    # by its code: moved
    ("Device code,Site code\nSW-1,S2\n", (0, 1, 0), {"Switch 1": "SW-1", "Router chính": None}),
    # by site and name: given another code
    ("Device code,Site code,Name\nSW-9,S12,Switch 1\n", (0, 1, 0), {"Switch 1": "SW-9", "Router chính": None}),
    # by its address within the site: renamed
    ("Site code,Name,Network address\nS12,Router A,10.0.0.1\n", (0, 1, 0), {"Router A": None, "Switch 1": "SW-1"}),
    # the same address at another site, behind another router, is another device
    ("Site code,Name,Network address\nS2,Router A,10.0.0.1\n", (1, 0, 0),
     {"Router A": None, "Router chính": None, "Switch 1": "SW-1"}),
    # the address belongs to a device that another row names
    ("Site code,Name,Network address\nS12,Router A,10.0.0.1\nS12,Router chính,10.0.0.9\n", (1, 1, 0),
     {"Router A": None, "Router chính": None, "Switch 1": "SW-1"}),
    # which device has which name now cannot be told: refused
    ("Device code,Site code,Name\nSW-1,S12,Router chính\nR-1,S12,Router chính cũ\n", None, None),
])
def test_how_a_device_is_recognised(session, everything, province, text, outcome, now):
    report = bring(session, everything, "devices", text)
    if outcome is None:
        assert [problem.column for problem in report.problems] == ["Name"]
        return
    assert counts(report) == outcome
    assert {row.name: row.code for row in list_records(session, everything, Device).rows} == now


def test_two_devices_exchange_their_names(session, everything, province):
    bring(session, everything, "devices", "Device code,Site code,Name\nR-1,S12,Router chính\n")
    text = "Device code,Site code,Name\nSW-1,S12,Router chính\nR-1,S12,Switch 1\n"
    assert counts(bring(session, everything, "devices", text)) == (0, 2, 0)
    assert {row.code: row.name for row in list_records(session, everything, Device).rows} == {
        "SW-1": "Router chính", "R-1": "Switch 1"}
    assert counts(bring(session, everything, "devices", text)) == (0, 0, 2)


def test_a_missing_column_leaves_and_an_empty_cell_empties(session, everything, province):
    assert counts(bring(session, everything, "devices", "Site code,Name,Serial number\nS12,Switch 1,\n")) == (0, 1, 0)
    session.refresh(province.switch)
    assert (province.switch.serial, province.switch.mac) == ("", "00:1a:2b:3c:4d:5e")


def test_a_device_that_moves_leaves_its_room(session, everything, province):
    bring(session, everything, "devices", "Device code,Site code\nSW-1,S2\n")
    session.refresh(province.switch)
    assert (province.switch.site_id, province.switch.room_id) == (province.far.id, None)


def test_a_tree_in_any_order(session, everything):
    text = "code,name,parent_id\nC,c,B\nA,a,\nB,b,A\nD,d,C\n"
    assert counts(bring(session, everything, "units", text)) == (4, 0, 0)
    units = {row.code: row for row in list_records(session, everything, Unit).rows}
    chain = "".join(f"{units[code].id}/" for code in "ABCD")
    assert units["D"].path == f"/{chain}"
    moved = "code,name,parent_id\nC,c,A\nB,b,D\n"
    assert counts(bring(session, everything, "units", moved)) == (0, 2, 0)
    session.expire_all()
    units = {row.code: row for row in list_records(session, everything, Unit).rows}
    assert units["B"].path == "/" + "".join(f"{units[code].id}/" for code in "ACDB")
    assert counts(bring(session, everything, "units", moved)) == (0, 0, 2)


OTHERS = {
    "links": "Site code,Name,Provider,Download speed (Mbit/s),Monthly cost (đồng),Contract from,Measured on device\n"
             "S12,Cáp,VNPT,300,880.000,01/01/2026,Router chính\nS2,Cáp,Viettel,0.512,,,\n",
    "assets": "Asset code,Name,Site code,Room code,Device,Purchased on,Cost (đồng),Years of depreciation\n"
              "TS-1,Máy chủ,S12,P1,Switch 1,15/08/2024,12.500.000,5\n",
    "rooms": "Mã điểm trường,Mã phòng,Tên,Loại,Số chỗ\nS12,P2,Phòng họp,Phòng họp,30\nS2,P1,Phòng máy,lab,\n",
    "calendar": "Unit code,Kind,Name,Weekday,First day,Last day,From (time),Until (time)\n"
                "SO,Học kỳ,HK1,,05/09/2026,15/01/2027,,\nSO,teaching,Sáng,Thứ Hai,,,7h,11h30\n"
                "SO,teaching,Sáng,Thứ Ba,,,7h,11h30\nT12,Kỳ thi,Thi HK1,,21/12/2026,22/12/2026,07:30,16:00\n",
}


@pytest.mark.parametrize("kind", OTHERS)
def test_the_other_kinds(session, everything, province, kind):
    rows = OTHERS[kind].count("\n") - 1
    assert counts(bring(session, everything, kind, OTHERS[kind])) == (rows, 0, 0)
    assert counts(bring(session, everything, kind, OTHERS[kind])) == (0, 0, rows)


def test_somebody_bound_to_a_unit_imports_there_only(session, everything, province):
    scope = scope_of_unit(session, province.other.id)
    assert counts(bring(session, scope, "devices", "Site code,Name\nS2,AP\n")) == (1, 0, 0)
    [problem] = bring(session, scope, "devices", "Site code,Name\nS12,AP\n").problems
    assert "There is no site with the code S12" in problem.message
    [problem] = bring(session, scope, "devices", "Device code,Site code,Name\nSW-1,S2,Mine now\n").problems
    assert "used already" in problem.message
    [problem] = bring(session, scope, "units", "code,name,parent_id\nNEW,x,\n").problems
    assert problem.column == "parent_id"
    [problem] = bring(session, scope, "units", "code,name\nT12,stolen\n").problems
    assert "used already" in problem.message


TEXT = "Mã điểm trường,Tên,Mã đơn vị\nS50,Điểm trường Đồng Văn,T12\n"
TONES = "\u0300\u0301\u0303\u0309\u0323"


def as_1258(text: str) -> bytes:
    """As old Vietnamese Windows programs write it: the tone marks are characters of their own."""
    parts = []
    for letter in text:
        plain = unicodedata.normalize("NFD", letter)
        tones = "".join(mark for mark in plain if mark in TONES)
        parts.append(unicodedata.normalize("NFC", "".join(mark for mark in plain if mark not in TONES)) + tones)
    return "".join(parts).encode("cp1258")


@pytest.mark.parametrize("content", [
    TEXT.encode(), TEXT.encode("utf-8-sig"), TEXT.encode("utf-16"), TEXT.replace(",", ";").encode(),
    TEXT.replace(",", "\t").encode("utf-16"), ("sep=;\n" + TEXT.replace(",", ";")).encode(),
    TEXT.replace("\n", "\r\n").encode(), ("\n\n" + TEXT + "\n\n").encode(), as_1258(TEXT),
], ids=["utf-8", "bom", "utf-16", "semicolon", "tab", "sep", "crlf", "blank lines", "cp1258"])
def test_encodings_and_delimiters(session, everything, province, content):
    assert counts(bring(session, everything, "sites", content)) == (1, 0, 0)
    [site] = list_records(session, everything, Site, ListQuery(filters={"code": "S50"})).rows
    assert site.name == "Điểm trường Đồng Văn"


@pytest.mark.parametrize(("content", "words"), [
    (b"\xd0\xcf\x11\xe0" + b"x" * 100, "old or protected workbook"),
    (b"PK\x03\x04" + b"x" * 100, "workbook is damaged"),
    (b"\x00\x01\x02" * 100, "not a spreadsheet"),
    (b"%PDF-1.7\x00\xff\xff", "not a spreadsheet"),
    (b"Site code\n" + b"x\n" * 200, "more than 100 rows"),
    (b"x" * (1 << 20) + b"y", "larger than 1 MB"),
])
def test_files_that_are_no_use(session, everything, content, words):
    [problem] = bring(session, everything, "sites", content, limits=ReadLimits(megabytes=1, rows=100)).problems
    assert words in problem.message
    assert problem.row is None


def test_a_file_that_cannot_be_opened(session, everything, tmp_path):
    [problem] = import_table(session, everything, "sites", tmp_path / "no.csv").problems
    assert "cannot be opened" in problem.message


def test_a_heading_that_is_nearly_right_is_told_the_right_one(session, everything, province):
    told = bring(session, everything, "rooms", "Site,Code,Name,Seat\nS12,P1,Room 1,40\n").problems
    assert [one.message.partition("Do you mean ")[2] for one in told] == ["“Site code *”?", "“Seats”?"]


def test_progress_is_told(session, everything, province):
    told = []
    rows = "".join(f"S12,Máy {number}\n" for number in range(2500))
    bring(session, everything, "devices", f"Site code,Name\n{rows}", progress=lambda *step: told.append(step))
    assert [stage for stage, _done, _total in told] == ["read"] * 2 + ["check"] * 5 + ["write"] * 5
    assert told[6] == ("check", 2500, 2500)
    assert told[-1] == ("write", 2500, 2500)


def test_nothing_is_half_done_when_writing_fails(session, everything, province, monkeypatch):
    from inventory.store import bulk

    calls = []
    real = bulk.insert_rows

    def fails_late(session, word, rows):
        calls.append(len(rows))
        if len(calls) == 3:
            raise OSError("disk full")
        return real(session, word, rows)

    monkeypatch.setattr(bulk, "insert_rows", fails_late)
    rows = "".join(f"S12,Máy {number}\n" for number in range(2000))
    with pytest.raises(OSError, match="disk full"):
        bring(session, everything, "devices", f"Site code,Name\n{rows}")
    assert list_records(session, everything, Device).total == 2


def test_headings_of_a_kind_mean_one_field_each():
    from inventory.exchange.headings import _known_headings

    for subject in EXCHANGED.values():
        known = _known_headings(subject)
        for field in subject.fields:
            assert sum(found is field for found in known.values()) in (2, 3), (subject.word, field.name)
