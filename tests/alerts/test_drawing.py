"""The drawing of sites' graphs beside the judging: what is due, how often, and what a refusing database does to it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from alerts import drawing as room
from alerts.drawing import AT_ONCE, Drawing
from inventory import (
    Device,
    InventorySettings,
    Layer2Report,
    MacSeen,
    MacSighting,
    TopologyState,
    record_layer2,
    site_topology,
    topology_version,
    touch_inventory,
)
from tests.alerts.province import build_province


@pytest.fixture
def province(database, now):
    return build_province(database, now, tuple("abcdefg"))


@pytest.fixture
def drawing(province):
    return Drawing(province.database, InventorySettings())


def drawn(province) -> int:
    """How many sites have a graph that is not due."""
    with province.database.reading() as session:
        return len(session.scalars(select(TopologyState).where(TopologyState.changed_at.is_(None))).all())


def test_all_sites_are_drawn_some_at_a_time(province, drawing, now) -> None:
    assert drawing.step(now) is True and drawn(province) == AT_ONCE
    assert drawing.step(now) is False and drawn(province) == 7
    assert drawing.step(now) is False
    with province.database.reading() as session:
        graph = site_topology(session, province.sites["a"])
        assert {edge.how for edge in graph.edges} == {("manual",)} and topology_version(session) == 2


def test_an_edit_is_seen_but_not_looked_for_at_every_step(province, drawing, now) -> None:
    while drawing.step(now):
        pass
    with province.database.session() as session:
        device = session.get(Device, province.devices["a.ap1"])
        device.parent_device_id = province.devices["a.sw2"]
        touch_inventory(session)
    drawing.step(now + timedelta(seconds=5))
    assert parent_of(province, "a.ap1") == f"device:{province.devices['a.sw1']}"
    drawing.step(now + timedelta(seconds=20))
    assert parent_of(province, "a.ap1") == f"device:{province.devices['a.sw2']}"


def parent_of(province, name: str) -> str:
    """The node above a device in the saved graph."""
    with province.database.reading() as session:
        graph = site_topology(session, province.sites[name[0]])
    return next(edge.upper for edge in graph.edges if edge.lower_device_id == province.devices[name])


def test_only_a_mac_that_came_waits_for_the_pause(province, drawing, now) -> None:
    switch = province.devices["a.sw1"]
    with province.database.session() as session:
        record_layer2(session, switch, Layer2Report(), now)
    while drawing.step(now):
        pass
    with province.database.session() as session:
        told = Layer2Report(fdb=tuple(MacSeen(f"00:1b:11:00:00:0{n}", "if:5", None) for n in (1, 2, 3)))
        record_layer2(session, switch, told, now + timedelta(seconds=60))
    for seconds, nodes in ((120, 0), (700, 1)):
        drawing.step(now + timedelta(seconds=seconds))
        with province.database.reading() as session:
            graph = site_topology(session, province.sites["a"])
        assert len([node for node in graph.nodes if node.kind == "hub"]) == nodes


def test_old_sightings_go_in_the_course_of_time(province, drawing, now) -> None:
    switch = province.devices["a.sw1"]
    with province.database.session() as session:
        record_layer2(session, switch, Layer2Report(fdb=(MacSeen("00:1b:11:00:00:01", "if:5", None),)), now)
        record_layer2(session, switch, Layer2Report(), now + timedelta(minutes=30))
    for days, left in ((1, 1), (300, 0)):
        drawing.step(now + timedelta(days=days))
        with province.database.reading() as session:
            assert len(session.scalars(select(MacSighting)).all()) == left


def test_a_refusing_database_is_told_once_and_tried_again(province, drawing, now, capsys, monkeypatch) -> None:
    def refuse(*_words):
        raise OperationalError("BEGIN", None, Exception("database is locked"))

    with monkeypatch.context() as patch:
        patch.setattr(room, "due_sites", refuse)
        assert drawing.step(now) is False and drawing.step(now) is False
    assert capsys.readouterr().out.count("cannot be written") == 1
    assert drawing.step(now) is True and not drawing.is_failing
