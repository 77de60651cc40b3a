"""Join tokens (JWT) as Jitsi's Prosody wants them: jitsi.md section 2. Signs; the check stands in checking.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt

from conference.jitsi.texts import is_exact_room, plain
from conference.schedule import Meeting, Participant
from core import Secret
from inventory import MeetingSystem, SystemSecrets

BEFORE = timedelta(minutes=60)   # nbf, before the start
AFTER = timedelta(hours=2)       # exp, after the end
AHEAD = timedelta(days=7)        # earlier nobody gets a token: an exchanged key need not be served for ever
HOSTS = frozenset({"chair", "cohost", "secretary"})
HOST_GROUP, SPEAKER_GROUP, LISTENER_GROUP = "dieu-hanh", "phat-bieu", "diem-cau"
_REFUSING_STATES = {"draft": "not_scheduled", "pending": "not_approved", "refused": "not_approved",
                    "cancelled": "cancelled", "ended": "over"}

# Every feature that mod_jitsi_permissions knows: named ones are obeyed, missing ones would be all true for a moderator
FEATURES = (
    "livestreaming", "recording", "transcription", "outbound-call", "create-polls", "send-groupchat",
    "send-private-message", "flip", "live-translation", "file-upload",
)
HOST_FEATURES = frozenset({
    "livestreaming", "recording", "create-polls", "send-groupchat", "send-private-message", "flip", "file-upload",
})
SITE_FEATURES = frozenset({"send-groupchat"})


class TokenProblem(Exception):
    """No token can be given; `reason` is a word of reasons.py."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Grant:
    """What one participant may do in one room, and from when to when."""

    room: str
    subject: str
    name: str
    email: str
    is_host: bool
    group: str
    valid_from: datetime
    valid_until: datetime
    features: Mapping[str, bool] = field(default_factory=dict)


def grant_of(meeting: Meeting, participant: Participant) -> Grant:
    """The policy: one room, one meeting, the rights of the role. Hosts lead; speakers and listeners differ by group."""
    is_host = participant.role in HOSTS
    allowed = HOST_FEATURES if is_host else SITE_FEATURES
    opening, overrun = timedelta(minutes=meeting.opens_minutes), timedelta(minutes=meeting.overrun_minutes)
    return Grant(
        room=meeting.room,
        subject=participant.subject,
        name=plain(participant.name, 200),
        email=plain(participant.email, 254),
        is_host=is_host,
        group=HOST_GROUP if is_host else SPEAKER_GROUP if participant.mode == "speak" else LISTENER_GROUP,
        valid_from=meeting.starts_at - max(BEFORE, opening),
        valid_until=meeting.ends_at + max(AFTER, overrun),
        features={name: name in allowed for name in FEATURES},
    )


def claims_of(system: MeetingSystem, grant: Grant, now: datetime) -> dict[str, Any]:
    """The claims; everything in context.user is a text, as null and others make Prosody stumble."""
    user = {"id": grant.subject, "name": grant.name, "email": grant.email,
            "affiliation": "owner" if grant.is_host else "member"}
    if grant.is_host:
        user |= {"moderator": "true", "lobby_bypass": "true"}
    return {
        "iss": system.app_id, "aud": system.audience, "sub": system.tenant or system.domain, "room": grant.room,
        "nbf": int(grant.valid_from.timestamp()), "exp": int(grant.valid_until.timestamp()),
        "iat": int(now.timestamp()),
        "context": {"user": user, "group": grant.group, "features": dict(grant.features)},
    }


def encode(claims: Mapping[str, Any], key: Secret, algorithm: str, kid: str = "") -> Secret:
    """The signed token: UTF-8 JSON without blanks, header typ "JWT" first, base64url without padding."""
    payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"kid": kid} if kid else None
    return Secret(jwt.PyJWS().encode(payload, key.reveal(), algorithm=algorithm, headers=headers, sort_headers=False))


def join_token(
    system: MeetingSystem, secrets: SystemSecrets, meeting: Meeting, participant: Participant, now: datetime
) -> Secret:
    """A participant's token for one meeting. Raises TokenProblem with a named reason."""
    reason = _REFUSING_STATES.get(meeting.state)
    if reason:
        raise TokenProblem(reason)
    if not system.is_enabled or meeting.system_id != system.id:
        raise TokenProblem("no_system")
    if participant.meeting_id != meeting.id:
        raise TokenProblem("not_invited")
    grant = grant_of(meeting, participant)
    if not is_exact_room(grant.room):
        raise TokenProblem("wildcard_room")
    if now >= grant.valid_until:
        raise TokenProblem("over")
    if now < grant.valid_from - AHEAD:
        raise TokenProblem("too_early")
    is_by_key_pair = system.algorithm.startswith("RS")
    if not secrets.token_key or (is_by_key_pair and not system.key_id):
        raise TokenProblem("no_key")
    kid = system.key_id if is_by_key_pair else ""
    return encode(claims_of(system, grant, now), secrets.token_key, system.algorithm, kid)


def room_url(system: MeetingSystem, room: str) -> str:
    """The room's address for people, without a token."""
    tenant = f"/{system.tenant}" if system.tenant else ""
    return f"{system.public_url.rstrip('/')}{tenant}/{room}"


def join_url(system: MeetingSystem, meeting: Meeting, token: Secret) -> Secret:
    """The address that lets its bearer in; not to be logged, mailed or kept."""
    return Secret(f"{room_url(system, meeting.room)}?jwt={token.reveal()}")
