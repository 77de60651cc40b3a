"""Who may do what: the table of roles, written out so that a change of rights is seen in a review."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import ROLE_PERMISSIONS, ApiToken, Permission, Role, Scope, User, permissions_of

EVERYONE = {"view", "own_account"}
OPERATOR = EVERYONE | {"handle_incidents", "silence", "poll", "export"}
EXPECTED: dict[str, set[str]] = {
    "administrator": {permission.value for permission in Permission},
    "network_engineer": OPERATOR | {
        "discover", "edit_inventory", "manage_credentials", "manage_rules", "manage_calendar", "view_settings",
        "read_metrics", "control_projectors", "approve_meetings",
    },
    "meeting_technician": OPERATOR
    | {"control_projectors", "hold_meetings", "control_meetings", "manage_meeting_systems", "view_settings"},
    "security_responder": OPERATOR | {"view_audit", "view_settings"},
    "school_staff": EVERYONE | {"handle_incidents", "poll", "control_projectors"},
    "viewer": EVERYONE | {"export"},
}
ONLY_ADMINISTRATOR = {"manage_users", "manage_tokens", "manage_channels", "write_samples"}


def test_every_role_is_in_the_table() -> None:
    assert set(ROLE_PERMISSIONS) == set(Role) and set(EXPECTED) == {role.value for role in Role}


@pytest.mark.parametrize("role", Role)
def test_rights_of_a_role(role: Role) -> None:
    assert {permission.value for permission in permissions_of(role)} == EXPECTED[role.value]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_what_only_an_administrator_may(role: Role) -> None:
    assert not {permission.value for permission in permissions_of(role)} & ONLY_ADMINISTRATOR


def a_user(role: Role, is_enabled: bool = True) -> User:
    return User(
        id=1, username="u", role=role.value, is_enabled=is_enabled, password_hash="", session_stamp="",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_user_can_what_the_role_may_and_nothing_when_disabled(role: Role, permission: Permission) -> None:
    assert a_user(role).can(permission) == (permission.value in EXPECTED[role.value])
    assert not a_user(role, is_enabled=False).can(permission)


def test_token_can_what_was_written_on_it() -> None:
    token = ApiToken(name="telegraf", digest="", permissions="read_metrics write_samples")
    assert {permission for permission in Permission if token.can(permission)} == {
        Permission.READ_METRICS, Permission.WRITE_SAMPLES,
    }
    assert not any(ApiToken(name="none", digest="", permissions="").can(permission) for permission in Permission)


def test_names_of_permissions_do_not_contain_blanks() -> None:
    assert all(permission.value.isidentifier() for permission in Permission)


@pytest.mark.parametrize(("scope", "path", "is_seen"), [
    (Scope.everything(), "/1/5/", True), (Scope.everything(), "", True), (Scope("/1/5/"), "/1/5/", True),
    (Scope("/1/5/"), "/1/5/9/", True), (Scope("/1/5/"), "/1/55/", False), (Scope("/1/5/"), "/1/", False),
    (Scope("/1/5/"), "/2/1/5/", False), (Scope("/1/5/"), "", False), (Scope.nothing(), "/1/", False),
    (Scope.nothing(), "", False),
])
def test_scope(scope: Scope, path: str, is_seen: bool) -> None:
    assert scope.includes(path) is is_seen


@pytest.mark.parametrize("path", ["", "/", "//", "1/5", "/1/5", "1/5/"])
def test_broken_path_does_not_open_the_province(path: str) -> None:
    with pytest.raises(ValueError, match="a unit path looks like"):
        Scope(path)


numbers = st.lists(st.integers(1, 60), min_size=1, max_size=5)


@given(numbers, numbers)
def test_scope_is_the_subtree(mine: list[int], theirs: list[int]) -> None:
    def path(ids: list[int]) -> str:
        return "".join(f"/{number}" for number in ids) + "/"

    assert Scope(path(mine)).includes(path(theirs)) == (theirs[: len(mine)] == mine)
