"""Reading and writing core's tables: people, tokens, the audit chain, the database's marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select, text, update
from sqlalchemy.orm import Session

from core.access import Permission, Role
from core.audit import FIRST, AuditFields, ChainReport, canonical_detail, chain_digest, verify_chain
from core.language import LANGUAGES
from core.language import gettext as _
from core.models import ApiToken, AuditEntry, Mark, User
from core.passwords import check_nobody, check_password, hash_password, new_stamp, new_token, token_digest
from core.secrets import SealError, Vault

KEY_MARK = "key_fingerprint"


# -- marks ---------------------------------------------------------------------------------------------------------

def get_mark(session: Session, name: str) -> str | None:
    """What EduNOC remembered under this name."""
    mark = session.get(Mark, name)
    return None if mark is None else mark.value


def set_mark(session: Session, name: str, value: str) -> None:
    """Remember a fact about this database."""
    session.merge(Mark(name=name, value=value))


def bind_key(session: Session, vault: Vault) -> None:
    """Tie the database to its key file at start. Raises SealError when another key belongs to this database."""
    known = get_mark(session, KEY_MARK)
    if known is None:
        set_mark(session, KEY_MARK, vault.fingerprint)
    elif known != vault.fingerprint:
        raise SealError(
            f"The key file does not belong to this database (key {vault.fingerprint}, database {known}). Put back the"
            " key file from your backup. If it is lost, run `app.py secrets forget`: saved passwords and communities"
            " are then emptied and must be entered again; everything else stays."
        )


# -- people --------------------------------------------------------------------------------------------------------

@dataclass(frozen=True, slots=True)
class NewUser:
    """What is needed to make a user. The password comes checked by `password_problem`."""

    username: str
    password: str
    role: Role
    full_name: str = ""
    email: str = ""
    unit_id: int | None = None
    must_change_password: bool = False


def has_administrator(session: Session) -> bool:
    """True once the first-start page has done its work."""
    query = select(User.id).where(User.role == Role.ADMINISTRATOR.value, User.is_enabled).limit(1)
    return session.scalar(query) is not None


def create_user(session: Session, new: NewUser, now: datetime) -> User:
    """Make a user; the name is compared without case. Raises ValueError when the name is taken."""
    username = new.username.strip()
    if find_user(session, username) is not None:
        raise ValueError(_("There is a user with this name already."))
    user = User(
        username=username, full_name=new.full_name.strip(), email=new.email.strip(), role=new.role.value,
        unit_id=new.unit_id, password_hash=hash_password(new.password), session_stamp=new_stamp(),
        must_change_password=new.must_change_password, created_at=now,
    )
    session.add(user)
    session.flush()
    return user


def find_user(session: Session, username: str) -> User | None:
    """The user of this name, without regard to case."""
    return session.scalar(select(User).where(func.lower(User.username) == username.strip().lower()))


def get_user(session: Session, user_id: int) -> User | None:
    """The user with this id."""
    return session.get(User, user_id)


def list_users(session: Session, text_filter: str = "") -> Sequence[User]:
    """All users by name; `text_filter` looks into user name, full name and e-mail."""
    query = select(User).order_by(func.lower(User.username))
    if text_filter:
        like = f"%{text_filter.lower()}%"
        query = query.where(or_(*(func.lower(c).like(like) for c in (User.username, User.full_name, User.email))))
    return session.scalars(query).all()


def sign_in(session: Session, username: str, password: str, now: datetime) -> User | None:
    """The user when name and password fit and the user is enabled; takes the same time when they do not."""
    user = find_user(session, username)
    if user is None:
        check_nobody(password)
        return None
    if not check_password(user.password_hash, password) or not user.is_enabled:
        return None
    user.last_sign_in_at = now
    return user


def set_password(user: User, password: str, must_change: bool = False) -> None:
    """Set a checked password and end all of the user's sessions."""
    user.password_hash = hash_password(password)
    user.session_stamp = new_stamp()
    user.must_change_password = must_change


