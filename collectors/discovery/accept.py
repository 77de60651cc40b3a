"""From a find to a device of the inventory, when a person says so; and a search's credentials, sealed and opened."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from collectors.discovery.search import Candidate
from collectors.models import DiscoveryFind, DiscoveryRun
from collectors.store import addresses_in_use, find_by_id, mark_find
from core import Scope, SealError, Secret, Session, Vault
from core import gettext as _
from inventory import (
    Device,
    FieldProblem,
    InvalidInput,
    NotFound,
    SnmpCredential,
    create_credential,
    create_record,
    find_credential,
    free_device_name,
    open_credential,
    open_credentials,
    record_facts,
)

_TEXT = 100


def seal_communities(vault: Vault, communities: Iterable[Secret]) -> str:
    """Typed communities for a search's row, each sealed; "" when there are none."""
    sealed = [vault.seal(one) for one in dict.fromkeys(communities) if one]
    return json.dumps(sealed) if sealed else ""


def candidates_of(session: Session, vault: Vault, run: DiscoveryRun) -> list[Candidate]:
    """The credentials of a search in the order to try. Raises SealError, NotFound."""
    typed = json.loads(run.sealed) if run.sealed else []
    found = [typed_candidate(vault, vault.unseal(sealed)) for sealed in typed]
    for credential_id in json.loads(run.credential_ids or "[]"):
        opened = open_credential(session, vault, credential_id)
        if isinstance(opened, SnmpCredential):
            found.append(Candidate(opened, credential_id))
    return found


def typed_candidate(vault: Vault, community: Secret) -> Candidate:
    """A community typed in for one search, as SNMP v2c."""
    return Candidate(SnmpCredential(version="2c", community=community), None, vault.seal(community))


def accept_find(session: Session, vault: Vault, scope: Scope, find_id: int, site_id: int, now: datetime) -> Device:
    """Make the device at this site; what was found fills it in. A typed community becomes a credential, once.

    Raises NotFound when the find is gone, InvalidInput when it was dealt with or its address is a device already.
    """
    find = find_by_id(session, find_id)
    if find is None:
        raise NotFound(_("This find is gone. Search again."))
    if (find.address, find.port) in addresses_in_use(session, [find.address]):
        raise InvalidInput([_problem("address", _("A device with this address is in the inventory already."))])
    facts: dict[str, str] = json.loads(find.facts)
    device = create_record(
        session,
        scope,
        Device,
        {
            "site_id": site_id,
            "name": free_device_name(session, site_id, find.name or find.address),
            "kind": find.kind,
            "vendor": find.vendor[:_TEXT],
            "model": find.model,
            "serial": facts.get("serial", "")[:_TEXT],
            "firmware": facts.get("version", "")[:200],
            "address": find.address,
            "snmp_port": find.port,
            "credential_id": find.credential_id or _credential_id(session, vault, find),
        },
    )
    if not mark_find(session, find_id, "accepted", device.id):
        raise InvalidInput([_problem("state", _("Somebody has dealt with this find already."))])
    record_facts(session, device.id, facts, now)
    return device


def ignore_find(session: Session, find_id: int) -> bool:
    """Leave this find alone; False when somebody has dealt with it already."""
    return mark_find(session, find_id, "ignored")


def restore_find(session: Session, find_id: int) -> bool:
    """Take an ignored find back."""
    return mark_find(session, find_id, "found")


def _credential_id(session: Session, vault: Vault, find: DiscoveryFind) -> int | None:
    if not find.sealed:
        return None
    community = vault.unseal(find.sealed)
    known = known_community(session, vault, community)
    if known is not None:
        return known
    record = create_credential(
        session,
        vault,
        {"name": _free_name(session), "kind": "snmp_v2c", "community": community, "notes": _("Made by a search.")},
    )
    return record.id


def known_community(session: Session, vault: Vault, community: Secret) -> int | None:
    """The id of an SNMP v2c credential with this community, or None."""
    try:
        opened = open_credentials(session, vault)
    except SealError:
        return None
    for credential_id, one in sorted(opened.items()):
        if isinstance(one, SnmpCredential) and one.version == "2c" and one.community == community:
            return credential_id
    return None


def _free_name(session: Session) -> str:
    number = 1
    while find_credential(session, name := f"SNMP v2c {number}") is not None:
        number += 1
    return name


def _problem(field: str, text: str) -> FieldProblem:
    return FieldProblem(None, field, text)


def accept_all(
    session: Session, vault: Vault, scope: Scope, finds: Sequence[DiscoveryFind], site_id: int, now: datetime
) -> list[Device]:
    """Accept every find that was identified and is not in the inventory yet."""
    taken = addresses_in_use(session, [find.address for find in finds])
    return [
        accept_find(session, vault, scope, find.id, site_id, now)
        for find in finds
        if find.state == "found" and find.reason == "ok" and (find.address, find.port) not in taken
    ]
