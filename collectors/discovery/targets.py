"""Which addresses a search asks: networks, single addresses and host:port pairs, expanded within a limit. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core import gettext as _

SNMP_PORT = 161
# Link-local, multicast and unspecified addresses name nothing that a search could find and keep.
_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_-]{1,63})*\.?\Z")


@dataclass(frozen=True, slots=True)
class Place:
    """One address and UDP port to ask. `is_sweepable`: part of a network, so it is pinged first."""

    address: str
    port: int = SNMP_PORT
    is_sweepable: bool = False


class TargetError(ValueError):
    """The targets cannot be searched; `problems` says why, one sentence each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


def expand(text: str, limit: int, port: int = SNMP_PORT) -> tuple[Place, ...]:
    """The places named by `text`: networks (10.1.0.0/24, 2001:db8::/120), ranges (10.1.0.5-20), addresses, HOST:PORT.

    Separated by commas, blanks or lines; each place once. Raises TargetError naming every wrong word, or when there are
    more than `limit` addresses.
    """
    words = re.split(r"[\s,;]+", text.strip())
    problems: list[str] = []
    found: dict[Place, None] = {}
    for word in filter(None, words):
        try:
            places = _places(word, port, limit)
        except TargetError as error:
            problems.extend(error.problems)
            continue
        found.update(dict.fromkeys(places))
        if len(found) > limit:
            problems.append(_too_many(len(found), limit))
            break
    if not found and not problems:
        problems.append(_("Enter a network such as 192.168.1.0/24, or an address."))
    if problems:
        raise TargetError(problems)
    return tuple(found)


def is_ip_address(text: str) -> bool:
    """True for an IPv4 or IPv6 address without port or mask."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _places(word: str, port: int, limit: int) -> Iterator[Place] | list[Place]:
    shown = word[:60]
    if "/" in word:
        return _network(word, port, limit)
    if match := re.fullmatch(r"(\d+\.\d+\.\d+\.)(\d+)-(\d+)", word):
        first, last = int(match[2]), int(match[3])
        if not (first <= last <= 255 and is_ip_address(f"{match[1]}{first}")):
            raise TargetError([_("%(word)s is not a range of addresses; write 10.1.0.5-20.", word=shown)])
        return [Place(f"{match[1]}{host}", port, True) for host in range(first, last + 1)]
    host, own_port = _host_and_port(word, port)
    if not 1 <= own_port <= 65535:
        raise TargetError([_("%(word)s: a port is a number from 1 to 65535.", word=shown)])
    if is_ip_address(host):
        return [Place(str(ipaddress.ip_address(host)), own_port)]
    if re.fullmatch(r"[\d.]+", host) or not _NAME.match(host):
        raise TargetError([_("%(word)s is neither an address, a network nor a host name.", word=shown)])
    return [Place(host.rstrip(".").lower(), own_port)]


def _host_and_port(word: str, port: int) -> tuple[str, int]:
    if match := re.fullmatch(r"\[([0-9A-Fa-f:.]+)\](?::(\d{1,6}))?", word):
        return match[1], int(match[2] or port)
    if word.count(":") == 1 and (match := re.fullmatch(r"(.+):(\d{1,6})", word)):
        return match[1], int(match[2])
    return word, port


def _network(word: str, port: int, limit: int) -> Iterator[Place]:
    try:
        network = ipaddress.ip_network(word, strict=False)
    except ValueError:
        raise TargetError([_("%(word)s is not a network; write 192.168.1.0/24.", word=word[:60])]) from None
    if network.is_multicast or network.is_unspecified:
        raise TargetError([_("%(word)s is no network of devices.", word=word[:60])])
    if network.num_addresses > limit + 2:
        raise TargetError([_too_many(network.num_addresses, limit)])
    return (Place(str(host), port, True) for host in network.hosts())


def _too_many(number: int, limit: int) -> str:
    # A number with 39 digits (IPv6) helps nobody.
    shown = str(number) if number < 10**9 else "> 10^9"
    return _(
        "These are %(number)s addresses; one search asks at most %(limit)s. Search smaller networks one after another.",
        number=shown,
        limit=limit,
    )
