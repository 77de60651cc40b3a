"""The inventory by hand and by spreadsheet: lists, forms, pointers, deleting, import in steps, who may, the audit."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from web_person import PASSWORD, Person

from core import AuditEntry, NewUser, Role, Scope, create_user, find_user
from dashboards import create_app
from dashboards.pages.inventory.kinds import KINDS
from dashboards.pages.inventory.waiting import WaitingFiles, note_of
from inventory import EXCHANGED, SUBJECTS, Credential, Device, ImportReport, Room, Site, Unit, create_record

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def editor(as_role) -> Person:
    """Somebody who may edit everything."""
    return as_role(Role.NETWORK_ENGINEER)


@pytest.fixture
def local_editor(app, database, places) -> Person:
    """A network engineer of the first school only."""
    with database.session() as session:
        find_user(session, Role.NETWORK_ENGINEER.value).unit_id = places.unit1
    person = Person(app.test_client())
    person.sign_in(Role.NETWORK_ENGINEER.value)
    return person


def soup_of(answer, status: int = 200) -> BeautifulSoup:
    assert answer.status_code == status, (answer.status_code, answer.text[:800])
    return BeautifulSoup(answer.text, "html.parser")


def form_of(soup: BeautifulSoup) -> dict[str, str]:
    """What a browser would send of the page's form."""
    form = soup.select_one("main form[method=post]")
    data = {box["name"]: box.get("value", "") for box in form.select("input[name]")
            if box.get("type") != "checkbox" or box.has_attr("checked")}
    data |= {box["name"]: box.text.strip("\n") for box in form.select("textarea[name]")}
    for select_box in form.select("select[name]"):
        chosen = select_box.select_one("option[selected]") or select_box.select_one("option")
        data[select_box["name"]] = chosen["value"] if chosen else ""
    return data


def last_deed(database) -> AuditEntry:
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        session.expunge(entry)
    return entry


def test_every_kind_of_inventory_has_its_page() -> None:
    assert list(KINDS) == list(SUBJECTS)
    for kind in KINDS.values():
        names = {field.name for field in kind.subject.fields}
        assert set(kind.columns) | set(kind.filters) | set(kind.advanced) <= names


@pytest.mark.parametrize("word", SUBJECTS)
def test_every_list_and_form_opens_and_sorts(editor: Person, word: str) -> None:
    soup_of(editor.get(f"/inventory/{word}"))
    for name in KINDS[word].sorts:
        soup_of(editor.get(f"/inventory/{word}?sort={name}&dir=desc"))
    for name in KINDS[word].filters:
        for value in KINDS[word].subject.field(name).choices:
            soup_of(editor.get(f"/inventory/{word}?{name}={str(value).lower()}"))
    assert soup_of(editor.get(f"/inventory/{word}?q=zzz")).select_one(".empty-state")
    soup_of(editor.get(f"/inventory/{word}/new"))
    assert editor.get(f"/inventory/{word}?format=csv").status_code == 200


def test_a_site_is_made_changed_and_audited(editor: Person, database, places) -> None:
    soup = soup_of(editor.get(f"/inventory/site/new?unit_id={places.unit1}"))
    data = form_of(soup)
    assert data["unit_id"] == "TH1 · Trường số 1"
    answer = editor.post(
        "/inventory/site/new", {**data, "code": "D9", "name": "Điểm lẻ", "latitude": "22.82", "longitude": "104.98"}
    )
    assert answer.status_code == 302, answer.text
    with database.reading() as session:
        site = session.scalars(select(Site).where(Site.code == "D9")).one()
        assert (site.unit_id, site.latitude) == (places.unit1, 22.82)
    assert answer.location == f"/sites/{site.id}"
    assert last_deed(database).action == "site.create"
    data = form_of(soup_of(editor.get(f"/inventory/site/{site.id}")))
    editor.post(f"/inventory/site/{site.id}", {**data, "name": "Điểm mới"})
    deed = last_deed(database)
    assert (deed.action, deed.target_id) == ("site.update", str(site.id))
    assert json.loads(deed.detail) == {"before": {"name": "Điểm lẻ"}, "after": {"name": "Điểm mới"}}
    number = deed.id
    editor.post(f"/inventory/site/{site.id}", form_of(soup_of(editor.get(f"/inventory/site/{site.id}"))))
    assert last_deed(database).id == number, "saving without a change is no change"


