"""Who goes dark if a device dies: immediate dominators over "hangs on" edges, built once per inventory change."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np

from alerts.labels import ENTRY_KINDS, RESTING_KINDS, Labels

_WORLD = 0  # device ids begin at 1


@dataclass(frozen=True, slots=True)
class Graph:
    """Arrays of one length, index = position; `device` ascending. `above` is the position of the nearest device without
    which this one cannot be reached, -1 = none."""

    device: np.ndarray  # int64
    above: np.ndarray  # int64
    depth: np.ndarray  # int64: 0 = nothing above
    site: np.ndarray  # int64: index into site_ids
    is_entry: np.ndarray  # bool: a router or firewall
    is_steady: np.ndarray  # bool: meant to run day and night
    is_monitored: np.ndarray  # bool
    site_ids: np.ndarray  # int64
    children: tuple[tuple[int, ...], ...]
    groups: tuple[tuple[str, ...], ...]  # by site index: "isp:X", "unit:/1/5/"
    group_sizes: dict[str, int]  # sites in each group

    def below(self, position: int) -> list[int]:
        """Positions of everything that goes dark with this one, itself not included."""
        found: list[int] = []
        todo = list(self.children[position])
        while todo:
            one = todo.pop()
            found.append(one)
            todo.extend(self.children[one])
        return found


def build_graph(labels: Labels) -> Graph:
    """The dominator tree of all devices. Parents that form a ring are cut at the lowest id."""
    ids = sorted(labels.devices)
    above_id = _dominators(labels)
    position = {device_id: number for number, device_id in enumerate(ids)}
    above = np.array([position.get(above_id[one], -1) for one in ids], np.int64)
    children: list[list[int]] = [[] for _ in ids]
    for one, parent in enumerate(above.tolist()):
        if parent >= 0:
            children[parent].append(one)
    site_ids = sorted({device.site_id for device in labels.devices.values()})
    site_index = {site_id: number for number, site_id in enumerate(site_ids)}
    groups = tuple(_groups_of(site_id, labels) for site_id in site_ids)
    sizes: dict[str, int] = {}
    for names in groups:
        for name in names:
            sizes[name] = sizes.get(name, 0) + 1
    return Graph(
        device=np.array(ids, np.int64), above=above, depth=_depths(above, children),
        site=np.array([site_index[labels.devices[one].site_id] for one in ids], np.int64),
        is_entry=np.array([labels.devices[one].kind in ENTRY_KINDS for one in ids], bool),
        is_steady=np.array([labels.devices[one].kind not in RESTING_KINDS for one in ids], bool),
        is_monitored=np.array([labels.devices[one].is_monitored for one in ids], bool),
        site_ids=np.array(site_ids, np.int64), children=tuple(map(tuple, children)), groups=groups, group_sizes=sizes,
    )


def _dominators(labels: Labels) -> dict[int, int]:
    graph = nx.DiGraph()
    graph.add_node(_WORLD)
    graph.add_edges_from(_edges(labels))
    _cut_rings(graph, sorted(labels.devices))
    return dict(nx.immediate_dominators(graph, _WORLD))


def _edges(labels: Labels) -> list[tuple[int, int]]:
    """(what it hangs on, device): what a person named, else the devices found above it, else its site's routers, these
    on the world."""
    above = {one: labels.above(one) for one in labels.devices}
    entries: dict[int, list[int]] = {}
    for device in labels.devices.values():
        if device.kind in ENTRY_KINDS and not above[device.id]:
            entries.setdefault(device.site_id, []).append(device.id)
    edges: list[tuple[int, int]] = []
    for device in labels.devices.values():
        if above[device.id]:
            edges.extend((upper, device.id) for upper in above[device.id])
        elif device.kind in ENTRY_KINDS or device.site_id not in entries:
            edges.append((_WORLD, device.id))
        else:
            edges.extend((entry, device.id) for entry in entries[device.site_id])
    return edges


def _cut_rings(graph: nx.DiGraph, ids: list[int]) -> None:
    reached = set(nx.descendants(graph, _WORLD))
    for one in ids:
        if one not in reached:
            graph.add_edge(_WORLD, one)
            reached.add(one)
            reached.update(nx.descendants(graph, one))


def _depths(above: np.ndarray, children: list[list[int]]) -> np.ndarray:
    depth = np.zeros(len(above), np.int64)
    todo = np.flatnonzero(above < 0).tolist()
    while todo:
        one = todo.pop()
        for child in children[one]:
            depth[child] = depth[one] + 1
            todo.append(child)
    return depth


def _groups_of(site_id: int, labels: Labels) -> tuple[str, ...]:
    """What a site shares with its neighbours: its lines' providers, and its units below the root."""
    site = labels.sites.get(site_id)
    if site is None:
        return ()
    steps = [step for step in site.unit_path.split("/") if step]
    paths = ("/" + "/".join(steps[:depth]) + "/" for depth in range(2, len(steps) + 1))
    return (*(f"isp:{isp}" for isp in sorted(set(site.isps)) if isp), *(f"unit:{path}" for path in paths))
