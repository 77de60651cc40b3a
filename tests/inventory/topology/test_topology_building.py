"""The graph of a site from facts: cables, rings, groups of ports, what contradicts, what nobody names."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from inventory.topology.facts import AddressFact, MacFact
from tests.inventory.topology.site import BEFORE, NOW, Site, drawn, mac_of


def codes(graph) -> set[str]:
    """Codes of all evidence."""
    return {why.code for edge in graph.edges for why in edge.evidence}


def test_cables_in_a_row() -> None:
    """Both ends name each other: one edge each, directed from the router down."""
    graph = Site().add(1, "router").add(2).add(3).cable(1, 1, 2, 1).cable(2, 2, 3, 1).build()
    assert drawn(graph) == {("d1", "p1", "d2", "p1"), ("d2", "p2", "d3", "p1")}
    assert all(edge.how == ("lldp",) and edge.is_uplink and not edge.is_redundant for edge in graph.edges)
    assert graph.above == {2: (1,), 3: (2,)} and codes(graph) == {"named_by_both"}


def test_one_end_is_enough() -> None:
    """Only the switch hears; the access point reads nothing. CDP beside LLDP is the same cable."""
    site = Site().add(1, "router").add(2).add(3, "ap").cable(1, 1, 2, 1).hears(2, 5, 3, 1)
    site.hears(2, 5, 3, 1, protocol="cdp", remote_part="GigabitEthernet0/1")
    edge = next(one for one in site.build().edges if one.lower == "device:3")
    assert (edge.upper_part, edge.lower_part, edge.how) == ("if:p5", "if:p1", ("lldp", "cdp"))
    assert [why.code for why in edge.evidence] == ["named_by_one"]


def test_a_ring_keeps_all_cables_and_blames_no_one_switch() -> None:
    """Router - 2 - 3 - 4 - router: each switch has two ways up."""
    graph = Site().add(1, "router").add(2).add(3).add(4).cable(1, 1, 2, 1).cable(2, 2, 3, 1).cable(3, 2, 4, 2).cable(
        1, 2, 4, 1).build()
    assert len(graph.edges) == 4 and all(edge.is_redundant for edge in graph.edges)
    assert graph.above == {2: (1, 3), 3: (2, 4), 4: (1, 3)}


def test_two_cables_between_two_switches_are_two_edges() -> None:
    """A group of ports (LAG): LLDP on its cables, MACs on the group; nothing unmanaged is made up of it."""
    site = Site().add(1, "router").add(2, tells_macs=True).add(3, tells_macs=True)
    site.cable(1, 1, 2, 1).cable(2, 3, 3, 3).cable(2, 4, 3, 4)
    far = [mac_of(number) for number in range(20, 26)]
    site.sees(2, "if:Po1", mac_of(3), *far).sees(3, "if:Po1", mac_of(1), mac_of(2))
    for port, mac in enumerate(far, 5):
        site.sees(3, port, mac)
    graph = site.build()
    assert drawn(graph) == {("d1", "p1", "d2", "p1"), ("d2", "p3", "d3", "p3"), ("d2", "p4", "d3", "p4")}
    assert [edge.is_redundant for edge in sorted(graph.edges, key=lambda edge: edge.upper)] == [False, True, True]
    assert graph.above == {2: (1,), 3: (2,)} and not graph.nodes


def test_what_hangs_behind_a_group_on_a_silent_switch_hangs_on_it() -> None:
    """The lower switch names itself but tells no MACs: the machines behind the group are its."""
    site = Site().add(1, "router").add(2, tells_macs=True).add(3).add(10, "server").add(11, "camera")
    site.cable(1, 1, 2, 1).hears(2, 3, 3, 3).hears(2, 4, 3, 4)
    site.sees(2, "if:Po1", mac_of(3), mac_of(10), mac_of(11))
    assert site.build().above == {2: (1,), 3: (2,), 10: (3,), 11: (3,)}


def test_no_neighbours_at_all_the_tables_tell() -> None:
    """Nobody speaks LLDP: the port that does not lead up and sees the fewest is the place."""
    site = Site().add(1, "router").add(2, tells_macs=True).add(3, tells_macs=True)
    for number in (10, 11, 12):
        site.add(number, "computer")
    site.sees(2, 1, mac_of(1)).sees(2, 2, mac_of(3), mac_of(10), mac_of(11)).sees(2, 3, mac_of(12))
    site.sees(3, 1, mac_of(1), mac_of(2), mac_of(12)).sees(3, 2, mac_of(10)).sees(3, 3, mac_of(11))
    graph = site.build()
    assert drawn(graph) == {
        ("d1", "", "d2", "p1"), ("d2", "p2", "d3", "p1"), ("d2", "p3", "d12", ""), ("d3", "p2", "d10", ""),
        ("d3", "p3", "d11", "")}
    assert {edge.lower for edge in graph.edges if edge.is_uplink} == {"device:2", "device:3"}


def test_many_machines_on_a_port_mean_an_unmanaged_switch() -> None:
    """Three or more, none of them a switch. Two are a telephone with a computer behind it."""
    site = Site().add(1, "router").add(2, tells_macs=True).add(10, "printer").cable(1, 1, 2, 1)
    site.sees(2, 4, mac_of(10), mac_of(20), mac_of(21)).sees(2, 5, mac_of(22), mac_of(23))
    graph = site.build()
    [hub] = graph.nodes
    assert (hub.key, hub.kind, hub.mac_count) == ("hub:2:if:p4", "hub", 3)
    assert drawn(graph) == {("d1", "p1", "d2", "p1"), ("d2", "p4", hub.key, ""), (hub.key, "", "d10", "")}
    assert graph.above == {2: (1,), 10: (2,)} and "many_macs" in codes(graph)
    assert not next(edge for edge in graph.edges if edge.lower == hub.key).is_uplink


def test_machines_behind_an_access_point_are_no_unmanaged_switch() -> None:
    """Its clients are seen on its port; whether it names itself or not."""
    clients = [mac_of(number) for number in range(30, 40)]
    for is_heard in (True, False):
        site = Site().add(1, "router").add(2, tells_macs=True).add(3, "ap").cable(1, 1, 2, 1)
        site.sees(2, 4, mac_of(3), *clients)
        if is_heard:
            site.hears(2, 4, 3, 1, capabilities=("wlan_access_point",))
        graph = site.build()
        assert not graph.nodes and graph.above == {2: (1,), 3: (2,)}


def test_several_neighbours_on_one_port_mean_something_passes_them_on() -> None:
    """Cheap switches forward LLDP: three devices hear each other."""
    site = Site().add(1, "router").add(2).add(3).add(4)
    site.cable(1, 1, 2, 1).cable(2, 2, 3, 1).cable(2, 2, 4, 1).cable(3, 1, 4, 1)
    graph = site.build()
    [hub] = graph.nodes
    assert {(upper, lower) for upper, _part, lower, _far in drawn(graph)} == {
        ("d1", "d2"), ("d2", hub.key), (hub.key, "d3"), (hub.key, "d4")}
    assert graph.above == {2: (1,), 3: (2,), 4: (2,)} and "several_neighbours" in codes(graph)


def test_a_wrong_name_yields_to_the_mac_and_is_stated() -> None:
    """Two switches that were given the same name, and one that carries another's."""
    site = Site().add(1, "router").add(2, names=("A",)).add(3, names=("B",)).cable(1, 1, 2, 1)
    site.hears(2, 2, 3, 1, remote_name="A")
    edge = next(one for one in site.build().edges if one.lower == "device:3")
    assert edge.is_disputed and edge.evidence[-1].code == "name_differs"
    twins = Site().add(1, "router").add(2, names=("switch",)).add(3, names=("switch",)).hears(
        1, 1, None, remote_name="switch", remote_mac=None)
    assert [node.kind for node in twins.build().nodes] == ["found"]  # a name of two is nobody's


