"""Reads rules files: YAML with line numbers, every problem told by file, line and field, nothing half-loaded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from alerts.labels import MEETING_KINDS, SERVICE_KIND_OF
from alerts.rule import Rule, Selector, Term, template_problems
from alerts.rule_spec import CaseSpec, FileSpec, RuleSpec, TermSpec, WhenSpec
from core import StartError
from inventory import DEVICE_KINDS

RULES_DIR = Path(__file__).parent / "rules"
MAX_BYTES = 1_000_000
_COMPARISONS = ("above", "below", "equals", "differs")

Path_ = tuple[str | int, ...]


class RuleFileError(StartError):
    """A rules file cannot be used; `problems` lists every reason as "file:line: field: what is wrong"."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The rules of one file with their test cases."""

    path: Path
    rules: tuple[Rule, ...]
    cases: dict[str, tuple[CaseSpec, ...]]  # rule id -> cases


def load_rule_file(path: Path, metrics: Collection[str]) -> RuleFile:
    """Read and check one file; `metrics` are the names that exist. Raises RuleFileError with all problems."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleFileError([f"{path}: the file cannot be read: {error}"]) from error
    return parse_rules(text, path, metrics)


def load_shipped_rules(metrics: Collection[str]) -> tuple[Rule, ...]:
    """The rules that come with EduNOC. Raises RuleFileError with the problems of all files."""
    rules: list[Rule] = []
    problems: list[str] = []
    seen: dict[str, str] = {}
    for path in sorted(RULES_DIR.glob("*.yaml")):
        try:
            loaded = load_rule_file(path, metrics).rules
        except RuleFileError as error:
            problems.extend(error.problems)
            continue
        for rule in loaded:
            if rule.id in seen:
                problems.append(f"{rule.place}: id: the rule {rule.id} stands already at {seen[rule.id]}")
            seen[rule.id] = rule.place
            rules.append(rule)
    if problems:
        raise RuleFileError(problems)
    return tuple(rules)


def parse_rules(text: str, path: Path, metrics: Collection[str]) -> RuleFile:
    """Rules from the text of a file. Raises RuleFileError."""
    lines: dict[Path_, int] = {}
    data = _read_yaml(text, path, lines)
    try:
        spec = FileSpec.model_validate(data)
    except ValidationError as error:
        raise RuleFileError(
            [_told(path, lines, _plain_path(item["loc"]), _plain_message(item)) for item in error.errors()]
        ) from error
    problems: list[tuple[Path_, str]] = []
    rules: list[Rule] = []
    ids: set[str] = set()
    for number, rule_spec in enumerate(spec.rules):
        where: Path_ = ("rules", number)
        if rule_spec.id in ids:
            problems.append(((*where, "id"), f"the id {rule_spec.id} is used twice in this file"))
        ids.add(rule_spec.id)
        problems.extend(((*where, *at), message) for at, message in _problems_of(rule_spec, metrics))
        if not problems:
            rules.append(_build(rule_spec, f"{path.name}:{_line(lines, where)}"))
    if problems:
        raise RuleFileError([_told(path, lines, at, message) for at, message in problems])
    return RuleFile(path, tuple(rules), {rule.id: tuple(rule.tests) for rule in spec.rules})


def _read_yaml(text: str, path: Path, lines: dict[Path_, int]) -> Any:
    if len(text) > MAX_BYTES:
        raise RuleFileError([f"{path}: the file is larger than {MAX_BYTES} bytes; split it"])
    loader = yaml.SafeLoader(text)
    try:
        # An alias can name a node that holds itself: a few lines that unfold without end.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise RuleFileError([f"{path}: YAML aliases (*name) are not allowed in rules; write the value again"])
        node = loader.get_single_node()
        if node is None:
            raise RuleFileError([f"{path}: the file is empty; it needs a list `rules:`"])
        _note_lines(node, (), lines, path)
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RuleFileError([f"{path}:{line}: this is not YAML: {error.problem or error.context}"]) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise RuleFileError([f"{path}: this is not YAML: {str(error)[:200]}"]) from error
    finally:
        loader.dispose()


def _note_lines(node: yaml.Node, at: Path_, lines: dict[Path_, int], path: Path) -> None:
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            _note_lines(item, (*at, number), lines, path)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*at, str(key.value))
            if inner in lines:
                raise RuleFileError([f"{path}:{key.start_mark.line + 1}: {_shown(inner)}: is written twice"])
            lines[inner] = key.start_mark.line + 1
            _note_lines(value, inner, lines, path)


def _plain_path(loc: tuple[Any, ...]) -> Path_:
    return tuple(str(part) if not isinstance(part, int) else part for part in loc if part != "[key]")


def _plain_message(item: Any) -> str:
    if item["type"] == "missing":
        return "is missing"
    if item["type"] == "extra_forbidden":
        return "is not known here; look at docs/rules.md for the fields"
    given = item.get("input")
    shown = f" (given: {str(given)[:60]!r})" if isinstance(given, (str, int, float)) else ""
    return item["msg"].removeprefix("Value error, ") + shown


def _line(lines: dict[Path_, int], at: Path_) -> int:
    while at and at not in lines:
        at = at[:-1]
    return lines.get(at, 1)


def _shown(at: Path_) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).lstrip(".") or "file"


def _told(path: Path, lines: dict[Path_, int], at: Path_, message: str) -> str:
    return f"{path}:{_line(lines, at)}: {_shown(at)}: {message}"


def _problems_of(spec: RuleSpec, metrics: Collection[str]) -> list[tuple[Path_, str]]:
    """What the form alone cannot say: names that exist, thresholds on the right side, one kind of condition."""
    found: list[tuple[Path_, str]] = []
    if spec.id in ("device", "site", "area"):
        found.append((("id",), f"{spec.id} is the name of an outage; choose another"))
    for field in ("title", "message", "next_step"):
        for language in ("vi", "en"):
            names = template_problems(getattr(getattr(spec, field), language))
            if names:
                found.append(((field, language), f"nothing fills {{{'}, {'.join(names)}}}"))
    for kind in spec.select.device_kind:
        known = (*DEVICE_KINDS, *SERVICE_KIND_OF.values(), *MEETING_KINDS)
        if kind not in known:
            found.append((("select", "device_kind"), f"{kind} is no device kind; these are: {', '.join(known)}"))
    when = spec.when
    forms = [bool(when.metric), bool(when.all), bool(when.any), bool(when.outage)]
    if sum(forms) != 1:
        found.append((("when",), "needs exactly one of: metric, all, any, outage"))
    for at, term in _terms_of(when):
        found.extend(((*at, *inner), message) for inner, message in _term_problems(term, metrics))
    if when.outage and (when.was_up or spec.keep):
        found.append((("when",), "an outage has no was_up and no keep: the ping plane decides its return"))
    return found


def _terms_of(when: WhenSpec) -> list[tuple[Path_, TermSpec]]:
    if when.metric:
        values = when.model_dump(exclude={"all", "any", "was_up", "outage"})
        return [(("when",), TermSpec.model_validate(values))]
    group = "all" if when.all else "any"
    return [(("when", group, number), term) for number, term in enumerate(getattr(when, group))]


def _term_problems(term: TermSpec, metrics: Collection[str]) -> list[tuple[Path_, str]]:
    found: list[tuple[Path_, str]] = []
    for field in ("metric", "over"):
        name = getattr(term, field)
        if name and name not in metrics:
            found.append(((field,), f"there is no metric {name}; docs/metrics.md lists them"))
    given = [name for name in _COMPARISONS if getattr(term, name) is not None]
    if len(given) != 1:
        found.append(((), f"needs exactly one of: {', '.join(_COMPARISONS)}"))
        return found
    threshold = getattr(term, given[0])
    if term.clear is not None:
        if given[0] in ("equals", "differs"):
            found.append((("clear",), f"has no meaning with {given[0]}; use keep"))
        elif (term.clear > threshold) if given[0] == "above" else (term.clear < threshold):
            side = "at or below" if given[0] == "above" else "at or above"
            found.append((("clear",), f"must be {side} {given[0]}: {threshold:g}, so that the alert can end"))
    return found


def _build(spec: RuleSpec, place: str) -> Rule:
    select, when = spec.select, spec.when
    return Rule(
        id=spec.id, severity=spec.severity, place=place, is_enabled=spec.enabled,
        titles=spec.title.model_dump(), messages=spec.message.model_dump(), next_steps=spec.next_step.model_dump(),
        terms=tuple(_build_term(term) for _, term in _terms_of(when)), is_any=bool(when.any), was_up=when.was_up,
        for_s=spec.for_, keep_s=spec.keep, stale_s=spec.stale, hours=spec.hours, missing=spec.missing,
        missing_after_s=spec.missing_after, outage=when.outage, behind=tuple(spec.behind), each=spec.each,
        selector=Selector(
            device_kinds=frozenset(select.device_kind), vendors=frozenset(word.lower() for word in select.vendor),
            device_name=select.name, parts=frozenset(select.part), part_name=select.part_name,
            is_watched=select.watched, is_uplink=select.uplink,
        ),
    )


def _build_term(term: TermSpec) -> Term:
    comparison = next(name for name in _COMPARISONS if getattr(term, name) is not None)
    threshold = float(getattr(term, comparison))
    return Term(
        metric=term.metric, comparison=comparison, threshold=threshold,
        clear=threshold if term.clear is None else float(term.clear),
        times=term.times, over=term.over, is_change=term.change, is_of_device=term.of_device,
    )
