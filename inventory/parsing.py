"""From what a person typed to a value: one function a kind of field. Each raises BadValue with what to enter instead.

A parser takes text (a form, a cell) or a value that already has its type (JSON), never None and never blank text.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from core import LANGUAGES, use_language
from core import gettext as _
from inventory.folding import fold
from inventory.problems import BadValue

Parser = Callable[[Any], Any]
# As inventory.store.calendars: one zone for what people write without naming one
SCHOOL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

_DATE_FORMS = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:[T ]00:00(?::00)?)?"),
    re.compile(r"(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})"),
)
_TIME = re.compile(r"(?P<h>\d{1,2})(?:[:hH](?P<m>\d{2})?(?::00)?)")
_GROUPED = re.compile(r"\d{1,3}([., ])\d{3}(\1\d{3})*")
_SPEED = re.compile(r"(?P<n>\d+(?:[.,]\d+)?)\s*(?P<unit>[a-z/]*)")
_SPEED_UNITS = {"": 10**6, "k": 10**3, "m": 10**6, "g": 10**9, "bit": 1, "bps": 1}
_EMAIL = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]+\.[^@\s<>,;.]+")
_PHONE = re.compile(r"[\d +().,;/-]*")
_TRUE = frozenset({"yes", "y", "true", "1", "x", "co", "dung", "on"})
_FALSE = frozenset({"no", "n", "false", "0", "khong", "sai", "off"})
_MARKS = ("Cf", "Cs", "Co", "Cn")


def clean_line(raw: Any, limit: int) -> str:
    """One line of text: composed form (NFC), no invisible marks, single blanks. Control characters are refused."""
    return " ".join(_clean(raw, limit).split())


def clean_text(raw: Any, limit: int) -> str:
    """Text of several lines, otherwise as clean_line."""
    lines = _clean(raw, limit).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _clean(raw: Any, limit: int) -> str:
    if isinstance(raw, (dict, list, tuple, set, bytes)):
        raise BadValue(_("Enter text here."))
    text = unicodedata.normalize("NFC", str(raw).replace("\u00a0", " ")).strip()
    if len(text) > limit:
        raise BadValue(_(
            "This text is too long: %(has)d characters, at most %(limit)d are possible.", has=len(text), limit=limit))
    if text.isprintable():
        return text
    # Cf: invisible marks, among them those that turn the direction of writing and make a name look like another
    text = "".join(c for c in text if c.isprintable() or c in "\n\r\t" or unicodedata.category(c) not in _MARKS)
    if any(unicodedata.category(c) == "Cc" and c not in "\n\r\t" for c in text):
        raise BadValue(_("This text holds control characters. Delete it and type it again by hand."))
    return text


def tamed(text: str, limit: int) -> str:
    """Text that a device said, made harmless instead of refused: one line, printable, cut to the limit."""
    plain = "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", text[: limit * 4]))
    return " ".join(plain.split())[:limit]


def line(limit: int) -> Parser:
    """A parser of one line of text."""
    return lambda raw: clean_line(raw, limit)


def notes(limit: int) -> Parser:
    """A parser of several lines of text."""
    return lambda raw: clean_text(raw, limit)


def whole(least: int, most: int) -> Parser:
    """A parser of a whole number within limits."""

    def parse(raw: Any) -> int:
        if isinstance(raw, float) and raw.is_integer():
            raw = int(raw)
        text = str(raw).strip()
        if isinstance(raw, bool) or not re.fullmatch(r"[+-]?\d{1,18}(?:[.,]0+)?", text, re.ASCII):
            raise BadValue(_("Enter a whole number from %(least)d to %(most)d.", least=least, most=most))
        value = int(re.split("[.,]", text)[0])
        if not least <= value <= most:
            raise BadValue(_("Enter a whole number from %(least)d to %(most)d.", least=least, most=most))
        return value

    return parse


def decimal(least: float, most: float, places: int = 3) -> Parser:
    """A parser of a number within limits, rounded to decimal places; a comma may stand for the point."""

    def parse(raw: Any) -> float:
        text = str(raw).strip().replace(",", ".")
        if isinstance(raw, bool) or not re.fullmatch(r"[+-]?\d{0,12}\.?\d{0,20}(?:[eE][+-]?\d{1,3})?", text, re.ASCII):
            raise BadValue(_number_wanted(least, most))
        try:
            value = float(text)
        except ValueError:
            raise BadValue(_number_wanted(least, most)) from None
        if not (math.isfinite(value) and least <= value <= most):
            raise BadValue(_number_wanted(least, most))
        return round(value, places)

    return parse


def _number_wanted(least: float, most: float) -> str:
    return _("Enter a number from %(least)s to %(most)s.", least=f"{least:g}", most=f"{most:g}")


PLACES = 7  # of a degree: 1 cm


def latitude(raw: Any) -> float:
    """Degrees north, WGS 84."""
    try:
        return decimal(-90, 90, PLACES)(raw)
    except BadValue:
        raise BadValue(
            _("Latitude is a number from -90 to 90, in Vietnam about 8 to 23.4. Were latitude and longitude exchanged?")
        ) from None


def longitude(raw: Any) -> float:
    """Degrees east, WGS 84."""
    try:
        return decimal(-180, 180, PLACES)(raw)
    except BadValue:
        raise BadValue(_("Longitude is a number from -180 to 180, in Vietnam about 102 to 110.")) from None


def money(raw: Any) -> int:
    """Whole đồng; points, commas or blanks may part the thousands, "đ" or "VND" may follow."""
    if isinstance(raw, (int, float)) and not isinstance(raw, bool) and raw == raw and abs(raw) < 1e15:
        text = str(int(raw)) if float(raw).is_integer() else str(raw)
    else:
        text = re.sub(r"\s*(đồng|đ|vnđ|vnd)$", "", str(raw).strip().casefold()).strip()
    if _GROUPED.fullmatch(text):
        text = re.sub(r"[., ]", "", text)
    if not re.fullmatch(r"\d{1,15}", text, re.ASCII):
        raise BadValue(_("Enter an amount in whole đồng, such as 12500000 or 12.500.000."))
    return int(text)


def speed(raw: Any) -> int:
    """Bits a second. Text is in Mbit/s unless it names a unit ("300", "1 Gbps"); a number (JSON) is in bit/s."""
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        value = float(raw)
    else:
        found = _SPEED.fullmatch(str(raw).strip().casefold())
        unit = re.sub(r"(?<=[kmg])(bps|bit/s|bits/s|bit|b/s|b)$", "", found["unit"]) if found else "?"
        if found is None or unit not in _SPEED_UNITS:
            raise BadValue(_("Enter the speed in Mbit/s, such as 300, or with its unit, such as 1 Gbps."))
        value = round(float(found["n"].replace(",", ".")) * _SPEED_UNITS[unit], 6)
    if not (math.isfinite(value) and 1_000 <= value <= 10**13):
        raise BadValue(_("No line has this speed. Enter it in Mbit/s, such as 300, or with its unit, such as 1 Gbps."))
    return round(value)


def day(raw: Any) -> date:
    """A date: 2026-09-05 or 05/09/2026 (day first)."""
    if isinstance(raw, datetime):
        raw = raw.date()
    if isinstance(raw, date):
        found = raw
    else:
        match = next((m for form in _DATE_FORMS if (m := form.fullmatch(str(raw).strip()))), None)
        try:
            found = date(int(match["y"]), int(match["m"]), int(match["d"])) if match else None
        except ValueError:
            found = None
    if found is None or not 1950 <= found.year <= 2150:
        raise BadValue(_("This is not a date. Enter day/month/year, such as 05/09/2026."))
    return found


def moment(raw: Any) -> datetime:
    """Day and time: 21/12/2026 07:30, 2026-12-21 07:30, 2026-12-21T07:30; without an offset in SCHOOL_ZONE."""
    if isinstance(raw, datetime):
        found = raw
    else:
        text = str(raw).strip()
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            first, _mark, rest = text.partition(" ")
            found = datetime.combine(day(first), clock_time(rest) if rest.strip() else time())
    if not 1950 <= found.year <= 2150:
        raise BadValue(_("This is not a day and time. Enter day/month/year hours:minutes, such as 21/12/2026 07:30."))
    if found.tzinfo is None:
        found = found.replace(tzinfo=SCHOOL_ZONE)
    return found.replace(second=0, microsecond=0).astimezone(UTC)


def local_moment(at: datetime) -> datetime:
    """The moment in the schools' time, as files and forms write it."""
    return at.astimezone(SCHOOL_ZONE)


