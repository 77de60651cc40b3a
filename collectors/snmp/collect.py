"""Gathers what a profile wants to know: scalars and columns, table by table, without what the device does not have."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from collectors.profiles import Join, Profile
from collectors.snmp.oids import is_under
from collectors.snmp.plan import IF_NUMBER, IF_TABLE_LAST_CHANGE, SYS_NAME, SYS_UPTIME, Dropped
from collectors.snmp.reasons import MALFORMED, TIMEOUT, TOO_SLOW
from collectors.snmp.session import Session
from collectors.snmp.target import Patience
from collectors.snmp.walk import Pace, get_all, walk
from collectors.snmp.wire import MalformedReply, Value

SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0"
SYS_CONTACT = "1.3.6.1.2.1.1.4.0"
SYS_LOCATION = "1.3.6.1.2.1.1.6.0"
SYSTEM = (SYS_DESCR, SYS_OBJECT_ID, SYS_UPTIME, SYS_CONTACT, SYS_NAME, SYS_LOCATION, IF_NUMBER, IF_TABLE_LAST_CHANGE)
_SILENT_TABLES = 3  # so many in a row, and the device is taken to be gone

Columns = dict[str, dict[str, Value]]


@dataclass(slots=True)
class Collected:
    """What a device told: `scalars` by OID, `columns` by column OID and index; `troubles` are tables cut short."""

    scalars: dict[str, Value] = field(default_factory=dict)
    columns: Columns = field(default_factory=dict)
    troubles: list[Dropped] = field(default_factory=list)
    makers: tuple[int, ...] = ()  # enterprise numbers it answers for, when the system group did not tell who it is
    reason: str = ""
    detail: str = ""

    def column(self, oid: str) -> dict[str, Value]:
        """Values by index; empty when the device has no such column."""
        return self.columns.get(oid, {})

    def has(self, oid: str) -> bool:
        """Whether anything was read at or under `oid`."""
        return any(is_under(one, oid) for one in (*self.scalars, *self.columns))


def wanted_scalars(profile: Profile) -> list[str]:
    """Every scalar the profile reads, once."""
    oids = [oid for scalar in profile.scalars for oid in scalar.columns.values()]
    oids += [source.oid for sources in profile.facts.values() for source in sources if source.oid]
    return list(dict.fromkeys(oids))


def wanted_columns(profile: Profile) -> list[str]:
    """Every column the profile reads, once, table by table."""
    oids = []
    for table in profile.tables:
        for name, column in table.columns.items():
            oids.append(table.oid(name))
            if isinstance(column, Join) and column.match:
                oids.append(column.match)
    samples = [sample for form in (*profile.tables, *profile.scalars) for sample in form.samples]
    oids += [sample.count.column for sample in samples if sample.count]
    for sources in profile.facts.values():
        for source in sources:
            if source.column:
                oids += [source.column, *source.where]
    seen = list(dict.fromkeys(oids))
    known = {*seen, *wanted_scalars(profile)}
    for sources in profile.facts.values():
        seen += [s.present for s in sources if s.present and not any(is_under(one, s.present) for one in known)]
    return list(dict.fromkeys(seen))


async def collect(session: Session, profile: Profile, patience: Patience, known: Collected) -> Collected:
    """Everything the profile wants, into `known`. Raises Failure when the conversation ends before anything came."""
    try:
        async with asyncio.timeout(patience.survey_s):
            known.scalars.update(await get_all(session, wanted_scalars(profile), patience))
            await _tables(session, profile, patience, known)
    except TimeoutError:
        known.reason, known.detail = TOO_SLOW, f"more than {patience.survey_s:g} s"
    return known


def pace_of(profile: Profile) -> Pace:
    """How much to ask at once of this family."""
    quirks, usual = profile.quirks, Pace()
    most = quirks.most_repetitions or usual.most
    return Pace(min(most, quirks.repetitions or usual.repetitions), most=most)


async def _tables(session: Session, profile: Profile, patience: Patience, known: Collected) -> None:
    pace = pace_of(profile)
    silent = 0
    for root, columns in _by_root(wanted_columns(profile)).items():
        if any(is_under(root, skipped) for skipped in profile.quirks.skip):
            continue
        if silent >= _SILENT_TABLES:
            reason = known.troubles[-1].reason
            known.reason, known.detail = TOO_SLOW if reason == TIMEOUT else reason, f"no more answers from {root} on"
            return
        has_rows, reason = await _has_rows(session, root, patience)
        silent = silent + 1 if reason else 0
        if reason:
            known.troubles.append(Dropped(root, "", reason))
        elif has_rows:
            await _columns(session, columns, patience, pace, known)


def _by_root(columns: Iterable[str]) -> dict[str, list[str]]:
    tables: dict[str, list[str]] = {}
    for column in columns:
        tables.setdefault(column.rpartition(".")[0], []).append(column)
    return tables


async def _has_rows(session: Session, root: str, patience: Patience) -> tuple[bool, str]:
    """Whether anything stands under `root`, or the reason why the device does not say."""
    reason = TIMEOUT
    for attempt in range(patience.retries + 1):
        try:
            found = await session.cursor(root).more(1, patience.wait(attempt))
        except TimeoutError:
            reason = TIMEOUT
        except MalformedReply:
            reason = MALFORMED
        else:
            return bool(found) and is_under(found[0][0], root), ""
    return False, reason


async def _columns(
    session: Session, columns: Sequence[str], patience: Patience, pace: Pace, known: Collected
) -> None:
    for column in columns:
        result = await walk(session, column, patience, pace)
        start = len(column) + 1
        if result.values:
            known.columns[column] = {oid[start:]: value for oid, value in result.values.items()}
        if result.reason:
            known.troubles.append(Dropped(column, result.detail, result.reason))
            if result.reason in (TIMEOUT, TOO_SLOW):
                return  # some agents hang on one table: leave it and go on with the next
