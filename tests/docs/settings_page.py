"""The table of all settings in docs/settings.md, written from the settings themselves.

`python -m tests.docs.settings_page` rewrites it; a test says when it must be.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from core import CoreSettings, Section

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "settings.md"
BEGIN, END = "<!-- settings: begin -->", "<!-- settings: end -->"
_PACKAGES = ("inventory", "telemetry", "collectors", "playbooks", "alerts", "conference", "dashboards")
_LIMITS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than", "max_length": "at most"}


def all_sections() -> list[type[Section]]:
    """The settings class of every package that has one, core's first."""
    found: list[type[Section]] = [CoreSettings]
    for package in _PACKAGES:
        if (ROOT / package / "settings.py").exists():
            module = importlib.import_module(f"{package}.settings")
            found += [
                thing for thing in vars(module).values()
                if isinstance(thing, type) and issubclass(thing, Section) and thing.__module__ == module.__name__
            ]
    return found


def table_of(section: type[Section]) -> str:
    """One section as a Markdown table."""
    title = f"## `[{section.section}]`" if section.section else "## At the top of the file"
    lines = [title, "", "| setting | environment | default | allowed | meaning |", "|---|---|---|---|---|"]
    for name, info in section.model_fields.items():
        cells = (f"`{name}`", f"`{section.env_name(name)}`", _default(info), _allowed(info), info.description or "")
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def _default(info: FieldInfo) -> str:
    value = info.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, tuple | list | set | frozenset):
        value = ", ".join(map(str, value))
    return "(empty)" if value in ("", None) else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _allowed(info: FieldInfo) -> str:
    if get_origin(info.annotation) is Literal:
        return ", ".join(f"`{word}`" for word in get_args(info.annotation))
    limits = [
        f"{words} {getattr(rule, name):g}"
        for name, words in _LIMITS.items() for rule in info.metadata if getattr(rule, name, None) is not None
    ]
    if limits:
        return ", ".join(limits)
    return "true, false" if info.annotation is bool else ""


def with_tables(page: str, sections: list[type[Section]]) -> str:
    """The page with the part between the marks written anew."""
    before, rest = page.split(BEGIN)
    _old, after = rest.split(END)
    tables = "\n\n".join(table_of(section) for section in sections)
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


def main() -> None:
    """Rewrite the page."""
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8"), all_sections()), encoding="utf-8")


if __name__ == "__main__":
    main()
