"""The demonstration's networks: believable, the same in every run, with something unmanaged, unknown, new and moved."""

from __future__ import annotations

from collections import Counter

import pytest

from core import Context, Scope, load_settings
from deploy.demo.fill import fill
from deploy.demo.networks import Networks
from inventory import InventorySettings, Site, list_records, locate, site_topology, topology_entries
from inventory import ListQuery as Query
from telemetry import TelemetrySettings, events

SCHOOLS = 12


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A small province whose schools have told their networks twice."""
    folder = tmp_path_factory.mktemp("demo")
    settings = load_settings((InventorySettings, TelemetrySettings), environ={"EDUNOC_DATA_DIR": str(folder)})
    context = Context(settings)
    context.database.migrate()
    fill(context, SCHOOLS)
    with context.database.reading() as session:
        rows = list_records(session, Scope.everything(), Site, Query(sort="code", page_size=100)).rows
        sites = [row.id for row in rows if row.code.startswith("TR-")]
    networks = Networks(context, sites)
    first = [change for number, site in enumerate(sites, 1) for change in networks.tell(number, site)]
    again = [change for number, site in enumerate(sites, 1) for change in networks.tell(number, site)]
    yield context, sites, first, again
    context.close()


def test_every_school_has_a_map_without_contradictions(told) -> None:
    context, sites, _first, _again = told
    kinds: Counter[str] = Counter()
    with context.database.reading() as session:
        for site in sites:
            topology = site_topology(session, site)
            kinds.update(node.kind for node in topology.nodes)
            names = {node.key: node.name for node in topology.nodes}
            disputed = [edge for edge in topology.edges if edge.is_disputed]
            assert not disputed, [(names[edge.upper], names[edge.lower], edge.evidence) for edge in disputed]
            assert all(node.is_placed for node in topology.nodes)
            router = next(node for node in topology.nodes if node.device_kind == "router")
            assert topology.entry == router.device_id
            assert len(topology.dark_if(router.device_id)) == sum(node.kind == "device" for node in topology.nodes) - 1
        assert len(topology_entries(session)) == SCHOOLS
    assert kinds["hub"] >= 1
    assert kinds["found"] >= 1


def test_something_came_and_something_moved_once(told) -> None:
    context, _sites, first, again = told
    assert {change.kind for change in first} == {"mac_new", "mac_moved"}
    assert not again
    with context.database.reading() as session:
        told_events = [one for one in events(session, limit=100) if one.kind.startswith("mac_")]
        assert len(told_events) == len(first)
        moved = next(change for change in first if change.kind == "mac_moved")
        found = locate(session, Scope.everything(), moved.mac)
    assert [(one.device_id, one.part) for one in found] == [(moved.device_id, moved.part)]
    assert found[0].addresses
