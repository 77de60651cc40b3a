"""Where EduNOC never goes, so that no name and no redirect turns it against its own surroundings."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from core.failure import GiveUp

# Cloud metadata services outside the link-local range: AWS over IPv6, Alibaba, Oracle.
_METADATA = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "192.0.0.192")))
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def forbidden_reason(address: str, is_redirected: bool = False) -> str:
    """Why this address may not be asked, "" when it may. Loopback only when a person configured it."""
    try:
        one = _inner(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return "no address"
    if one.is_link_local:
        return "link-local"
    if one in _METADATA:
        return "cloud metadata"
    if one.is_multicast or one.is_unspecified or one == ipaddress.IPv4Address("255.255.255.255"):
        return "not a single host"
    if one.is_loopback and is_redirected:
        return "a redirect to this machine itself"
    return ""


def allowed_address(host: str, addresses: Sequence[str], is_redirected: bool = False) -> str:
    """The first address to use; raises GiveUp("forbidden_address") when any of them is forbidden.

    One forbidden address among good ones is how a rebinding name looks, so it spoils all.
    """
    for address in addresses:
        why = forbidden_reason(address, is_redirected)
        if why:
            raise GiveUp("forbidden_address", f"{host}: {why}")
    if not addresses:
        raise GiveUp("name_not_found", host)
    return addresses[0]


def _inner(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one (mapped, NAT64, 6to4), else the address itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.sixtofour is not None:
            return address.sixtofour
    return address
