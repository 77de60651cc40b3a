"""Which language a request speaks, and the words of dates, numbers and units in it. Pure functions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import isfinite
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_decimal

from core import LANGUAGES, ngettext
from core import gettext as _

MISSING = "–"
_GROUPS = {"vi": ".", "en": ","}  # CLDR: what stands between thousands
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_BITS = ("bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s")


def choose_language(own: str, cookie: str, default: str) -> str:
    """The person's own choice, the browser's cookie, the setting: the first that we speak.

    What the browser wishes for is left aside: office machines here run English browsers for Vietnamese readers.
    """
    return next((word for word in (own, cookie) if word in LANGUAGES), default)


def number(value: float | None, digits: int = 0, language: str = "vi") -> str:
    """A number with the language's separators: 1.234,5 in Vietnamese. Missing is a dash, never 0."""
    if value is None or not isfinite(value):
        return MISSING
    if isinstance(value, int) and language in _GROUPS:
        # Lists hold thousands of whole numbers; the locale's machinery takes forty times as long for the same text
        return f"{value:,}".replace(",", _GROUPS[language])
    pattern = "#,##0" + ("." + "#" * digits if digits else "")
    return format_decimal(value, format=pattern, locale=language)


def percent(ratio: float | None, digits: int = 0, language: str = "vi") -> str:
    """A ratio 0..1 as percent."""
    if ratio is None or not isfinite(ratio):
        return MISSING
    return f"{number(ratio * 100, digits, language)} %"


def _scaled(value: float | None, step: float, units: tuple[str, ...], language: str) -> str:
    if value is None or not isfinite(value):
        return MISSING
    index = 0
    while abs(value) >= step and index < len(units) - 1:
        value /= step
        index += 1
    return f"{number(value, 0 if index == 0 or abs(value) >= 100 else 1, language)} {units[index]}"


def byte_size(value: float | None, language: str = "vi") -> str:
    """Bytes in powers of 1024."""
    return _scaled(value, 1024.0, _BINARY, language)


def bit_rate(bits_per_second: float | None, language: str = "vi") -> str:
    """Bits per second in powers of 1000, as speeds of lines are sold."""
    return _scaled(bits_per_second, 1000.0, _BITS, language)


def exact_time(moment: datetime | None, zone: str, language: str = "vi") -> str:
    """A moment to the second in the zone of the house: 21/11/2026 08:05:09."""
    if moment is None:
        return MISSING
    pattern = "dd/MM/yyyy HH:mm:ss" if language == "vi" else "d MMM yyyy HH:mm:ss"
    return format_datetime(moment, pattern, tzinfo=ZoneInfo(zone), locale=language)


def short_time(moment: datetime | None, now: datetime, zone: str, language: str = "vi") -> str:
    """A moment as short as it stays clear: the time today, the date and time otherwise."""
    if moment is None:
        return MISSING
    local, today = moment.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    if local.date() == today.date():
        return f"{local:%H:%M}"
    pattern = "dd/MM HH:mm" if local.year == today.year else "dd/MM/yyyy"
    return format_datetime(local, pattern, tzinfo=ZoneInfo(zone), locale=language)


def duration(span: timedelta | float | None) -> str:
    """A duration in its two largest words: "2 days 3 hours". Seconds are taken as a number too."""
    if span is None:
        return MISSING
    seconds = int(span.total_seconds() if isinstance(span, timedelta) else span)
    days, rest = divmod(abs(seconds), 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    words = [
        ngettext("%(num)d day", "%(num)d days", days) if days else "",
        ngettext("%(num)d hour", "%(num)d hours", hours) if hours else "",
        ngettext("%(num)d minute", "%(num)d minutes", minutes) if minutes and days == 0 else "",
        ngettext("%(num)d second", "%(num)d seconds", left) if abs(seconds) < 60 else "",
    ]
    return " ".join([word for word in words if word][:2])


def relative_time(moment: datetime | None, now: datetime) -> str:
    """How long ago, or in how long: "3 minutes ago". Within 5 seconds it is "now"."""
    if moment is None:
        return _("never")
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 5:
        return _("just now")
    largest = _largest_word(abs(seconds))
    return _("%(span)s ago", span=largest) if seconds > 0 else _("in %(span)s", span=largest)


def _largest_word(seconds: float) -> str:
    if seconds < 60:
        return ngettext("%(num)d second", "%(num)d seconds", int(seconds))
    if seconds < 3_600:
        return ngettext("%(num)d minute", "%(num)d minutes", int(seconds // 60))
    if seconds < 86_400:
        return ngettext("%(num)d hour", "%(num)d hours", int(seconds // 3_600))
    return ngettext("%(num)d day", "%(num)d days", int(seconds // 86_400))


def from_epoch(seconds: float | None) -> datetime | None:
    """Epoch seconds as an aware moment; 0 and not-a-number mean never."""
    return None if not seconds or not isfinite(seconds) else datetime.fromtimestamp(seconds, UTC)
