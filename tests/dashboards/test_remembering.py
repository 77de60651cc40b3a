"""Lists come back as they were left; the address stays the truth."""

from __future__ import annotations

import pytest

from core import Role

HTMX = {"HX-Request": "true"}


@pytest.fixture
def person(as_role):
    return as_role(Role.ADMINISTRATOR)


def lands_on(person, path: str = "/devices") -> str:
    answer = person.get(path)
    return answer.location or path


def test_a_list_comes_back_as_it_was_left(person) -> None:
    assert lands_on(person) == "/devices"
    person.get("/devices?q=sw1&sort=name&page=2&nonsense=1")
    assert lands_on(person) == "/devices?q=sw1&sort=name"
    assert lands_on(person, "/incidents") == "/incidents"
    assert lands_on(person, "/devices?state=down") == "/devices?state=down"
    assert lands_on(person) == "/devices?state=down"


@pytest.mark.parametrize(
    ("query", "headers"),
    [("?clear=1", {}), ("?q=&state=", {}), ("", {**HTMX, "HX-Boosted": "true"}), ("", HTMX)],
)
def test_clearing_forgets(person, query: str, headers: dict) -> None:
    person.get("/devices?q=sw1")
    person.client.get(f"/devices{query}", headers=headers)
    assert lands_on(person) == "/devices"


def test_clear_leads_to_the_whole_list(person) -> None:
    page = person.get("/devices?q=sw1").text
    assert 'href="/devices?clear=1"' in page
    assert person.get("/devices?clear=1").location == "/devices"


@pytest.mark.parametrize("query", ["?q=sw1&format=csv", f"?q={'x' * 300}", "?page=3"])
def test_what_is_not_a_choice_of_a_filter_is_not_kept(person, query: str) -> None:
    person.get("/devices?q=before")
    person.get(f"/devices{query}")
    assert lands_on(person) == ("/devices?q=before" if query != "?page=3" else "/devices")


def test_a_refresh_changes_nothing(person) -> None:
    person.get("/devices?q=sw1")
    other_tab = person.client.get("/devices", headers={**HTMX, "X-Refresh": "1"})
    assert other_tab.status_code == 200
    person.client.get("/devices?q=old", headers={**HTMX, "X-Refresh": "1"})
    assert lands_on(person) == "/devices?q=sw1"


def test_only_the_latest_lists_are_kept_and_nobody_elses(person, as_role) -> None:
    person.get("/devices?q=first")
    for kind in ("unit", "site", "room", "device", "link", "check"):
        person.get(f"/inventory/{kind}?q=a")
    assert lands_on(person) == "/devices"
    assert lands_on(person, "/inventory/check") == "/inventory/check?q=a"
    assert lands_on(as_role(Role.VIEWER)) == "/devices"
