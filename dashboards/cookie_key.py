"""The key that signs cookies: made once, sealed in the database, so that every web process shares it."""

from __future__ import annotations

import secrets

from core import Database, SealError, Secret, Vault, get_mark, set_mark

MARK = "web_key"
BYTES = 32


def cookie_key(database: Database, vault: Vault) -> str:
    """The key; made when there is none, or when the key file was replaced (everyone then signs in again)."""
    with database.session() as session:
        sealed = get_mark(session, MARK)
        if sealed is not None:
            try:
                return vault.unseal(sealed).reveal()
            except SealError:
                pass
        key = Secret(secrets.token_hex(BYTES))
        set_mark(session, MARK, vault.seal(key))
        return key.reveal()
