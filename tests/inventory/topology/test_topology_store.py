"""Reports recorded in the database, graphs saved and read, machines found."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import Scope
from inventory import (
    AddressSeen,
    Device,
    InventorySettings,
    Layer2Report,
    MacSeen,
    NeighbourSeen,
    StationSeen,
    VlanSeen,
    create_record,
    due_sites,
    edited_sites,
    locate,
    mac_history,
    mark_edited_sites,
    prune_layer2,
    rebuild_sites,
    rebuild_topology,
    record_layer2,
    save_rebuilt,
    site_topology,
    topology_entries,
    topology_version,
    uplink_ports,
    uplinks,
)

SETTINGS = InventorySettings()
PC, PHONE = "00:1b:11:00:00:01", "06:1b:11:00:00:02"
ROUTER, SW1, SW2 = "00:0c:42:00:00:10", "00:0c:42:00:00:20", "00:0c:42:00:00:30"


@pytest.fixture
def school(session, province, everything):
    """The province's school with a second switch; the parent that the fixture enters is taken back."""
    province.switch.parent_device_id = None
    province.router.mac = ROUTER
    province.second = create_record(session, everything, Device, {
        "site_id": province.site.id, "name": "Switch 2", "kind": "switch", "address": "10.0.0.3"})
    session.flush()
    return province


def table(*rows: tuple[str, str], own: str = "", **values: object) -> Layer2Report:
    """A forwarding table: (MAC, port)."""
    fdb = tuple(MacSeen(mac, f"if:{part}", None, 1) for mac, part in rows)
    return Layer2Report(fdb=fdb, own_macs=(own,) if own else (), chassis_mac=own, **values)


def tell(session, school, now, first=(), second=(), **values) -> list:
    """Both switches report: on "up" what is above, on the other ports what is given."""
    heard = {"first": (NeighbourSeen("lldp", "if:down", None, "Switch 2", "up", SW2, capabilities=("bridge",)),),
             "second": (NeighbourSeen("lldp", "if:up", None, "Switch 1", "down", SW1, capabilities=("bridge",)),)}
    changes = record_layer2(session, school.switch.id, table(
        (ROUTER, "up"), (SW2, "down"), *first, own=SW1, neighbours=heard["first"], **values), now)
    return changes + record_layer2(session, school.second.id, table(
        (ROUTER, "up"), (SW1, "up"), *second, own=SW2, neighbours=heard["second"]), now)


def test_reports_become_a_graph_with_uplinks(session, school, now) -> None:
    """Two switches and a router that says nothing: everything is found, and alerts are told."""
    assert tell(session, school, now) == []  # the first report is silent
    assert due_sites(session, SETTINGS, now) == [school.site.id]
    assert rebuild_topology(session, SETTINGS, school.site.id, now) is True
    assert due_sites(session, SETTINGS, now) == []
    assert uplinks(session) == {school.switch.id: (school.router.id,), school.second.id: (school.switch.id,)}
    assert topology_entries(session) == {school.site.id: (school.router.id,)}
    graph = site_topology(session, school.site.id)
    assert graph.entry == school.router.id
    assert all(node.is_placed for node in graph.nodes)
    assert graph.dark_if(school.switch.id) == {school.second.id}
    assert graph.dark_if(school.router.id) == {school.switch.id, school.second.id}
    assert graph.path_of(school.second.id) == tuple(
        f"device:{one.id}" for one in (school.router, school.switch, school.second))
    assert uplink_ports(session) == {
        (school.switch.id, "if:up"): "Router chính", (school.switch.id, "if:down"): "Switch 2",
        (school.second.id, "if:up"): "Switch 1"}
    assert topology_version(session) == 1
    assert rebuild_topology(session, SETTINGS, school.site.id, now + timedelta(minutes=5)) is False
    assert topology_version(session) == 1


def test_a_machine_is_found_on_its_port_and_not_on_the_way(session, school, now) -> None:
    """Seen on three ports, it is on the one below which nothing is; by every writing of its address."""
    everything = Scope.everything()
    tell(session, school, now, first=[(PC, "down")], second=[(PC, "7")])
    record_layer2(session, school.router.id, Layer2Report(
        arp=(AddressSeen("10.0.0.77", PC, "if:lan", None),), missing=("fdb",)), now)
    rebuild_topology(session, SETTINGS, school.site.id, now)
    for text in (PC, PC.upper(), "001b.1100.0001", "00-1B-11-00-00-01", "001b11", "00:00:01", "10.0.0.77"):
        found = locate(session, everything, text)
        assert [(one.device_name, one.part, one.is_nearest) for one in found] == [("Switch 2", "if:7", True)], text
        assert found[0].addresses == ("10.0.0.77",) and found[0].is_current and found[0].vlan == 1
    assert locate(session, Scope.nothing(), PC) == []
    assert locate(session, everything, "Switch 2")[0].owner_name == "Switch 2"
    assert locate(session, everything, "") == locate(session, everything, "zz") == []


