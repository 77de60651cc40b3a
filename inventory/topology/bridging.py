"""Edges from forwarding tables, ARP and Wi-Fi associations, for devices that no neighbour names. Pure.

A machine hangs on the port that sees it, does not lead up, and sees the fewest others: ports above see all that ports
below see. Many machines on such a port, and none of them a switch: an unmanaged one must be there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from inventory.topology.facts import BRIDGING, AddressFact, Draft, FoundNode, MacFact, SiteFacts, node_key
from inventory.topology.matching import Finder
from inventory.topology.shapes import Evidence

HUB_FROM = 3  # machines on a port; a telephone with a computer behind it makes two
_SAME_TIME = timedelta(hours=2)  # tables are read each half hour: who was not seen for longer was gone
Port = tuple[int, str]


@dataclass(slots=True)
class Tables:
    """The forwarding tables by port and by MAC. `up`: ports that lead towards the entry."""

    on_port: dict[Port, set[int]] = field(default_factory=lambda: defaultdict(set))
    of_mac: dict[int, list[MacFact]] = field(default_factory=lambda: defaultdict(list))
    up: set[Port] = field(default_factory=set)

    def place(self, macs: Iterable[int], besides: Container[int] = ()) -> MacFact | None:
        """Where one of these MACs hangs: the port with the fewest others, of those where it was seen lately.

        What the devices `besides` see does not count: it is joined with them already.
        """
        rows = [row for mac in macs for row in self.of_mac.get(mac, ())
                if row.device_id not in besides and (row.device_id, row.part) not in self.up]
        present = [row for row in rows if row.is_present] or rows
        if not present:
            return None
        newest = max(row.last_seen for row in present)
        lately = [row for row in present if newest - row.last_seen <= _SAME_TIME]
        return min(lately, key=lambda row: (len(self.on_port[row.device_id, row.part]), row.device_id, row.part))


def read_tables(facts: SiteFacts, entry_macs: frozenset[int], up: Iterable[Port]) -> Tables:
    """`up`: ports known to lead up by neighbours; ports that see the entry's own MAC lead there, too."""
    tables = Tables(up=set(up))
    for row in facts.fdb:
        tables.on_port[row.device_id, row.part].add(row.mac)
        tables.of_mac[row.mac].append(row)
        if row.mac in entry_macs and row.is_present:
            tables.up.add((row.device_id, row.part))
    led = {device_id for device_id, _part in tables.up}
    for device in facts.devices.values():
        if device.root_part and device.id not in led:
            tables.up.add((device.id, device.root_part))  # the root bridge is not always near the entry: last resort
    return tables


def wifi_edges(facts: SiteFacts, finder: Finder) -> list[Draft]:
    """Devices of the inventory that are clients of an access point."""
    best: dict[int, tuple[MacFact, int]] = {}
    for row in facts.stations:
        client = finder.of_mac(row.mac)
        point = (finder.of_name(row.access_point) if row.access_point else None) or row.device_id
        if client is None or client == point or point not in facts.devices:
            continue
        known = best.get(client)
        if known is None or (row.is_present, row.last_seen) > (known[0].is_present, known[0].last_seen):
            best[client] = (row, point)
    return [
        Draft((f"device:{point}", row.part if point == row.device_id else ""), (f"device:{client}", ""), {"wifi"},
              row.first_seen, row.last_seen, row.is_present,
              evidence=[Evidence("wifi", {"upper": facts.devices[point].name})])
        for client, (row, point) in best.items()
    ]


@dataclass(slots=True)
class Placing:
    """What is found while devices are placed: edges and hubs. `joined`: device to those that neighbours join it with,
    itself among them."""

    facts: SiteFacts
    finder: Finder
    tables: Tables
    entries: tuple[int, ...]
    nodes: dict[str, FoundNode]
    joined: Mapping[int, frozenset[int]] = field(default_factory=dict)
    edges: list[Draft] = field(default_factory=list)


