"""How a printer is, judged for all at once from their figures. Off is no trouble: people switch printers off. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core import lazy_gettext as _l
from dashboards.pages.families.figures import Family, Figure
from dashboards.pages.families.gathering import Column
from dashboards.words import Word

EMPTY, LOW, TRAY_LOW = 0.03, 0.15, 0.05

PRINTERS = Family("printer", _l("Printers"), "printer", ("printer",), (
    Figure("supply", _l("Lowest supply"), "printer_supply_ratio", "min", form="rest", hide=""),
    Figure("tray", _l("Fullest tray"), "printer_tray_ratio", form="rest"),
    Figure("alerts", _l("Alerts"), "printer_alerts"),
    Figure("critical", _l("Critical alerts"), "printer_alerts_critical"),
    Figure("error", _l("Faults"), "printer_error"),
    Figure("status", _l("Now"), "printer_status"),
    Figure("left", _l("Supply left"), "printer_supply_present", "min"),
    Figure("paper", _l("Paper left"), "printer_tray_present"),
))  # fmt: skip
SUPPLY = PRINTERS.figures[0]
COUNTER = Figure("pages", _l("Printed pages"), "printer_pages_total")
PAGES = Family("pages", COUNTER.label, "printer", ("printer",), (COUNTER,))

# Worst first; the number of a condition is its place
CONDITIONS: dict[str, Word] = {
    "empty": Word("down", "circle-x", _l("supply empty")),
    "alert": Word("attention", "alert-triangle", _l("needs a hand")),
    "low": Word("attention", "package", _l("supply low")),
    "paper": Word("attention", "file-text", _l("out of paper")),
    "unknown": Word("unknown", "help-circle", _l("unknown")),
    "off": Word("idle", "power", _l("off or asleep")),
    "unwatched": Word("unknown", "eye-off", _l("not watched")),
    "good": Word("good", "circle-check", _l("good")),
}
WORDS = tuple(CONDITIONS)


def conditions_of(columns: Mapping[str, Column], is_down: np.ndarray, is_unwatched: np.ndarray) -> np.ndarray:
    """int8[n] of WORDS."""
    value = {word: column.value for word, column in columns.items()}
    known = np.any([np.isfinite(one) for one in value.values()], axis=0)
    supply, critical = value["supply"], value["critical"]
    # Many printers count "toner low" among their alerts; only where they name the critical ones can that be told apart
    needs_hand = (critical > 0) | (value["error"] == 1) | (np.isnan(critical) & (value["alerts"] > 0))
    is_empty = ((supply >= 0) & (supply <= EMPTY)) | (value["left"] == 0)
    has_no_paper = ((value["tray"] >= 0) & (value["tray"] <= TRAY_LOW)) | (value["paper"] == 0)
    found = np.select(
        [
            is_unwatched, is_empty, needs_hand, (supply >= 0) & (supply < LOW), has_no_paper, is_down, ~known,
        ],
        [WORDS.index(word) for word in ("unwatched", "empty", "alert", "low", "paper", "off", "unknown")],
        WORDS.index("good"),
    )
    return found.astype(np.int8)
