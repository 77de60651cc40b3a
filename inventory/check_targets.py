"""What the target of each kind of check looks like, and how it is written down. Asks nobody: text in, text out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from core import N_
from core import gettext as _
from inventory.addresses import parse_address, parse_endpoint
from inventory.parsing import url
from inventory.problems import BadValue

DNS_TYPES = ("A", "AAAA", "MX", "NS", "TXT", "SOA", "CNAME", "SRV", "CAA", "PTR")
# RFC 1035: a label has 1 to 63 characters; an underscore stands in names of services (RFC 2782)
_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62}\.)*[A-Za-z0-9_-]{1,63}\.?\Z")
_USUAL_PORT = {"tls": 443, "smtp": 25, "imap": 993, "ldap": 636, "udp": 10010}
# RFC 8489, RFC 8656, RFC 3261
STUN_PORT, TURN_TLS_PORT, SIP_PORT = 3478, 5349, 5060
JVB_PORT = 10000
# RFC 7065 (turn:host:port?transport=tcp) and RFC 3261 section 19.1 (sip:user@host:port;transport=tcp), as far as used
_MEDIA = re.compile(r"(?:(?P<scheme>turns?|stun|sips?):)?(?:(?P<user>[^@\s:;?]{1,64})@)?(?P<place>[^@\s;?]+)"
                    r"(?:[?;]transport=(?P<transport>udp|tcp|tls))?", re.I)


@dataclass(frozen=True, slots=True)
class DnsTarget:
    """A question to DNS: name, type, and the server to ask ("" = the resolver of the machine that asks)."""

    name: str
    type: str
    server: str = ""
    port: int = 53


@dataclass(frozen=True, slots=True)
class MediaTarget:
    """Where media is relayed or a codec listens. `transport` is udp, tcp or tls; `user` stands before @ in SIP."""

    host: str
    port: int
    transport: str = "udp"
    user: str = ""


def media_target(kind: str, text: str) -> MediaTarget:
    """`host`, `host:port`, or a URI of the kind (stun, turn, turns, sip) taken apart. Raises BadValue."""
    match = _MEDIA.fullmatch(text.strip())
    scheme = (match["scheme"] or kind).lower() if match else ""
    if match is None or scheme.rstrip("s") != kind or (match["user"] and kind != "sip"):
        raise BadValue(_(_MEDIA_FORMS[kind]))
    is_tls = scheme.endswith("s") or (match["transport"] or "").lower() == "tls"
    usual = {"sip": SIP_PORT + is_tls, "turn": TURN_TLS_PORT if is_tls else STUN_PORT}.get(kind, STUN_PORT)
    place = match["place"]
    is_bare = ":" not in place.rpartition("]")[2] if place.startswith("[") else place.count(":") != 1
    host, _mark, port = parse_endpoint(f"[{place}]:{usual}" if is_bare and ":" in place and place[0] != "[" else
                                       f"{place}:{usual}" if is_bare else place).rpartition(":")
    if kind == "stun" and int(port) == JVB_PORT:
        raise BadValue(_("A bridge never answers plain STUN on UDP port 10000. Check the STUN server (port 3478), and"
                         " the way to the bridge with a UDP train to a reflector."))
    transport = "tls" if is_tls else (match["transport"] or "udp").lower()
    return MediaTarget(host.strip("[]"), int(port), transport, match["user"] or "")


_MEDIA_FORMS = {
    "stun": N_("Enter the STUN server: host or host:port, such as stun.example.edu.vn:3478."),
    "turn": N_("Enter the relay: turn:host:3478, turn:host:3478?transport=tcp or turns:host:5349."),
    "sip": N_("Enter the codec: sip:codec@192.168.1.20, sip:192.168.1.20:5060 or sip:192.168.1.20;transport=tcp."),
}


def _media(kind: str) -> Callable[[str], str]:
    """A parser that writes a media target in its usual form."""

    def parse(text: str) -> str:
        found = media_target(kind, text)
        place = f"[{found.host}]:{found.port}" if ":" in found.host else f"{found.host}:{found.port}"
        if kind == "stun":
            return place
        if kind == "turn":
            tls, plain = f"turns:{place}", f"turn:{place}?transport={found.transport}"
            return tls if found.transport == "tls" else plain
        user = f"{found.user}@" if found.user else ""
        return f"sip:{user}{place}" + (f";transport={found.transport}" if found.transport != "udp" else "")

    return parse


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
    **{kind: _media(kind) for kind in _MEDIA_FORMS},
}
