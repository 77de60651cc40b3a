"""Takes out of a recording what is private: addresses, names, serials, secrets. Pure.

Equal things stay equal: a MAC in a value and the same MAC in an index become the same invented MAC, so that tables of
the recording still fit together. Invented MACs are locally administered (02:...), invented IPv4 addresses stand in
198.18.0.0/15 (RFC 2544), invented IPv6 addresses in 2001:db8::/32 (RFC 3849).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from collectors.recording import private
from collectors.recording.variable import Variable
from collectors.snmp import wire
from collectors.snmp.oids import decode_oid, encode_oid

Arcs = tuple[int, ...]
_INDEX_FROM = 8  # an index begins behind this many arcs at the earliest
_LEAST_WORD = 3
_LONG_WORD = 7  # such a secret is found inside other words too
_FDB = ((1, 3, 6, 1, 2, 1, 17, 4, 3, 1), (1, 3, 6, 1, 2, 1, 17, 7, 1, 2, 2, 1))
# Tables whose index ends in an IPv4 address
_ADDRESSED = ((1, 3, 6, 1, 2, 1, 4, 20, 1), (1, 3, 6, 1, 2, 1, 4, 22, 1))
# Tables whose index holds type (1 IPv4, 2 IPv6), length and bytes of an address: IP-MIB, LLDP management addresses
_TYPED = ((1, 3, 6, 1, 2, 1, 4, 32, 1), (1, 3, 6, 1, 2, 1, 4, 34, 1), (1, 3, 6, 1, 2, 1, 4, 35, 1),
          (1, 0, 8802, 1, 1, 2, 1, 4, 2, 1), (1, 0, 8802, 1, 1, 2, 1, 3, 8, 1))  # fmt: skip
_RAW_ADDRESSES = frozenset({(1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1, 4)})  # CDP: four bytes
_PRINTABLE = re.compile(rb"[\x20-\x7e]*")


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A recording fit to be given away. `kept` are the texts that were left, for a person to look through."""

    variables: tuple[Variable, ...]
    kept: tuple[str, ...]
    replaced: int


