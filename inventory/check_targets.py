"""What the target of each kind of check looks like, and how it is written down. Asks nobody: text in, text out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from core import gettext as _
from inventory.addresses import parse_address, parse_endpoint
from inventory.parsing import url
from inventory.problems import BadValue

DNS_TYPES = ("A", "AAAA", "MX", "NS", "TXT", "SOA", "CNAME", "SRV", "CAA", "PTR")
# RFC 1035: a label has 1 to 63 characters; an underscore stands in names of services (RFC 2782)
_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62}\.)*[A-Za-z0-9_-]{1,63}\.?\Z")
_USUAL_PORT = {"tls": 443, "smtp": 25, "imap": 993, "ldap": 636}


@dataclass(frozen=True, slots=True)
class DnsTarget:
    """A question to DNS: name, type, and the server to ask ("" = the resolver of the machine that asks)."""

    name: str
    type: str
    server: str = ""
    port: int = 53


def check_target(kind: str, text: str) -> str:
    """The target in its usual form. Raises BadValue, which says what to enter."""
    return _FORMS[kind](text.strip())


def dns_target(text: str) -> DnsTarget:
    """`name [TYPE] [@server[:port]]` taken apart. Raises BadValue."""
    words = text.split()
    server, port = "", 53
    if words and words[-1].startswith("@"):
        server, port = _server(words.pop()[1:])
    kind = words.pop().upper() if len(words) == 2 else "A"
    if len(words) != 1 or not _NAME.match(words[0]) or kind not in DNS_TYPES:
        raise BadValue(_(
            "Enter a name, the type and, if wanted, the server: example.edu.vn MX @203.0.113.53. Types: %(types)s.",
            types=", ".join(DNS_TYPES)))
    return DnsTarget(words[0].rstrip(".").lower(), kind, server, port)


def _server(text: str) -> tuple[str, int]:
    if text.count(":") == 1 or text.startswith("["):
        host, _mark, port = parse_endpoint(text).rpartition(":")
        if host:
            return host.strip("[]"), int(port)
    return parse_address(text), 53


def _dns(text: str) -> str:
    found = dns_target(text)
    host = f"[{found.server}]" if ":" in found.server and found.port != 53 else found.server
    at = f" @{host}" if found.server else ""
    return f"{found.name} {found.type}{at}" + (f":{found.port}" if found.port != 53 else "")


def _with_port(kind: str) -> Callable[[str], str]:
    """A parser of host:port that knows the usual port of the kind."""

    def parse(text: str) -> str:
        is_bare = text and ":" not in text.rpartition("]")[2] and not text.replace(":", "").isdigit()
        return parse_endpoint(f"{text}:{_USUAL_PORT[kind]}" if is_bare else text)

    return parse


_FORMS: dict[str, Callable[[str], str]] = {
    "http": url,
    "dns": _dns,
    "tcp": parse_endpoint,
    **{kind: _with_port(kind) for kind in _USUAL_PORT},
}