def end_sessions(user: User) -> None:
    """Sign the user out everywhere."""
    user.session_stamp = new_stamp()


def is_last_administrator(session: Session, user: User) -> bool:
    """True when nobody else could administer EduNOC without this user."""
    if user.role != Role.ADMINISTRATOR.value:
        return False
    others = select(func.count()).select_from(User).where(
        User.role == Role.ADMINISTRATOR.value, User.is_enabled, User.id != user.id
    )
    return session.scalar(others) == 0


def set_preferences(user: User, language: str | None = None, theme: str | None = None) -> None:
    """Remember a person's language and theme; unknown words are left out."""
    if language in LANGUAGES:
        user.language = language
    if theme in ("auto", "light", "dark"):
        user.theme = theme


# -- tokens --------------------------------------------------------------------------------------------------------

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


# -- audit ---------------------------------------------------------------------------------------------------------

@dataclass(frozen=True, slots=True)
class Deed:
    """One change worth an audit entry. `action` is "<thing>.<verb>", such as "device.update"."""

    actor: str
    action: str
    target_kind: str = ""
    target_id: str | int = ""
    summary: str = ""
    detail: Mapping[str, Any] | None = None


def append_audit(session: Session, deed: Deed, now: datetime) -> AuditEntry:
    """Append to the chain, in the transaction of the change itself: both happen or neither."""
    if session.get_bind().dialect.name == "postgresql":
        # Two writers must not chain to the same entry; SQLite's write lock does this by itself.
        session.execute(text("SELECT pg_advisory_xact_lock(20487)"))
    newest = session.scalar(select(AuditEntry.digest).order_by(AuditEntry.id.desc()).limit(1))
    previous = newest or FIRST
    fields = AuditFields(
        now, deed.actor[:100], deed.action[:64], deed.target_kind[:32], str(deed.target_id)[:64], deed.summary[:2000],
        canonical_detail(deed.detail or {}),
    )
    entry = AuditEntry(
        at=fields.at, actor=fields.actor, action=fields.action, target_kind=fields.target_kind,
        target_id=fields.target_id, summary=fields.summary, detail=fields.detail, previous=previous,
        digest=chain_digest(previous, fields),
    )
    session.add(entry)
    session.flush()
    return entry


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to show of the audit; empty words do not filter."""

    actor: str = ""
    action: str = ""
    target_kind: str = ""
    target_id: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None


def list_audit(
    session: Session, wanted: AuditFilter, limit: int = 50, offset: int = 0
) -> tuple[Sequence[AuditEntry], int]:
    """(entries newest first, how many fit the filter in all)."""
    query = _filtered(select(AuditEntry), wanted)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return session.scalars(query.order_by(AuditEntry.id.desc()).limit(limit).offset(offset)).all(), total


def _filtered(query: Select[tuple[AuditEntry]], wanted: AuditFilter) -> Select[tuple[AuditEntry]]:
    if wanted.actor:
        query = query.where(AuditEntry.actor == wanted.actor)
    if wanted.action:
        query = query.where(AuditEntry.action.startswith(wanted.action, autoescape=True))
    if wanted.target_kind:
        query = query.where(AuditEntry.target_kind == wanted.target_kind)
    if wanted.target_id:
        query = query.where(AuditEntry.target_id == wanted.target_id)
    if wanted.words:
        query = query.where(
            or_(AuditEntry.summary.icontains(wanted.words, autoescape=True),
                AuditEntry.detail.icontains(wanted.words, autoescape=True))
        )
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.at < wanted.until)
    return query


def verify_audit(session: Session, expect: str | None = None) -> ChainReport:
    """Walk the whole chain; see `core.audit.verify_chain`."""
    return verify_chain(_chain(session), expect)


def _chain(session: Session) -> Iterator[tuple[int, str, str, AuditFields]]:
    query = select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000)
    for entry in session.scalars(query):
        fields = AuditFields(
            entry.at, entry.actor, entry.action, entry.target_kind, entry.target_id, entry.summary, entry.detail
        )
        yield entry.id, entry.previous, entry.digest, fields
