"""How a UPS is, judged for all of them at once from their figures. Unknown is never good. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core import lazy_gettext as _l
from dashboards.pages.families.figures import Family, Figure
from dashboards.pages.families.gathering import Column
from dashboards.words import Word

# 220 V, plus and minus ten percent
LEAST_VOLTS, MOST_VOLTS, FULL_LOAD = 198.0, 242.0, 0.8
_LOW_CHARGE, _LOW_SECONDS = 0.3, 300.0
_ON_BATTERY = 5  # RFC 1628 upsOutputSource

UPS = Family("ups", _l("UPSes"), "battery", ("ups",), (
    Figure("battery", _l("On battery"), "ups_on_battery"), Figure("source", _l("Source"), "ups_output_source"),
    Figure("lasts", _l("Lasts"), "ups_runtime_seconds", "min", form="seconds", hide=""),
    Figure("charge", _l("Charge"), "ups_charge_ratio", "min", form="rest", hide="sm"),
    Figure("load", _l("Load"), "ups_load_ratio", form="meter", attention=FULL_LOAD, down=0.95),
    Figure("volts", _l("Input, V"), "ups_input_volts", "min"),
    Figure("celsius", _l("Battery, °C"), "ups_battery_celsius", form="celsius", attention=35, down=45, hide="lg"),
    Figure("status", _l("Battery state"), "ups_battery_status"),
    Figure("replace", _l("Replace"), "ups_battery_replace"),
    Figure("test", _l("Self-test"), "ups_self_test_ok", "min"),
    Figure("elapsed", _l("On battery for"), "ups_seconds_on_battery", form="seconds"),
))  # fmt: skip
SHOWN = ("lasts", "charge", "load", "volts", "celsius")
POE = Family("poe", _l("PoE"), "plug", ("switch",), (
    Figure("poe", _l("PoE used"), "poe_power_watts", "over", total="poe_budget_watts",
           fallback="poe_used_watts", form="watts"),
))  # fmt: skip

# Worst first; the number of a condition is its place
CONDITIONS: dict[str, Word] = {
    "empty": Word("down", "battery", _l("nearly empty")),
    "battery": Word("attention", "battery", _l("on battery")),
    "down": Word("down", "circle-x", _l("does not answer")),
    "replace": Word("attention", "tool", _l("replace the battery")),
    "load": Word("attention", "gauge", _l("overloaded")),
    "volts": Word("attention", "bolt", _l("input voltage")),
    "unknown": Word("unknown", "help-circle", _l("unknown")),
    "unwatched": Word("unknown", "eye-off", _l("not watched")),
    "good": Word("good", "plug-connected", _l("on mains")),
}
WORDS = tuple(CONDITIONS)


def is_on_battery(columns: Mapping[str, Column]) -> np.ndarray:
    """bool[n]: it says so, or names the battery as the source of its output."""
    return (columns["battery"].value == 1) | (columns["source"].value == _ON_BATTERY)


def conditions_of(columns: Mapping[str, Column], is_down: np.ndarray, is_unwatched: np.ndarray) -> np.ndarray:
    """int8[n] of WORDS."""
    value = {word: column.value for word, column in columns.items()}
    on = is_on_battery(columns)
    low = (value["charge"] < _LOW_CHARGE) | (value["lasts"] < _LOW_SECONDS) | (value["status"] >= 3)
    known = np.isfinite(value["battery"]) | np.isfinite(value["source"])
    is_worn = (value["replace"] == 1) | (value["status"] >= 3) | (value["test"] == 0)
    volts = value["volts"]
    found = np.select(
        [
            is_unwatched, on & low, on, is_down, is_worn,
            value["load"] >= FULL_LOAD, (volts < LEAST_VOLTS) | (volts > MOST_VOLTS), ~known,
        ],
        [WORDS.index(word) for word in
         ("unwatched", "empty", "battery", "down", "replace", "load", "volts", "unknown")],
        WORDS.index("good"),
    )
    return found.astype(np.int8)
