"""The chain that seals a meeting's attendance: each row's hash covers its measured values and the hash before it. Pure.

What people add later (corrections, head counts) is not part of it: it stands beside the measured, in the audit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conference.attendance.models import Attendance

FIRST = "0" * 64
# The measured values. Numbers of other tables' rows are left out: they go when a school is merged away.
SEALED = (
    "meeting_id", "position", "subject", "name", "seconds", "server_seconds", "client_seconds", "scheduled_seconds",
    "first_joined_at", "last_left_at", "spoke_seconds", "connections", "linked_by", "reason", "intervals",
    "computed_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """Whether a chain is whole. `problem` is a word of CHAIN_PROBLEMS, "" when it is; `position` the first bad row."""

    problem: str
    rows: int
    head: str
    position: int | None = None

    @property
    def is_intact(self) -> bool:
        """True when nothing was changed, added or taken out."""
        return not self.problem


def row_hash(previous: str, values: dict[str, Any]) -> str:
    """SHA-256, hex, over the hash before and the row's measured values as JSON with sorted keys."""
    body = {name: _plain(values[name]) for name in SEALED}
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value


def seal(rows: Iterable[dict[str, Any]], started_from: str) -> str:
    """Write `previous` and `hash` into the rows, in their order; answers the head (FIRST for no rows)."""
    previous = started_from or FIRST
    for row in rows:
        row["previous"] = previous
        previous = row["hash"] = row_hash(previous, row)
    return previous


def check_chain(rows: Sequence[Attendance], started_from: str, head: str, audited: str) -> ChainCheck:
    """Verify rows in their order against the counting's own head and the one that the audit keeps."""
    previous = started_from or FIRST
    for number, row in enumerate(rows):
        values = {name: getattr(row, name) for name in SEALED}
        if row.position != number:
            return ChainCheck("missing_row", len(rows), previous, number)
        if row.previous != previous or row.hash != row_hash(previous, values):
            return ChainCheck("changed_row", len(rows), previous, number)
        previous = row.hash
    if previous != head:
        return ChainCheck("missing_row", len(rows), previous, len(rows))
    if previous != audited:
        return ChainCheck("other_audit", len(rows), previous)
    return ChainCheck("", len(rows), previous)
