"""Which default gateways and networks this machine has (Linux).

A gateway is the nearest witness of whether our own line works; a connected network is what a search is offered first.
"""

import ipaddress
from pathlib import Path

IPV4_ROUTES = Path("/proc/net/route")
IPV6_ROUTES = Path("/proc/net/ipv6_route")
RTF_GATEWAY = 0x2


def default_gateways(ipv4: Path = IPV4_ROUTES, ipv6: Path = IPV6_ROUTES) -> tuple[str, ...]:
    """Addresses of the default gateways, sorted; empty where there are none or the system does not tell."""
    found = set(parse_ipv4_routes(_text(ipv4))) | set(parse_ipv6_routes(_text(ipv6)))
    return tuple(sorted(found))


def parse_ipv4_routes(text: str) -> list[str]:
    """Gateways of the rows with destination and mask 0 of /proc/net/route (hex, byte order of the machine: little)."""
    found = []
    for line in text.splitlines()[1:]:
        cells = line.split()
        if len(cells) >= 8 and cells[1] == "00000000" and cells[7] == "00000000" and int(cells[3], 16) & RTF_GATEWAY:
            found.append(str(ipaddress.IPv4Address(bytes.fromhex(cells[2])[::-1])))
    return found


def parse_ipv6_routes(text: str) -> list[str]:
    """Next hops of the ::/0 rows of /proc/net/ipv6_route; link-local ones are left out (gufo-ping takes no zone)."""
    found = []
    for line in text.splitlines():
        cells = line.split()
        if len(cells) >= 10 and cells[0] == "0" * 32 and cells[1] == "00" and int(cells[8], 16) & RTF_GATEWAY:
            address = ipaddress.IPv6Address(bytes.fromhex(cells[4]))
            if not address.is_link_local:
                found.append(str(address))
    return found


def connected_networks(ipv4: Path = IPV4_ROUTES) -> tuple[str, ...]:
    """Networks this machine stands in, as CIDR, without link-local ones; empty where the system does not tell."""
    found = []
    for line in _text(ipv4).splitlines()[1:]:
        cells = line.split()
        if len(cells) < 8 or int(cells[3], 16) & RTF_GATEWAY:
            continue
        address, mask = (ipaddress.IPv4Address(bytes.fromhex(cells[at])[::-1]) for at in (1, 7))
        network = ipaddress.ip_network(f"{address}/{mask}", strict=False)
        if network.prefixlen and not network.is_link_local:
            found.append(str(network))
    return tuple(dict.fromkeys(found))


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