def test_a_port_named_wrongly_yields_to_the_one_that_hears() -> None:
    site = Site().add(1, "router").add(2).hears(1, 1, 2, 7).hears(2, 3, 1, 1)
    [edge] = site.build().edges
    assert (edge.upper_part, edge.lower_part, edge.is_disputed) == ("if:p1", "if:p3", True)
    assert "port_differs" in {why.code for why in edge.evidence}


def test_strangers_are_found_and_merged() -> None:
    """Not in the inventory, heard by two of ours: one node between them, seen through by uplinks."""
    site = Site().add(1, "router").add(2).add(3).cable(1, 1, 2, 1)
    stranger = {"remote_name": "sw-x", "remote_mac": mac_of(99)}
    site.hears(2, 4, None, remote_part="ge1", **stranger).hears(3, 1, None, remote_part="ge2", **stranger)
    graph = site.build()
    [node] = graph.nodes
    assert (node.kind, node.name, node.mac) == ("found", "sw-x", mac_of(99))
    assert graph.above == {2: (1,), 3: (2,)}
    assert {edge.lower for edge in graph.edges if edge.is_uplink} == {"device:2", node.key, "device:3"}


def test_two_routers_both_lead_out() -> None:
    """Without a line entered both are entries; with one, that device is."""
    site = Site().add(1, "router").add(2, "firewall").add(3).cable(1, 1, 3, 1).cable(2, 1, 3, 2)
    graph = site.build()
    assert graph.entries == (1, 2) and graph.above == {3: (1, 2)}
    site.devices[2] = replace(site.devices[2], has_line=True)
    graph = site.build()
    assert graph.entries == (2,) and graph.above == {1: (3,), 3: (2,)}


