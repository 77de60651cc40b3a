"""Secrets of calendar addresses, from the operating system's randomness."""

from __future__ import annotations

import secrets


def feed_secret() -> str:
    """256 bits, as they stand in an address."""
    return secrets.token_urlsafe(32)
