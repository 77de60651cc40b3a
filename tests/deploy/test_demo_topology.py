"""The demonstration's networks: believable, the same in every run, with something unmanaged, unknown, new and moved."""

from __future__ import annotations

from collections import Counter

import pytest

from core import Context, Scope, load_settings
from dashboards.pages.topology.accepting import accept_hub
from deploy.demo.department import Unit, cables_of, lines_of
from deploy.demo.fill import fill
from deploy.demo.networks import Networks
from deploy.demo.province import DEPARTMENT_DEVICES as HOUSE
from deploy.demo.replay.recording import parse_snmprec
from inventory import (
    InventorySettings,
    Site,
    list_records,
    locate,
    rebuild_sites,
    save_rebuilt,
    site_topology,
    topology_entries,
)
from inventory import ListQuery as Query
from telemetry import TelemetrySettings, events

SCHOOLS = 12
LLDP_NAMES = (1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 9)


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


def test_an_accepted_switch_takes_the_place_of_the_inferred_one(told) -> None:
    context, sites, _first, _again = told
    with context.database.session() as session:
        site = next(one for one in sites if any(node.kind == "hub" for node in site_topology(session, one).nodes))
        hub = next(node for node in site_topology(session, site).nodes if node.kind == "hub")
        found = accept_hub(session, Scope.everything(), site_topology(session, site), hub.key, "Switch phòng máy")
        assert found.moved == hub.mac_count
    Networks(context, sites).tell(sites.index(site) + 1, site)
    with context.database.session() as session:
        now = context.clock()
        save_rebuilt(session, rebuild_sites(session, context.settings[InventorySettings], [site], now), now)
        topology = site_topology(session, site)
    assert all(node.kind != "hub" for node in topology.nodes)
    assert len(topology.dark_if(found.device.id)) == found.moved
    assert not any(edge.is_disputed for edge in topology.edges)


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


def test_the_departments_cables_are_told_alike_by_both_ends() -> None:
    units = [Unit(host, name, machine, f"127.77.0.{host}") for host, (_kind, name, machine) in enumerate(HOUSE, 1)]
    cables = cables_of(units)
    ends = [(cable.upper.host, cable.upper_port) for cable in cables]
    ends += [(cable.lower.host, cable.lower_port) for cable in cables]
    assert len(set(ends)) == len(ends)
    assert {cable.lower.host for cable in cables} == {unit.host for unit in units} - {1}
    assert len({unit.mac() for unit in units}) == len(units)
    heard = {
        unit.host: sum(one.oid[:11] == LLDP_NAMES for one in parse_snmprec("\n".join(lines_of(unit, units)).encode()))
        for unit in units
    }
    assert heard[3] == 1 + 1 + 12  # the router, the other core, twelve floors
    assert heard[1] == 3
    assert not any(heard[host] for host in range(17, 32))
