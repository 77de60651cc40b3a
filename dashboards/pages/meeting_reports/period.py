"""The months and the unit that figures are asked for. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from conference import attendance

MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
LONGEST = 36


@dataclass(frozen=True, slots=True)
class Period:
    """First and last month, "2026-01"."""

    first: str
    last: str

    @property
    def months(self) -> tuple[str, str]:
        """Both."""
        return self.first, self.last

    def args(self) -> dict[str, str]:
        """As an address carries it."""
        return {"from": self.first, "to": self.last}


def read_period(args: Mapping[str, str], now: datetime) -> Period:
    """The months of an address; without, or with ones that cannot be, the calendar year so far. At most three years."""
    this = now.strftime("%Y-%m")
    last = args.get("to", "") if MONTH.fullmatch(args.get("to", "")) else this
    first = args.get("from", "") if MONTH.fullmatch(args.get("from", "")) else f"{last[:4]}-01"
    if first > last:
        first, last = last, first
    floor = attendance.month_word(attendance.month_number(last) - LONGEST + 1)
    return Period(max(first, floor), last)


def named_periods(now: datetime) -> list[tuple[str, Period]]:
    """(word, period) of the usual choices: this month, last month, this year, last year."""
    this = attendance.month_number(now.strftime("%Y-%m"))
    year = now.year
    month, before = attendance.month_word(this), attendance.month_word(this - 1)
    return [
        ("this_month", Period(month, month)), ("last_month", Period(before, before)),
        ("this_year", Period(f"{year}-01", month)), ("last_year", Period(f"{year - 1}-01", f"{year - 1}-12")),
    ]  # fmt: skip
