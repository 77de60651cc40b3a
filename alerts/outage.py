"""Turns reachability into outages: one cause, with all that is behind it folded in. Pure: arrays and `now` in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from alerts.graph import Graph

UNKNOWN, UP, SUSPECT, DOWN = range(4)
_RANK = {"device": 0, "site": 1, "area": 2, "own_network": 3}


@dataclass(frozen=True, slots=True)
class OutagePolicy:
    """How patient folding is; seconds. The ping plane needs up to 18.5 s for its verdict, 30 s is the budget."""

    settle: float = 5.0  # a child's verdict can be this much earlier than its parent's suspicion
    hold_max: float = 11.5  # one whole ping round: after it, what has not fallen is not going to
    grace: float = 180.0  # switches need minutes to start after the power is back
    neighbour_window: float = 120.0
    neighbour_sites: int = 3
    own_share: float = 0.9  # of all sites dark: rather our own network
    spoken: frozenset[str] = frozenset(_RANK)  # kinds of outages to fold into; the others nobody would hear of


@dataclass(frozen=True, slots=True)
class Reach:
    """The ping plane's verdicts, aligned to the graph's positions. `since` is epoch seconds."""

    state: np.ndarray
    since: np.ndarray
    is_cut_off: np.ndarray  # bool: unknown because EduNOC's own line is gone


@dataclass(frozen=True, slots=True)
class Outage:
    """One cause and what it took down: `members` are device ids, the cause's included, `sites` ids of dark sites."""

    cause: str
    kind: str  # device | site | area | own_network
    since: float
    members: frozenset[int] = frozenset()
    sites: frozenset[int] = frozenset()
    device_id: int | None = None
    site_id: int | None = None
    group: str = ""
    is_ready: bool = True
    recovering_since: float | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """An outage that is over: returned, or folded into the outage with the cause `into`."""

    outage: Outage
    reason: str
    into: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """Outages that stand now, and those that ended on this tick."""

    standing: tuple[Outage, ...] = ()
    ended: tuple[Ended, ...] = ()


@dataclass(slots=True)
class _Draft:
    kind: str
    position: int  # of the root device, or the site's index
    roots: list[int] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    is_waiting: bool = False


def find_outages(graph: Graph, reach: Reach, now: float, policy: OutagePolicy) -> list[Outage]:
    """What is out at this moment, without memory. With is_ready False it may still prove to be part of a larger one."""
    cut_off = _cut_off(reach, now)
    if cut_off is not None and "own_network" in policy.spoken:
        return [cut_off]
    down = np.flatnonzero(reach.state == DOWN)
    if not len(down):
        return []
    roots, waiting = _roots(graph, reach, down)
    size = len(graph.site_ids)
    counts = {
        state: np.bincount(graph.site[reach.state == state], minlength=size) for state in (UP, SUSPECT, DOWN)
    }
    entry_down = np.bincount(graph.site[down], weights=graph.is_entry[down], minlength=size) > 0
    steady_down = np.bincount(graph.site[down], weights=graph.is_steady[down], minlength=size) > 0
    is_silent = steady_down & (counts[UP] + counts[SUSPECT] == 0)
    is_dark = is_silent & ((counts[DOWN] > 1) | entry_down)
    is_darkening = (counts[SUSPECT] > 0) & (counts[UP] == 0)
    drafts: dict[tuple[str, int], _Draft] = {}
    for position, root in roots.items():
        site = int(graph.site[root])
        key = ("site", site) if is_dark[site] and "site" in policy.spoken else ("device", root)
        draft = drafts.setdefault(key, _Draft(*key))
        draft.members.append(position)
        if position == root:
            draft.roots.append(root)
            draft.is_waiting |= root in waiting or bool(is_darkening[site])
    outages = [_finish(draft, graph, reach, now, policy) for draft in drafts.values()]
    outages = _mark_dark_sites(outages, graph, is_dark)
    own = _own_network(outages, graph, counts, policy) if "own_network" in policy.spoken else []
    return own or (_join_neighbours(outages, graph, policy) if "area" in policy.spoken else outages)


