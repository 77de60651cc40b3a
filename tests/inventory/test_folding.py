"""Search and sorting keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.folding import bare_mac, fold, search_text, sort_key


@pytest.mark.parametrize(("text", "folded"), [
    ("THCS số 12", "thcs so 12"),
    ("  Đắk   Lắk ", "dak lak"),
    ("TRƯỜNG TIỂU HỌC", "truong tieu hoc"),
    ("Trươ\u0300ng", "truong"),       # typed with a separate accent
    ("Ｐ１０１", "p101"),              # full-width letters
    ("ĐIỂM ĐẾN đ", "diem den d"),
    ("", ""),
])
def test_folding(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


def test_names_sort_in_counting_order():
    names = ["THCS số 12", "THCS số 2", "THCS số 1", "Mầm non 3"]
    assert sorted(names, key=sort_key) == ["Mầm non 3", "THCS số 1", "THCS số 2", "THCS số 12"]


def test_sort_key_stays_inside_its_column():
    assert len(sort_key("9 " * 500)) == 255


def test_a_phrase_does_not_reach_across_two_fields():
    assert "a b" not in search_text("x a", "b y")


@pytest.mark.parametrize(("word", "bare"), [
    ("00:1A:2B:3C:4D:5E", "001a2b3c4d5e"), ("001a.2b3c", "001a2b3c"), ("aabbcc", "aabbcc"), ("12345", None),
    ("switch", None), ("10.0.0.1", None), ("001a2b3c4d5e66", None),
])
def test_what_looks_like_a_mac_address(word, bare):
    assert bare_mac(word) == bare
