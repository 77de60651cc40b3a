"""EduNOC's own notes about the database, first of all which key file belongs to it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from core.models import Mark
from core.secrets import SealError, Vault

KEY_MARK = "key_fingerprint"
_ADVICE = (
    " Put back the key file from your backup. If it is lost, run `app.py secrets forget`: saved passwords and"
    " communities are then emptied and must be entered again; everything else stays."
)


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
            f"The key file does not belong to this database (key {vault.fingerprint}, database {known})." + _ADVICE
        )


def check_key_file(session: Session, path: Path) -> None:
    """Raises SealError when the database has a key but its file is gone: a new one must not be made in its place."""
    if get_mark(session, KEY_MARK) is not None and not path.exists():
        raise SealError(f"The key file {path} is missing, and this database was used with one." + _ADVICE)


def rebind_key(session: Session, vault: Vault) -> None:
    """Tie the database to another key file, after everything that the lost one sealed was emptied."""
    set_mark(session, KEY_MARK, vault.fingerprint)
