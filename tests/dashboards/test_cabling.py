"""Who is plugged in where, on the device's page: names and MAC counts by port, neighbours not on the map yet, VLANs."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from drawn_site import HOSTILE, Drawing

from core import Role
from inventory import (
    Layer2Report,
    MacSeen,
    NeighbourSeen,
    PartSpec,
    VlanSeen,
    record_layer2,
    sync_parts,
)


@pytest.fixture
def switch(database, places, now) -> int:
    """A switch with a device on one port, a neighbour that only named itself on another, and three MAC addresses."""
    with database.session() as session:
        site = Drawing(session, places.site1, now)
        upper, lower = site.device("Core"), site.device("Desk phone", "other")
        site.join(upper, lower, ("if:Gi1", "if:eth0"))
        number = site.ids["Core"]
        ports = [PartSpec("port", f"if:Gi{n}", n, f"Gi{n}") for n in (1, 2, 3)]
        sync_parts(session, number, ports, now)
        record_layer2(session, number, Layer2Report(
            neighbours=(NeighbourSeen("lldp", "if:Gi2", 2, HOSTILE, "x1", "3c:52:82:00:00:09"),),
            fdb=tuple(MacSeen(f"3c:52:82:00:00:0{n}", "if:Gi1" if n < 3 else "if:Gi3", 1, 1) for n in (1, 2, 3)),
            vlans=(VlanSeen(20, HOSTILE),), missing=("arp", "stations"),
        ), now)
    return number


def soup_of(answer) -> BeautifulSoup:
    assert answer.status_code == 200, answer.text[:500]
    assert "<img src=x" not in answer.text
    assert "\u202e" not in answer.text
    return BeautifulSoup(answer.text, "html.parser")


def test_the_table_of_ports_names_who_is_connected(as_role, switch: int) -> None:
    rows = soup_of(as_role(Role.VIEWER).get(f"/devices/{switch}/part/ports")).select("tbody tr")
    cells = {row.select("td")[1].text.strip(): [cell.text.strip() for cell in row.select("td")[3:5]] for row in rows}
    assert cells["Gi1"][0].startswith("Desk phone")
    assert "eth0" in cells["Gi1"][0]
    assert cells["Gi1"][1] == "2"
    assert "onerror" in cells["Gi2"][0]
    assert cells["Gi3"] == ["", "1"]


def test_the_page_lists_cables_and_vlans(as_role, switch: int) -> None:
    person = as_role(Role.VIEWER)
    card = soup_of(person.get(f"/devices/{switch}")).select_one("#cabling")
    assert "Desk phone" in card.text
    assert "20" in card.select_one("details").text
    assert "3 " in card.text
    port = soup_of(person.get(f"/devices/{switch}/port?key=if:Gi1"))
    assert "Desk phone" in port.text


def test_a_device_that_tells_nothing_has_no_cabling(as_role, places) -> None:
    assert not soup_of(as_role(Role.VIEWER).get(f"/devices/{places.device1}")).select("#cabling")