def test_news_are_told_once_and_by_the_port_of_the_machine(session, school, now) -> None:
    """New, moved within a switch, moved to another one: one event each, whoever reports first."""
    tell(session, school, now)
    rebuild_topology(session, SETTINGS, school.site.id, now)
    later = [now + timedelta(minutes=30 * n) for n in range(1, 6)]

    def told(moment, **rows):
        return [(one.kind, one.device_id, one.part, one.from_device_id, one.from_part)
                for one in tell(session, school, moment, **rows)]

    first, second = school.switch.id, school.second.id
    assert told(later[0], first=[(PC, "down")], second=[(PC, "7")]) == [("mac_new", second, "if:7", None, "")]
    assert told(later[1], first=[(PC, "down")], second=[(PC, "8")]) == [("mac_moved", second, "if:8", second, "if:7")]
    assert told(later[2], first=[(PC, "3")], second=[(PC, "up")]) == [("mac_moved", first, "if:3", second, "if:8")]
    assert told(later[3]) == [] == told(later[4], first=[(PC, "3")], second=[(PC, "up")])  # off and on again
    history = mac_history(session, Scope.everything(), PC)
    assert [(one.device_id, one.part, one.is_current) for one in history] == [
        (first, "if:3", True), (second, "if:8", False), (second, "if:7", False)]


def test_a_neighbour_that_comes_and_goes_is_news(session, school, now) -> None:
    """A switch is; a telephone on a desk is not. A table that was not read says nothing."""
    tell(session, school, now)
    phone = NeighbourSeen("lldp", "if:9", None, "Phone", capabilities=("telephone",))
    other = NeighbourSeen("cdp", "if:10", None, "sw-new", "Gi0/1", "00:0c:42:00:00:99", capabilities=("bridge",))
    second = Layer2Report(neighbours=(phone, other), missing=("fdb",))
    changes = record_layer2(session, school.second.id, second, now + timedelta(hours=1))
    assert [(one.kind, one.name, one.part) for one in changes] == [
        ("neighbour_gone", "Switch 1", "if:up"), ("neighbour_new", "sw-new", "if:10")]
    quiet = Layer2Report(missing=("neighbours", "fdb", "arp", "stations", "vlans"))
    assert record_layer2(session, school.second.id, quiet, now + timedelta(hours=2)) == []
    rebuild_topology(session, SETTINGS, school.site.id, now + timedelta(hours=2))
    strangers = [node for node in site_topology(session, school.site.id).nodes if node.kind == "found"]
    assert sorted(node.name for node in strangers) == ["Phone", "sw-new"]


def test_wireless_clients_roam_without_noise(session, school, now) -> None:
    """A made-up address is never new; a real one is once; neither moves."""
    def clients(*pairs):
        return Layer2Report(stations=tuple(StationSeen(mac, f"radio:{radio}", "Truong") for mac, radio in pairs))

    second = school.second.id
    assert record_layer2(session, second, clients(), now) == []
    changes = record_layer2(session, second, clients((PC, "1"), (PHONE, "1")), now + timedelta(minutes=30))
    assert [(one.kind, one.mac) for one in changes] == [("mac_new", PC)]
    assert record_layer2(session, second, clients((PC, "2"), (PHONE, "2")), now + timedelta(minutes=60)) == []
    found = locate(session, Scope.everything(), PHONE)[0]
    assert (found.source, found.part, found.ssid, found.is_made_up) == ("wifi", "radio:2", "Truong", True)


def test_an_unplugged_uplink_is_remembered(session, school, now) -> None:
    """The lower switch is dead, the upper one hears nobody: what hung there hangs there still, marked as past."""
    tell(session, school, now, second=[(PC, "7")])
    rebuild_topology(session, SETTINGS, school.site.id, now)
    before = uplinks(session)
    later = now + timedelta(minutes=30)
    record_layer2(session, school.switch.id, table((ROUTER, "up"), own=SW1), later)
    assert rebuild_topology(session, SETTINGS, school.site.id, later) is False
    assert uplinks(session) == before
    assert (school.switch.id, "if:down") in uplink_ports(session)
    edge = next(one for one in site_topology(session, school.site.id).edges
                if one.lower_device_id == school.second.id)
    assert not edge.is_current and edge.last_seen == now
    assert site_topology(session, school.site.id).dark_if(school.switch.id) == {school.second.id}


