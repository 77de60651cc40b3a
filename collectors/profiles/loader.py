"""Reads profile files. Every problem of every file is told at once, with file, line and field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from collectors.profiles.spec import FactSource, Match, ProfileForm, Quirks, ScalarSample, Table
from inventory import DEVICE_KINDS

FOLDER = Path(__file__).parent / "families"
GENERIC = "generic"
ENTERPRISES = "1.3.6.1.4.1"
VENDORS = "vendors"


class ProfileError(ValueError):
    """Profiles cannot be used; `problems` lists why, each as "file:line: field: what is wrong"."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile with its includes merged in: its own entries stand first and win."""

    name: str
    title: str
    match: Match
    kind: str | None
    facts: Mapping[str, tuple[FactSource, ...]]
    scalars: tuple[ScalarSample, ...]
    tables: tuple[Table, ...]
    quirks: Quirks


def load_form(name: str, text: str) -> ProfileForm:
    """One file's content, checked. Raises ProfileError."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise ProfileError([f"{name}:{line}: not YAML: {getattr(error, 'problem', None) or error}"]) from error
    if not isinstance(data, dict):
        raise ProfileError([f"{name}:1: a profile is a list of fields such as title, match, tables"])
    try:
        return ProfileForm.model_validate(data)
    except ValidationError as error:
        raise ProfileError([
            f"{name}:{line_of(node, item['loc'])}: {'.'.join(map(str, item['loc'])) or 'file'}: {_message(item)}"
            for item in error.errors(include_url=False)
        ]) from error  # fmt: skip


def _message(item: Mapping[str, Any]) -> str:
    if item["type"] == "extra_forbidden":
        return "no such field; the README beside the profiles names them all"
    if item["type"] == "missing":
        return "this field is needed"
    return str(item["msg"]).removeprefix("Value error, ")


def line_of(node: yaml.Node | None, path: Sequence[int | str]) -> int:
    """The line (from 1) of the deepest node of `path` that exists."""
    line = node.start_mark.line + 1 if node else 1
    for step in path:
        found = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if str(key.value) == str(step):
                    found, line = value, key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = node.value[step]
            line = found.start_mark.line + 1
        if found is None:
            continue  # a step of the check (a union's branch), not of the file
        node = found
    return line


def read_forms(folder: Path) -> dict[str, ProfileForm]:
    """All profiles of a folder and those in it by name (the file's stem). Raises ProfileError with every problem."""
    forms: dict[str, ProfileForm] = {}
    files: dict[str, str] = {}
    problems: list[str] = []
    for path in sorted(folder.rglob("*.yaml")):
        if path == folder / f"{VENDORS}.yaml":
            continue
        file = path.relative_to(folder).as_posix()
        if path.stem in files:
            problems.append(f"{file}:1: there is a profile of this name already: {files[path.stem]}")
        files[path.stem] = file
        try:
            forms[path.stem] = load_form(file, path.read_text("utf-8"))
        except ProfileError as error:
            problems += error.problems
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"{file}:1: cannot be read: {error}")
    for name in forms:
        problems += _include_problems(name, files[name], forms)
    if problems:
        raise ProfileError(problems)
    return forms


def _include_problems(name: str, file: str, forms: Mapping[str, ProfileForm]) -> list[str]:
    includes = forms[name].includes
    problems = [f"{file}:1: includes: there is no profile {one!r}" for one in includes if one not in forms]
    bases = [one for one in forms[name].match.refines if one not in forms]
    problems += [f"{file}:1: match.refines: there is no profile {one!r}" for one in bases]
    seen, waiting = set[str](), list(includes)
    while waiting:
        current = waiting.pop()
        if current == name:
            return [*problems, f"{file}:1: includes: the profile includes itself"]
        if current not in seen and current in forms:
            seen.add(current)
            waiting += forms[current].includes
    return problems


def resolve(name: str, forms: Mapping[str, ProfileForm]) -> Profile:
    """The profile with everything that it includes, each included profile once."""
    order: list[ProfileForm] = []

    def add(one: str) -> None:
        form = forms[one]
        if form not in order:
            order.append(form)
            for included in form.includes:
                add(included)

    add(name)
    facts: dict[str, tuple[FactSource, ...]] = {}
    tables: dict[str, Table] = {}
    for form in order:
        for fact, sources in form.facts.items():
            facts[fact] = (*facts.get(fact, ()), *sources)
        for table in form.tables:
            tables.setdefault(table.name, table)
    own = forms[name]
    return Profile(
        name=name,
        title=own.title,
        match=own.match,
        kind=own.kind or next((form.kind for form in order if form.kind), None),
        facts=facts,
        scalars=tuple(scalar for form in order for scalar in form.scalars),
        tables=tuple(tables.values()),
        quirks=own.quirks,
    )