def test_what_is_wrong_stands_at_the_field_and_all_is_kept(editor: Person, database) -> None:
    entered = {"code": "", "name": "Tên " + HOSTILE, "unit_id": "không có", "latitude": "abc", "notes": "giữ lại"}
    soup = soup_of(editor.post("/inventory/site/new", entered), 422)
    for name in ("code", "unit_id", "latitude"):
        assert soup.find(id=f"{name}-error"), name
    assert soup.find("input", {"name": "name"})["value"] == entered["name"]
    assert soup.find("input", {"name": "unit_id"})["value"] == "không có"
    assert soup.find("textarea", {"name": "notes"}).text.strip() == "giữ lại"
    with database.reading() as session:
        assert session.scalars(select(Site).where(Site.name.contains("script"))).first() is None


def test_ten_kilobytes_are_refused_at_the_field_and_kept(editor: Person) -> None:
    long = HOSTILE * 400
    soup = soup_of(editor.post("/inventory/unit/new", {"code": "L", "name": long, "notes": "x"}), 422)
    assert soup.find(id="name-error")
    assert soup.find("input", {"name": "name"})["value"] == long


def test_the_second_credential_of_a_device_is_chosen_among_those_for_pjlink(editor: Person, database, places) -> None:
    with database.session() as session:
        session.add_all([Credential(name=f"mục {kind}", kind=kind, sealed="x") for kind in ("snmp_v2c", "pjlink")])
    path = f"/inventory/device/{places.device1}"
    soup = soup_of(editor.get(path))
    offered = {name: [one["value"] for one in soup.find("select", {"name": name}).find_all("option")]
               for name in ("credential_id", "pjlink_credential_id")}
    assert offered == {"credential_id": ["", "mục pjlink", "mục snmp_v2c"], "pjlink_credential_id": ["", "mục pjlink"]}
    entered = {**form_of(soup), "credential_id": "mục snmp_v2c", "pjlink_credential_id": "mục pjlink"}
    assert editor.post(path, entered).status_code == 302
    with database.reading() as session:
        device = session.get_one(Device, places.device1)
        assert session.get_one(Credential, device.pjlink_credential_id).kind == "pjlink"


def test_a_pointer_that_means_nothing_writes_nothing(editor: Person, database, places) -> None:
    data = form_of(soup_of(editor.get(f"/inventory/device/{places.device1}")))
    soup = soup_of(editor.post(f"/inventory/device/{places.device1}", {**data, "name": "khác", "room_id": "P999"}), 422)
    assert soup.find(id="room_id-error")
    with database.reading() as session:
        assert session.get(Device, places.device1).name == "sw1"


@pytest.mark.parametrize(("text", "found"), [
    ("D1/sw1", True), ("sw1", True), ("SW1", True), ("D2/sw1", False), ("nothing", False), ("D1/sw-core", False),
])
def test_a_device_is_meant_by_site_and_name(editor: Person, database, places, text: str, found: bool) -> None:
    form = {"site_id": "D1", "name": "ap1", "kind": "ap", "snmp_port": "161", "parent_device_id": text}
    answer = editor.post("/inventory/device/new", form)
    assert answer.status_code == (302 if found else 422)
    if found:
        with database.reading() as session:
            assert session.scalars(select(Device.parent_device_id).where(Device.name == "ap1")).one() == places.device1


def test_like_names_are_told_apart_by_code(editor: Person, database) -> None:
    with database.session() as session:
        for code in ("A1", "A2"):
            create_record(session, Scope.everything(), Unit, {"code": code, "name": "Trường Hoa Mai"})
    form = {"code": "DX", "name": "x"}
    soup = soup_of(editor.post("/inventory/site/new", {**form, "unit_id": "Trường Hoa Mai"}), 422)
    assert soup.find(id="unit_id-error")
    assert editor.post("/inventory/site/new", {**form, "unit_id": "A2 · Trường Hoa Mai"}).status_code == 302


