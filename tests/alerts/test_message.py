"""The words of a message."""

from __future__ import annotations

import pytest

from alerts.message import _kind_word
from core import use_language


@pytest.mark.parametrize(("name", "kind", "english"), [
    ("Switch tầng 2", "switch", ""), ("Bộ chuyển mạch lõi", "switch", ""), ("sw-12", "switch", "Switch"),
    ("Router", "router", ""), ("Bo dinh tuyen 1", "router", ""), ("gw", "router", "Router"),
])
def test_a_name_that_says_its_kind_is_not_told_twice(name: str, kind: str, english: str) -> None:
    with use_language("en"):
        assert _kind_word(name, kind) == english
