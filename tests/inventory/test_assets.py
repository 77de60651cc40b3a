"""Age and remaining value."""

from __future__ import annotations

from datetime import date

import pytest

from inventory import age_years, depreciates_on, is_under_warranty, remaining_value

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(("cost", "bought", "years", "left"), [
    (10_000_000, date(2026, 11, 23), 5, 10_000_000),
    (10_000_000, date(2027, 1, 1), 5, 10_000_000),   # bought tomorrow
    (10_000_000, date(2021, 11, 23), 5, 0),
    (10_000_000, date(2010, 1, 1), 5, 0),
    (10_000_000, date(2024, 11, 23), 4, 5_003_422),
    (None, date(2024, 1, 1), 5, None),
    (1, None, 5, None),
    (1, date(2024, 1, 1), None, None),
])
def test_remaining_value(cost, bought, years, left):
    assert remaining_value(cost, bought, years, TODAY) == left


def test_age_and_ends():
    assert age_years(date(2021, 11, 23), TODAY) == pytest.approx(5, abs=0.01)
    assert age_years(date(2027, 1, 1), TODAY) == 0
    assert age_years(None, TODAY) is None
    assert depreciates_on(date(2024, 2, 29), 5) == date(2029, 2, 28)
    assert is_under_warranty(TODAY, TODAY) is True
    assert is_under_warranty(date(2026, 11, 22), TODAY) is False
    assert is_under_warranty(None, TODAY) is None