def test_without_a_router_the_switch_that_knows_most_is_the_entry() -> None:
    """A layer-3 switch by its ARP table; else the best connected."""
    site = Site().add(2).add(3).add(4).cable(2, 1, 3, 1).cable(3, 2, 4, 1)
    assert site.build().entries == (3,)
    site.addresses.append(AddressFact(4, "if:vlan1", "10.0.0.9", mac_of(50), BEFORE, NOW))
    assert site.build().entries == (4,)
    assert Site().build().entries == () == Site().add(9, "printer").build().entries


def test_a_device_with_an_address_alone_is_placed_by_who_answers() -> None:
    """Its MAC comes from ARP; a router that answers for several is not it; without a switch ARP itself must do."""
    site = Site().add(1, "router").add(2, tells_macs=True).cable(1, 1, 2, 1)
    for number, address in ((10, "10.0.0.10"), (11, "10.0.0.11"), (12, "10.0.0.12"), (13, "10.0.0.13")):
        site.add(number, "projector", macs=frozenset(), addresses=frozenset({address}))
    site.sees(2, 6, mac_of(60)).sees(2, 7, mac_of(61))
    for address, mac in (("10.0.0.10", 60), ("10.0.0.11", 61), ("10.0.0.12", 61), ("10.0.0.13", 62)):
        site.addresses.append(AddressFact(1, "if:lan", address, mac_of(mac), BEFORE, NOW))
    graph = site.build()
    assert ("d2", "p6", "d10", "") in drawn(graph) and ("d1", "lan", "d13", "") in drawn(graph)
    assert {edge.lower: edge.how for edge in graph.edges}["device:13"] == ("arp",)
    assert {edge.upper for edge in graph.edges if edge.lower in ("device:11", "device:12")} == {"device:1"}


def test_a_wifi_client_hangs_on_its_access_point() -> None:
    """By the point's own word, or the controller's with the point's name."""
    site = Site().add(1, "router").add(2, tells_macs=True).add(3, "ap", names=("AP Tầng 1",)).add(4, "computer")
    site.add(5, "wlan_controller").cable(1, 1, 2, 1).cable(2, 2, 3, 1).sees(2, 2, mac_of(3), mac_of(4))
    site.stations.append(MacFact(5, "ap:x/radio:1", mac_of(4), BEFORE, NOW, access_point="ap tang 1"))
    graph = site.build()
    assert graph.above is not None and graph.above[4] == (3,)
    assert {edge.how for edge in graph.edges if edge.lower == "device:4"} == {("wifi",)}


def test_what_a_person_entered_wins_and_what_was_found_is_said() -> None:
    """Another parent than found: disputed; the same: a word more on the same edge."""
    site = Site().add(1, "router").add(2).add(3, parent_id=1).cable(1, 1, 2, 1).cable(2, 2, 3, 1)
    graph = site.build()
    assert graph.above is not None and graph.above[3] == (1,)
    edge = next(one for one in graph.edges if "manual" in one.how)
    assert (edge.upper, edge.lower, edge.is_disputed) == ("device:1", "device:3", True)
    assert edge.evidence[-1].about == {"upper": "router-1", "found": "switch-2"}
    site.devices[3] = replace(site.devices[3], parent_id=2)
    assert {edge.how for edge in site.build().edges if edge.lower == "device:3"} == {("manual", "lldp")}