def clock_time(raw: Any) -> time:
    """A time of day: 07:30, 7:30 or 7h30."""
    if isinstance(raw, datetime):
        raw = raw.time()
    if isinstance(raw, time):
        return raw.replace(second=0, microsecond=0, tzinfo=None)
    match = _TIME.fullmatch(str(raw).strip())
    if match is None or int(match["h"]) > 23 or int(match["m"] or 0) > 59:
        raise BadValue(_("This is not a time of day. Enter hours and minutes, such as 07:30."))
    return time(int(match["h"]), int(match["m"] or 0))


def yes_no(raw: Any) -> bool:
    """Yes or no, in Vietnamese or English."""
    word = fold(str(raw))
    if word not in _TRUE and word not in _FALSE:
        raise BadValue(_("Enter yes or no."))
    return word in _TRUE


def email(raw: Any) -> str:
    """An e-mail address; whether it exists is not asked."""
    text = clean_line(raw, 254)
    if not _EMAIL.fullmatch(text):
        raise BadValue(_("This is not an e-mail address. Enter something like name@school.edu.vn."))
    return text


def phone(raw: Any) -> str:
    """A telephone number, or several."""
    text = clean_line(raw, 40)
    if not _PHONE.fullmatch(text) or sum(c.isdigit() for c in text) < 3:
        raise BadValue(_("Enter a telephone number with digits only, such as 0219 3866 123."))
    return text


