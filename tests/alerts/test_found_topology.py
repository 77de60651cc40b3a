"""Alerts over the graph that was found: what hangs on a dead switch is folded into it, whatever nobody entered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.drawing import Drawing
from inventory import (
    Device,
    InventorySettings,
    Layer2Report,
    MacSeen,
    NeighbourSeen,
    record_layer2,
    touch_inventory,
)
from tests.alerts.province import DOWN, UP, build_province

ROUTER, SW1, SW2, AP, PC = (f"00:0c:42:00:00:{n:02x}" for n in range(16, 21))


@pytest.fixture
def school(database, now):
    """One school of which nobody entered who hangs on whom: router - switch 1 - switch 2 - access point and PC."""
    province = build_province(database, now, ("a", "b"))
    with database.session() as session:
        for name, mac in zip(("router", "sw1", "sw2", "ap1", "pc1"), (ROUTER, SW1, SW2, AP, PC), strict=True):
            device = session.get(Device, province.devices[f"a.{name}"])
            device.parent_device_id, device.mac = None, mac
        touch_inventory(session)
        record_layer2(session, province.devices["a.sw1"], Layer2Report(
            fdb=tuple(MacSeen(mac, f"if:{part}", None) for mac, part in (
                (ROUTER, "up"), (SW2, "down"), (AP, "down"), (PC, "down")))), now)
        record_layer2(session, province.devices["a.sw2"], Layer2Report(
            neighbours=(NeighbourSeen("lldp", "if:up", None, "Switch 1", "down", SW1),),
            fdb=tuple(MacSeen(mac, f"if:{part}", None) for mac, part in (
                (ROUTER, "up"), (SW1, "up"), (AP, "5"), (PC, "6")))), now)
    draw(province)
    province.after(20)
    return province


def draw(province) -> None:
    """As the worker does beside the judging."""
    drawing = Drawing(province.database, InventorySettings())
    while drawing.step(province.at):
        pass
    assert not drawing.is_failing


def test_what_hangs_on_a_dead_switch_is_one_incident_of_the_switch(school) -> None:
    school.ping(DOWN, "a.sw2", "a.ap1")
    school.after(30)
    incidents = school.incidents()
    assert [(one.device_id, one.behind_count) for one in incidents] == [(school.devices["a.sw2"], 2)]
    school.ping(DOWN, "a.sw1")
    school.after(30)
    assert [one.device_id for one in school.incidents()] == [school.devices["a.sw1"]]
    school.ping(UP, "a.sw1", "a.sw2", "a.ap1")
    school.after(30)
    assert school.incidents() == []


def test_the_story_says_on_what_it_hangs(school) -> None:
    school.ping(DOWN, "a.sw2")
    school.after(30)
    labels = school.watch.situation.labels
    assert labels.path_of(school.devices["a.sw2"]) == "Router › Switch 1 › Switch 2"
    assert labels.path_of(school.devices["b.router"]) == ""


def test_what_a_person_entered_wins(school, database) -> None:
    """By hand switch 2 hangs on the router: switch 1 no longer takes it down."""
    with database.session() as session:
        session.get(Device, school.devices["a.sw2"]).parent_device_id = school.devices["a.router"]
        touch_inventory(session)
    draw(school)
    school.after(20)
    school.ping(DOWN, "a.sw1", "a.sw2")
    school.after(30)
    assert {one.device_id for one in school.incidents()} == {school.devices["a.sw1"], school.devices["a.sw2"]}


def test_redundant_uplinks_blame_nobody_alone(school, database) -> None:
    """A second cable from switch 2 to the router: both must be dead before it is the router's fault."""
    with database.session() as session:
        record_layer2(session, school.devices["a.sw2"], Layer2Report(
            neighbours=(NeighbourSeen("lldp", "if:up", None, "Switch 1", "down", SW1),
                        NeighbourSeen("lldp", "if:up2", None, "Router", "lan2", ROUTER)),
            missing=("fdb",)), school.at + timedelta(minutes=1))
    school.after(60)
    draw(school)
    school.after(20)
    assert set(school.watch.situation.labels.above(school.devices["a.sw2"])) == {
        school.devices["a.sw1"], school.devices["a.router"]}
    school.ping(DOWN, "a.sw1", "a.sw2")
    school.after(30)
    assert {one.device_id for one in school.incidents()} == {school.devices["a.sw1"], school.devices["a.sw2"]}


def test_a_found_uplink_port_is_watched_without_a_label(school) -> None:
    """The rule on ports of uplinks speaks of it, and names the other end."""
    port = {"if_admin_up": 1.0, "if_oper_up": 1.0}
    for part in ("if:down", "if:9"):
        school.sample("a.sw1", port, part)
    school.after(60)
    for _minute in range(12):
        for part in ("if:down", "if:9"):
            school.sample("a.sw1", {"if_admin_up": 1.0, "if_oper_up": 0.0}, part)
        school.after(30)
    told = [(one.rule_id, one.part) for one in school.incidents()]
    assert told == [("interface_down", "if:down")]
    assert "Switch 2" in school.incidents()[0].titles["vi"] + school.incidents()[0].messages["vi"]


def test_the_port_of_a_dead_switch_is_no_second_incident(school) -> None:
    """Its uplink is unplugged: the port above goes down, too. It is one when the switch is back."""
    def port(up: float) -> None:
        school.sample("a.sw1", {"if_admin_up": 1.0, "if_oper_up": up}, "if:down")
        school.after(30)

    port(1)
    port(1)
    school.ping(DOWN, "a.sw2", "a.ap1")
    for _half_minute in range(8):
        port(0)
    assert [(one.rule_id, one.device_id) for one in school.incidents()] == [("device_down", school.devices["a.sw2"])]
    school.ping(UP, "a.sw2", "a.ap1")
    port(0)
    assert [(one.rule_id, one.part) for one in school.incidents()] == [("interface_down", "if:down")]
    for _half_minute in range(4):
        port(1)
    assert school.incidents() == []


def test_a_new_graph_is_taken_up_soon_but_not_at_every_tick(school, database) -> None:
    """Drawing a province anew must not make alerts compile everything at each tick."""
    with database.session() as session:
        touch_inventory(session)
    school.after(4)
    before = school.watch.situation
    with database.session() as session:  # switch 2 was plugged into the router
        record_layer2(session, school.devices["a.sw2"], Layer2Report(
            neighbours=(NeighbourSeen("lldp", "if:up", None, "Router", "lan2", ROUTER),),
            fdb=(MacSeen(ROUTER, "if:up", None), MacSeen(SW1, "if:up", None))), school.at)
        record_layer2(session, school.devices["a.sw1"], Layer2Report(
            fdb=(MacSeen(ROUTER, "if:up", None), MacSeen(SW2, "if:up", None))), school.at)
    draw(school)
    school.after(6)
    assert school.watch.situation is before
    school.after(20)
    labels = school.watch.situation.labels
    assert labels.above(school.devices["a.sw2"]) == (school.devices["a.router"],)
    assert labels.above(school.devices["a.sw1"]) == (school.devices["a.router"],)
