"""The rows of the audit chain: appending, reading, verifying."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, String, func, or_, select, text, type_coerce
from sqlalchemy.orm import Session

from core.audit import FIRST, AuditFields, ChainReport, canonical_detail, chain_digest, storable, verify_chain
from core.models import AuditEntry

_CHAIN_LOCK = 20487  # any number of ours: PostgreSQL's advisory lock while one writer appends


@dataclass(frozen=True, slots=True)
class Deed:
    """One change worth an audit entry. `action` is "<thing>.<verb>", such as "device.update"."""

    actor: str
    action: str
    target_kind: str = ""
    target_id: str | int = ""
    summary: str = ""
    detail: Mapping[str, Any] | None = None


def append_audit(session: Session, deed: Deed, now: datetime) -> AuditEntry:
    """Append to the chain, in the transaction of the change itself: both happen or neither."""
    if session.get_bind().dialect.name == "postgresql":
        # Two writers must not chain to the same entry; SQLite's write lock does this by itself.
        session.execute(text(f"SELECT pg_advisory_xact_lock({_CHAIN_LOCK})"))
    newest = session.scalar(select(AuditEntry.digest).order_by(AuditEntry.id.desc()).limit(1))
    previous = newest or FIRST
    fields = AuditFields(
        now, storable(deed.actor, 100), storable(deed.action, 64), storable(deed.target_kind, 32),
        storable(str(deed.target_id), 64), storable(deed.summary, 2000), canonical_detail(deed.detail or {}),
    )
    entry = AuditEntry(
        at=fields.at, actor=fields.actor, action=fields.action, target_kind=fields.target_kind,
        target_id=fields.target_id, summary=fields.summary, detail=fields.detail, previous=previous,
        digest=chain_digest(previous, fields),
    )
    session.add(entry)
    session.flush()
    return entry


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to show of the audit; empty words do not filter."""

    actor: str = ""
    action: str = ""
    target_kind: str = ""
    target_id: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None


def list_audit(
    session: Session, wanted: AuditFilter, limit: int = 50, offset: int = 0
) -> tuple[Sequence[AuditEntry], int]:
    """(entries newest first, how many fit the filter in all)."""
    query = _filtered(select(AuditEntry), wanted)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return session.scalars(query.order_by(AuditEntry.id.desc()).limit(limit).offset(offset)).all(), total


def _filtered(query: Select[tuple[AuditEntry]], wanted: AuditFilter) -> Select[tuple[AuditEntry]]:
    if wanted.actor:
        query = query.where(AuditEntry.actor == wanted.actor)
    if wanted.action:
        query = query.where(AuditEntry.action.startswith(wanted.action, autoescape=True))
    if wanted.target_kind:
        query = query.where(AuditEntry.target_kind == wanted.target_kind)
    if wanted.target_id:
        query = query.where(AuditEntry.target_id == wanted.target_id)
    if wanted.words:
        query = query.where(
            or_(AuditEntry.summary.icontains(wanted.words, autoescape=True),
                AuditEntry.detail.icontains(wanted.words, autoescape=True))
        )
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.at < wanted.until)
    return query


def verify_audit(session: Session, expect: str | None = None) -> ChainReport:
    """Walk the whole chain; see `core.audit.verify_chain`."""
    with closing(_chain(session)) as entries:  # the walk may stop early: PostgreSQL's cursor must not stay open
        return verify_chain(entries, expect)


def read_audit(session: Session) -> Iterator[AuditEntry]:
    """Every entry, oldest first, without holding all of them in memory."""
    with session.scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000)) as entries:
        yield from entries


def _chain(session: Session) -> Generator[tuple[int, str, str, AuditFields | None]]:
    entry = AuditEntry
    # Columns, not entries: a session answers with the entries it knows, however the rows were changed meanwhile. SQLite
    # keeps any text in a time column, and a time that was tampered with must be reported, not end the walk.
    at = type_coerce(entry.at, String) if session.get_bind().dialect.name == "sqlite" else entry.at
    query = select(
        entry.id, entry.previous, entry.digest, at, entry.actor, entry.action, entry.target_kind, entry.target_id,
        entry.summary, entry.detail,
    ).order_by(entry.id).execution_options(yield_per=1000)
    with session.execute(query) as rows:
        for entry_id, previous, digest, moment, *words in rows:
            yield entry_id, previous, digest, _fields(moment, words)


def _fields(moment: object, words: Sequence[object]) -> AuditFields | None:
    try:
        at = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment)).replace(tzinfo=UTC)
    except ValueError:
        return None
    return AuditFields(at, *words) if all(isinstance(word, str) for word in words) else None
