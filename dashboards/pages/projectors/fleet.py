"""All projectors as arrays: state, lamp, filter; counted, filtered and sorted in a few milliseconds for thousands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core import lazy_gettext as _l
from dashboards.services import Services
from dashboards.status import STATES as DEVICE_STATES
from dashboards.status import Board
from dashboards.words import Word

FRESH_S = 2700.0  # three readings outside of teaching hours
KEPT_S = 400 * 86_400.0  # lamp hours stay true while nobody switches it on

# Worst first: the order of the list
STATES: dict[str, Word] = {
    "error": Word("down", "circle-x", _l("error")),
    "unreachable": Word("down", "network-off", _l("does not answer")),
    "locked": Word("attention", "lock", _l("refuses to be read")),
    "warning": Word("attention", "alert-triangle", _l("warning")),
    "left_on": Word("attention", "bolt", _l("left on")),
    "on": Word("good", "power", _l("on")),
    "warming": Word("info", "sun", _l("warming up")),
    "cooling": Word("info", "propeller", _l("cooling down")),
    "standby": Word("idle", "player-pause", _l("standby")),
    "asleep": Word("idle", "moon", _l("asleep")),
    "unknown": Word("unknown", "help-circle", _l("unknown")),
}
WORDS = tuple(STATES)
METRICS = {
    "projector_power": FRESH_S, "projector_error": FRESH_S, "projector_answers": FRESH_S,
    "projector_left_on": FRESH_S, "projector_input": FRESH_S, "projector_muted": FRESH_S,
    "projector_sound_muted": FRESH_S, "projector_frozen": FRESH_S, "projector_signal": FRESH_S,
    "projector_lamp_seconds": KEPT_S, "projector_lamp_used_ratio": KEPT_S, "projector_filter_used_ratio": KEPT_S,
    "projector_filter_seconds": KEPT_S,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Projectors:
    """Arrays of one length: `row` in the fleet, device id, number of STATES, and the newest values by metric."""

    row: np.ndarray
    device: np.ndarray
    state: np.ndarray
    values: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.device)

    def at(self, device_id: int) -> int | None:
        """The place of a device, or None."""
        found = np.flatnonzero(self.device == device_id)
        return int(found[0]) if len(found) else None

    def value(self, place: int, metric: str) -> float | None:
        """A value, or None when it is not known."""
        found = float(self.values[metric][place])
        return None if np.isnan(found) else found

    def word(self, place: int) -> str:
        """The word of its state."""
        return WORDS[int(self.state[place])]


def load_projectors(board: Board, services: Services, refused: set[int], now: float) -> Projectors:
    """Every projector of the fleet. `refused`: devices whose password is missing or wrong."""
    fleet = board.fleet
    is_projector = fleet.kind.is_text("projector")
    registry = services.registry
    if registry is not None:  # whatever speaks PJLink is one, also a panel entered as "other"
        series = registry.of_metric("projector_answers")
        rows = fleet.rows_of(registry.device[series].astype(np.int64))
        is_projector[rows[rows >= 0]] = True
    row = np.flatnonzero(is_projector)
    device = fleet.device[row]
    values = {metric: _newest(services, metric, device, (now, limit)) for metric, limit in METRICS.items()}
    is_down = board.state[row] == DEVICE_STATES.index("down")
    return Projectors(row, device, judge_states(values, is_down, np.isin(device, list(refused))), values)


def _newest(services: Services, metric: str, device: np.ndarray, age: tuple[float, float]) -> np.ndarray:
    """float64[n]: the largest value over the device's parts that is not older than the limit; NaN: there is none."""
    found = np.full(len(device), np.nan)
    registry, live = services.registry, services.live
    if registry is None or live is None or not len(device):
        return found
    series = registry.of_metric(metric)
    series = series[series < len(live)]
    owner = registry.device[series].astype(np.int64)
    place = np.minimum(np.searchsorted(device, owner), len(device) - 1)
    now, limit = age
    good = (device[place] == owner) & (now - live.at[series] <= limit) & ~np.isnan(live.value[series])
    np.fmax.at(found, place[good], live.value[series][good])
    return found


def judge_states(values: dict[str, np.ndarray], is_down: np.ndarray, is_refused: np.ndarray) -> np.ndarray:
    """int8[n]: numbers of STATES. What is wrong comes before what it does."""
    power, answers, error = (values[f"projector_{word}"] for word in ("power", "answers", "error"))
    numbers = {word: number for number, word in enumerate(WORDS)}
    return np.select(
        [
            is_refused, answers == 2, answers == 0, is_down & np.isnan(answers), error == 2, error == 1,
            (values["projector_left_on"] == 1) & (power == 1), power == 1, power == 3, power == 2, power == 0,
        ],
        [
            numbers[word] for word in (
                "locked", "asleep", "unreachable", "unreachable", "error", "warning", "left_on", "on", "warming",
                "cooling", "standby",
            )
        ],
        numbers["unknown"],
    ).astype(np.int8)  # fmt: skip
