"""Who a device is: which profile reads it, and what it says of maker, model, serial number and version."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from collectors.profiles import FactSource, Profile, ProfileSet, maker_of
from collectors.snmp.collect import SYS_CONTACT, SYS_DESCR, SYS_LOCATION, SYS_OBJECT_ID, Collected
from collectors.snmp.conditions import holds
from collectors.snmp.kinds import guessed_kind
from collectors.snmp.plan import SYS_NAME
from collectors.snmp.text import clean_line, clean_text, meaningful
from collectors.snmp.wire import Value
from inventory import DEVICE_KINDS

FACT_NAMES = ("sysobjectid", "sysname", "sysdescr", "vendor", "model", "serial", "version", "hardware", "os", "kind")


class Identity(NamedTuple):
    """The profile chosen and by what: sysobjectid, sysdescr, probe, operating system or generic."""

    profile: Profile
    by: str


def identify(profiles: ProfileSet, scalars: Mapping[str, Value]) -> Identity:
    """The profile by sysObjectID, else by sysDescr; else that of an operating system or the generic one, and its caller
    may still try probes: net-snmp's own sysObjectID says only that an agent of that make is inside.
    """
    sysdescr = clean_text(scalars.get(SYS_DESCR))
    by_number = profiles.by_sysobjectid(sysobjectid_of(scalars))
    if by_number and not by_number.match.last:
        return Identity(profiles.refined(by_number, sysdescr), "sysobjectid")
    by_text = profiles.by_sysdescr(sysdescr)
    if by_text and not by_text.match.last:
        return Identity(profiles.refined(by_text, sysdescr), "sysdescr")
    last = by_number or by_text
    return Identity(last, "operating system") if last else Identity(profiles.generic, "generic")


def sysobjectid_of(scalars: Mapping[str, Value]) -> str:
    """Dotted, without a leading dot; "" when absent or empty."""
    text = clean_line(scalars.get(SYS_OBJECT_ID)).lstrip(".")
    return text if re.fullmatch(r"\d+(\.\d+)*", text) and text != "0.0" else ""


def facts_of(profiles: ProfileSet, profile: Profile, known: Collected) -> dict[str, str]:
    """All facts, "" where the device does not tell. Text is clean."""
    scalars = known.scalars
    facts = {
        "sysobjectid": sysobjectid_of(scalars),
        "sysname": clean_line(scalars.get(SYS_NAME)),
        "sysdescr": clean_text(scalars.get(SYS_DESCR)),
        "syslocation": clean_line(scalars.get(SYS_LOCATION)),
        "syscontact": clean_line(scalars.get(SYS_CONTACT)),
    }
    facts["vendor"] = _vendor(profiles, profile, known, facts)
    for name in ("model", "serial", "version", "hardware", "os"):
        facts[name] = _fact(profile.facts.get(name, ()), known, facts)
    told = (text for text in _texts(profile.facts.get("kind", ()), known, facts) if text in DEVICE_KINDS)
    by_maker = _kind_of_maker(profiles, facts["sysobjectid"], known)
    facts["kind"] = next(told, "") or profile.kind or by_maker or guessed_kind(facts, known)
    return facts


def _kind_of_maker(profiles: ProfileSet, sysobjectid: str, known: Collected) -> str:
    """The kind of the maker's devices, for makers of one kind only."""
    maker = maker_of(sysobjectid)
    if maker in profiles.kinds:
        return profiles.kinds[maker]
    makers = [number for number in known.makers if number in profiles.vendors]
    return profiles.kinds.get(makers[0], "") if len(makers) == 1 else ""


def _vendor(profiles: ProfileSet, profile: Profile, known: Collected, facts: Mapping[str, str]) -> str:
    """What the family says of itself (a constant, words of sysDescr), else the maker by the enterprise number, else
    what the device's tables say, else the only maker whose objects it has."""
    sources = profile.facts.get("vendor", ())
    own = tuple(source for source in sources if source.value or source.fact)
    return (
        _fact(own, known, facts) or profiles.vendor_of(facts["sysobjectid"]) or _fact(sources, known, facts)
        or _by_makers(profiles, known)
    )  # fmt: skip


def _by_makers(profiles: ProfileSet, known: Collected) -> str:
    """The only maker among the enterprise numbers that the device answers for; agents' numbers are no makers."""
    makers = {profiles.vendors[number] for number in known.makers if number in profiles.vendors}
    return makers.pop() if len(makers) == 1 else ""


def _fact(sources: tuple[FactSource, ...], known: Collected, facts: Mapping[str, str]) -> str:
    return next(_texts(sources, known, facts), "")


def _texts(sources: tuple[FactSource, ...], known: Collected, facts: Mapping[str, str]) -> Iterator[str]:
    """What the sources give, in their order, without those that give nothing."""
    for source in sources:
        if source.present and not known.has(source.present):
            continue
        text = meaningful(clean_line(_raw(source, known, facts)))
        if text and source.pattern:
            match = re.search(source.pattern, text)
            text = clean_line(match[match.lastindex or 0]) if match else ""
        if text and source.lookup:
            text = _mapped(source.lookup, text, "")
        if text:
            yield source.gives or _mapped(source.map, text, text)


def _mapped(words: Mapping[str, str], text: str, otherwise: str) -> str:
    """What stands for a word, in whatever case it is written."""
    if text in words:
        return words[text]
    return next((meant for word, meant in words.items() if word.lower() == text.lower()), otherwise)


def _raw(source: FactSource, known: Collected, facts: Mapping[str, str]) -> Value | None:
    if source.value is not None:
        return source.value
    if source.fact:
        return facts.get(source.fact, "")  # "" for one that comes later than this
    if source.oid:
        return known.scalars.get(source.oid)
    column = known.column(source.column or "")
    for index, value in column.items():
        row = {oid: known.column(oid).get(index) for oid in source.where}
        if all(holds(condition, row[oid]) for oid, condition in source.where.items()) and meaningful(clean_line(value)):
            return value
    return None
