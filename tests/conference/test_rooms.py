"""The sub-rooms of conference import downward only, as the packages of the house do."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import conference

FOLDER = Path(conference.__file__).parent
# From the top; what a lower one needs to know of a higher one, it reads in a table
ORDER = ("retention", "attendance", "live", "readiness", "kiosk", "invitations", "capacity", "jitsi", "schedule")
BELOW_ALL = {"bench", "settings"}


def rooms_imported(file: Path) -> set[str]:
    """The sub-rooms of conference that a module imports."""
    modules = [
        node.module for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
    ]
    return {module.split(".")[1] for module in modules if module.startswith("conference.")}


def test_every_folder_has_its_place() -> None:
    assert {folder.parent.name for folder in FOLDER.glob("*/__init__.py")} == set(ORDER)


@pytest.mark.parametrize("room", ORDER)
def test_a_room_imports_only_what_lies_below(room: str) -> None:
    allowed = {room, *ORDER[ORDER.index(room) + 1 :], *BELOW_ALL}
    wrong = {
        f"{file.relative_to(FOLDER)}: {name}"
        for file in (FOLDER / room).rglob("*.py")
        for name in rooms_imported(file) - allowed
    }
    assert not wrong, sorted(wrong)
