"""How a site is, judged from the states of its devices: the whole, and any group of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dashboards.status import STATES, Board

# What a pupil's day does not stop for when one of them is switched off; an incident about one still counts
ENDS = frozenset({"computer", "projector", "printer", "camera", "codec"})
_GOOD, _ATTENTION, _DOWN, _UNKNOWN, _MAINTENANCE, _UNWATCHED = (
    STATES.index(word) for word in ("good", "attention", "down", "unknown", "maintenance", "unwatched")
)


def group_state(counts: Mapping[str, int]) -> str:
    """The state of a group by the number of its devices in each state: down when nothing of it is left, unknown when at
    least half of it is; never good as long as something in it is not."""
    watched = {word: counts.get(word, 0) for word in STATES if word != "unwatched"}
    total = sum(watched.values())
    if not total:
        return "unknown"
    if watched["maintenance"] == total:
        return "maintenance"
    awake = total - watched["maintenance"]
    if watched["down"] == awake:
        return "down"
    if watched["down"] or watched["attention"]:
        return "attention"
    if watched["unknown"] * 2 >= awake:
        return "unknown"
    return "attention" if watched["unknown"] else "good"


def count_words(states: Sequence[str]) -> dict[str, int]:
    """How many stand in each state."""
    return {word: states.count(word) for word in STATES}


def site_states(board: Board, site_ids: Sequence[int], severities: Mapping[int, str]) -> tuple[list[str], np.ndarray]:
    """(the state of each site, int64[sites, states] counts of all its devices), as `whole_state` judges one."""
    order = np.argsort(np.asarray(site_ids, np.int64), kind="stable")
    known = np.asarray(site_ids, np.int64)[order]
    if not len(known):
        return [], np.zeros((0, len(STATES)), np.int64)
    fleet = board.fleet
    place = np.minimum(np.searchsorted(known, fleet.site), len(known) - 1)
    inside = known[place] == fleet.site if len(fleet) else np.zeros(0, bool)
    number = order[place] if len(fleet) else np.zeros(0, np.int64)
    is_core = ~np.isin(fleet.kind.number, [n for n, text in enumerate(fleet.kind.texts) if text in ENDS])
    every = _table(number[inside], board.state[inside], len(known))
    core = _table(number[inside & is_core], board.state[inside & is_core], len(known))
    states = [
        _whole(
            dict(zip(STATES, one, strict=True)),
            dict(zip(STATES, main, strict=True)),
            severities.get(site_id),
        )
        for one, main, site_id in zip(every.tolist(), core.tolist(), site_ids, strict=True)
    ]
    return states, every


def _table(group: np.ndarray, state: np.ndarray, size: int) -> np.ndarray:
    flat = np.bincount(group.astype(np.int64) * len(STATES) + state, minlength=size * len(STATES))
    return flat.reshape(size, len(STATES))


def _whole(every: Mapping[str, int], core: Mapping[str, int], severity: str | None) -> str:
    counts = core if sum(core.values()) > core["unwatched"] else every
    state = group_state(counts)
    noticed = severity in ("critical", "major", "minor")
    return "attention" if noticed and state in ("good", "unknown") else state


def whole_state(kinds_and_states: Sequence[tuple[str, str]], severity: str | None) -> str:
    """The state of one site from (kind, state) of its devices and its worst open severity."""
    every = count_words([state for _kind, state in kinds_and_states])
    core = count_words([state for kind, state in kinds_and_states if kind not in ENDS])
    return _whole(every, core, severity)
