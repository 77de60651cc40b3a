"""How papers write times, durations and text of unknown origin."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core import gettext as _


def clean(text: object) -> str:
    """Text that XML can hold and that turns nothing around: no control and no direction characters."""
    shown = str(text if text is not None else "")
    return "".join(c for c in shown if c in "\n\t" or c.isprintable())[:30_000]


def clock_text(moment: datetime | None, zone: ZoneInfo) -> str:
    """08:05, or a dash."""
    return moment.astimezone(zone).strftime("%H:%M") if moment is not None else "–"


def day_text(moment: datetime, zone: ZoneInfo) -> str:
    """21/11/2026."""
    return moment.astimezone(zone).strftime("%d/%m/%Y")


def minutes_text(seconds: int | None) -> str:
    """Whole minutes in words; what lasted, but less than one, says so."""
    if seconds is None:
        return "–"
    if 0 < seconds < 60:
        return _("under 1 minute")
    return _("%(n)s minutes", n=round(seconds / 60))


def moment_of(epoch: float) -> datetime:
    """Epoch seconds as an aware moment."""
    return datetime.fromtimestamp(epoch, UTC)
