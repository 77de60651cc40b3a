"""Invented figures of printers: what is left of toner and drum, paper, pages. Pure; all of it is made up."""

from __future__ import annotations

import numpy as np

from deploy.demo.script import Cast, school_day
from deploy.demo.wifi import smooth
from telemetry import SeriesKey

TONER, DRUM, TRAY = "supply:Mực đen TN-2385", "supply:Trống DR-2385", "tray:Khay 1"
KEYS = (
    SeriesKey(TONER, "printer_supply_ratio"), SeriesKey(DRUM, "printer_supply_ratio"),
    SeriesKey(TRAY, "printer_tray_ratio"), SeriesKey("pages:1", "printer_pages_total", 32),
    SeriesKey("", "printer_status"), SeriesKey("", "printer_alerts"),
)


def values(part: str, metric: str, _cast: Cast, rows: np.ndarray, now: float) -> np.ndarray:
    """float64[n]: a metric of a part of these printers; pages as a rate per second."""
    if metric == "printer_supply_ratio":
        spread = (rows * 37 + (11 if part == DRUM else 0)) % 97 / 97
        return np.round(np.where(part == DRUM, 0.2 + 0.8 * spread, spread), 2)
    if metric == "printer_tray_ratio":
        return np.round((rows * 53 % 89) / 89, 2)
    if metric == "printer_pages_total":
        return (0.002 + 0.012 * (rows % 7) / 7) * school_day(now)  # some 30 to 200 pages a school day
    if metric == "printer_alerts":
        return (rows % 11 == 2).astype(float)
    return np.where(smooth(rows, now, 9) > 0.85, 4.0, 3.0)  # printing, else idle