class ProfileSet:
    """All profiles, and the choice between them."""

    def __init__(
        self, forms: Mapping[str, ProfileForm], vendors: Mapping[int, str], kinds: Mapping[int, str] | None = None
    ) -> None:
        self.profiles = {name: resolve(name, forms) for name in forms}
        self.vendors = dict(vendors)
        self.kinds = dict(kinds or {})
        self._by_prefix = {
            prefix: profile for profile in self.profiles.values() for prefix in profile.match.sysobjectid
        }
        ordered = [profile for _, profile in sorted(self.profiles.items())]
        self._patterns = [(re.compile(one), profile) for profile in ordered for one in profile.match.sysdescr]
        self._finer = {base for profile in ordered for base in profile.match.refines}

    @property
    def generic(self) -> Profile:
        """What an unknown device is read with."""
        return self.profiles[GENERIC]

    def by_sysobjectid(self, sysobjectid: str) -> Profile | None:
        """The profile with the longest matching prefix."""
        arcs = sysobjectid.split(".")
        for length in range(len(arcs), 0, -1):
            found = self._by_prefix.get(".".join(arcs[:length]))
            if found:
                return found
        return None

    def by_sysdescr(self, sysdescr: str) -> Profile | None:
        """The first profile, by name, one of whose patterns is found in sysDescr; those that come last, last."""
        found = [profile for pattern, profile in self._patterns if pattern.search(sysdescr)]
        return min(found, key=lambda profile: profile.match.last, default=None)

    def refined(self, profile: Profile, sysdescr: str) -> Profile:
        """The profile that takes over from this one for a device that describes itself so; usually itself."""
        if profile.name in self._finer:
            for pattern, finer in self._patterns:
                if profile.name in finer.match.refines and pattern.search(sysdescr):
                    return finer
        return profile

    def probes(self) -> list[tuple[str, Profile]]:
        """Subtrees to try when nothing else tells, with the profile each one proves; longest first."""
        pairs = [(root, profile) for profile in self.profiles.values() for root in profile.match.probe]
        return sorted(pairs, key=lambda pair: (pair[1].match.last, -pair[0].count("."), pair[0]))

    def vendor_of(self, sysobjectid: str) -> str:
        """The maker by the enterprise number of a sysObjectID; "" when not known or only an agent's (net-snmp)."""
        maker = maker_of(sysobjectid)
        return "" if maker is None else self.vendors.get(maker, "")


def maker_of(oid: str) -> int | None:
    """The enterprise number (IANA) that an OID lies under."""
    arcs = oid.split(".")
    return int(arcs[6]) if len(arcs) > 6 and oid.startswith(f"{ENTERPRISES}.") else None


def read_vendors(folder: Path) -> tuple[dict[int, str], dict[int, str]]:
    """Makers by their enterprise numbers, and the kind of device of those that make only one. Raises ProfileError."""
    file = f"{VENDORS}.yaml"
    node = yaml.compose((folder / file).read_text("utf-8"), Loader=yaml.SafeLoader)
    data = yaml.safe_load((folder / file).read_text("utf-8"))
    names, kinds, problems = {}, {}, []
    for number, entry in data.items():
        name, kind = (entry.get("name"), entry.get("kind")) if isinstance(entry, dict) else (entry, None)
        if not isinstance(number, int) or not isinstance(name, str) or (kind and kind not in DEVICE_KINDS):
            problems.append(f"{file}:{line_of(node, [number])}: {number}: give a number, a name and a known kind")
            continue
        names[number] = name
        if kind:
            kinds[number] = kind
    if problems:
        raise ProfileError(problems)
    return names, kinds


@cache
def load_profiles(folder: Path = FOLDER) -> ProfileSet:
    """The profiles of a folder, read once in a process. Raises ProfileError."""
    return ProfileSet(read_forms(folder), *read_vendors(folder))
