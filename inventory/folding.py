"""Texts made comparable: without accents and case for search, with numbers in counting order for sorting."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_NUMBER = re.compile(r"\d+")
_MAC_MARKS = str.maketrans("", "", ":-.")
NUMBER_WIDTH = 8


def fold(text: str) -> str:
    """Lower case, no accents, đ as d, one blank between words: "THCS  số 12" and "thcs so 12" are the same."""
    if not text.isascii():
        parts = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in parts if not unicodedata.combining(c)).replace("đ", "d").replace("Đ", "d")
    return _SPACES.sub(" ", text.casefold()).strip()


def sort_key(text: str, limit: int = 255) -> str:
    """Folded text whose numbers are padded, so that "số 2" stands before "số 12"."""
    return _NUMBER.sub(lambda match: match.group().zfill(NUMBER_WIDTH), fold(text))[:limit]


def search_text(*words: str | None) -> str:
    """What a record is found by: its words folded, one a line, so that a phrase never matches across two fields."""
    return "\n".join(fold(word) for word in words if word)


def mac_search_words(mac: str | None) -> tuple[str, ...]:
    """A MAC address as people type it: with colons and bare."""
    return (mac, mac.replace(":", "")) if mac else ()


def bare_mac(word: str) -> str | None:
    """The hex digits of something typed like (the beginning of) a MAC address: 6 to 12 of them; otherwise None."""
    bare = word.translate(_MAC_MARKS).lower()
    is_hex = bool(re.fullmatch(r"[0-9a-f]{6,12}", bare))
    return bare if is_hex else None