def url(raw: Any) -> str:
    """An http or https address without a password in it."""
    text = clean_line(raw, 500)
    try:
        parts = urlsplit(text)
        is_right = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_right = False
    if not is_right or " " in text:
        raise BadValue(_("Enter a web address that begins with http:// or https://."))
    if parts.username or parts.password:
        raise BadValue(
            _("Leave the user name and password out of the address; choose a credential for the device instead.")
        )
    return text


def known_words(words: Mapping[Any, str]) -> dict[str, Any]:
    """Every text that means one of the words: the words themselves and their labels in all languages, folded."""
    table: dict[str, Any] = {}
    for language in LANGUAGES:
        with use_language(language):
            table |= {fold(_(label)): word for word, label in words.items()}
    return table | {fold(word): word for word in words if isinstance(word, str)}


def _listed(words: Mapping[Any, str]) -> str:
    return ", ".join(_(label) for label in words.values())


def choice(words: Mapping[str, str]) -> Parser:
    """A parser of one word of a closed list: the word itself or the text shown for it, in any language."""
    table: dict[str, str] = {}

    def parse(raw: Any) -> str:
        if not table:  # not at import: the catalogues may not be complete then
            table.update(known_words(words))
        word = table.get(fold(str(raw)))
        if word is None:
            raise BadValue(
                _("This is not one of the possible values. Enter one of: %(values)s.", values=_listed(words))
            )
        return word

    return parse


def weekday(words: Mapping[int, str]) -> Parser:
    """A parser of a weekday: its name, "thứ 2" to "thứ 7", "T2", "chủ nhật" or "CN". A number (JSON): 0 = Monday."""

    def parse(raw: Any) -> int:
        if isinstance(raw, int) and not isinstance(raw, bool) and raw in words:
            return raw
        text = fold(str(raw))
        short = re.fullmatch(r"(?:thu |t|thu)?([2-7])", text)
        number = int(short[1]) - 2 if short else 6 if text == "cn" else known_words(words).get(text)
        if number is None:
            raise BadValue(_("This is not a day of the week. Enter one of: %(values)s.", values=_listed(words)))
        return number

    return parse
