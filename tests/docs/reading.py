"""The documents and the tree, read once for all tests."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tests.architecture.rules import project_files

ROOT = Path(__file__).parents[2]


@cache
def documents() -> tuple[tuple[str, str], ...]:
    """(path, text) of README.md and everything in docs/."""
    return tuple(
        (path, file.read_text(encoding="utf-8")) for path, file in project_files(ROOT)
        if path == "README.md" or (path.startswith("docs/") and path.endswith(".md"))
    )


@cache
def paths() -> frozenset[str]:
    return frozenset(path for path, _file in project_files(ROOT))


def told(problems: Iterable[object]) -> str:
    """All problems as the text of a failed test."""
    return "\n".join(map(str, problems))