def test_suggestions_come_by_part_of_code_or_name(editor: Person, database, places) -> None:
    with database.session() as session:
        create_record(session, Scope.everything(), Room, {"site_id": places.site1, "code": "P1", "name": HOSTILE})
    answer = editor.get("/inventory/choices/site?for=site_id&site_id=diem+2")
    assert [option["value"] for option in BeautifulSoup(answer.text, "html.parser").select("option")] == ["D2 · Điểm 2"]
    rooms = editor.get("/inventory/choices/room?for=room_id&room_id=&site_id=D1").text
    assert "<script>" not in rooms
    assert "P1" in rooms
    assert "P1" not in editor.get("/inventory/choices/room?for=room_id&site_id=D2").text
    assert editor.get("/inventory/choices/room?for=room_id&site_id=gibt-es-nicht").text == ""


def test_deleting_shows_what_goes_and_asks(editor: Person, database, places) -> None:
    soup = soup_of(editor.get(f"/inventory/unit/{places.unit1}/delete"))
    data = form_of(soup)
    assert data["site"] == "1"
    assert data["device"] == "1"
    soup_of(editor.post(f"/inventory/unit/{places.unit1}/delete", data), 422)
    with database.session() as session:
        create_record(session, Scope.everything(), Device, {"site_id": places.site1, "name": "later"})
    soup_of(editor.post(f"/inventory/unit/{places.unit1}/delete", {**data, "is_sure": "yes"}), 422)
    data = form_of(soup_of(editor.get(f"/inventory/unit/{places.unit1}/delete")))
    assert editor.post(f"/inventory/unit/{places.unit1}/delete", {**data, "is_sure": "yes"}).status_code == 302
    deed = last_deed(database)
    assert deed.action == "unit.delete"
    assert json.loads(deed.detail)["with"]["device"] == 2
    with database.reading() as session:
        assert session.get(Unit, places.unit1) is None


def test_another_units_things_are_not_there(local_editor: Person, places) -> None:
    for path in (
        f"/inventory/site/{places.site2}",
        f"/inventory/device/{places.device2}",
        f"/inventory/unit/{places.top}",
        f"/inventory/site/{places.site2}/delete",
        f"/units/{places.unit2}",
        f"/inventory/site?unit={places.unit2}",
    ):
        assert local_editor.get(path).status_code == 404, path
    assert local_editor.get(f"/inventory/site/{places.site1}").status_code == 200
    soup = soup_of(local_editor.post("/inventory/site/new", {"code": "Z", "name": "Z", "unit_id": "TH2"}), 422)
    assert soup.find(id="unit_id-error")
    assert "Điểm 2" not in local_editor.get("/inventory/choices/site?for=site_id&site_id=diem").text
    data = form_of(soup_of(local_editor.get(f"/inventory/unit/{places.unit1}")))
    assert local_editor.post(f"/inventory/unit/{places.unit1}", {**data, "name": "Đổi tên"}).status_code == 302


def test_whoever_may_only_look_is_offered_no_editing(as_role, places) -> None:
    person = as_role(Role.VIEWER)
    soup = soup_of(person.get("/inventory/site"))
    assert not soup.select("main a[href*='/new']")
    assert person.get(f"/inventory/site/{places.site1}").status_code == 403
    assert person.get("/inventory/import").status_code == 403


# -- import -------------------------------------------------------------------------------------------------------

def send(person: Person, kind: str, content: bytes, name: str = "tep.csv"):
    person.get("/inventory/import")
    return person.post(
        "/inventory/import", {"kind": kind, "file": (io.BytesIO(content), name)}, content_type="multipart/form-data"
    )


@pytest.mark.parametrize("kind", EXCHANGED)
def test_what_an_export_gives_an_import_takes_back(editor: Person, kind: str) -> None:
    assert editor.get(f"/inventory/template/{kind}.xlsx").data.startswith(b"PK")
    for form in ("csv", "xlsx"):
        exported = editor.get(f"/inventory/export/{kind}.{form}").data
        trial = editor.get(send(editor, kind, exported, f"x.{form}").location)
        assert trial.status_code == 200
        assert not soup_of(trial).select(".note-danger")


