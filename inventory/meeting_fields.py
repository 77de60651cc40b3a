"""The fields of meeting systems and their servers as forms know them, and the words of their closed lists."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Any

from core import N_
from core import gettext as _
from inventory.fields import Field, Subject, Trouble, Values
from inventory.parsing import choice, decimal, line, notes, speed, url, whole, yes_no
from inventory.problems import BadValue

MEETING_PROVIDERS: dict[str, str] = {"jitsi": "Jitsi Meet"}

# RFC 7518 section 3.1; what luajwtjitsi takes
TOKEN_ALGORITHMS: dict[str, str] = {
    "RS256": N_("RS256: key pair (recommended)"), "RS384": N_("RS384: key pair"), "RS512": N_("RS512: key pair"),
    "HS256": N_("HS256: shared secret"), "HS384": N_("HS384: shared secret"), "HS512": N_("HS512: shared secret"),
}

MEETING_SERVER_KINDS: dict[str, str] = {
    "jvb": N_("Bridge (JVB)"), "jicofo": "Jicofo", "prosody": "Prosody", "jibri": N_("Recorder (Jibri)"),
    "jigasi": N_("Telephone gateway (Jigasi)"), "coturn": N_("Relay (coturn)"),
}

# Secrets that are typed in, in the order of the form; the private keys are made here and never typed
SYSTEM_SECRETS: dict[str, str] = {
    "token_key": N_("Token secret (app_secret)"),
    "reservation_secret": N_("Secret of the reservation questions"),
    "event_secret": N_("Secret of the room events"),
    "turn_secret": N_("Secret of the relay (static-auth-secret)"),
}

_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PLACE = re.compile(r"(?P<host>[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:(?P<port>\d{1,5}))?")


def _host(raw: Any) -> str:
    text = line(200)(raw).lower()
    if not _HOST.fullmatch(text):
        raise BadValue(_("Enter a host name such as meet.example.edu.vn, without https:// and without a path."))
    return text


def _word(raw: Any) -> str:
    text = line(64)(raw)
    if not _WORD.fullmatch(text):
        raise BadValue(_("Use letters without accents, digits, points and hyphens only."))
    return text


def _place(raw: Any) -> str:
    text = line(200)(raw)
    found = _PLACE.fullmatch(text)
    if not found or not 1 <= int(found["port"] or 1) <= 65535:
        raise BadValue(_("Enter a host name or address, with :port where it is not the usual one."))
    return text


def _place_with_port(raw: Any) -> str:
    text = _place(raw)
    if ":" not in text.rpartition("]")[2]:
        raise BadValue(_("Enter host and port, such as 10.0.0.5:10001."))
    return text


def _networks(raw: Any) -> str:
    words = re.split(r"[\s,;]+", notes(2000)(raw).strip())
    for word in words:
        try:
            ip_network(word, strict=False)
        except ValueError:
            raise BadValue(_(
                "%(word)s is no address and no network. Enter them like 10.0.0.5 or 10.0.0.0/24.", word=word[:60]
            )) from None
    return " ".join(words)


SYSTEM = Subject(
    "meeting_system", "meeting-systems", N_("Meeting systems"),
    (
        Field("name", N_("Name"), line(200), required=True, example="Jitsi của Sở"),
        Field("provider", N_("System"), choice(MEETING_PROVIDERS), default="jitsi", choices=MEETING_PROVIDERS),
        Field("public_url", N_("Address for people"), url, required=True, example="https://meet.example.edu.vn",
              help=N_("What stands in front of the room in a browser's address.")),
        Field("domain", N_("XMPP domain"), _host, required=True, example="meet.example.edu.vn",
              help=N_("The VirtualHost of prosody.cfg that holds the meetings.")),
        Field("muc_prefix", N_("Prefix of the rooms' domain"), _word, default="muc",
              help=N_("muc with Docker, conference with Debian packages: see the line Component \"….\" \"muc\".")),
        Field("tenant", N_("Tenant"), _word, help=N_("Only where the addresses of rooms have a part before the room.")),
        Field("app_id", N_("Issuer (app_id)"), _word, default="edunoc"),
        Field("audience", N_("Audience"), _word, default="jitsi"),
        Field("algorithm", N_("Signature of tokens"), choice(TOKEN_ALGORITHMS), default="RS256",
              choices=TOKEN_ALGORITHMS,
              help=N_("The same as signature_algorithm in prosody.cfg; anything else is refused there.")),
        Field("server_networks", N_("Addresses of its servers"), _networks,
              help=N_("Who may fetch public keys here and tell of recorders: addresses or networks, with blanks"
                      " between them. Empty: nobody.")),
        Field("has_visitors", N_("Visitors mode is set up"), yes_no, default=False),
        Field("main_limit", N_("Participants before visitors mode"), whole(1, 10000), default=None),
        Field("vnode_count", N_("Visitor servers (vnodes)"), whole(0, 16), default=None),
        Field("vnode_limit", N_("Visitors on one visitor server"), whole(1, 100000), default=None),
        Field("bridge_limit", N_("Participants on one bridge"), whole(1, 100000), default=None,
              help=N_("max-bridge-participants of jicofo.conf.")),
        Field("joins_per_second", N_("Joins per second that Prosody takes"), decimal(0.1, 1000), default=None),
        Field("trunk_bps", N_("Line of the servers"), speed, default=None, example="1 Gbit/s",
              help=N_("All bridges together; without a unit: Mbit/s.")),
        Field("stun_host", N_("STUN and TURN server"), _place, example="turn.example.edu.vn:3478"),
        Field("turn_tls_host", N_("TURN over TLS"), _place, example="turn.example.edu.vn:5349"),
        Field("reflector", N_("UDP reflector"), _place_with_port, example="10.0.0.5:10001"),
        Field("is_enabled", N_("Is in use"), yes_no, default=False),
        Field("notes", N_("Notes"), notes(4000)),
    ),
)

SERVER = Subject(
    "meeting_server", "meeting-servers", N_("Meeting servers"),
    (
        Field("kind", N_("Kind"), choice(MEETING_SERVER_KINDS), required=True, default="jvb",
              choices=MEETING_SERVER_KINDS),
        Field("name", N_("Name"), line(100), required=True, example="jvb-1",
              help=N_("What the others call it: a bridge's relay-id.")),
        Field("url", N_("Address of its own interface"), url, required=True, example="http://10.0.0.5:8080",
              help=N_("Bridge 8080, Jicofo 8888, Prosody 5280, Jibri 2222, Jigasi 8788, coturn 9641.")),
        Field("device_id", N_("Machine"), whole(1, 2**31 - 1), default=None, refers="device",
              help=N_("The device of the inventory that it runs on, if EduNOC watches that too.")),
        Field("capacity_bps", N_("Network card"), speed, default=None, example="1 Gbit/s",
              help=N_("Empty: 1 Gbit/s. Without a unit: Mbit/s.")),
        Field("is_enabled", N_("Is in use"), yes_no, default=False),
    ),
)


def least_secret_length(algorithm: str) -> int:
    """How many bytes an HMAC secret must have: as many as the hash (RFC 7518 section 3.2)."""
    return int(algorithm[2:]) // 8


def system_troubles(values: Values, secrets: dict[str, str]) -> list[Trouble]:
    """What is wrong with typed secrets."""
    troubles: list[Trouble] = []
    for name, text in secrets.items():
        least = least_secret_length(values["algorithm"]) if name == "token_key" else 16
        if not text:
            continue
        if not text.isascii() or not text.isprintable() or " " in text:
            troubles.append((name, _("Use letters without accents, digits and signs only, without blanks.")))
        elif len(text) < least:
            troubles.append((name, _(
                "Too short: at least %(least)d characters. `openssl rand -hex 32` makes a good one.", least=least)))
        elif len(text) > 500:
            troubles.append((name, _("This secret is too long. Check that only the secret was pasted.")))
    return troubles
