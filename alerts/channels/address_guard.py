"""Keeps EduNOC from being used to call addresses inside our own network (server-side request forgery)."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from core import GiveUp, TryLater

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: Address) -> bool:
    """True for addresses that belong to somebody on the Internet."""
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if mapped is not None:
        return is_public(mapped)
    return address.is_global and not address.is_multicast and not address.is_reserved


def check_url(url: str, allows_private: bool) -> tuple[str, int, str]:
    """(host, port, an address of it that may be called): connect to that address, lest the name change its mind.

    Raises GiveUp("forbidden_address") when any address of the host lies inside, GiveUp("bad_settings"), TryLater.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise GiveUp("bad_settings") from None
    host = parts.hostname
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise GiveUp("bad_settings")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise TryLater("unreachable") from None
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses:
        raise TryLater("unreachable")
    if not allows_private and not all(is_public(address) for address in addresses):
        raise GiveUp("forbidden_address")
    return host, port, str(addresses[0])
