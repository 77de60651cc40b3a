"""docs/permissions.md shows the table of roles as it is in the program."""

from __future__ import annotations

from core import Permission, Role, permissions_of
from tests.docs.reading import ROOT


def table() -> list[list[str]]:
    lines = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


def test_columns_are_the_roles() -> None:
    assert table()[0][2:] == [role.value for role in Role]


def test_rows_are_the_permissions() -> None:
    assert {row[0].strip("`") for row in table()[2:]} == {permission.value for permission in Permission}
    assert all(row[1] for row in table()[2:])


def test_marks_are_the_rights() -> None:
    shown = {
        (row[0].strip("`"), role) for row in table()[2:]
        for role, mark in zip(table()[0][2:], row[2:], strict=True) if mark == "yes"
    }
    assert shown == {(permission.value, role.value) for role in Role for permission in permissions_of(role)}