def test_an_import_goes_through_trial_and_writing(editor: Person, database, services) -> None:
    content = "code,name,kind,parent_id\nXA1,Xã mới,commune,SO\nTH1,Trường đổi tên,primary,SO\n".encode()
    sent = send(editor, "units", content)
    assert sent.status_code == 303
    page = soup_of(editor.get(sent.location))
    assert "Xã mới" in page.text
    with database.reading() as session:
        assert session.scalars(select(Unit).where(Unit.code == "XA1")).first() is None
    done = editor.post(sent.location)
    assert done.status_code == 302
    with database.reading() as session:
        assert session.scalars(select(Unit).where(Unit.code == "XA1")).one().name == "Xã mới"
        assert session.scalars(select(Unit).where(Unit.code == "TH1")).one().name == "Trường đổi tên"
    deed = last_deed(database)
    assert deed.action == "inventory.import"
    assert json.loads(deed.detail) == {"created": 1, "changed": 1}
    assert editor.get(sent.location).status_code == 404
    assert not list((services.settings.core.data_dir / "imports").iterdir())


def test_every_problem_is_told_by_row_and_column_in_pages(editor: Person, database) -> None:
    rows = "".join(f"X{n},,SO,{HOSTILE}\n" for n in range(130))
    sent = send(editor, "units", f"code,name,parent_id,kind\n{rows}".encode())
    page = soup_of(editor.get(sent.location))
    assert len(page.select("#problems tbody tr")) == 50
    assert "260" in page.select_one(".note-danger").text
    assert page.select_one("#problems tbody td").text.strip() == "2"
    assert len(soup_of(editor.get(sent.location + "?page=6")).select("#problems tbody tr")) == 10
    assert "<script>alert" not in editor.get(sent.location).text
    assert editor.post(sent.location).status_code == 422
    with database.reading() as session:
        assert session.scalars(select(Unit).where(Unit.code == "X1")).first() is None


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0old", b"nothing,known\n1,2\n"]
)
def test_a_file_that_is_none_is_told_so(editor: Person, content: bytes) -> None:
    sent = send(editor, "units", content)
    if sent.status_code == 303:
        sent = editor.get(sent.location)
    assert soup_of(sent, sent.status_code).select(".note-danger")


def test_a_waiting_file_is_its_senders_and_goes_after_an_hour(editor: Person, as_role, services) -> None:
    sent = send(editor, "units", b"code,name\nQ,Q\n")
    assert as_role(Role.ADMINISTRATOR).get(sent.location).status_code == 404
    assert editor.get("/inventory/import/..%2F..%2Fedunoc.db").status_code == 404
    later = create_app(type(services)(**{
        **{name: getattr(services, name) for name in services.__slots__},
        "clock": lambda: services.clock() + timedelta(minutes=61),
    }))
    person = Person(later.test_client())
    person.sign_in(Role.NETWORK_ENGINEER.value)
    assert person.get(sent.location).status_code == 404
    assert editor.post(sent.location + "/drop").status_code == 302
    assert editor.get(sent.location).status_code == 404


def test_waiting_files_are_swept_and_few_a_person(tmp_path: Path, now) -> None:
    files = WaitingFiles(tmp_path)
    tokens = [
        files.keep(b"x", note_of("a", "f.csv", ImportReport("units"), now + timedelta(seconds=n))) for n in range(7)
    ]
    assert [files.find(token, "a", now) is not None for token in tokens] == [False, False, True, True, True, True, True]
    assert files.find(tokens[-1], "b", now) is None
    files.sweep(now + timedelta(hours=2))
    assert not list((tmp_path / "imports").iterdir())


def test_empty_lists_say_how_to_begin(fresh_app, database, now) -> None:
    with database.session() as session:
        create_user(session, NewUser("chief", PASSWORD, Role.ADMINISTRATOR), now)
    person = Person(fresh_app.test_client())
    person.sign_in("chief")
    for path in ("/sites", "/units", "/calendar", *(f"/inventory/{word}" for word in SUBJECTS)):
        assert soup_of(person.get(path)).select_one(".empty-state"), path
