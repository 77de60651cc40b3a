"""What every loop of conference works with, and what a loop is. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import Clock, Database, Settings, Vault
from telemetry import Batch, LiveTable, SeriesRegistry


@dataclass(frozen=True, slots=True)
class Bench:
    """The running parts. `view` answers for a device whether it can be reached (collectors' ReachabilityView);
    `submit` takes measured samples, `store` keeps them; None where history is not at hand."""

    database: Database
    vault: Vault
    settings: Settings
    clock: Clock
    registry: SeriesRegistry
    live: LiveTable
    view: Any
    submit: Callable[[Batch], Any]
    store: Any = None


@dataclass(frozen=True, slots=True)
class Loop:
    """Work that is done again and again: `step(bench, now)` in a thread, `every_s` seconds from beginning to beginning.

    A step that fails is logged once in a row and tried again at its next turn; it must leave nothing half done.
    """

    name: str
    every_s: float
    step: Callable[[Bench, datetime], None]
