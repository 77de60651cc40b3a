"""Meeting systems and their servers in the database: checked forms, sealed secrets, key pairs and their rotation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core import Secret, Vault
from core import gettext as _
from inventory.fields import Subject, Trouble, Values, check_fields
from inventory.meeting_fields import SERVER, SYSTEM, SYSTEM_SECRETS, system_troubles
from inventory.meeting_secrets import (
    SystemSecrets,
    new_key_pair,
    secret_digest,
    secrets_from_json,
    secrets_to_json,
)
from inventory.models import Device, MeetingServer, MeetingSystem
from inventory.problems import FieldProblem, InvalidInput, NotFound
from inventory.store.visibility import touch_inventory

KEY_USES = {"login": ("token_key", "key_id"), "system": ("system_key", "system_key_id")}
_CHECKED = {"reservation": "reservation_secret", "event": "event_secret"}


def meeting_systems(session: Session, is_enabled: bool | None = None) -> list[MeetingSystem]:
    """All systems by name, or only those in use or out of use."""
    query = select(MeetingSystem).order_by(MeetingSystem.name)
    if is_enabled is not None:
        query = query.where(MeetingSystem.is_enabled == is_enabled)
    return list(session.scalars(query))


def get_system(session: Session, system_id: int) -> MeetingSystem:
    """One system. Raises NotFound."""
    system = session.get(MeetingSystem, system_id)
    if system is None:
        raise NotFound(_("There is no such meeting system. It may have been deleted; go back to the list."))
    return system


def meeting_servers(session: Session, system_id: int | None = None) -> list[MeetingServer]:
    """The servers of one system or of all, by kind and name."""
    query = select(MeetingServer).order_by(MeetingServer.system_id, MeetingServer.kind, MeetingServer.name)
    return list(session.scalars(query if system_id is None else query.where(MeetingServer.system_id == system_id)))


def get_meeting_server(session: Session, server_id: int) -> MeetingServer:
    """One server. Raises NotFound."""
    server = session.get(MeetingServer, server_id)
    if server is None:
        raise NotFound(_("There is no such meeting server. It may have been deleted; go back to the list."))
    return server


def save_system(session: Session, vault: Vault, system_id: int | None, raw: Mapping[str, Any]) -> MeetingSystem:
    """Make or change a system from a form; secrets left empty stay. Raises NotFound, InvalidInput, SealError."""
    system = get_system(session, system_id) if system_id is not None else None
    values, troubles = _checked(SYSTEM, raw)
    typed = {name: str(raw.get(name) or "").strip() for name in SYSTEM_SECRETS}
    if "algorithm" in values:
        if values["algorithm"].startswith("RS"):
            typed["token_key"] = ""  # its key is made here, never typed
        troubles += system_troubles(values, typed)
    _refuse(troubles + _taken(session, MeetingSystem, {"name": values.get("name")}, system_id))
    known = open_system(session, vault, system.id) if system is not None and system.sealed else SystemSecrets()
    if system is None:
        system = MeetingSystem(**values)
        session.add(system)
    else:
        if system.algorithm[:2] != values["algorithm"][:2]:
            known, system.key_id = known.with_changes(token_key=Secret("")), ""
        _assign(system, values)
    _seal(system, vault, known.with_changes(**{name: Secret(text) for name, text in typed.items() if text}))
    session.flush()
    touch_inventory(session)
    return system


def delete_system(session: Session, system_id: int) -> str:
    """Delete a system with its servers; meetings held on it lose their system. Its name."""
    system = get_system(session, system_id)
    session.delete(system)
    session.flush()
    touch_inventory(session)
    return system.name


def save_server(session: Session, system_id: int, server_id: int | None, raw: Mapping[str, Any]) -> MeetingServer:
    """Make or change a server of a system from a form. Raises NotFound, InvalidInput."""
    get_system(session, system_id)
    values, troubles = _checked(SERVER, raw)
    if values.get("device_id") is not None and session.get(Device, values["device_id"]) is None:
        troubles.append(("device_id", _("There is no such device. It may have been deleted; choose another one.")))
    same = {"system_id": system_id, "kind": values.get("kind"), "name": values.get("name")}
    _refuse(troubles + _taken(session, MeetingServer, same, server_id))
    if server_id is None:
        server = MeetingServer(system_id=system_id, **values)
        session.add(server)
    else:
        server = get_meeting_server(session, server_id)
        _assign(server, values)
    session.flush()
    touch_inventory(session)
    return server


def delete_server(session: Session, server_id: int) -> str:
    """Delete a server. Its name."""
    server = get_meeting_server(session, server_id)
    session.delete(server)
    session.flush()
    touch_inventory(session)
    return server.name


def open_system(session: Session, vault: Vault, system_id: int) -> SystemSecrets:
    """The secrets of a system, ready for use. Raises NotFound, and SealError when the key file does not fit."""
    system = get_system(session, system_id)
    return secrets_from_json(vault.unseal(system.sealed)) if system.sealed else SystemSecrets()


def known_secrets(session: Session, vault: Vault, system_id: int) -> frozenset[str]:
    """Which secrets a system has: names of SystemSecrets. Raises NotFound, SealError."""
    secrets = open_system(session, vault, system_id)
    return frozenset(name for name in SystemSecrets.__dataclass_fields__ if getattr(secrets, name))


def change_key(
    session: Session, vault: Vault, system_id: int, use: str, now: datetime, served_until: datetime
) -> str:
    """Give a system a new key pair for `use` "login" or "system"; the old public key is served until `served_until`.

    Answers the new kid. Raises NotFound, SealError.
    """
    system = get_system(session, system_id)
    secret_name, kid_name = KEY_USES[use]
    pair = new_key_pair(system.app_id if use == "login" else f"{system.app_id}-system", now)
    secrets = open_system(session, vault, system_id).with_changes(**{secret_name: pair.private})
    proofs = json.loads(system.proofs or "{}")
    old = [
        key if key.get("until") else {**key, "until": served_until.timestamp()}
        for key in proofs.get(use, ()) if (key.get("until") or now.timestamp() + 1) > now.timestamp()
    ]
    proofs[use] = [{"kid": pair.kid, "pem": pair.public, "until": None}, *old]
    system.proofs = json.dumps(proofs)
    setattr(system, kid_name, pair.kid)
    _seal(system, vault, secrets)
    session.flush()
    touch_inventory(session)
    return pair.kid


def note_told(session: Session, server_id: int, told: str, now: datetime) -> None:
    """Keep what a server sent by itself; an older message does not replace a newer one."""
    session.execute(
        update(MeetingServer)
        .where(MeetingServer.id == server_id, func.coalesce(MeetingServer.told_at, now) <= now)
        .values(told=told, told_at=now)
    )


def forget_system_secrets(session: Session) -> int:
    """Empty every system's secrets, after the key file was lost; public keys stay served. How many were emptied."""
    emptied = session.execute(
        update(MeetingSystem).where(MeetingSystem.sealed != "").values(sealed="", key_id="", system_key_id=""),
        execution_options={"synchronize_session": False},
    )
    session.expire_all()
    return emptied.rowcount


def _seal(system: MeetingSystem, vault: Vault, secrets: SystemSecrets) -> None:
    system.sealed = vault.seal(secrets_to_json(secrets))
    proofs = json.loads(system.proofs or "{}")
    proofs |= {word: secret_digest(getattr(secrets, name)) for word, name in _CHECKED.items()}
    system.proofs = json.dumps(proofs)


def _checked(subject: Subject, raw: Mapping[str, Any]) -> tuple[Values, list[Trouble]]:
    return check_fields(subject, {field.name: raw.get(field.name) for field in subject.fields}, is_new=True)


def _taken(session: Session, model: Any, same: Mapping[str, Any], own_id: int | None) -> list[Trouble]:
    query = select(model.id).where(model.id != (own_id or 0), *(getattr(model, n) == v for n, v in same.items()))
    if session.scalar(query) is None:
        return []
    return [("name", _("There is one with this name already. Choose another name."))]


def _refuse(troubles: list[Trouble]) -> None:
    if troubles:
        raise InvalidInput([FieldProblem(None, name, message) for name, message in troubles])


def _assign(row: Any, values: Values) -> None:
    for name, value in values.items():
        setattr(row, name, value)