@dataclass(slots=True)
class _Names:
    """Neutral names, equal for equal texts."""

    given: dict[tuple[str, str], str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def name(self, what: str, text: str) -> str:
        key = (what, text)
        if key not in self.given:
            self.counts[what] = self.counts.get(what, 0) + 1
            self.given[key] = f"{what}-{self.counts[what]}"
        return self.given[key]


class Scrubber:
    """One for a recording. `secrets` are texts that must not appear anywhere (communities, names of the inventory);
    `serials` are OIDs (scalars and columns) that a profile reads serial numbers from, `plain` those of models and
    versions, whose text is kept."""

    def __init__(self, secrets: Iterable[str] = (), serials: Iterable[str] = (), plain: Iterable[str] = ()) -> None:
        self._columns = {**private.PRIVATE_COLUMNS, **dict.fromkeys(map(_column, serials), "SERIAL")}
        self._plain_columns = private.KEPT_COLUMNS | set(map(_column, plain))
        self._secrets = {one for one in secrets if len(one) >= _LEAST_WORD}
        self._names = _Names()
        self._macs: dict[bytes, bytes] = {}
        self._vendors: dict[bytes, int] = {}
        self._nets: dict[bytes, int] = {}
        self._longs: dict[bytes, int] = {}
        self._words: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def scrub(self, variables: Sequence[Variable]) -> Scrubbed:
        """The same recording with everything private replaced."""
        self._learn(variables)
        kept: dict[str, None] = {}
        found, replaced = [], 0
        for one in variables:
            body = self._value(one, kept)
            oid = self._index(one.oid)
            replaced += body != one.body or oid != one.oid
            found.append(Variable(oid, one.tag, body))
        found.sort(key=lambda one: one.oid)
        return Scrubbed(tuple(found), tuple(kept), replaced)

    def _learn(self, variables: Sequence[Variable]) -> None:
        """Addresses and names that other texts and indexes may repeat, and the words that describe the hardware."""
        for one in variables:
            column = _column(".".join(map(str, one.oid)))
            if any(one.oid[: len(root)] == root for root in _FDB) and len(one.oid) >= 16:
                self._mac(bytes(arc & 0xFF for arc in one.oid[-6:]))
            if one.tag == wire.IP_ADDRESS and len(one.body) == 4:
                self._ipv4(one.body)
            if one.tag != wire.OCTET_STRING:
                continue
            if _is_mac(one.body):
                self._mac(one.body)
                continue
            text = _text(one.body)
            if text is None:
                continue
            uname = private.UNAME.match(text)
            if uname and not private.MODEL_NAME.fullmatch(uname[1]):
                self._secrets.add(uname[1])
            what = self._private_kind(column, one.oid)
            if what and len(text) >= _LEAST_WORD and text.lower() not in private.PLAIN_WORDS:
                self._secrets.add(text)
            elif self._is_plain(column, one.oid):
                self._words.update(word.lower() for word in re.split(r"[^\w]+", text) if not word.isdigit())
        words = sorted(self._secrets, key=len, reverse=True)
        self._words -= {word.lower() for word in words}
        if words:
            self._pattern = re.compile("(?i)" + "|".join(map(_found_in_text, words)))

    def _private_kind(self, column: str, oid: Arcs) -> str:
        return self._columns.get(column) or _under(self._columns, oid) or ""

    def _is_plain(self, column: str, oid: Arcs) -> bool:
        return column in self._plain_columns or bool(_under(dict.fromkeys(self._plain_columns, "plain"), oid))

    def _value(self, one: Variable, kept: dict[str, None]) -> bytes:
        if one.tag == wire.IP_ADDRESS:
            return self._ipv4(one.body) if len(one.body) == 4 else one.body
        if one.tag == wire.OBJECT_ID:
            return self._pointer(one.body)
        if one.tag != wire.OCTET_STRING or not one.body:
            return one.body
        if _is_mac(one.body):
            return self._mac(one.body)
        if len(one.body) == 6 and one.body[:3] in self._vendors:
            return self._mac(one.body)  # a MAC all of whose bytes happen to be letters
        if len(one.body) == 4 and one.oid[:14] in _RAW_ADDRESSES:
            return self._ipv4(one.body)
        text = _text(one.body)
        if text is None:
            return self._binary(one.body)
        new = self._replaced(_column(".".join(map(str, one.oid))), one.oid, text)
        if new == text and re.search(r"[^\W\d_]{2}", text):
            kept.setdefault(text)
        return one.body if new == text else new.encode()

    def _pointer(self, body: bytes) -> bytes:
        """An OID as value may point to a row whose index is an address (ipAddressPrefix)."""
        old = tuple(map(int, decode_oid(body).split(".")))
        new = self._index(old)
        return body if new == old else encode_oid(".".join(map(str, new)))

    def _replaced(self, column: str, oid: Arcs, text: str) -> str:
        what = self._private_kind(column, oid)
        if what:
            return self._names.name(what, text) if text.strip() else text
        clean = self._without_addresses(text)
        if self._pattern:
            clean = self._pattern.sub(lambda match: self._names.name("name", match[0].lower()), clean)
        if self._is_plain(column, oid) or self._is_harmless(clean):
            return clean
        return self._names.name("text", clean)

    def _without_addresses(self, text: str) -> str:
        text = private.URL.sub(lambda match: self._names.name("url", match[0]), text)
        text = private.EMAIL.sub(lambda match: self._names.name("mail", match[0]), text)
        for pattern in (private.MAC_TEXT, private.MAC_DOTTED):
            text = pattern.sub(lambda match: self._mac_text(match[0]), text)
        text = private.ADDRESS.sub(lambda match: self._address_text(match[0]), text)
        text = private.HOST_NAME.sub(lambda match: self._names.name("host", match[0].lower()), text)
        return private.LONG_NUMBER.sub(lambda match: "9" * len(match[0]), text)

    def _is_harmless(self, text: str) -> bool:
        """Readings, versions, models and words of hardware; anything else might be a person's or a place's name."""
        return all(self._is_plain_word(word) for word in re.split(r"[\s,;:=/()\[\]\"'_|-]+", text) if word)

    def _is_plain_word(self, word: str) -> bool:
        if word.lower() in self._words:
            return True
        if private.SERIAL.fullmatch(word):
            return False
        has_figure = any(char.isdigit() for char in word)
        return all(
            len(part) == 1 or part.lower() in private.PLAIN_WORDS or part.lower() in self._words
            or (has_figure and private.MODEL_CODE.fullmatch(part))
            for part in private.LETTERS.findall(word)
        )  # fmt: skip

    def _binary(self, body: bytes) -> bytes:
        """Bytes that are no text: addresses inside are replaced, bit fields and dates stay."""
        if len(body) == 16:
            return self._ipv6(body)
        for mac, new in self._macs.items():
            body = body.replace(mac, new)  # an engine id holds one
        return body

    def _ipv6(self, body: bytes) -> bytes:
        number = self._longs.setdefault(body, len(self._longs) + 1)
        return b"\x20\x01\x0d\xb8" + bytes(8) + number.to_bytes(4, "big")

    def _ipv4(self, body: bytes) -> bytes:
        if body[0] in (0, 127) or body[0] >= 224:
            return body  # any, loopback, multicast, masks
        net = self._nets.setdefault(body[:3], len(self._nets))
        return bytes((198, 18 + (net >> 8 & 1), net & 0xFF, body[3]))

    def _address_text(self, text: str) -> str:
        parts = [int(part) for part in text.split(".")]
        # Four small numbers may be a version; only what cannot be one, or was seen as an address, is replaced
        if max(parts) > 255:
            return text
        body = bytes(parts)
        is_private = body[0] == 10 or body[:2] == b"\xc0\xa8" or (body[0] == 172 and 16 <= body[1] < 32)
        if not is_private and body[:3] not in self._nets and max(parts) < 100:
            return text
        return ".".join(map(str, self._ipv4(body)))

    def _mac(self, body: bytes) -> bytes:
        known = self._macs.get(body)
        if known is None:
            known = body
            if body[0] & 1 == 0 and any(body):
                vendor = self._vendors.setdefault(body[:3], len(self._vendors))
                known = b"\x02" + vendor.to_bytes(2, "big") + len(self._macs).to_bytes(3, "big")
            self._macs[body] = known
        return known

    def _mac_text(self, text: str) -> str:
        digits = re.sub(r"[^0-9A-Fa-f]", "", text)
        new = self._mac(bytes.fromhex(digits)).hex()
        new = new.upper() if text.isupper() else new
        places = iter(new)
        return "".join(next(places) if char in "0123456789abcdefABCDEF" else char for char in text)

    def _index(self, oid: Arcs) -> Arcs:
        """The OID with addresses inside its index replaced."""
        arcs = list(oid)
        if any(oid[: len(root)] == root for root in _ADDRESSED) and len(oid) >= 14 and max(oid[-4:]) < 256:
            return (*oid[:-4], *self._ipv4(bytes(oid[-4:])))
        if any(oid[: len(root)] == root for root in _TYPED):
            return self._typed(arcs)
        at = _INDEX_FROM
        while at <= len(arcs) - 4:
            window = arcs[at : at + 6]
            if len(window) == 6 and max(window) < 256 and self._is_known_mac(bytes(window)):
                arcs[at : at + 6] = self._mac(bytes(window))
                at += 6
                continue
            four = arcs[at : at + 4]
            if max(four) < 256 and (four[:2] == [192, 168] or (four[0] > 9 and bytes(four[:3]) in self._nets)):
                arcs[at : at + 4] = self._ipv4(bytes(four))
                at += 4
                continue
            at += 1
        return tuple(arcs)

    def _typed(self, arcs: list[int]) -> Arcs:
        for at in range(10, len(arcs) - 5):
            size = {(1, 4): 4, (2, 16): 16}.get((arcs[at], arcs[at + 1]))
            body = arcs[at + 2 :]
            if size and size <= len(body) <= size + 1 and max(body[:size]) < 256:
                new = self._ipv4(bytes(body[:4])) if size == 4 else self._ipv6(bytes(body[:16]))
                return (*arcs[: at + 2], *new, *body[size:])
        return tuple(arcs)

    def _is_known_mac(self, body: bytes) -> bool:
        return body in self._macs or (any(body[:3]) and body[0] & 1 == 0 and body[:3] in self._vendors)


def _column(oid: str) -> str:
    """The column of an OID with a one-arc index, or the scalar without its .0."""
    return oid.rpartition(".")[0]


def _under(columns: Mapping[str, str], oid: Arcs) -> str:
    """What stands for the column above an OID whose index has several arcs."""
    for length in range(len(oid) - 2, 8, -1):
        found = columns.get(".".join(map(str, oid[:length])))
        if found:
            return found
    return ""


def _found_in_text(word: str) -> str:
    return re.escape(word) if len(word) >= _LONG_WORD else rf"(?<!\w){re.escape(word)}(?!\w)"


def _is_mac(body: bytes) -> bool:
    return len(body) == 6 and not _PRINTABLE.fullmatch(body)


def _text(body: bytes) -> str | None:
    """The text, or None for bytes that are none."""
    try:
        text = body.rstrip(b"\0").decode()
    except UnicodeDecodeError:
        return None
    return text if all(char.isprintable() or char in "\r\n\t" for char in text) else None
