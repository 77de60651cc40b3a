"""Credentials in the database: sealed on the way in, opened for the worker that is about to ask a device."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, true, update
from sqlalchemy.orm import Session

from core import Secret, Vault
from core import gettext as _
from inventory.credentials import (
    AnyCredential,
    check_credential,
    credential_from_json,
    credential_to_json,
    shown_fields,
)
from inventory.models import Credential, Device
from inventory.parsing import clean_line, clean_text
from inventory.problems import BadValue, FieldProblem, InvalidInput, NotFound
from inventory.store.meetings import forget_system_secrets
from inventory.store.visibility import touch_inventory


def create_credential(session: Session, vault: Vault, raw: Mapping[str, Any]) -> Credential:
    """Make a credential from a form: name, kind, notes, and the fields of its kind. Raises InvalidInput."""
    kind = str(raw.get("kind") or "")
    names, problems = _names(session, raw, None)
    try:
        content = check_credential(kind, raw)
    except InvalidInput as error:
        raise InvalidInput([*problems, *error.problems]) from None
    if problems:
        raise InvalidInput(problems)
    record = Credential(kind=kind, sealed=vault.seal(credential_to_json(content)), **names)
    session.add(record)
    session.flush()
    touch_inventory(session)
    return record


def update_credential(session: Session, vault: Vault, credential_id: int, raw: Mapping[str, Any]) -> Credential:
    """Change a credential; empty secrets stay, the kind cannot change. Raises NotFound, InvalidInput, SealError."""
    record = _credential(session, credential_id)
    names, problems = _names(session, {"name": record.name, "notes": record.notes, **raw}, record.id)
    known = open_credential(session, vault, credential_id) if record.sealed else None
    try:
        content = check_credential(record.kind, raw, known)
    except InvalidInput as error:
        raise InvalidInput([*problems, *error.problems]) from None
    if problems:
        raise InvalidInput(problems)
    record.name, record.notes = names["name"], names["notes"]
    record.sealed = vault.seal(credential_to_json(content))
    session.flush()
    touch_inventory(session)
    return record


def open_credential(session: Session, vault: Vault, credential_id: int) -> AnyCredential:
    """The credential ready for use. Raises NotFound, and SealError when the key file does not fit."""
    record = _credential(session, credential_id)
    return unseal(vault, record.kind, record.sealed)


def open_credentials(session: Session, vault: Vault) -> dict[int, AnyCredential]:
    """All credentials by id, for a worker's start. Raises SealError."""
    rows = session.execute(select(Credential.id, Credential.kind, Credential.sealed).where(Credential.sealed != ""))
    return {credential_id: unseal(vault, kind, sealed) for credential_id, kind, sealed in rows}


def unseal(vault: Vault, kind: str, sealed: str) -> AnyCredential:
    """One sealed value opened. Raises NotFound when it was emptied, SealError when the key file does not fit."""
    if not sealed:
        raise NotFound(_("This credential was emptied when the key file was lost. Enter its secrets again."))
    return credential_from_json(kind, vault.unseal(sealed))


def describe_credential(session: Session, vault: Vault, credential_id: int) -> dict[str, Any]:
    """What a form may show: open fields, and whether there is each secret. Raises NotFound, SealError."""
    record = _credential(session, credential_id)
    content = shown_fields(unseal(vault, record.kind, record.sealed)) if record.sealed else {}
    return {"id": record.id, "name": record.name, "kind": record.kind, "notes": record.notes, **content}


def find_credential(session: Session, name: str) -> Credential | None:
    """The credential with this name, for the command line."""
    return session.scalar(select(Credential).where(Credential.name == name))


def credential_uses(session: Session) -> dict[int, int]:
    """Credential id to the number of devices that use it."""
    found: Counter[int] = Counter()
    only_second = Device.pjlink_credential_id.is_distinct_from(Device.credential_id)
    for column, where in ((Device.credential_id, true()), (Device.pjlink_credential_id, only_second)):
        query = select(column, func.count()).where(column.is_not(None), where).group_by(column)
        found.update(dict(session.execute(query).all()))
    return dict(found)


def forget_secrets(session: Session) -> int:
    """Empty every credential and the secrets of meeting systems, after the key file was lost; names and uses stay.

    How many were emptied.
    """
    systems = forget_system_secrets(session)
    emptied = session.execute(
        update(Credential).where(Credential.sealed != "").values(sealed=""),
        execution_options={"synchronize_session": False},
    )
    session.expire_all()
    touch_inventory(session)
    return emptied.rowcount + systems


def anonymous_snmp(community: str, version: str = "2c") -> Mapping[str, Any]:
    """The form values of a plain community, for a first discovery."""
    kind = {"1": "snmp_v1", "2c": "snmp_v2c"}[version]
    return {"kind": kind, "community": Secret(community)}


def _credential(session: Session, credential_id: int) -> Credential:
    record = session.get(Credential, credential_id)
    if record is None:
        raise NotFound(_("There is no such credential. It may have been deleted; choose another one."))
    return record


def _names(session: Session, raw: Mapping[str, Any], own_id: int | None) -> tuple[dict[str, str], list[FieldProblem]]:
    names: dict[str, str] = {"name": "", "notes": ""}
    problems = []
    for name, clean, limit in (("name", clean_line, 100), ("notes", clean_text, 4000)):
        try:
            names[name] = clean(raw.get(name) or "", limit)
        except BadValue as problem:
            problems.append(FieldProblem(None, name, str(problem)))
    if not names["name"] and not problems:
        problems.append(FieldProblem(None, "name", _("This must not be empty.")))
    same = select(Credential.id).where(Credential.name == names["name"], Credential.id != (own_id or 0))
    if names["name"] and session.scalar(same) is not None:
        message = _("There is a credential with this name already. Choose another name.")
        problems.append(FieldProblem(None, "name", message))
    return names, problems
