"""Tokens of programs: only their digests are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.access import Permission
from core.models import ApiToken
from core.passwords import new_token, token_digest


@dataclass(frozen=True, slots=True)
class NewToken:
    """What is needed to make an API token."""

    name: str
    permissions: frozenset[Permission]
    unit_id: int | None = None
    created_by: int | None = None
    expires_at: datetime | None = None


def create_token(session: Session, new: NewToken, now: datetime) -> tuple[ApiToken, str]:
    """(the row, the token's text). The text is shown once and kept nowhere."""
    shown, digest = new_token()
    token = ApiToken(
        name=new.name.strip(), digest=digest, unit_id=new.unit_id, created_by=new.created_by, created_at=now,
        permissions=" ".join(sorted(p.value for p in new.permissions)), expires_at=new.expires_at,
    )
    session.add(token)
    session.flush()
    return token, shown


def find_token(session: Session, shown: str, now: datetime) -> ApiToken | None:
    """The token that is neither revoked nor expired."""
    token = session.scalar(select(ApiToken).where(ApiToken.digest == token_digest(shown)))
    if token is None or token.revoked_at is not None:
        return None
    return None if token.expires_at is not None and token.expires_at <= now else token


def touch_token(session: Session, token: ApiToken, now: datetime) -> None:
    """Note that a token was used, to the minute: a write a request would be waste."""
    if token.last_used_at is None or now - token.last_used_at >= timedelta(minutes=1):
        session.execute(update(ApiToken).where(ApiToken.id == token.id).values(last_used_at=now))


def list_tokens(session: Session) -> Sequence[ApiToken]:
    """All tokens, newest first, revoked ones included."""
    return session.scalars(select(ApiToken).order_by(ApiToken.id.desc())).all()


def revoke_token(session: Session, token_id: int, now: datetime) -> ApiToken | None:
    """Make a token useless from now on."""
    token = session.get(ApiToken, token_id)
    if token is not None and token.revoked_at is None:
        token.revoked_at = now
    return token
