"""Where a check leads: host and port out of its target."""

from __future__ import annotations

import re

from collectors.checks.outcome import CheckTarget
from core import GiveUp

_TARGET = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s:/\[\]]*)):(?P<port>\d{1,5})\Z")


def place_of(check: CheckTarget) -> tuple[str, int]:
    """(host, port) of `host:port`, or of `:port` of the device. Raises GiveUp("bad_target")."""
    match = _TARGET.match(check.target.strip())
    host = (match["v6"] or match["host"] or check.address) if match else ""
    port = int(match["port"]) if match else 0
    if not host or not 1 <= port <= 65535:
        raise GiveUp("bad_target", check.target[:100])
    return host, port


def begins_with_tls(check: CheckTarget, port: int, tls_ports: tuple[int, ...]) -> bool:
    """Whether TLS is spoken from the first byte: by the setting, or by the port's custom (RFC 8314)."""
    return check.security == "tls" or (check.security == "auto" and port in tls_ports)


def wants_starttls(check: CheckTarget, is_offered: bool) -> bool:
    """Whether to ask for STARTTLS now. Raises GiveUp("no_starttls") when it must be and is not offered."""
    if check.security == "starttls" and not is_offered:
        raise GiveUp("no_starttls")
    return is_offered and check.security in ("auto", "starttls")