def test_edits_of_the_inventory_are_noticed(session, school, now, everything) -> None:
    """A device added, a parent set: the site is due. An unchanged one is not."""
    assert edited_sites(session) == [school.site.id]
    rebuild_topology(session, SETTINGS, school.site.id, now)
    assert edited_sites(session) == []
    school.second.parent_device_id = school.router.id
    session.flush()
    assert due_sites(session, SETTINGS, now) == []
    mark_edited_sites(session, [*edited_sites(session), 10**6], now)
    assert due_sites(session, SETTINGS, now) == [school.site.id]
    rebuild_topology(session, SETTINGS, school.site.id, now)
    assert uplinks(session)[school.second.id] == (school.router.id,)
    rebuild_topology(session, SETTINGS, school.site.id, now + timedelta(hours=5))
    edge = site_topology(session, school.site.id).edges[0]
    assert edge.how == ("manual",) and edge.evidence[0].code == "manual"
    assert (edge.first_seen, edge.last_seen) == (now, now + timedelta(hours=5))


def test_old_sightings_are_forgotten(session, school, now) -> None:
    """What is there stays, however long."""
    tell(session, school, now, first=[(PC, "3")], second=[(PHONE, "4")])
    tell(session, school, now + timedelta(minutes=30), second=[(PHONE, "4")])
    assert prune_layer2(session, now + timedelta(days=100), 180) == 0
    assert prune_layer2(session, now + timedelta(days=400), 180) == 1
    assert locate(session, Scope.everything(), PC) == []
    assert locate(session, Scope.everything(), PHONE)


def test_what_is_hostile_or_odd_is_kept_out(session, school, now) -> None:
    """Group addresses, broadcast, the device's own, absurd VLANs, texts with control marks and no end."""
    odd = Layer2Report(
        fdb=(MacSeen("ff:ff:ff:ff:ff:ff", "if:1", 1), MacSeen("01:00:5e:00:00:01", "if:1", 1), MacSeen("x", "if:1", 1),
             MacSeen(SW1, "if:1", 1), MacSeen(PC, "", None), MacSeen(PHONE, "if:" + "9" * 400, 1)),
        neighbours=(NeighbourSeen("lldp", "if:1", 1, "a\x00\u202eb" * 200, "p\x07" * 300, "nonsense"),),
        vlans=(VlanSeen(70_000, "x"), VlanSeen(5, "phòng máy\x00")), own_macs=(SW1, "junk"), chassis_mac="",
    )
    record_layer2(session, school.switch.id, odd, now)
    record_layer2(session, school.switch.id, odd, now + timedelta(minutes=30))
    assert record_layer2(session, 10**6, odd, now) == []  # the device was deleted meanwhile
    rebuild_topology(session, SETTINGS, school.site.id, now)
    found = locate(session, Scope.everything(), PHONE)
    assert len(found) == 1 and len(found[0].part) <= 255
    names = [node.name for node in site_topology(session, school.site.id).nodes if node.kind == "found"]
    assert len(names) == 1 and "\x00" not in names[0] and "\u202e" not in names[0]


def test_a_device_deleted_while_its_graph_was_drawn_leaves_the_site_due(session, school, now) -> None:
    tell(session, school, now)
    rebuilt = rebuild_sites(session, SETTINGS, [school.site.id], now)
    session.delete(school.second)
    session.flush()
    assert save_rebuilt(session, rebuilt, now) is False
    assert due_sites(session, SETTINGS, now) == [school.site.id]
    assert rebuild_topology(session, SETTINGS, school.site.id, now) is True
    assert uplinks(session) == {school.switch.id: (school.router.id,)}


def test_what_nothing_tells_of_is_named_unplaced(session, school, now, everything) -> None:
    """A printer that nobody saw, and two switches that hear each other but nobody else."""
    tell(session, school, now)
    printer = create_record(session, everything, Device, {
        "site_id": school.site.id, "name": "Máy in", "kind": "printer", "address": "10.0.0.50"})
    lonely = [create_record(session, everything, Device, {
        "site_id": school.site.id, "name": name, "kind": "switch", "mac": mac})
        for name, mac in (("X", "00:0c:42:00:00:51"), ("Y", "00:0c:42:00:00:52"))]
    record_layer2(session, lonely[0].id, Layer2Report(
        neighbours=(NeighbourSeen("lldp", "if:1", None, "Y", "1", "00:0c:42:00:00:52"),)), now)
    rebuild_topology(session, SETTINGS, school.site.id, now)
    graph = site_topology(session, school.site.id)
    assert {node.device_id for node in graph.nodes if not node.is_placed} == {printer.id, *(one.id for one in lonely)}
    assert graph.path_of(printer.id) == () and graph.dark_if(printer.id) == frozenset()