def _cut_off(reach: Reach, now: float) -> Outage | None:
    cut, pinged = np.flatnonzero(reach.is_cut_off), int((reach.state != UNKNOWN).sum())
    if not len(cut) or len(cut) < pinged:
        return None
    since = reach.since[cut]
    first = float(np.nanmin(since)) if not np.isnan(since).all() else now
    return Outage("own_network", "own_network", first)


def _roots(graph: Graph, reach: Reach, down: np.ndarray) -> tuple[dict[int, int], set[int]]:
    """(down position -> position of its cause, causes that must wait for the verdict on the device above them)."""
    roots: dict[int, int] = {}
    waiting: set[int] = set()
    for position in down[np.argsort(graph.depth[down], kind="stable")].tolist():
        above = int(graph.above[position])
        while above >= 0 and reach.state[above] == UNKNOWN:
            above = int(graph.above[above])
        if above >= 0 and reach.state[above] == DOWN:
            roots[position] = roots[above]
            continue
        roots[position] = position
        if above >= 0 and reach.state[above] == SUSPECT:
            waiting.add(position)
    return roots, waiting


def _finish(draft: _Draft, graph: Graph, reach: Reach, now: float, policy: OutagePolicy) -> Outage:
    since = reach.since[draft.members]
    first = float(since.min())
    formed = float(since.max()) if draft.kind == "site" else float(reach.since[draft.position])
    is_waiting = draft.is_waiting
    if draft.kind == "device":
        below = graph.below(draft.position)
        is_waiting |= bool(below) and bool(np.isin(reach.state[below], (UP, SUSPECT)).any())
    # Something that keeps hovering below must not hold the message for ever.
    is_ready = now - min(formed, first + policy.hold_max) >= policy.settle if not is_waiting else (
        now - first >= policy.hold_max
    )
    members = frozenset(graph.device[draft.members].tolist())
    if draft.kind == "site":
        site_id = int(graph.site_ids[draft.position])
        cause_device = int(graph.device[draft.roots[0]]) if len(draft.roots) == 1 else None
        return Outage(f"site:{site_id}", "site", first, members, frozenset({site_id}), cause_device, site_id,
                      is_ready=is_ready)
    device_id = int(graph.device[draft.position])
    site_id = int(graph.site_ids[graph.site[draft.position]])
    return Outage(f"device:{device_id}", "device", first, members, frozenset(), device_id, site_id, is_ready=is_ready)


def _mark_dark_sites(outages: list[Outage], graph: Graph, is_dark: np.ndarray) -> list[Outage]:
    """Names the dark sites behind each cause: a device of one site may carry others."""
    marked: list[Outage] = []
    for outage in outages:
        positions = np.searchsorted(graph.device, sorted(outage.members))
        sites = np.unique(graph.site[positions])
        dark = frozenset(graph.site_ids[sites[is_dark[sites]]].tolist())
        marked.append(replace(outage, sites=outage.sites | dark))
    return marked


def _own_network(
    outages: list[Outage], graph: Graph, counts: dict[int, np.ndarray], policy: OutagePolicy
) -> list[Outage]:
    watched = int((counts[UP] + counts[SUSPECT] + counts[DOWN] > 0).sum())
    dark = frozenset().union(*(outage.sites for outage in outages))
    if len(dark) < max(policy.neighbour_sites, policy.own_share * watched):
        return []
    return [_merge("own_network", "own_network", "", outages)]


def _merge(cause: str, kind: str, group: str, parts: Sequence[Outage]) -> Outage:
    return Outage(
        cause, kind, min(part.since for part in parts), frozenset().union(*(part.members for part in parts)),
        frozenset().union(*(part.sites for part in parts)), group=group, is_ready=any(part.is_ready for part in parts),
    )


