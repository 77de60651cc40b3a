"""People who sign in: making, finding, signing in, passwords, sessions and preferences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.access import Role
from core.language import LANGUAGES
from core.language import gettext as _
from core.models import User
from core.passwords import check_nobody, check_password, hash_password, new_stamp

# SQLite's lower() knows ASCII only, so that "Đ" and "đ" would be two people: names to sign in with stay ASCII
_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{1,63}")


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


def username_problem(username: str) -> str | None:
    """Why this cannot be a name to sign in with, in words for the form; None when it can."""
    if _USERNAME.fullmatch(username.strip()):
        return None
    return _("A user name has 2 to 64 letters a-z, digits, or the signs . _ - + @; no blanks and no accents.")


def create_user(session: Session, new: NewUser, now: datetime) -> User:
    """Make a user; the name is compared without case. Raises ValueError when the name is taken or cannot be one."""
    username = new.username.strip()
    problem = username_problem(username)
    if problem is not None:
        raise ValueError(problem)
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
    if username_problem(username) is not None:
        return None  # PostgreSQL would refuse some of these, such as NUL
    return session.scalar(select(User).where(func.lower(User.username) == username.strip().lower()))


def get_user(session: Session, user_id: int) -> User | None:
    """The user with this id."""
    return session.get(User, user_id)


def list_users(session: Session, text_filter: str = "") -> Sequence[User]:
    """All users by name; `text_filter` looks into user name, full name and e-mail."""
    found = session.scalars(select(User).order_by(func.lower(User.username))).all()
    wanted = _folded(text_filter)
    # In Python, not in SQL: SQLite compares "Đ" and "đ" as different letters, and a province has some thousand users
    return [user for user in found if wanted in _folded(f"{user.username} {user.full_name} {user.email}")]


def _folded(words: str) -> str:
    """Lower case and without accents, so that "dang" finds "Đặng"."""
    plain = unicodedata.normalize("NFD", words.strip().casefold().replace("đ", "d"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


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
