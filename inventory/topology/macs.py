"""MAC addresses as numbers and as text, and the typed pieces of them."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"[0-9a-f]{2,12}")
_MARKS = str.maketrans("", "", ":-. ")
_GROUP = 1 << 40  # the bit that makes an address one of a group (IEEE 802)
_LOCAL = 1 << 41  # the bit of an address that its owner made up
_EVERYBODY = (1 << 48) - 1


def mac_number(text: str) -> int | None:
    """A MAC address in any writing as a number; None when it is none, or none that one machine can have."""
    bare = text.strip().lower().translate(_MARKS)
    if len(bare) != 12 or not _DIGITS.fullmatch(bare):
        return None
    number = int(bare, 16)
    return None if number in (0, _EVERYBODY) or number & _GROUP else number


def mac_text(number: int) -> str:
    """The number as aa:bb:cc:dd:ee:ff."""
    bare = f"{number:012x}"
    return ":".join(bare[i:i + 2] for i in range(0, 12, 2))


def is_made_up(number: int) -> bool:
    """True for a locally administered address, such as telephones take to hide who they are (IEEE 802c)."""
    return bool(number & _LOCAL)


def _piece(text: str) -> str:
    """The digits of a typed piece of an address: six or more, or four with their marks; otherwise ""."""
    typed = text.strip().lower()
    bare = typed.translate(_MARKS)
    if "." in typed and all(len(group) != 4 for group in typed.split(".")):
        return ""  # the beginning of an IP address; groups of MAC digits between dots have four
    least = 4 if any(mark in typed for mark in ":-.") else 6
    return bare if least <= len(bare) <= 12 and _DIGITS.fullmatch(bare) else ""


def mac_range(text: str) -> tuple[int, int] | None:
    """First and last number of the addresses that begin with what was typed; otherwise None."""
    bare = _piece(text)
    if not bare:
        return None
    rest = 4 * (12 - len(bare))
    first = int(bare, 16) << rest
    return first, first | ((1 << rest) - 1)


def mac_ending(text: str) -> tuple[int, int] | None:
    """(remainder, modulus) of the addresses that end with what was typed; otherwise None."""
    bare = _piece(text)
    if not bare or len(bare) == 12:
        return None
    return int(bare, 16), 1 << (4 * len(bare))
