"""Pairing codes, device cookies and signing secrets, from the operating system's randomness. Keeps nothing."""

from __future__ import annotations

import secrets

from core import Secret

# Without 0 O 1 I L 2 Z 5 S 8 B: what people misread from paper and mishear over the telephone
ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"
CODE_LENGTH = 8


def new_code() -> str:
    """A pairing code: 25^8, some 1.5e11 possibilities, for thirty minutes and few tries."""
    return "".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH))


def new_cookie() -> str:
    """What a paired browser shows from then on."""
    return secrets.token_urlsafe(32)


def new_signing_secret() -> Secret:
    """The key of a browser's heartbeats: 256 bits in hexadecimal."""
    return Secret(secrets.token_hex(32))
