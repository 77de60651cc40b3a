"""Which ways are to be measured: to the servers of systems with a meeting ahead, and codecs that meet soon."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from conference.schedule import OPEN_STATES, Meeting, Participant
from core import SealError, Secret, Session, Vault
from inventory import Endpoint, MeetingSystem, open_system

AHEAD, SOON = timedelta(hours=24), timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Way:
    """One look to make: `kind` and `target` of a check, `step` of the ladder, `key` under which it is kept."""

    key: str
    step: str
    kind: str
    target: str
    secret: Secret | None = None


def ways_to_measure(session: Session, vault: Vault, now: datetime) -> list[Way]:
    """All of them. A system whose secrets cannot be opened is measured without signing in."""
    ahead = (Meeting.state.in_(OPEN_STATES), Meeting.starts_at < now + AHEAD, Meeting.ends_at > now)
    wanted = set(session.scalars(select(Meeting.system_id).where(*ahead)))
    systems = select(MeetingSystem).where(MeetingSystem.is_enabled, MeetingSystem.id.in_(wanted))
    found = [way for system in session.scalars(systems) for way in _ways(session, vault, system)]
    codecs = (
        select(Endpoint.id, Endpoint.sip_uri).join(Participant, Participant.endpoint_id == Endpoint.id)
        .join(Meeting, Meeting.id == Participant.meeting_id)
        .where(*ahead, Meeting.starts_at < now + SOON, Endpoint.kind == "codec", Endpoint.sip_uri != "").distinct()
    )
    return found + [Way(f"endpoint:{one}@department/sip", "sip", "sip", uri) for one, uri in session.execute(codecs)]


def _ways(session: Session, vault: Vault, system: MeetingSystem) -> list[Way]:
    secret: Secret | None = None
    with suppress(SealError):
        secret = open_system(session, vault, system.id).turn_secret or None
    key = f"system:{system.id}@department"
    found: list[Way] = []
    if system.stun_host:
        found += [
            Way(f"{key}/stun", "stun", "stun", system.stun_host),
            Way(f"{key}/turn_udp", "turn_udp", "turn", f"turn:{system.stun_host}", secret),
            Way(f"{key}/turn_tcp", "turn_tcp", "turn", f"turn:{system.stun_host}?transport=tcp", secret),
        ]
    if system.turn_tls_host:
        found.append(Way(f"{key}/turn_tls", "turn_tls", "turn", f"turns:{system.turn_tls_host}", secret))
    if system.reflector:
        found.append(Way(f"{key}/udp", "udp", "udp", system.reflector))
    return found
