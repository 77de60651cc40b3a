"""The saved graphs: of one site for its page, of all sites for alerts."""

from __future__ import annotations

import json
from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.models import Device, InventoryStamp, SavedEdge, SavedNode, SavedUplink, TopologyState
from inventory.topology.macs import mac_text
from inventory.topology.shapes import HOW, Evidence, SiteTopology, TopologyEdge, TopologyNode

TOPOLOGY_STAMP = 2  # the row of InventoryStamp that counts changes of the graphs


def topology_version(session: Session) -> int:
    """A number that grows when some site's uplinks change."""
    return session.scalar(select(InventoryStamp.version).where(InventoryStamp.id == TOPOLOGY_STAMP)) or 0


def site_topology(session: Session, site_id: int) -> SiteTopology:
    """The graph of a site as it was last built; before that, its devices without edges."""
    state = session.get(TopologyState, site_id)
    edges = tuple(_edge(row) for row in session.scalars(
        select(SavedEdge).where(SavedEdge.site_id == site_id).order_by(SavedEdge.id)
    ))
    named = {key for edge in edges for key in (edge.upper, edge.lower)}
    entries = tuple(int(one) for one in state.entries.split(",") if one) if state is not None else ()
    built_at = state.built_at if state is not None else None
    placed = SiteTopology(site_id, (), edges, entries).reached
    nodes = [
        _device_node(row, placed)
        for row in session.execute(select(*_DEVICE).where(Device.site_id == site_id).order_by(Device.name_key))
    ]
    foreign = {int(key.removeprefix("device:")) for key in named if key.startswith("device:")}
    foreign -= {node.device_id for node in nodes if node.device_id is not None}
    if foreign:
        nodes += [
            _device_node(row, placed)
            for row in session.execute(select(*_DEVICE).where(Device.id.in_(foreign)).order_by(Device.name_key))
        ]
    nodes += [_other_node(row, placed) for row in session.scalars(
        select(SavedNode).where(SavedNode.site_id == site_id).order_by(SavedNode.key)
    )]
    return SiteTopology(site_id, tuple(nodes), edges, entries, built_at)


_DEVICE = (Device.id, Device.name, Device.kind, Device.mac, Device.address, Device.site_id)


def _device_node(row: tuple, placed: frozenset[str]) -> TopologyNode:
    device_id, name, kind, mac, address, site_id = row
    key = f"device:{device_id}"
    return TopologyNode(key, "device", name, device_id, kind, mac or "", address, site_id=site_id,
                        is_placed=key in placed)


def _other_node(row: SavedNode, placed: frozenset[str]) -> TopologyNode:
    return TopologyNode(
        row.key, row.kind, row.name, mac=mac_text(row.mac) if row.mac else "", address=row.address,
        description=row.description, capabilities=tuple(filter(None, row.capabilities.split(","))),
        mac_count=row.mac_count, is_placed=row.key in placed,
    )


def _edge(row: SavedEdge) -> TopologyEdge:
    return TopologyEdge(
        row.upper_key, row.lower_key, row.upper_part, row.lower_part,
        tuple(sorted(row.how.split(","), key=HOW.index)), row.first_seen, row.last_seen, row.is_current, row.is_uplink,
        row.is_redundant, row.is_disputed, row.upper_device_id, row.lower_device_id,
        tuple(Evidence(code, about) for code, about in json.loads(row.evidence)),
    )


def uplinks(session: Session) -> dict[int, tuple[int, ...]]:
    """Device to the devices above it, as found: several are redundant paths. A parent set by hand is in it alone.

    Only devices whose place is known; the site's entry has none above it.
    """
    found: dict[int, list[int]] = defaultdict(list)
    rows = select(SavedUplink.lower_device_id, SavedUplink.upper_device_id)
    for lower, upper in session.execute(rows.order_by(SavedUplink.lower_device_id, SavedUplink.upper_device_id)):
        found[lower].append(upper)
    return {lower: tuple(uppers) for lower, uppers in found.items()}


def topology_entries(session: Session) -> dict[int, tuple[int, ...]]:
    """Site to the devices through which it is reached, as found."""
    rows = select(TopologyState.site_id, TopologyState.entries).where(TopologyState.entries != "")
    return {site: tuple(int(one) for one in entries.split(",")) for site, entries in session.execute(rows)}


def uplink_peers(session: Session) -> dict[tuple[int, str], int | None]:
    """(device, part) of the ports on which others hang or which lead up, each with the device at the other end; None
    for what is no device of the inventory."""
    found: dict[tuple[int, str], int | None] = {}
    rows = select(SavedEdge.upper_device_id, SavedEdge.upper_part, SavedEdge.lower_device_id, SavedEdge.lower_part)
    for upper, upper_part, lower, lower_part in session.execute(rows.where(SavedEdge.is_uplink)):
        if upper is not None and upper_part:
            found[upper, upper_part] = lower
        if lower is not None and lower_part:
            found[lower, lower_part] = upper
    return found


def uplink_ports(session: Session) -> dict[tuple[int, str], str]:
    """(device, part) of the same ports, each with the name of who is at the other end, "" when that is no device."""
    peers = uplink_peers(session)
    names = dict(session.execute(select(Device.id, Device.name)).all()) if peers else {}
    return {port: names.get(peer, "") for port, peer in peers.items()}
