"""Secrets of a meeting system: how they are kept together, new key pairs, and the signature of control tokens.

Join tokens are not made here (conference/jitsi does); control tokens are, as those who send commands stand below it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from core import Secret

RSA_BITS = 2048
_NONE = Secret("")
CONTROL_TOKEN_LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SystemSecrets:
    """The opened secrets of one system; an empty Secret where none was entered.

    `token_key` is the shared secret (HS...) or the private key as PEM (RS...) of join tokens, `system_key` the private
    key of control tokens.
    """

    token_key: Secret = _NONE
    system_key: Secret = _NONE
    reservation_secret: Secret = _NONE
    event_secret: Secret = _NONE
    turn_secret: Secret = _NONE

    def with_changes(self, **texts: Secret) -> SystemSecrets:
        """A copy with some of them exchanged."""
        return replace(self, **texts)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A new RSA key pair: the private half secret, the public one as PEM, and a kid made from it."""

    private: Secret
    public: str
    kid: str


def new_key_pair(prefix: str, now: datetime) -> KeyPair:
    """A key pair of 2048 bits. Its kid names issuer, day and key: "edunoc-20261123-1f9c02"."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode("ascii")
    return KeyPair(Secret(private), public, f"{prefix}-{now:%Y%m%d}-{sha256_hex(public)[:6]}")


def key_file_name(kid: str) -> str:
    """The name under which Prosody asks for the public key of a kid (jitsi.md section 2)."""
    return f"{sha256_hex(kid)}.pem"


def sha256_hex(text: str) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def secret_digest(secret: Secret) -> str:
    """What a secret is checked against without being kept: SHA-256 in hex, "" for no secret."""
    return sha256_hex(secret.reveal()) if secret else ""


def secrets_to_json(secrets: SystemSecrets) -> Secret:
    """All secrets as JSON text, to be sealed at once."""
    return Secret(json.dumps({field.name: getattr(secrets, field.name).reveal() for field in fields(secrets)}))


def secrets_from_json(text: Secret) -> SystemSecrets:
    """What secrets_to_json wrote; names that this version does not know are left out."""
    known = {field.name for field in fields(SystemSecrets)}
    return SystemSecrets(**{n: Secret(v) for n, v in json.loads(text.reveal()).items() if n in known})


def sign_system_token(system: Any, system_key: Secret, room: str, now: datetime) -> Secret:
    """The RS256 token for /end-meeting and /kick-participant (jitsi.md section 5.1), good for five minutes.

    `system` is a MeetingSystem; `room` the MUC node that the command is about. Raises ValueError without a key.
    """
    if not system_key or not system.system_key_id:
        raise ValueError("no key pair for control tokens")
    at = int(now.timestamp())
    claims = {
        "iss": system.app_id, "aud": system.audience, "sub": system.tenant or system.domain, "room": room.lower(),
        "nbf": at, "iat": at, "exp": at + int(CONTROL_TOKEN_LIFE.total_seconds()),
    }
    return Secret(jwt.encode(claims, system_key.reveal(), algorithm="RS256", headers={"kid": system.system_key_id}))
