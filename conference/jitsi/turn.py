"""Short-lived TURN credentials: draft-uberti-behave-turn-rest, as coturn's use-auth-secret takes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core import Secret
from inventory import MeetingSystem

LIFE = timedelta(hours=1)
_STUN_PORT, _TLS_PORT = 3478, 5349


@dataclass(frozen=True, slots=True)
class TurnCredentials:
    """A user name that says until when it is good, and the password that proves it."""

    user: str
    password: Secret
    until: datetime


def turn_credentials(secret: Secret, name: str, now: datetime, life: timedelta = LIFE) -> TurnCredentials:
    """user = "<unix expiry>:<name>", password = base64(HMAC-SHA1(secret, user)). Raises ValueError without a secret."""
    if not secret:
        raise ValueError("no TURN secret")
    until = now + life
    user = f"{int(until.timestamp())}:{name}"
    proof = hmac.new(secret.reveal().encode(), user.encode(), hashlib.sha1).digest()
    return TurnCredentials(user, Secret(base64.b64encode(proof).decode("ascii")), until)


def ice_servers(system: MeetingSystem, credentials: TurnCredentials | None, now: datetime) -> dict[str, Any]:
    """What a browser's RTCPeerConnection and the check of a line take; without credentials only STUN is named.

    Holds the password in clear: for the answer to the kiosk, never for a log.
    """
    stun = _with_port(system.stun_host, _STUN_PORT)
    servers: list[dict[str, Any]] = [{"urls": [f"stun:{stun}"]}] if stun else []
    if credentials is not None and stun:
        urls = [f"turn:{stun}?transport=udp", f"turn:{stun}?transport=tcp"]
        tls = _with_port(system.turn_tls_host, _TLS_PORT)
        urls += [f"turns:{tls}?transport=tcp"] if tls else []
        servers.append({"urls": urls, "username": credentials.user, "credential": credentials.password.reveal()})
    ttl = int((credentials.until - now).total_seconds()) if credentials is not None else 0
    return {"iceServers": servers, "ttl": ttl}


def _with_port(place: str, port: int) -> str:
    if not place:
        return ""
    return place if ":" in place.rpartition("]")[2] else f"{place}:{port}"
