"""The check of a join token as Jitsi's Prosody makes it (jitsi.md section 2), with named reasons. For tools and tests.

No leeway: a token is good from nbf to one second before exp.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import jwt

from conference.jitsi.texts import room_of

ALGORITHMS = ("HS256", "HS384", "HS512", "RS256", "RS384", "RS512")
CLAIMS = ("iss", "aud", "exp", "nbf", "room", "context")

# kid ("" without one) -> shared secret or public key as PEM; None when nobody knows that key
KeyFinder = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a server accepts. `tenant` "" means that none is asked for; `room` as somebody wants to enter it."""

    algorithm: str
    issuer: str
    audience: str
    room: str
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is "ok" or a word of reasons.py; `detail` names the claim where one is meant."""

    reason: str
    detail: str = ""
    claims: dict[str, Any] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        """True when the token opens the room."""
        return self.reason == "ok"


def verify_token(token: str, find_key: KeyFinder, expected: Expected, now: datetime) -> Verdict:
    """Whether this token opens this room now, and if not, why."""
    header = _header(token)
    if header is None:
        return Verdict("malformed")
    if header.get("typ") != "JWT":
        return Verdict("wrong_type", str(header.get("typ"))[:40])
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm.lower() == "none":
        return Verdict("unsigned")
    if algorithm not in ALGORITHMS or algorithm != expected.algorithm:
        return Verdict("wrong_algorithm", algorithm[:40])
    kid = header.get("kid", "")
    if algorithm.startswith("RS") and not (isinstance(kid, str) and kid):
        return Verdict("missing_claim", "kid")
    key = find_key(kid if isinstance(kid, str) else "")
    if not key:
        return Verdict("unknown_key")
    try:
        claims = json.loads(jwt.PyJWS().decode(token, key, algorithms=[algorithm]))
    except jwt.InvalidTokenError:
        return Verdict("forged")
    except ValueError:
        return Verdict("malformed")
    return _judge_claims(claims, expected, now)


def _judge_claims(claims: Any, expected: Expected, now: datetime) -> Verdict:
    if not isinstance(claims, dict):
        return Verdict("malformed")
    missing = next((name for name in CLAIMS if claims.get(name) in (None, "")), "")
    if missing:
        return Verdict("missing_claim", missing, claims)
    for name in ("exp", "nbf"):
        if isinstance(claims[name], bool) or not isinstance(claims[name], int | float):
            return Verdict("wrong_claim", name, claims)
    if now.timestamp() < claims["nbf"]:
        return Verdict("not_yet", "nbf", claims)
    if now.timestamp() >= claims["exp"]:
        return Verdict("expired", "exp", claims)
    if claims["iss"] != expected.issuer:
        return Verdict("wrong_issuer", "iss", claims)
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if expected.audience not in audience:
        return Verdict("wrong_audience", "aud", claims)
    return _judge_room(claims, expected)


def _judge_room(claims: dict[str, Any], expected: Expected) -> Verdict:
    room, context = claims["room"], claims["context"]
    if not isinstance(room, str) or not isinstance(context, dict):
        return Verdict("wrong_claim", "room" if not isinstance(room, str) else "context", claims)
    inner = context.get("room")
    if room == "*" or (isinstance(inner, dict) and inner.get("regex")):
        return Verdict("wildcard_room", "room", claims)  # we never make one; token_no_wildcard refuses it too
    user = context.get("user")
    if not isinstance(user, dict) or not all(isinstance(value, str) for value in user.values()):
        return Verdict("wrong_claim", "context.user", claims)
    tenant, wanted = room_of(expected.room)
    if room.lower() != wanted:
        return Verdict("wrong_room", "room", claims)
    if (expected.tenant and claims.get("sub") not in (expected.tenant, "*")) or (
        tenant and expected.tenant and tenant != expected.tenant.lower()
    ):
        return Verdict("wrong_tenant", "sub", claims)
    return Verdict("ok", "", claims)


def _header(token: str) -> dict[str, Any] | None:
    parts = token.split(".")
    if len(parts) != 3 or len(token) > 16_384 or not re.fullmatch(r"[A-Za-z0-9_-]+", parts[0]):
        return None
    try:
        header = json.loads(base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)))
    except (ValueError, binascii.Error):
        return None
    return header if isinstance(header, dict) else None
