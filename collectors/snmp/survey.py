"""Finds out what a device is and has: facts, ports, samples; and compiles from that the plan by which it is polled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from collectors.profiles import ENTERPRISES, Profile, ProfileSet, maker_of
from collectors.snmp.collect import SYSTEM, Collected, collect
from collectors.snmp.facts import FACT_NAMES, Identity, facts_of, identify
from collectors.snmp.interfaces import Interface, interfaces_of
from collectors.snmp.oids import is_under
from collectors.snmp.plan import SYS_UPTIME, WATCHED, Dropped, PollPlan, Ports, TemplateCache
from collectors.snmp.reasons import EMPTY, NO_ACCESS, OK
from collectors.snmp.rows import PortPlaces
from collectors.snmp.samples import Planned, Term, planned_samples
from collectors.snmp.session import Session
from collectors.snmp.target import Patience
from collectors.snmp.template import Output, Row
from collectors.snmp.walk import get_all
from collectors.snmp.wire import MalformedReply
from inventory import PartSpec
from telemetry import SeriesKey, SeriesRegistry

_TEXT_BYTES, _WIDE_BYTES, _NARROW_BYTES = 24, 9, 5
_IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"
_IF_DESCR = "1.3.6.1.2.1.2.2.1.2"
_ROOT = "1.3.6.1"
_MOST_MAKERS = 12


@dataclass(frozen=True, slots=True)
class Survey:
    """What a device told. `rows` are its samples, `known` the readings they come from, `reason` what was lacking."""

    profile: Profile
    matched_by: str
    facts: Mapping[str, str]
    interfaces: tuple[Interface, ...]
    rows: tuple[Planned, ...]
    known: Collected
    dropped: tuple[Dropped, ...] = ()
    reason: str = OK
    detail: str = ""

    @property
    def inventory_facts(self) -> dict[str, str]:
        """The facts that inventory keeps, empty ones left out."""
        return {name: text for name, text in self.facts.items() if text and name != "kind"}

    def parts(self) -> list[PartSpec]:
        """The device's parts for inventory: ports and everything else that samples hang on."""
        return [*map(_port_part, self.interfaces), *_other_parts(self.rows)]


def _port_part(port: Interface) -> PartSpec:
    return PartSpec(
        kind="port", key=f"if:{port.key}", index=port.index, name=port.name, alias=port.alias,
        description=port.description, type=port.type, mac=port.mac or None, speed_bps=port.speed_bps,
    )  # fmt: skip


def _other_parts(rows: Sequence[Planned]) -> list[PartSpec]:
    parts: dict[str, PartSpec] = {}
    for row in rows:
        if row.part and not row.is_port and row.part not in parts:
            index = (row.terms[0].oid if row.terms else row.index).rpartition(".")[2]
            number = int(index) if index.isdigit() else None
            about: dict[str, str] = {name: text for name, text in row.about if text}
            parts[row.part] = PartSpec(
                kind=row.kind, key=row.part, index=number, name=row.label or row.part, mac=about.get("mac"),
                alias=about.get("alias", ""), description=about.get("description", ""),
            )  # fmt: skip
    return list(parts.values())


async def survey(session: Session, profiles: ProfileSet, patience: Patience, wanted: str = "") -> Survey:
    """Ask a device for everything. `wanted` names a profile chosen by a person. Raises Failure when it says nothing."""
    scalars = await get_all(session, SYSTEM, patience)
    profile, matched_by = identify(profiles, scalars)
    makers: tuple[int, ...] = ()
    if wanted in profiles.profiles:
        profile, matched_by = profiles.profiles[wanted], "inventory"
    elif matched_by not in ("sysobjectid", "sysdescr"):
        makers = await _makers(session, patience)
        profile, matched_by = await _probe(session, profiles, patience, makers, Identity(profile, matched_by))
    known = await collect(session, profile, patience, Collected(scalars=scalars, makers=makers))
    if not known.scalars and not known.columns and not known.reason:
        known.reason = EMPTY if await _has_anything(session, patience) else NO_ACCESS
    return interpret(profiles, profile, matched_by, known)


async def _has_anything(session: Session, patience: Patience) -> bool:
    try:
        return bool(await session.cursor(_ROOT).more(1, patience.timeout_s))
    except (TimeoutError, MalformedReply):
        return False


async def _makers(session: Session, patience: Patience) -> tuple[int, ...]:
    """The enterprise numbers under which the device has anything, each found by one question."""
    makers: list[int] = []
    here = f"{ENTERPRISES}.0"
    while len(makers) < _MOST_MAKERS:
        try:
            found = await session.cursor(here).more(1, patience.timeout_s)
        except (TimeoutError, MalformedReply):
            break
        if not found or not is_under(found[0][0], ENTERPRISES):
            break
        maker = int(found[0][0].split(".")[6])
        if makers and maker <= makers[-1]:
            break
        makers.append(maker)
        here = f"{ENTERPRISES}.{maker + 1}"
    return tuple(makers)


