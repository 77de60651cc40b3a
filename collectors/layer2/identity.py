"""Identities as LLDP and CDP write them: a MAC in six bytes or as text, an address, a name. Never raises. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from collectors.snmp.text import clean_line, decode_text, mac_of
from collectors.snmp.wire import Value

_IPV4, _IPV6 = 1, 2  # IANA address family numbers; InetAddressType of RFC 4001 counts the same
_ANONYMOUS = ("0.0.0.0", "::")


def address_of(packed: bytes) -> str:
    """An IP address from four or sixteen bytes; "" for anything else and for the unspecified one."""
    if len(packed) not in (4, 16):
        return ""
    text = str(ipaddress.ip_address(packed))
    return "" if text in _ANONYMOUS else text


def address_in(value: Value | None) -> str:
    """An IP address from raw bytes or text (leading zeros and blanks borne); "" for anything else."""
    if isinstance(value, bytes) and len(value) in (4, 16) and not _is_written(value):
        return address_of(value)
    text = clean_line(value, 64)
    parts = text.split(".")
    if len(parts) == 4 and all(part.isdigit() and len(part) <= 3 and int(part) < 256 for part in parts):
        return address_of(bytes(map(int, parts)))
    try:
        return address_of(ipaddress.ip_address(text).packed) if ":" in text else ""
    except ValueError:
        return ""


def address_in_index(kind: int, arcs: Sequence[int]) -> str:
    """An address in an index: InetAddressType, then with or without its length, its bytes. Zones are left out."""
    size = {_IPV4: 4, _IPV6: 16, 3: 4, 4: 16}.get(kind)
    if size is None:
        return ""
    has_length = bool(arcs) and arcs[0] in (size, size + 4)
    body = arcs[1:] if has_length else arcs
    if len(body) not in (size, size + 4) or any(arc > 255 for arc in body):
        return ""
    return address_of(bytes(body[:size]))


def network_address(value: Value | None) -> str:
    """LLDP's networkAddress: an IANA family byte before the address."""
    if isinstance(value, bytes) and len(value) in (5, 17) and value[0] in (_IPV4, _IPV6):
        return address_of(value[1:])
    return address_in(value)


def mac_in(value: Value | None) -> str:
    """A MAC that a name field holds: six bytes that are no text, or a text that is written as one."""
    if isinstance(value, bytes) and len(value) == 6 and _is_written(value):
        return ""
    if isinstance(value, bytes) and len(value) == 12 and not any(byte in b":-." for byte in value):
        return ""  # twelve digits can be a serial number
    return mac_of(value)


def mac_from_arcs(arcs: Sequence[int]) -> str:
    """aa:bb:cc:dd:ee:ff from six arcs of an index; "" when they are none."""
    try:
        return bytes(arcs).hex(":") if len(arcs) == 6 else ""
    except ValueError:
        return ""


def text_in(value: Value | None) -> str:
    """A name for people; bytes that are no text become hexadecimal."""
    if isinstance(value, bytes) and value and not _is_written(value):
        try:
            value.decode("utf-8")
        except UnicodeDecodeError:
            return value[:32].hex()
        if any(byte < 32 and byte not in b"\t\r\n\0" for byte in value):
            return value[:32].hex()
    return clean_line(value)


def is_group(mac: str) -> bool:
    """Whether the address is one of a group (IEEE 802: lowest bit of the first byte)."""
    return bool(int(mac[:2], 16) & 1)


def _is_written(value: bytes) -> bool:
    text = decode_text(value)
    return text.isascii() and text.rstrip("\0").isprintable()