def table_edges(placing: Placing, drafts: list[Draft], taken: set[int]) -> list[Draft]:
    """Edges for the devices that are not `taken`, and hubs where the tables show them."""
    macs_of: dict[int, set[int]] = defaultdict(set)
    for mac, device_id in placing.finder.macs.items():
        macs_of[device_id].add(mac)
    at_port: dict[Port, list[tuple[int, MacFact]]] = defaultdict(list)
    left: list[int] = []
    for device_id in placing.facts.devices:
        if device_id in taken or device_id in placing.entries:
            continue
        row = placing.tables.place(macs_of[device_id], placing.joined.get(device_id, (device_id,)))
        if row is not None:
            at_port[row.device_id, row.part].append((device_id, row))
        else:
            left.append(device_id)
    strangers = _strangers(placing)
    heard, beside = heard_at(drafts)
    for port in sorted(at_port.keys() | strangers.keys()):
        there = heard.get(port) or _through_group(placing, port, beside.get(port[0], set()))
        _hang(placing, port, at_port.get(port, []), (strangers.get(port, 0), there))
    for device_id in taken:
        if _has_way_of_its_own(placing, device_id, heard, drafts):
            left.append(device_id)
    for device_id in left:
        edge = _below_entry(placing, device_id, macs_of[device_id])
        if edge is not None:
            placing.edges.append(edge)
    return placing.edges


def _has_way_of_its_own(
    placing: Placing, device_id: int, heard: Mapping[Port, list[str]], drafts: Iterable[Draft]
) -> bool:
    """True for a device that hangs on others by their word, but sees the entry on a port where nobody names itself."""
    device = placing.facts.devices[device_id]
    entry_macs = {mac for mac, owner in placing.finder.macs.items() if owner in placing.entries}
    ports = {(row.device_id, row.part) for mac in entry_macs for row in placing.tables.of_mac.get(mac, ())
             if row.device_id == device_id and row.is_present}
    mine = [edge for edge in drafts if edge.is_current and device.key in (edge.a[0], edge.b[0])]
    if not ports or device_id in placing.entries or any(not edge.part_at(device.key) for edge in mine):
        return False
    beside = {edge.other(device.key) for edge in mine}
    return not any(heard.get(port) or _through_group(placing, port, beside) for port in ports)


def _strangers(placing: Placing) -> dict[Port, int]:
    """How many machines that are not in the inventory have their place on each port."""
    owned = placing.finder.macs
    wireless = {row.mac for row in placing.facts.stations}
    counts: dict[Port, int] = defaultdict(int)
    for mac in placing.tables.of_mac:
        if mac not in owned and mac not in wireless:
            row = placing.tables.place((mac,))
            if row is not None:
                counts[row.device_id, row.part] += 1
    return counts


def heard_at(drafts: Iterable[Draft]) -> tuple[dict[Port, list[str]], dict[int, set[str]]]:
    """By their own word: (nodes at the other end of each device's ports, nodes beside each device)."""
    found: dict[Port, list[str]] = defaultdict(list)
    beside: dict[int, set[str]] = defaultdict(set)
    for edge in drafts:
        for near, far in ((edge.a, edge.b), (edge.b, edge.a)):
            if near[0].startswith("device:") and edge.is_current:
                device_id = int(near[0].removeprefix("device:"))
                beside[device_id].add(far[0])
                if near[1]:
                    found[device_id, near[1]].append(far[0])
    return found, beside


def _through_group(placing: Placing, port: Port, beside: set[str]) -> list[str]:
    """The neighbour behind a group of ports: it names itself on the cables, its MAC is seen on the group (LAG)."""
    owners = {placing.finder.of_mac(mac) for mac in placing.tables.on_port.get(port, ())} - {None}
    found = [key for key in sorted(beside) if key in {f"device:{one}" for one in owners} and _is_bridging(placing, key)]
    return found if len(found) == 1 else []


def _hang(
    placing: Placing, port: Port, placed: list[tuple[int, MacFact]], others: tuple[int, list[str]]
) -> None:
    """Everything whose place is this port: on the port itself, behind the one switch there, or behind a hub."""
    strangers, heard = others
    devices = placing.facts.devices
    if heard:
        if len(heard) == 1 and _is_bridging(placing, heard[0]):
            for device_id, row in placed:
                placing.edges.append(_inferred((heard[0], ""), device_id, row, _seen(placing, device_id, row)))
            return
        if placed:
            _on_port(placing, port, placed)
        return
    bridges = [one for one in placed if devices[one[0]].kind in BRIDGING]
    servers = [one for one in placed if devices[one[0]].kind == "server"]
    if not bridges and len(servers) == 1 and len(placed) == 1:
        bridges = servers  # one server with many addresses: its virtual machines
    if len(bridges) == 1:
        _on_port(placing, port, bridges)
        upper = devices[bridges[0][0]].key
        for device_id, row in placed:
            if device_id != bridges[0][0]:
                placing.edges.append(_inferred((upper, ""), device_id, row, _seen(placing, device_id, row)))
        return
    if len(bridges) < 2 and len(placed) + strangers < HUB_FROM:
        _on_port(placing, port, placed)
        return
    hub = FoundNode(node_key("hub", str(port[0]), port[1]), "hub", mac_count=len(placed) + strangers)
    placing.nodes[hub.key] = hub
    rows = [row for _device, row in placed] or [
        row for mac in placing.tables.on_port[port] for row in placing.tables.of_mac[mac]
        if (row.device_id, row.part) == port
    ]
    why = Evidence("many_macs", {"count": str(hub.mac_count), "part": port[1].removeprefix("if:")})
    placing.edges.append(Draft(
        (devices[port[0]].key, port[1]), (hub.key, ""), {"inferred"}, min(row.first_seen for row in rows),
        max(row.last_seen for row in rows), any(row.is_present for row in rows), evidence=[why],
    ))
    for device_id, row in placed:
        placing.edges.append(_inferred((hub.key, ""), device_id, row, _seen(placing, device_id, row)))