async def _probe(
    session: Session, profiles: ProfileSet, patience: Patience, makers: Sequence[int], otherwise: Identity
) -> Identity:
    for root, profile in profiles.probes():
        if profile.match.last and otherwise.by != "generic":
            break  # an operating system that is known already
        maker = maker_of(root)
        if maker is not None and maker not in makers:
            continue
        try:
            found = await session.cursor(root).more(1, patience.timeout_s)
        except (TimeoutError, MalformedReply):
            continue
        if found and is_under(found[0][0], root):
            return Identity(profile, "probe")
    return otherwise


def interpret(profiles: ProfileSet, profile: Profile, matched_by: str, known: Collected) -> Survey:
    """What the readings mean. Pure."""
    ports: list[Interface] = []
    for table in profile.tables:
        if table.ports:
            ports = interfaces_of(table, known)
    rows = tuple(planned_samples(profile, known, _places(ports)))
    facts = facts_of(profiles, profile, known)
    return Survey(profile, matched_by, facts, tuple(ports), rows, known, tuple(known.troubles), known.reason or OK,
                  known.detail)  # fmt: skip


def _places(ports: Sequence[Interface]) -> PortPlaces:
    by_index = {str(port.index): f"if:{port.key}" for port in ports}
    names = Counter(name for port in ports for name in {port.name, port.description} if name)
    by_name = {
        name: f"if:{port.key}" for port in ports for name in (port.name, port.description) if names[name] == 1
    }
    return PortPlaces(by_index, by_name)


def compile_rows(rows: Sequence[Planned]) -> tuple[tuple[Row, ...], tuple[Output, ...]]:
    """The OIDs to ask, each once, and the outputs over them."""
    numbers: dict[str, int] = {}
    asked: list[Row] = []
    for planned in rows:
        for term in (*planned.terms, *planned.over):
            if term.oid not in numbers:
                numbers[term.oid] = len(asked)
                size = _bytes_of(term, planned)
                asked.append(
                    Row(term.oid, size, term.is_text, term.is_unsigned, term.way, term.pattern, term.words)
                )
    places = {(planned.metric, planned.part): i for i, planned in enumerate(rows)}
    outputs = []
    for planned in rows:
        outputs.append(Output(
            terms=tuple((numbers[term.oid], term.factor) for term in planned.terms),
            over=tuple((numbers[term.oid], term.factor) for term in planned.over),
            scale=planned.scale, offset=planned.offset, is_complement=planned.is_complement, enum=planned.enum,
            sentinels=planned.sentinels, low=planned.low, high=planned.high, floor=planned.floor,
            is_counter=planned.width > 0,
            mean_of=tuple(places[planned.metric, part] for part in planned.mean_of),
            bit=planned.bit, is_delta=planned.is_delta, is_decibels=planned.is_decibels,
            count=planned.count,
        ))  # fmt: skip
    return tuple(asked), tuple(outputs)


def _bytes_of(term: Term, planned: Planned) -> int:
    return _TEXT_BYTES if term.is_text else _WIDE_BYTES if planned.width == 64 else _NARROW_BYTES


def series_keys(found: Survey) -> list[SeriesKey]:
    """The names of a plan's series, in its order; for `SeriesRegistry.resolve_many` over many devices."""
    return [SeriesKey(row.part, row.metric, row.width) for row in _ordered(found)]


def _ordered(found: Survey) -> list[Planned]:
    """One column after the other: replies and templates of like devices are alike."""
    return sorted(found.rows, key=lambda row: row.metric)


def compile_plan(found: Survey, device_id: int, registry: SeriesRegistry, cache: TemplateCache) -> PollPlan:
    """The plan of one device. New series are made; the registry writes them in one go."""
    return build_plan(found, registry.resolve(device_id, series_keys(found)), cache)


def build_plan(found: Survey, series: np.ndarray, cache: TemplateCache) -> PollPlan:
    """The plan over series already resolved: int32[n] in the order of `series_keys`."""
    rows = _ordered(found)
    scalars = found.known.scalars
    return PollPlan(
        template=cache.template(*compile_rows(rows)),
        series=np.asarray(series, dtype=np.int32),
        is_port=cache.flags(tuple(row.is_port for row in rows)),
        profile=found.profile.name,
        sysname=found.facts["sysname"],
        has_uptime=SYS_UPTIME in scalars,
        watched=tuple(oid for oid in WATCHED if oid in scalars),
        ports=cache.share(_ports(found)),
    )


def _ports(found: Survey) -> Ports:
    pairs = []
    for port in found.interfaces:
        for column, text in ((_IF_NAME, port.name), (_IF_DESCR, port.description)):
            if str(port.index) in found.known.column(column) and text:
                pairs.append((f"{column}.{port.index}", text))
                break
    return Ports(tuple(oid for oid, _ in pairs), tuple(name for _, name in pairs))


def known_facts(found: Survey) -> dict[str, str]:
    """The facts of the `poll` contract, all of them, "" where unknown."""
    return {name: found.facts.get(name, "") for name in FACT_NAMES}
