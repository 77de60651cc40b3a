"""What a meeting system still lacks, and which public keys it serves. Pure; the words are for people."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from core import gettext as _
from inventory import MeetingServer, MeetingSystem


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One public key that is served. `until` None: the one that signs now."""

    use: str
    kid: str
    until: datetime | None


def served_keys(system: MeetingSystem, now: datetime) -> list[KeyLine]:
    """The public keys that servers can fetch now."""
    proofs = json.loads(system.proofs or "{}")
    lines = []
    for use in ("login", "system"):
        for key in proofs.get(use, ()):
            until = datetime.fromtimestamp(key["until"], UTC) if key.get("until") else None
            if until is None or until > now:
                lines.append(KeyLine(use, key["kid"], until))
    return lines


def missing_of(system: MeetingSystem, servers: Sequence[MeetingServer], known: Collection[str]) -> list[str]:
    """What is to be done before meetings can be held on it, the most important first; empty: nothing."""
    is_by_pair = system.algorithm.startswith("RS")
    found = []
    if "token_key" not in known:
        found.append(_("Make a key pair for login tokens.") if is_by_pair else _("Enter the token secret."))
    if is_by_pair and not system.server_networks:
        found.append(_("Enter the addresses of its servers: nobody can fetch the public key yet."))
    if "reservation_secret" not in known:
        found.append(_("Enter the secret of the reservation questions: no room can open without it."))
    if "event_secret" not in known:
        found.append(_("Enter the secret of the room events: attendance is counted from them."))
    if "system_key" not in known:
        found.append(_("Make a key pair for control tokens: meetings cannot be ended from here without it."))
    if not any(server.kind == "jvb" for server in servers):
        found.append(_("Add its servers, the bridges first: their load is not known."))
    return found
