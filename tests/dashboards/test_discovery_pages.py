"""The page of discovery: what is asked when nobody names a community."""

from __future__ import annotations

import json

import pytest
from bs4 import BeautifulSoup
from web_person import Person

from collectors import discovery_runs
from core import Role


@pytest.fixture
def admin(as_role) -> Person:
    return as_role(Role.ADMINISTRATOR)


@pytest.mark.parametrize(("typed", "tried"), [("", ["public"]), ("school  lab", ["school", "lab"])])
def test_without_a_community_the_usual_one_is_tried(admin: Person, database, vault, typed: str, tried: list) -> None:
    """Else nobody would be asked over SNMP, and the answer "does not answer SNMP" would be wrong."""
    assert admin.post("/discovery", {"targets": "192.0.2.1", "communities": typed, "port": "161"}).status_code == 303
    with database.reading() as session:
        run = discovery_runs(session)[0]
        assert [vault.unseal(sealed).reveal() for sealed in json.loads(run.sealed)] == tried


def test_who_speaks_snmp_v3_is_led_to_the_credentials(admin: Person) -> None:
    page = BeautifulSoup(admin.get("/discovery").text, "html.parser")
    links = [link["href"] for link in page.select("main a")]
    assert "/admin/credentials/new?kind=snmp_v3" in links
