"""Find MAC/IP: every notation, where it is and was, the search box, new and moved machines; scope; hostile names."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from drawn_site import HOSTILE

from core import Role
from dashboards.pages.find.finder import is_machine_text
from inventory import (
    AddressSeen,
    Layer2Report,
    MacSeen,
    StationSeen,
    VlanSeen,
    record_layer2,
)
from telemetry import NewEvent, record_event

MAC, PHONE = "3c:52:82:aa:bb:0c", "3c:52:82:01:02:03"


def soup_of(answer) -> BeautifulSoup:
    assert answer.status_code == 200, answer.text[:500]
    return BeautifulSoup(answer.text, "html.parser")


@pytest.fixture
def seen_machines(database, places, now):
    """A machine that moved from one port to another, a phone on Wi-Fi with a hostile network name, ARP, a VLAN."""
    day = timedelta(days=1)
    with database.session() as session:
        record_layer2(session, places.device1, Layer2Report(
            fdb=(MacSeen(MAC, "if:Gi1/0/3", 3, 20),), arp=(AddressSeen("10.0.0.77", MAC, "if:Vlan20", 20),),
            stations=(StationSeen(PHONE, "radio:5G", HOSTILE, HOSTILE),), vlans=(VlanSeen(20, HOSTILE),),
        ), now - 2 * day)
        changes = record_layer2(session, places.device1, Layer2Report(
            fdb=(MacSeen(MAC, "if:Gi1/0/7", 7, 20),), arp=(AddressSeen("10.0.0.77", MAC, "if:Vlan20", 20),),
            stations=(StationSeen(PHONE, "radio:5G", HOSTILE, HOSTILE),), vlans=(VlanSeen(20, HOSTILE),),
        ), now)
        for change in changes:
            record_event(session, NewEvent(
                now, "topology", change.kind, change.mac, change.device_id,
                {"mac": change.mac, "part": change.part, "vlan": change.vlan,
                 "from_device_id": change.from_device_id, "from_part": change.from_part},
            ))
    return changes


@pytest.mark.parametrize("typed", [
    MAC, MAC.upper(), "3C-52-82-AA-BB-0C", "3c52.82aa.bb0c", "3c5282aabb0c", "3C5282-AABB0C", " 3c:52:82:aa:bb:0c ",
    "3c:52:82:aa", "bb:0c", "aabb0c", "10.0.0.77",
])
def test_a_machine_is_found_in_any_writing(as_role, seen_machines, typed: str) -> None:
    page = soup_of(as_role(Role.VIEWER).get("/find", query_string={"q": typed}))
    assert MAC in page.select_one("#machines").text
    assert "Gi1/0/7" in page.select_one("#machines").text
    assert "10.0.0.77" in page.select_one("#machines").text
    assert "VLAN 20" in page.select_one("#machines").text
    if typed != "3c:52:82:aa":
        history = page.select("#history tbody tr")
        assert [("Gi1/0/7" in row.text, "Gi1/0/3" in row.text) for row in history] == [(True, False), (False, True)]
        assert "Gi1/0/3" in page.select_one("#events").text


def test_several_machines_are_listed_each_with_its_link(as_role, seen_machines) -> None:
    page = soup_of(as_role(Role.VIEWER).get("/find?q=3c:52:82"))
    assert len(page.select(".found-at")) == 2
    assert not page.select("#history")
    assert page.select_one(f'a[href="/find?q={MAC}"]')


def test_nothing_found_says_what_to_do(as_role, seen_machines) -> None:
    for typed in ("11:22:33:44:55:66", "10.9.9.9", "<b>x</b>", "2001:db8::1", "%' OR 1=1 --", "a" * 400):
        page = as_role(Role.VIEWER).get("/find", query_string={"q": typed})
        assert "SNMP" in soup_of(page).select_one(".empty-state").text
        assert "<b>x</b>" not in page.text


def test_hostile_network_names_stay_text(as_role, seen_machines) -> None:
    answer = as_role(Role.VIEWER).get(f"/find?q={PHONE}")
    assert "onerror" in answer.text
    assert "<img src=x" not in answer.text
    assert "\u202e" not in answer.text


def test_a_school_finds_only_its_own(as_role, database, places, now, seen_machines) -> None:
    with database.session() as session:
        record_layer2(session, places.device2, Layer2Report(fdb=(MacSeen("3c:52:82:ff:ff:01", "if:1", 1),)), now)
    staff = as_role(Role.SCHOOL_STAFF)
    assert "3c:52:82:ff:ff:01" not in staff.get("/find?q=3c:52:82").text
    assert soup_of(staff.get("/find?q=3c:52:82:ff:ff:01")).select_one(".empty-state")
    assert "3c:52:82:ff:ff:01" in as_role(Role.VIEWER).get("/find?q=3c:52:82").text
    assert staff.get("/find/news?format=csv").status_code == 403


def test_the_search_box_leads_here(as_role, seen_machines) -> None:
    person = as_role(Role.VIEWER)
    for typed in ("3C-52-82-AA-BB-0C", "10.0.0.77", "bb:0c"):
        hits = soup_of(person.get("/search", query_string={"q": typed}, headers={"HX-Request": "true"})).select("a.hit")
        assert f"/find?q={MAC}" in [hit["href"].replace("%3A", ":") for hit in hits], typed


@pytest.mark.parametrize(("text", "expected"), [
    ("3c:52", True), ("3c52", True), ("cafe", False), ("face:b00c", True), ("10.0.0.1", True), ("fe80::1", True),
    ("3c", False), ("sw1", False), ("12345678901234", False), ("3c:52:8z", False), ("", False),
])
def test_what_looks_like_a_machine(text: str, expected: bool) -> None:
    assert is_machine_text(text) is expected


def test_new_and_moved_machines_by_site(as_role, database, places, now, seen_machines) -> None:
    assert [change.kind for change in seen_machines] == ["mac_moved"]
    with database.session() as session:
        for number in range(3):
            record_event(session, NewEvent(
                now - timedelta(hours=number), "topology", "mac_new", "", places.device2,
                {"mac": f"3c:52:82:00:00:0{number}", "part": "if:9", "vlan": 0},
            ))
        old = NewEvent(now - timedelta(days=9), "topology", "mac_new", "", places.device2, {"mac": "x"})
        record_event(session, old)
        record_event(session, NewEvent(now, "topology", "mac_new", "", places.device2, None))
    person = as_role(Role.ADMINISTRATOR)

    def rows(query: str = "") -> list[str]:
        return [row.text for row in soup_of(person.get(f"/find/news?{query}")).select("#news tbody tr")]

    assert len(rows()) == 5
    assert len(rows("kind=mac_moved")) == 1
    assert "Gi1/0/3" in rows("kind=mac_moved")[0]
    assert len(rows(f"site={places.site2}")) == 4
    assert len(rows("q=3C-52-82-00-00-01")) == 1
    file = person.get("/find/news?format=csv").data.decode("utf-8-sig")
    assert file.count("\n") == 6
    assert len(soup_of(as_role(Role.SCHOOL_STAFF).get("/find/news")).select("#news tbody tr")) == 1
    assert soup_of(person.get("/find")).select(".rows li")


def test_a_search_is_not_taken_for_a_list_that_comes_back(as_role, seen_machines) -> None:
    person = as_role(Role.VIEWER)
    assert person.get(f"/find?q={MAC}").status_code == 200
    assert not soup_of(person.get("/find")).select("#machines")


def test_an_empty_house_explains_itself(as_role, places) -> None:
    assert soup_of(as_role(Role.VIEWER).get("/find/news")).select_one(".empty-state")
    assert soup_of(as_role(Role.VIEWER).get("/find")).select_one(".find-form")
