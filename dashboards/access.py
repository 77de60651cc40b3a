"""Who is asking, and whether the route lets them in. Every route declares `@needs(...)` or `@public`, or is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from core import (
    ApiToken,
    Permission,
    Role,
    Scope,
    Session,
    User,
    permissions_of,
)
from inventory import Unit

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "access_rule"
BEARER = ("bearer ", "token ")  # RFC 6750; "Token" is the InfluxDB write API's word


@dataclass(frozen=True, slots=True)
class AccessRule:
    """What a route declares: the permission, None for everyone; whether an unsafe method writes records; whether the
    networks of the setting metrics_networks need no token; whether it is for machines (see `machine`)."""

    permission: Permission | None
    writes: bool = True
    is_open_to_networks: bool = False
    is_for_machines: bool = False


def needs(permission: Permission, *, writes: bool = True, is_open_to_networks: bool = False) -> Callable[[View], View]:
    """Declare the permission of a route. `writes=False` spares a POST the database's write lock."""

    def mark(view: View) -> View:
        setattr(view, _MARK, AccessRule(permission, writes, is_open_to_networks))
        return view

    return mark


def public(view: View) -> View:
    """Declare that everyone may ask this route, signed in or not."""
    setattr(view, _MARK, AccessRule(None))
    return view


def machine(*, writes: bool = False) -> Callable[[View], View]:
    """Declare a route that machines ask and that proves each request itself: a secret in a header, a signature, an
    address. It knows no session, no API token and no anti-forgery token: a browser's cookie opens nothing here."""

    def mark(view: View) -> View:
        setattr(view, _MARK, AccessRule(None, writes, is_for_machines=True))
        return view

    return mark


def rule_of(view: Callable[..., Any] | None) -> AccessRule | None:
    """What a view declared; None when it forgot to."""
    return getattr(view, _MARK, None)


@dataclass(frozen=True, slots=True)
class Account:
    """Whoever is asking: a person who signed in, a program with a token, or nobody."""

    kind: str  # "user", "token", "nobody"
    id: int | None
    name: str
    permissions: frozenset[Permission]
    scope: Scope
    role: Role | None = None
    full_name: str = ""
    language: str = ""
    theme: str = ""
    must_change_password: bool = False
    session_id: str = ""
    user: User | None = None

    @property
    def is_authenticated(self) -> bool:
        """True for a person or a token (Flask-Login's word)."""
        return self.kind != "nobody"

    @property
    def is_active(self) -> bool:
        """True when the account may act (Flask-Login's word)."""
        return self.is_authenticated

    @property
    def is_anonymous(self) -> bool:
        """True for a stranger (Flask-Login's word)."""
        return not self.is_authenticated

    @property
    def actor(self) -> str:
        """The name that the audit keeps."""
        return f"token:{self.name}" if self.kind == "token" else self.name

    def get_id(self) -> str:
        """What the session cookie remembers: id and stamp, so that a new password ends old sessions."""
        return self.session_id

    def can(self, permission: Permission) -> bool:
        """True when this account has the permission."""
        return permission in self.permissions


NOBODY = Account("nobody", None, "", frozenset(), Scope.nothing())


def scope_of(session: Session, unit_id: int | None, role: Role | None) -> Scope:
    """The part of the tree: a unit's subtree; everything without a unit, but nothing for school staff without one."""
    if unit_id is None:
        return Scope.nothing() if role is Role.SCHOOL_STAFF else Scope.everything()
    unit = session.get(Unit, unit_id)
    return Scope.nothing() if unit is None else Scope(unit.path)


def account_of_user(session: Session, user: User) -> Account:
    """The account of a person."""
    role = Role(user.role)
    return Account(
        kind="user",
        id=user.id,
        name=user.username,
        permissions=permissions_of(role),
        role=role,
        scope=scope_of(session, user.unit_id, role),
        full_name=user.full_name or user.username,
        language=user.language,
        theme=user.theme,
        must_change_password=user.must_change_password,
        session_id=f"{user.id}.{user.session_stamp}",
        user=user,
    )


def account_of_token(session: Session, token: ApiToken) -> Account:
    """The account of a program: the permissions written into its token."""
    known = {permission.value: permission for permission in Permission}
    permissions = frozenset(known[word] for word in token.permissions.split() if word in known)
    return Account(
        kind="token",
        id=token.id,
        name=token.name,
        permissions=permissions,
        scope=scope_of(session, token.unit_id, None),
    )


def bearer_token(header: str | None) -> str | None:
    """The token of an Authorization header, of either word."""
    for word in BEARER:
        if header and header[: len(word)].lower() == word:
            return header[len(word) :].strip() or None
    return None
