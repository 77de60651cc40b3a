"""Network addresses as people type them: IPv4, IPv6, host names, MAC addresses. Nothing is looked up."""

from __future__ import annotations

import re
from ipaddress import ip_address

from core import gettext as _
from inventory.problems import BadValue

_HOST_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_LOOKS_IPV4 = re.compile(r"[\d.]+")
_ZONE = re.compile(r"[A-Za-z0-9._-]{1,32}")
_MAC_FORMS = (
    re.compile(r"[0-9a-f]{2}([:-])[0-9a-f]{2}(\1[0-9a-f]{2}){4}"),  # aa:bb:.. or aa-bb-..
    re.compile(r"[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}"),           # aabb.ccdd.eeff
    re.compile(r"[0-9a-f]{6}[-:][0-9a-f]{6}"),                       # aabbcc-ddeeff
    re.compile(r"[0-9a-f]{12}"),
)


def parse_address(text: str) -> str:
    """An IPv4 or IPv6 address in its shortest form, or a host name in lower case (RFC 1123). Raises BadValue."""
    address = text.strip().rstrip(".")
    if "://" in address or "/" in address:
        raise BadValue(_("Enter the address alone, without http:// and without a slash, such as 192.168.1.1."))
    if ":" in address:
        return _parse_ipv6(address)
    if _LOOKS_IPV4.fullmatch(address):
        return _parse_ipv4(address)
    labels = address.split(".")
    if len(address) > 253 or not all(_HOST_LABEL.fullmatch(label) for label in labels):
        raise BadValue(
            _("This is neither an IP address nor a host name. Enter something like 192.168.1.1 or switch1.school.vn;"
              " host names have only letters without accents, digits, dots and hyphens.")
        )
    return address.lower()


def _parse_ipv4(text: str) -> str:
    try:
        address = ip_address(text)
    except ValueError:
        raise BadValue(
            _("This is not a valid IPv4 address: it needs four numbers from 0 to 255, such as 192.168.1.1.")
        ) from None
    if address.is_unspecified or address.is_multicast or text == "255.255.255.255":
        raise BadValue(_("No device can have this address. Enter the address of the device itself."))
    return str(address)


def _parse_ipv6(text: str) -> str:
    plain, _mark, zone = text.strip("[]").partition("%")
    try:
        address = ip_address(plain)
    except ValueError:
        raise BadValue(
            _("This is not a valid IPv6 address. Enter something like 2001:db8::1; a port has a field of its own.")
        ) from None
    if address.is_unspecified or address.is_multicast or (_mark and not _ZONE.fullmatch(zone)):
        raise BadValue(_("No device can have this address. Enter the address of the device itself."))
    return f"{address}{_mark}{zone}"


def parse_mac(text: str) -> str:
    """A MAC address in any usual writing as "aa:bb:cc:dd:ee:ff". Raises BadValue."""
    mac = text.strip().lower()
    if not any(form.fullmatch(mac) for form in _MAC_FORMS):
        raise BadValue(_("This is not a MAC address. Enter 12 digits from 0-9 and A-F, such as 00:1A:2B:3C:4D:5E."))
    bare = re.sub(r"[^0-9a-f]", "", mac)
    if bare in ("0" * 12, "f" * 12):
        raise BadValue(
            _("This MAC address belongs to no device. Enter the one printed on the device, or leave it empty.")
        )
    return ":".join(bare[i:i + 2] for i in range(0, 12, 2))


def parse_endpoint(text: str) -> str:
    """The target of a TCP check: "host:port", "[ipv6]:port" or ":port" of the device itself. Raises BadValue."""
    host, _mark, port = text.strip().rpartition(":")
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise BadValue(_("Enter an address and a port, such as 192.168.1.10:443, or only :443 for the device itself."))
    if not host:
        return f":{int(port)}"
    address = parse_address(host)
    return f"[{address}]:{int(port)}" if ":" in address else f"{address}:{int(port)}"