def _is_bridging(placing: Placing, key: str) -> bool:
    if key.startswith("device:"):
        device = placing.facts.devices.get(int(key.removeprefix("device:")))
        return device is not None and device.kind in (*BRIDGING, "server")
    node = placing.nodes.get(key)
    return node is not None and node.is_bridging


def _on_port(placing: Placing, port: Port, placed: Iterable[tuple[int, MacFact]]) -> None:
    upper = (f"device:{port[0]}", port[1])
    for device_id, row in placed:
        lower = (f"device:{device_id}", _up_part(placing, device_id))
        placing.edges.append(Draft(upper, lower, {"fdb"}, row.first_seen, row.last_seen, row.is_present,
                                   evidence=[_seen(placing, device_id, row)]))


def _inferred(upper: tuple[str, str], device_id: int, row: MacFact, why: Evidence) -> Draft:
    return Draft(upper, (f"device:{device_id}", ""), {"fdb", "inferred"}, row.first_seen, row.last_seen,
                 row.is_present, evidence=[why])


def _seen(placing: Placing, device_id: int, row: MacFact) -> Evidence:
    devices = placing.facts.devices
    return Evidence("mac_on_port", {
        "lower": devices[device_id].name, "upper": devices[row.device_id].name, "part": row.part.removeprefix("if:"),
        "count": str(len(placing.tables.on_port[row.device_id, row.part])),
    })


def _up_part(placing: Placing, device_id: int) -> str:
    """The one port of a device that leads up, if it is one."""
    parts = {part for one, part in placing.tables.up if one == device_id}
    return parts.pop() if len(parts) == 1 else ""


def _below_entry(placing: Placing, device_id: int, macs: set[int]) -> Draft | None:
    """A device that no port below the entry sees: by its own view of the entry, else by the entry's ARP table."""
    device = placing.facts.devices[device_id]
    entry_macs = {mac for mac, owner in placing.finder.macs.items() if owner in placing.entries}
    views = [row for mac in entry_macs for row in placing.tables.of_mac.get(mac, ()) if row.device_id == device_id]
    arp = _answer(placing.facts.addresses, macs, device.addresses, placing.entries)
    if views:
        view = max(views, key=lambda row: (row.is_present, row.last_seen))
        entry = placing.finder.macs[view.mac]
        part = arp.part if arp is not None and arp.device_id == entry else ""
        why = Evidence("mac_on_port", {
            "lower": placing.facts.devices[entry].name, "upper": device.name, "part": view.part.removeprefix("if:"),
            "count": str(len(placing.tables.on_port[device_id, view.part])),
        })
        return Draft((f"device:{entry}", part), (device.key, view.part), {"fdb"}, view.first_seen, view.last_seen,
                     view.is_present, evidence=[why])
    if arp is None or arp.device_id == device_id:
        return None
    why = Evidence("arp", {"upper": placing.facts.devices[arp.device_id].name})
    return Draft((f"device:{arp.device_id}", arp.part), (device.key, ""), {"arp"}, arp.first_seen, arp.last_seen,
                 arp.is_present, evidence=[why])


def _answer(
    addresses: Iterable[AddressFact], macs: set[int], own: frozenset[str], tellers: tuple[int, ...]
) -> AddressFact | None:
    rows = [
        one for one in addresses
        if (one.mac in macs or one.address in own) and one.device_id in tellers
    ]
    return max(rows, key=_freshness, default=None)


def _freshness(one: AddressFact) -> tuple[bool, datetime]:
    return one.is_present, one.last_seen
