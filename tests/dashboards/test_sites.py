"""Sites: the list, the page of one, what the five tiles say, the tree, seven days; and who may see it."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import event

from core import Role, Scope
from dashboards.pages.sites.health import group_state, whole_state
from dashboards.pages.sites.timeline import timeline_of
from dashboards.pages.sites.tree import tree_of
from dashboards.pages.sites.words import phone_number
from inventory import CalendarView, Device, Link, Room, Site, Unit, create_record, update_record

HOSTILE = "<script>alert(1)</script>=cmd|' /C calc'!A0"


def soup_of(answer) -> BeautifulSoup:
    assert answer.status_code == 200, answer.text[:500]
    return BeautifulSoup(answer.text, "html.parser")


@pytest.fixture
def statements(database):
    """Counts what the database is asked."""

    @contextmanager
    def count():
        asked: list[str] = []

        def note(_connection, _cursor, statement, *_rest) -> None:
            asked.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        yield asked
        event.remove(database.engine, "before_cursor_execute", note)

    return count


# -- judging ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("counts", "state"), [
    ({}, "unknown"), ({"good": 3}, "good"), ({"good": 3, "unknown": 1}, "attention"),
    ({"good": 1, "unknown": 1}, "unknown"),
    ({"down": 2}, "down"), ({"down": 1, "good": 5}, "attention"), ({"maintenance": 2}, "maintenance"),
    ({"maintenance": 1, "down": 1}, "down"), ({"unwatched": 4}, "unknown"), ({"attention": 1}, "attention"),
    ({"good": 1, "unwatched": 9}, "good"),
])
def test_a_group_is_never_better_than_what_is_in_it(counts: dict, state: str) -> None:
    assert group_state(counts) == state


def test_a_computer_that_is_off_does_not_make_a_school_bad_but_an_incident_does() -> None:
    pairs = [("router", "good"), ("switch", "good"), ("computer", "down"), ("computer", "unknown")]
    assert whole_state(pairs, None) == "good"
    assert whole_state(pairs, "minor") == "attention"
    assert whole_state(pairs, "info") == "good"
    assert whole_state([("computer", "down")], None) == "down"
    assert whole_state([], "critical") == "attention"


def device(number: int, parent: int | None = None, kind: str = "switch") -> Device:
    return Device(id=number, site_id=1, name=f"d{number}", name_key=f"d{number}", kind=kind, parent_device_id=parent)


def test_the_tree_bundles_many_leaves_and_cuts_circles() -> None:
    many = [device(1, kind="router"), device(2, 1)] + [device(10 + n, 2, "computer") for n in range(30)]
    tree = tree_of(many, {})
    assert [top.device.id for top in tree.tops] == [1]
    assert tree.tops[0].children[0].bundles[0].total == 30
    circle = tree_of([device(1, 2), device(2, 1), device(3)], {})
    assert {top.device.id for top in circle.tops} == {1}
    assert circle.tops[0].children[0].device.id == 2
    assert circle.loose[0].total == 1
    assert not tree_of([device(1), device(2)], {}).is_known


def test_a_chain_of_hundreds_is_drawn_to_a_depth() -> None:
    chain = [device(1)] + [device(n, n - 1) for n in range(2, 400)]
    node, depth = tree_of(chain, {}).tops[0], 1
    while node.children:
        node, depth = node.children[0], depth + 1
    assert depth <= 12
    assert node.has_more


def test_numbers_are_found_in_contacts() -> None:
    assert phone_number("Cán bộ CNTT, 0219 3866 123") == "02193866123"
    assert phone_number("+84 (219) 3866-123 gặp cô") == "+842193866123"
    assert phone_number("không có số") == ""


def test_disturbed_teaching_counts_overlaps_once(now: datetime) -> None:
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    view = CalendarView((), tuple((day, time(7), time(11)) for day in range(6)), (), (), zone)

    class One:
        def __init__(self, start: int, end: int | None, severity: str = "critical") -> None:
            self.started_at, self.severity = now - timedelta(minutes=start), severity
            self.closed_at = None if end is None else now - timedelta(minutes=end)

    line = timeline_of([One(40, 10), One(30, 5), One(500, 400, "info")], view, zone, now)
    assert line.disturbed_minutes == 35
    assert [word for word, _bars in line.lanes] == ["critical", "info"]
    assert len(line.days) == 7
    assert all(0 <= bar.begin <= 1000 and bar.begin + bar.width <= 1003 for _word, bars in line.lanes for bar in bars)


# -- pages --------------------------------------------------------------------------------------------------------

def test_the_list_shows_unknown_for_what_was_never_measured(as_role, places) -> None:
    soup = soup_of(as_role(Role.VIEWER).get("/sites"))
    rows = soup.select("#sites tbody tr")
    assert len(rows) == 2
    assert all(row.select_one(".st-unknown") for row in rows)


def test_the_list_filters_sorts_and_exports(as_role, database, places) -> None:
    with database.session() as session:
        create_record(session, Scope.everything(), Link, {"site_id": places.site1, "name": "Cáp", "isp": "VNPT"})
    person = as_role(Role.ADMINISTRATOR)
    assert "Điểm 2" not in person.get("/sites?isp=VNPT").text
    assert "Điểm 1" not in person.get(f"/sites?unit={places.unit2}").text
    assert "Điểm 1" in person.get(f"/sites?unit={places.top}").text
    assert "Điểm 2" not in soup_of(person.get("/sites?q=diem+1")).select_one("#sites").text
    assert soup_of(person.get("/sites?state=down")).select_one(".empty-state")
    for sort in ("name", "state", "unit", "isp", "devices"):
        assert len(soup_of(person.get(f"/sites?sort={sort}&dir=desc")).select("#sites tbody tr")) == 2
    file = person.get("/sites?format=csv").data.decode("utf-8-sig")
    assert "VNPT" in file
    assert as_role(Role.SCHOOL_STAFF).get("/sites?format=csv").status_code == 403


def test_a_page_of_a_bare_site_says_what_is_missing(as_role, places) -> None:
    soup = soup_of(as_role(Role.ADMINISTRATOR).get(f"/sites/{places.site1}"))
    assert soup.select_one(".verdict-unknown")
    tiles = soup.select(".tiles-five > *")
    assert len(tiles) == 5
    assert all("tile-unknown" in tile["class"] for tile in tiles)


def test_hostile_text_stays_text(as_role, database, places) -> None:
    with database.session() as session:
        scope = Scope.everything()
        update_record(session, scope, Site, places.site1, {"name": HOSTILE, "contact": HOSTILE, "notes": HOSTILE * 90})
        create_record(
            session, scope, Room, {"site_id": places.site1, "code": HOSTILE[:60], "name": HOSTILE, "kind": "meeting"}
        )
        create_record(
            session,
            scope,
            Device,
            {"site_id": places.site1, "name": HOSTILE, "kind": "ap", "parent_device_id": places.device1},
        )
        create_record(session, scope, Link, {"site_id": places.site1, "name": HOSTILE, "isp": HOSTILE})
    person = as_role(Role.ADMINISTRATOR)
    for path in ("/sites", f"/sites/{places.site1}", f"/sites/{places.site1}/now", "/units", f"/units/{places.unit1}"):
        answer = person.get(path)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text, path


def test_school_staff_see_their_school_and_no_other(as_role, places) -> None:
    person = as_role(Role.SCHOOL_STAFF)
    assert person.get("/my-school").location == f"/sites/{places.site1}"
    assert person.get("/").location == "/my-school"
    assert person.get(f"/sites/{places.site1}").status_code == 200
    assert person.get(f"/sites/{places.site2}").status_code == 404
    assert person.get(f"/sites/{places.site2}/now").status_code == 404
    assert "Điểm 2" not in person.get("/sites").text
    assert as_role(Role.VIEWER).get("/my-school").location == "/sites"


def test_a_crowded_site_asks_the_database_a_fixed_number_of_times(as_role, database, places, statements) -> None:
    person = as_role(Role.VIEWER)
    person.get(f"/sites/{places.site1}")
    with statements() as few:
        person.get(f"/sites/{places.site1}")
    with database.session() as session:
        for number in range(120):
            session.add(Device(site_id=places.site1, name=f"pc{number}", kind="computer", address=f"10.1.0.{number}",
                               parent_device_id=places.device1))
            session.add(Room(site_id=places.site1, code=f"P{number}", name=f"Phòng {number}", kind="meeting"))
            session.add(Link(site_id=places.site1, name=f"L{number}"))
    person.get(f"/sites/{places.site1}")
    with statements() as many:
        assert person.get(f"/sites/{places.site1}").status_code == 200
    assert len(many) <= len(few) + 1, many


@pytest.mark.parametrize("path", ["/sites", "/units", "/inventory/device", "/inventory/site", "/inventory/room"])
def test_a_list_asks_no_more_for_many_rows(as_role, database, places, statements, path: str) -> None:
    person = as_role(Role.ADMINISTRATOR)
    person.get(path)
    with statements() as few:
        person.get(path)
    with database.session() as session:
        for number in range(40):
            unit = create_record(
                session, Scope.everything(), Unit, {"code": f"U{number}", "name": "u", "parent_id": places.top}
            )
            session.add(Site(unit_id=unit.id, name=f"s{number}", code=f"S{number}"))
            session.add(Device(site_id=places.site2, name=f"d{number}"))
            session.add(Room(site_id=places.site2, code=f"R{number}", name="r"))
    person.get(path)
    with statements() as many:
        assert person.get(path).status_code == 200
    assert len(many) <= len(few) + 1, many


def test_the_search_box_leads_to_sites_and_devices(as_role, places) -> None:
    soup = soup_of(as_role(Role.VIEWER).get("/search?q=diem"))
    assert soup.find(href=f"/sites/{places.site1}")
    soup = soup_of(as_role(Role.SCHOOL_STAFF).get("/search?q=sw"))
    assert soup.find(href=f"/devices/{places.device1}")
    assert not soup.find(href=f"/devices/{places.device2}")

