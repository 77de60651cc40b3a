"""What workers read and write about devices: the rows to poll, facts with their history, parts that keep their id."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from core import Scope
from inventory.addresses import parse_mac
from inventory.models import Device, Fact, FactChange, Part
from inventory.parsing import tamed
from inventory.problems import BadValue
from inventory.store.visibility import touch_inventory, within

LAST_SEEN_GRAIN = timedelta(hours=1)  # a fact seen again within this time is not written again
_MOST = 2**63 - 1  # BIGINT


class MonitoredDevice(NamedTuple):
    """What a worker needs to know to poll one device. Plain tuples: 18,000 are read at once."""

    id: int
    site_id: int
    name: str
    kind: str
    address: str
    snmp_port: int
    profile: str
    credential_id: int | None
    timeout_s: float
    retries: int
    spacing_s: float
    interval_s: int
    parent_device_id: int | None
    pjlink_port: int | None = None
    room_id: int | None = None
    model: str = ""
    pjlink_credential_id: int | None = None


@dataclass(frozen=True, slots=True)
class PartSpec:
    """A part as a survey found it. `key` is what stays when the device renumbers `index`."""

    kind: str
    key: str
    index: int | None = None
    name: str = ""
    alias: str = ""
    description: str = ""
    type: str = ""
    mac: str | None = None
    speed_bps: int | None = None


@dataclass(frozen=True, slots=True)
class PartChanges:
    """What a survey changed: keys of the parts. `duplicates` were given twice; the first one counts."""

    added: tuple[str, ...] = ()
    renumbered: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    ids: Mapping[str, int] = field(default_factory=dict)


def monitored_devices(session: Session, shard: tuple[int, int] = (0, 1)) -> list[MonitoredDevice]:
    """Every device to be watched, by id; of `shard` (i, n) only those whose site falls to it."""
    columns = [getattr(Device, name) for name in MonitoredDevice._fields]
    query = select(*columns).where(Device.is_monitored, Device.address != "").order_by(Device.id)
    if shard[1] > 1:
        query = query.where(Device.site_id % shard[1] == shard[0])
    return list(map(MonitoredDevice._make, session.execute(query)))


def device_ids(session: Session) -> set[int]:
    """The numbers of all devices there are."""
    return set(session.scalars(select(Device.id)))


def free_device_name(session: Session, site_id: int, name: str) -> str:
    """The name a found device can have at a site: tamed, and with a number behind it when it is taken."""
    wanted = tamed(name, 190) or "device"
    taken = set(session.scalars(
        select(Device.name).where(Device.site_id == site_id, Device.name.startswith(wanted, autoescape=True))
    ))
    number = 1
    free = wanted
    while free in taken:
        number += 1
        free = f"{wanted} ({number})"
    return free


def record_facts(session: Session, device_id: int, facts: Mapping[str, str], now: datetime) -> list[FactChange]:
    """Keep what a device says of itself; gives back what changed, written as history. Blank facts are left out.

    Facts that are not given stay as they are: their last_seen tells how old they are.
    """
    given = {tamed(name, 64): tamed(str(value), 1024) for name, value in facts.items()}
    known = {fact.name: fact for fact in session.scalars(select(Fact).where(Fact.device_id == device_id))}
    changes: list[FactChange] = []
    for name, value in given.items():
        if not name or not value:
            continue
        fact = known.get(name)
        if fact is None:
            session.add(Fact(device_id=device_id, name=name, value=value, first_seen=now, last_seen=now))
        elif fact.value != value:
            changes.append(FactChange(device_id=device_id, name=name, old=fact.value, new=value, changed_at=now))
            fact.value, fact.first_seen, fact.last_seen = value, now, now
        elif now - fact.last_seen >= LAST_SEEN_GRAIN:
            fact.last_seen = now
        if fact is None:
            changes.append(FactChange(device_id=device_id, name=name, old=None, new=value, changed_at=now))
    session.add_all(changes)
    session.flush()
    return changes


# What a device says of itself: its fact -> the field of its record; the firmware changes, the rest a person may correct
_SELF_TOLD = {"vendor": ("vendor", 100), "model": ("model", 200), "serial": ("serial", 100)}


def complete_device(session: Session, device_id: int, facts: Mapping[str, str]) -> bool:
    """Fill the empty fields of a device's record from its own facts, and follow its firmware; True when it changed."""
    device = session.get(Device, device_id)
    if device is None:
        return False
    told = {field: tamed(facts.get(name, ""), limit) for name, (field, limit) in _SELF_TOLD.items()}
    fresh = {field: text for field, text in told.items() if text and not getattr(device, field)}
    firmware = tamed(facts.get("version", ""), 200)
    if firmware and firmware != device.firmware:
        fresh["firmware"] = firmware
    for name, text in fresh.items():
        setattr(device, name, text)
    if fresh:
        session.flush()
        touch_inventory(session)
    return bool(fresh)


