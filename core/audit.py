"""The append-only audit: what was done, by whom, chained by SHA-256 so that a later change of an entry shows.

The chain proves order and wholeness of what is there; that the newest entries were not cut off is proven by comparing
with the digest that was printed or exported earlier (`app.py audit verify --expect`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

FIRST = "0" * 64
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
MAX_DETAIL = 20_000


@dataclass(frozen=True, slots=True)
class AuditFields:
    """What one entry says."""

    at: datetime
    actor: str
    action: str
    target_kind: str
    target_id: str
    summary: str
    detail: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """The result of a verification: how many entries hold, and the id of the first that does not."""

    checked: int
    broken_id: int | None
    # "ok", "digest" (the entry was changed), "link" (an entry before it is missing), "expect" (the expected digest is
    # not in the chain: its end was cut off, or the chain was made anew)
    reason: str
    head: str    # digest of the newest entry


def storable(text: str, limit: int) -> str:
    """The text cut to `limit` characters, without what a database cannot keep: NUL (PostgreSQL) and lone surrogates."""
    return _UNSTORABLE.sub("\ufffd", text[:limit])


def canonical_detail(detail: Mapping[str, Any]) -> str:
    """The detail as JSON with sorted keys, cut to MAX_DETAIL characters; secrets print themselves as ***."""
    text = json.dumps(detail, ensure_ascii=False, sort_keys=True, default=str)
    if len(text) <= MAX_DETAIL:
        return storable(text, MAX_DETAIL)
    text = storable(text, MAX_DETAIL - 100)
    return json.dumps({"cut": True, "begin": text}, ensure_ascii=False)


def chain_digest(previous: str, fields: AuditFields) -> str:
    """SHA-256 over the digest before and all fields, length-prefixed so that no two entries look alike."""
    digest = hashlib.sha256()
    at = fields.at.astimezone(UTC).isoformat(timespec="microseconds")
    target = (fields.target_kind, fields.target_id)
    words = (previous, at, fields.actor, fields.action, *target, fields.summary, fields.detail)
    for word in words:
        raw = word.encode()
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return digest.hexdigest()


def verify_chain(
    entries: Iterable[tuple[int, str, str, AuditFields | None]], expect: str | None = None
) -> ChainReport:
    """Walk (id, previous, digest, fields) in order of id; stop at the first that does not hold.

    Fields are None when they cannot even be read. `expect` is a digest noted earlier that must occur in the chain.
    """
    before, checked, is_seen = FIRST, 0, expect is None
    for entry_id, previous, digest, fields in entries:
        if previous != before:
            return ChainReport(checked, entry_id, "link", before)
        if fields is None or chain_digest(previous, fields) != digest:
            return ChainReport(checked, entry_id, "digest", before)
        before, checked = digest, checked + 1
        is_seen = is_seen or digest == expect
    return ChainReport(checked, None, "ok" if is_seen else "expect", before)