def test_what_a_person_entered_agrees_with_what_hangs_behind_an_unmanaged_switch() -> None:
    """Lab computers entered below the switch, seen behind a hub on one of its ports: no contradiction, no edge more."""
    site = Site().add(1, "router").add(2, tells_macs=True).cable(1, 1, 2, 1)
    for number in range(10, 14):
        site.add(number, "computer", parent_id=2)
    site.sees(2, 5, *(mac_of(number) for number in range(10, 14)))
    graph = site.build()
    [hub] = graph.nodes
    assert {(edge.upper, edge.how, edge.is_disputed) for edge in graph.edges if edge.lower != hub.key} == {
        ("device:1", ("lldp",), False), (hub.key, ("manual", "fdb", "inferred"), False)}
    assert graph.above == dict.fromkeys(range(10, 14), (2,)) | {2: (1,)}


def test_a_pulled_cable_is_remembered_until_something_else_is_at_its_port() -> None:
    """Gone half: the edge stays as past. Another device at the port: it goes."""
    site = Site().add(1, "router").add(2).add(3).add(4).cable(1, 1, 2, 1)
    site.hears(2, 2, 3, 1, gone_at=NOW, last_seen=NOW - timedelta(hours=1))
    graph = site.build()
    assert graph.above == {2: (1,), 3: (2,)}
    assert [edge.is_current for edge in graph.edges if edge.lower == "device:3"] == [False]
    site.cable(2, 2, 4, 1)
    assert site.build().above == {2: (1,), 4: (2,)}


def test_a_dead_switch_is_not_believed_against_who_outlived_it() -> None:
    """Switch 3 still says what it heard last; switch 2 no longer hears it."""
    site = Site().add(1, "router").add(2).add(3).cable(1, 1, 2, 1)
    site.hears(3, 1, 2, 2, last_seen=NOW - timedelta(hours=2))
    site.hears(2, 2, 3, 1, gone_at=NOW - timedelta(hours=1), last_seen=NOW - timedelta(hours=2))
    [edge] = [one for one in site.build().edges if one.lower == "device:3"]
    assert not edge.is_current and (edge.upper_part, edge.lower_part) == ("if:p2", "if:p1")


def test_hostile_and_empty_words() -> None:
    """A neighbour that names nobody, oneself, or everything at length; a parent that is oneself or in a ring."""
    site = Site().add(1, "router").add(2, parent_id=3).add(3, parent_id=2)
    site.hears(1, 1, 1, 2).hears(1, 2, None, remote_mac=None).hears(1, 3, None, remote_name="x" * 5000, remote_mac=None)
    site.hears(1, 4, None, remote_name="device:2", remote_mac=None).hears(9, 1, 1, 1)
    graph = site.build()
    assert all(len(node.key) <= 120 for node in graph.nodes)
    assert {node.kind for node in graph.nodes} == {"found"} and len(graph.nodes) == 2
    assert graph.above is not None and graph.above[2] == (3,) and graph.above[3] == (2,)


def test_an_unmanaged_switch_that_somebody_entered_is_drawn_once() -> None:
    """It answers nobody; what hangs on it was entered with it. Entered elsewhere, it stays apart."""
    def graph(parent: int):
        site = Site().add(1, "router").add(2, tells_macs=True).add(4, tells_macs=True)
        site.cable(1, 1, 2, 1).cable(1, 2, 4, 1).add(3, parent_id=parent, macs=frozenset())
        for number in (10, 11, 12):
            site.add(number, "computer", parent_id=3)
        site.sees(2, 4, mac_of(10), mac_of(11), mac_of(12))
        return site.build()

    found = graph(2)
    assert not found.nodes and found.above == {2: (1,), 4: (1,), 3: (2,), 10: (3,), 11: (3,), 12: (3,)}
    assert ("d2", "p4", "d3", "") in drawn(found) and "hand_differs" not in codes(found)
    assert graph(4).nodes


def test_without_an_entry_nobody_hangs_on_who_knows_his_address() -> None:
    """Servers that know one another's addresses are no routers: an outage of one must not explain the others'."""
    site = Site().add(1, "server").add(2, "server").add(3, "server").add(9, "computer")
    site.cable(1, 1, 2, 1).cable(2, 2, 3, 1)
    for number in (1, 2, 9):
        site.addresses.append(AddressFact(3, "", f"10.0.0.{number}", mac_of(number), BEFORE, NOW, True))
    assert {(upper, lower) for upper, _part, lower, _to in drawn(site.build())} == {("d2", "d1"), ("d2", "d3")}
