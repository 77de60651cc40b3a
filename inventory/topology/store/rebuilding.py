"""Keeps the saved graphs right: which sites are due, their graphs built anew, and written only where they changed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from inventory.models import Device, InventoryStamp, SavedEdge, SavedNode, SavedUplink, Site, TopologyState
from inventory.settings import InventorySettings
from inventory.topology.building import BuiltGraph, build_topology
from inventory.topology.store.loading import fingerprints, load_site
from inventory.topology.store.marking import locked_state
from inventory.topology.store.reading import TOPOLOGY_STAMP

_GRAIN = timedelta(hours=1)  # a graph in which only "last seen" is newer is written this often


@dataclass(frozen=True, slots=True)
class RebuiltSite:
    """A graph built outside of any writing. `because` is the mark it answers: a newer one stays."""

    site_id: int
    graph: BuiltGraph
    fingerprint: int
    because: datetime | None


def edited_sites(session: Session) -> list[int]:
    """Sites whose devices were edited since their graph was built; reads every device, so not while writing."""
    known = dict(session.execute(select(TopologyState.site_id, TopologyState.fingerprint)).all())
    return [site for site, number in fingerprints(session).items() if known.get(site) != number]


def due_sites(session: Session, settings: InventorySettings, now: datetime, limit: int = 20) -> list[int]:
    """Sites whose graph is to be built anew: at once when a neighbour came or went, otherwise after a pause."""
    rested = now - timedelta(seconds=settings.topology_pause_s)
    query = select(TopologyState.site_id).where(
        TopologyState.changed_at.is_not(None),
        TopologyState.is_urgent | TopologyState.built_at.is_(None) | (TopologyState.built_at <= rested),
    ).order_by(TopologyState.is_urgent.desc(), TopologyState.changed_at).limit(limit)
    return list(session.scalars(query))


def rebuild_sites(
    session: Session, settings: InventorySettings, site_ids: Iterable[int], now: datetime
) -> list[RebuiltSite]:
    """Build graphs; reads only."""
    keep = timedelta(days=settings.topology_keep_days)
    rebuilt = []
    for site_id in site_ids:
        because = session.scalar(select(TopologyState.changed_at).where(TopologyState.site_id == site_id))
        graph = build_topology(load_site(session, site_id, now, keep))
        rebuilt.append(RebuiltSite(site_id, graph, fingerprints(session, site_id).get(site_id, 0), because))
    return rebuilt


def save_rebuilt(session: Session, rebuilt: Iterable[RebuiltSite], now: datetime) -> bool:
    """Write what changed; True when somebody hangs elsewhere than before, so that alerts look again.

    A graph with a device that was deleted meanwhile is left out: its site is due again.
    """
    has_moved = False
    for one in rebuilt:
        if not _is_all_there(session, one):
            continue
        state = locked_state(session, one.site_id)
        entries = ",".join(map(str, one.graph.entries))[:255]
        has_moved |= _save_uplinks(session, one) | ((state.entries or "") != entries)
        has_moved |= _save_edges(session, one)
        _save_nodes(session, one)
        state.entries, state.built_at, state.fingerprint = entries, now, one.fingerprint
        if state.changed_at == one.because:
            state.changed_at, state.is_urgent = None, False
        session.flush()
    if has_moved:
        _count_change(session)
    return has_moved


def _is_all_there(session: Session, one: RebuiltSite) -> bool:
    ids = {end for edge in one.graph.edges for end in (edge.upper_device_id, edge.lower_device_id)} - {None}
    ids |= {end for lower, uppers in (one.graph.above or {}).items() for end in (lower, *uppers)}
    found = session.scalar(select(func.count()).select_from(Device).where(Device.id.in_(ids))) or 0
    return found == len(ids) and session.get(Site, one.site_id) is not None


def rebuild_topology(session: Session, settings: InventorySettings, site_id: int, now: datetime) -> bool:
    """Build and write the graph of one site in one transaction."""
    return save_rebuilt(session, rebuild_sites(session, settings, [site_id], now), now)


def _save_uplinks(session: Session, one: RebuiltSite) -> bool:
    wanted = {(lower, upper) for lower, uppers in (one.graph.above or {}).items() for upper in uppers}
    rows = select(SavedUplink.lower_device_id, SavedUplink.upper_device_id).where(SavedUplink.site_id == one.site_id)
    if {tuple(row) for row in session.execute(rows)} == wanted:
        return False
    session.execute(delete(SavedUplink).where(SavedUplink.site_id == one.site_id))
    if wanted:
        session.execute(insert(SavedUplink), [
            {"site_id": one.site_id, "lower_device_id": lower, "upper_device_id": upper}
            for lower, upper in sorted(wanted)
        ])
    return True


_EDGE = ("upper_key", "lower_key", "upper_device_id", "lower_device_id", "upper_part", "lower_part", "how", "evidence",
         "first_seen", "is_current", "is_uplink", "is_redundant", "is_disputed")
_CABLE = ("upper_key", "lower_key", "upper_part", "lower_part")
_PORTS = ("upper_device_id", "lower_device_id", "upper_part", "lower_part")


def _save_edges(session: Session, one: RebuiltSite) -> bool:
    """True when the ports of uplinks changed."""
    wanted = [{
        "upper_key": edge.upper, "lower_key": edge.lower, "upper_device_id": edge.upper_device_id,
        "lower_device_id": edge.lower_device_id, "upper_part": edge.upper_part, "lower_part": edge.lower_part,
        "how": ",".join(edge.how), "first_seen": edge.first_seen, "last_seen": edge.last_seen,
        "evidence": json.dumps([[why.code, dict(why.about)] for why in edge.evidence], ensure_ascii=False),
        "is_current": edge.is_current, "is_uplink": edge.is_uplink, "is_redundant": edge.is_redundant,
        "is_disputed": edge.is_disputed, "site_id": one.site_id,
    } for edge in one.graph.edges]
    columns = [getattr(SavedEdge, name) for name in (*_EDGE, "last_seen")]
    known = [dict(zip((*_EDGE, "last_seen"), row, strict=True)) for row in session.execute(
        select(*columns).where(SavedEdge.site_id == one.site_id)
    )]
    since = {tuple(row[name] for name in _CABLE): row["first_seen"] for row in known}
    for row in wanted:  # a cable is as old as it was before, whatever was forgotten of what told it first
        row["first_seen"] = min(row["first_seen"], since.get(tuple(row[name] for name in _CABLE), row["first_seen"]))
    is_same = _signature(known, _EDGE) == _signature(wanted, _EDGE)
    if is_same and _newest(wanted) - _newest(known) < _GRAIN.total_seconds():
        return False
    session.execute(delete(SavedEdge).where(SavedEdge.site_id == one.site_id))
    if wanted:
        session.execute(insert(SavedEdge), wanted)
    return not is_same and _signature([row for row in known if row["is_uplink"]], _PORTS) != _signature(
        [row for row in wanted if row["is_uplink"]], _PORTS)


def _signature(rows: list[dict], names: tuple[str, ...]) -> list[str]:
    return sorted(repr([row[name] for name in names]) for row in rows)


def _newest(rows: list[dict]) -> float:
    return max((row["last_seen"].timestamp() for row in rows), default=0.0)


def _save_nodes(session: Session, one: RebuiltSite) -> None:
    wanted = {node.key: {
        "name": node.name[:255], "kind": node.kind, "mac": node.mac, "address": node.address[:64],
        "description": node.description[:500], "capabilities": ",".join(node.capabilities)[:255],
        "mac_count": node.mac_count,
    } for node in one.graph.nodes}
    for row in session.scalars(select(SavedNode).where(SavedNode.site_id == one.site_id)):
        values = wanted.pop(row.key, None)
        if values is None:
            session.delete(row)
            continue
        for name, value in values.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
    session.add_all(SavedNode(site_id=one.site_id, key=key, **values) for key, values in wanted.items())
    session.flush()


def _count_change(session: Session) -> None:
    stamp = session.get(InventoryStamp, TOPOLOGY_STAMP, populate_existing=True)
    if stamp is None:
        session.add(InventoryStamp(id=TOPOLOGY_STAMP, version=1))
    else:
        stamp.version += 1
    session.flush()
