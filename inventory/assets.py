"""How old an asset is and what it is still worth: straight line over its years of depreciation, by days.

The office's accounts may round to whole years; these figures serve to rank what to replace, not to close the books.
"""

from __future__ import annotations

from datetime import date

DAYS_A_YEAR = 365.2425


def age_years(purchased_on: date | None, today: date) -> float | None:
    """Years since the purchase, never negative; None when the date is not known."""
    return None if purchased_on is None else max(0, (today - purchased_on).days) / DAYS_A_YEAR


def depreciates_on(purchased_on: date | None, years: int | None) -> date | None:
    """The day from which the asset is worth nothing in the books; 29 February becomes 28 February."""
    if purchased_on is None or years is None:
        return None
    try:
        return purchased_on.replace(year=purchased_on.year + years)
    except ValueError:
        return purchased_on.replace(year=purchased_on.year + years, day=28)


def remaining_value(cost: int | None, purchased_on: date | None, years: int | None, today: date) -> int | None:
    """What is left of the cost today, in whole đồng; None when cost, date or years are not known."""
    end = depreciates_on(purchased_on, years)
    if cost is None or purchased_on is None or end is None:
        return None
    if today <= purchased_on:
        return cost
    if today >= end:
        return 0
    return round(cost * (end - today).days / (end - purchased_on).days)


def is_under_warranty(warranty_until: date | None, today: date) -> bool | None:
    """True up to and on the last day of the warranty; None when it is not known."""
    return None if warranty_until is None else today <= warranty_until
