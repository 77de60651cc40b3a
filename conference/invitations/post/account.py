"""The mail accounts of invitations: where they are sent, where replies are read. Values only; nothing is opened."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from pydantic import SecretStr

from core import GiveUp

NO_PASSWORD = SecretStr("")


@dataclass(frozen=True, slots=True)
class Account:
    """A server and who we are there. `security`: none, starttls or tls."""

    server: str
    port: int
    security: str = "starttls"
    user: str = ""
    password: SecretStr = NO_PASSWORD
    ca_file: str = ""
    timeout_s: float = 20.0


def tls_context(account: Account) -> ssl.SSLContext:
    """Certificates are checked, always. Raises GiveUp("bad_settings") when the own authority's file cannot be read."""
    try:
        return ssl.create_default_context(cafile=account.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise GiveUp("bad_settings", f"mail_ca_file: {type(error).__name__}") from None
