"""What the pages need from the rest of the house, handed in by the composition root. Holds no logic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core import Clock, Database, Settings, Vault


@dataclass(frozen=True, slots=True)
class Services:
    """The running parts. The measured parts may be None where a role runs without them; pages then say so.

    `registry`, `live`, `store` and `ingest` are telemetry's; `reachability` answers for a device id; `first_start_code`
    is the one-time code that the terminal printed, empty when an administrator exists already.
    """

    settings: Settings
    database: Database
    vault: Vault
    clock: Clock
    registry: Any = None
    live: Any = None
    store: Any = None
    ingest: Any = None
    reachability: Any = None
    first_start_code: str = ""
    stop: Callable[[], None] | None = None
