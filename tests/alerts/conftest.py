"""Fixtures of the tests of alerts."""

from __future__ import annotations

import pytest

from tests.alerts.province import EMAIL, Province, add_channel, build_province


@pytest.fixture
def province(database, now) -> Province:
    """Four schools without anybody to tell."""
    return build_province(database, now)


@pytest.fixture
def told_province(province, vault) -> Province:
    """Four schools, and one e-mail address that hears of everything."""
    add_channel(province.database, vault, province.at, "email", EMAIL)
    return province