def _join_neighbours(outages: list[Outage], graph: Graph, policy: OutagePolicy) -> list[Outage]:
    """Sites of one provider or unit that failed within the window become one outage; the largest group first."""
    site_index = {int(site_id): number for number, site_id in enumerate(graph.site_ids)}
    loose = {outage.cause: outage for outage in outages if outage.kind == "site"}
    areas: dict[str, Outage] = {}
    while len(loose) >= policy.neighbour_sites:
        by_group: dict[str, list[Outage]] = {}
        for outage in loose.values():
            for name in graph.groups[site_index[outage.site_id or 0]]:
                by_group.setdefault(name, []).append(outage)
        best: tuple[tuple[int, float, int], str, list[Outage]] | None = None
        for name, sites in by_group.items():
            cluster = _largest_cluster(sites, policy.neighbour_window)
            rank = (len(cluster), len(cluster) / graph.group_sizes[name], len(name))
            if len(cluster) >= policy.neighbour_sites and (best is None or rank > best[0]):
                best = (rank, name, cluster)
        if best is None:
            break
        _, name, cluster = best
        known = [areas[name]] if name in areas else []
        areas[name] = _merge(f"area:{name}", "area", name, [*known, *cluster])
        for outage in cluster:
            del loose[outage.cause]
    return [*areas.values(), *loose.values(), *(outage for outage in outages if outage.kind == "device")]


def _largest_cluster(sites: list[Outage], window: float) -> list[Outage]:
    ordered = sorted(sites, key=lambda outage: outage.since)
    best: list[Outage] = []
    run: list[Outage] = []
    for outage in ordered:
        if run and outage.since - run[-1].since > window:
            run = []
        run.append(outage)
        if len(run) > len(best):
            best = list(run)
    return best


def settle(
    before: Iterable[Outage], fresh: Sequence[Outage], standing_down: frozenset[int], now: float, policy: OutagePolicy
) -> Settled:
    """Outages with memory: what is open stays one outage while it shrinks; what proves part of a larger is folded.

    `standing_down` are device ids that are down, or of which nothing is known (no verdict is no return).
    """
    by_cause = {outage.cause: outage for outage in fresh}
    standing: dict[str, Outage] = {}
    ended: list[Ended] = []
    covered: set[int] = set()
    old = list(before)
    open_causes = {outage.cause for outage in old}
    for outage in old:
        again = by_cause.get(outage.cause)
        if again is not None:
            unheard = (outage.members & standing_down) - frozenset().union(*(one.members for one in fresh))
            standing[outage.cause] = replace(again, since=min(outage.since, again.since),
                                             members=again.members | unheard)
            continue
        left = outage.members & standing_down
        larger = next((one for one in fresh if _takes_in(one, outage, left, open_causes)), None)
        if larger is not None and left:
            ended.append(Ended(outage, "folded", larger.cause))
        elif not left:
            ended.append(Ended(outage, "returned"))
        else:
            recovering_since = outage.recovering_since if outage.recovering_since is not None else now
            is_unheard = not any(left & one.members for one in fresh)
            if is_unheard or now - recovering_since < policy.grace:
                standing[outage.cause] = replace(outage, recovering_since=None if is_unheard else recovering_since)
                covered |= outage.members
            else:
                ended.append(Ended(outage, "partly_returned"))
    for outage in fresh:
        is_covered = bool(outage.members) and outage.members <= covered
        if outage.cause not in standing and outage.is_ready and not is_covered:
            standing[outage.cause] = outage
    taken = {one.into for one in ended if one.reason == "folded"}
    for cause in taken - standing.keys():
        standing[cause] = by_cause[cause]
    return Settled(tuple(standing.values()), tuple(ended))


def _takes_in(larger: Outage, smaller: Outage, left: frozenset[int], open_causes: set[str]) -> bool:
    """True when the larger outage holds all that is left of the smaller one, and is not merely a piece of it."""
    if not left <= larger.members or not (larger.is_ready or larger.cause in open_causes):
        return False
    return _RANK[larger.kind] > _RANK[smaller.kind] or len(larger.members - smaller.members) > 0