def facts_of(session: Session, scope: Scope, device_id: int) -> list[Fact]:
    """What is known of a device, by name."""
    query = select(Fact).where(Fact.device_id == device_id, within(Fact, scope)).order_by(Fact.name)
    return list(session.scalars(query))


def fact_history(session: Session, scope: Scope, device_id: int, limit: int = 200) -> list[FactChange]:
    """What changed on a device, the newest first."""
    query = select(FactChange).where(FactChange.device_id == device_id, within(FactChange, scope))
    return list(session.scalars(query.order_by(FactChange.changed_at.desc(), FactChange.id.desc()).limit(limit)))


def sync_parts(
    session: Session, device_id: int, parts: Sequence[PartSpec], now: datetime, kinds: Collection[str] | None = None
) -> PartChanges:
    """Make a device's parts what a survey found. A part keeps its id by (kind, key), whatever its index is now.

    Parts of the surveyed `kinds` (without it: the kinds that occur in `parts`) that were not found are marked as
    vanished, never deleted. `ids` of the answer: key to id of all that were found.
    """
    specs, duplicates = _unique(parts)
    surveyed = set(kinds) if kinds is not None else {kind for kind, _key in specs}
    known = {(p.kind, p.key): p for p in session.scalars(select(Part).where(Part.device_id == device_id))}
    news: dict[str, list[str]] = {"added": [], "renumbered": [], "changed": [], "vanished": [], "returned": []}
    new_rows = []
    for identity, values in specs.items():
        part = known.get(identity)
        if part is None:
            new_rows.append({"device_id": device_id, "kind": identity[0], "key": identity[1], "first_seen": now,
                             "is_watched": True, "vanished_at": None, **values})
            news["added"].append(identity[1])
        else:
            for name in _apply(part, values):
                news[name].append(part.key)
    for identity, part in known.items():
        if identity not in specs and identity[0] in surveyed and part.vanished_at is None:
            part.vanished_at = now
            news["vanished"].append(part.key)
    session.flush()
    if new_rows:
        session.execute(insert(Part), new_rows)
    ids = dict(session.execute(
        select(Part.key, Part.id).where(Part.device_id == device_id, Part.kind.in_({kind for kind, _key in specs}))
    ).all())
    found = {key for _kind, key in specs}
    return PartChanges(
        **{name: tuple(keys) for name, keys in news.items()}, duplicates=duplicates,
        ids={key: part_id for key, part_id in ids.items() if key in found},
    )


def _unique(parts: Iterable[PartSpec]) -> tuple[dict[tuple[str, str], dict[str, object]], tuple[str, ...]]:
    specs: dict[tuple[str, str], dict[str, object]] = {}
    duplicates = []
    for part in parts:
        identity = (tamed(part.kind, 32), tamed(part.key, 255))
        if identity in specs:
            duplicates.append(identity[1])
            continue
        specs[identity] = {
            "index": _bounded(part.index), "name": tamed(part.name, 255), "alias": tamed(part.alias, 255),
            "description": tamed(part.description, 500), "type": tamed(part.type, 64), "mac": _known_mac(part.mac),
            "speed_bps": _bounded(part.speed_bps),
        }
    return specs, tuple(duplicates)


def _bounded(number: int | None) -> int | None:
    return number if number is not None and abs(number) <= _MOST else None


def _known_mac(text: str | None) -> str | None:
    try:
        return parse_mac(text) if text else None
    except BadValue:
        return None


def _apply(part: Part, values: Mapping[str, object]) -> list[str]:
    """Bring one part up to date; the names of the lists of news it belongs to."""
    news = []
    if part.vanished_at is not None:
        part.vanished_at = None
        news.append("returned")
    different = [name for name, value in values.items() if getattr(part, name) != value]
    for name in different:
        setattr(part, name, values[name])
    if "index" in different:
        news.append("renumbered")
    if set(different) - {"index"}:
        news.append("changed")
    return news


def watch_parts(session: Session, scope: Scope, part_ids: Collection[int], is_watched: bool) -> int:
    """Watch these parts, or stop watching them; how many there were in the scope."""
    changed = session.execute(
        update(Part).where(Part.id.in_(part_ids), within(Part, scope)).values(is_watched=is_watched),
        execution_options={"synchronize_session": False},
    )
    session.expire_all()
    touch_inventory(session)
    return changed.rowcount
