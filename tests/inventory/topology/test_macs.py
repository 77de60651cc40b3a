"""MAC addresses as numbers, and pieces of them as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.topology.macs import is_made_up, mac_ending, mac_number, mac_range, mac_text

A_MAC = st.integers(1, (1 << 48) - 2).filter(lambda number: not number >> 40 & 1)


@given(A_MAC, st.sampled_from((":", "-", "", ".")), st.booleans())
def test_every_writing_is_the_same_number(number: int, mark: str, is_upper: bool) -> None:
    bare = mac_text(number).replace(":", "")
    step = 4 if mark == "." else 2
    text = mark.join(bare[i:i + step] for i in range(0, 12, step))
    assert mac_number(text.upper() if is_upper else text) == number


@pytest.mark.parametrize("text", [
    "", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "01:00:5e:00:00:01", "33:33:00:00:00:01", "00:1b:11:00:00",
    "zz:1b:11:00:00:01", "00:1b:11:00:00:01:02"])
def test_what_no_single_machine_can_have_is_no_address(text: str) -> None:
    assert mac_number(text) is None


@given(A_MAC, st.integers(6, 12))
def test_a_beginning_is_a_range_and_an_end_a_remainder(number: int, digits: int) -> None:
    bare = mac_text(number).replace(":", "")
    span, ending = mac_range(bare[:digits]), mac_ending(bare[-digits:])
    assert span is not None and span[0] <= number <= span[1]
    assert (ending is None) is (digits == 12) and (ending is None or number % ending[1] == ending[0])


def test_a_short_piece_needs_its_marks() -> None:
    """"2026" is a year in a search box, "20:26" part of an address."""
    assert mac_range("2026") is None and mac_ending("2026") is None
    assert mac_range("20:26") == (0x2026_0000_0000, 0x2026_FFFF_FFFF) and mac_ending("20:26") == (0x2026, 1 << 16)
    assert mac_range("switch-1") is None and mac_range("10.0.0") is None and mac_range("adde.12") is not None


def test_an_address_that_its_owner_made_up() -> None:
    assert is_made_up(mac_number("02:00:00:00:00:01")) and not is_made_up(mac_number("00:1b:11:00:00:01"))
