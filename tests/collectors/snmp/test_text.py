"""Hostile and careless text becomes harmless; numbers and MAC addresses are read in all the ways seen in the field."""

from __future__ import annotations

import pytest

from collectors.snmp.text import clean_line, clean_text, mac_of, meaningful, number_in


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (b"plain", "plain"),
        (b"name\x00\x00", "name"),
        (b"192.168.0.237 ", "192.168.0.237"),
        (b"\x1b[31mred\x1b[0m", "[31mred[0m"),  # the escape goes, what is left is only text
        (b"a\r\nb\tc", "a  b c"),
        ("Trường Tiểu học".encode(), "Trường Tiểu học"),
        (b"Windows\x92 name", "Windows’ name"),
        (b"\xff\xfe\x81", "ÿþ\ufffd"),
        ("\u202egnp.exe".encode(), "gnp.exe"),  # right-to-left override
        (b"<script>alert(1)</script>", "<script>alert(1)</script>"),  # templates escape; text stays what it was
        (None, ""),
        (42, "42"),
    ],
)
def test_lines(raw: object, clean: str) -> None:
    assert clean_line(raw) == clean


def test_lengths_are_capped() -> None:
    assert len(clean_line(b"x" * 10_240)) == 255
    assert len(clean_text(b"x" * 100_000)) == 2_000


def test_line_breaks_stay_in_long_text_only() -> None:
    assert clean_text(b"Huawei\r\nVRP\r\n") == "Huawei\nVRP"
    assert clean_line(b"Huawei\r\nVRP") == "Huawei  VRP"


@pytest.mark.parametrize("nothing", ["", "None", "unknown", "N/A", "--", "Not Specified"])
def test_the_many_ways_to_write_nothing(nothing: str) -> None:
    assert meaningful(nothing) == ""


@pytest.mark.parametrize(
    ("raw", "number"),
    [(b"42.5 C", 42.5), (b"7 PERCENT", 7), (b"0.01", 0.01), (b"-99999", -99999), (b"1,5", 1.5), (3, 3.0),
     (b"1e3", 1000),
     (b"", None), (b"--", None), (None, None), (b"\xff", None)],
)  # fmt: skip
def test_numbers_in_text(raw: object, number: float | None) -> None:
    assert number_in(raw) == number


@pytest.mark.parametrize(
    "raw",
    [bytes.fromhex("0180c2000001"), b"01:80:c2:00:00:01", b"01-80-C2-00-00-01", b"0180c2000001", b"0180.c200.0001",
     b"0180-c200-0001", b"1:80:c2:0:0:1", b"01 80 C2 00 00 01 ", b"0x0180C2000001"],
)  # fmt: skip
def test_one_mac_in_many_forms(raw: bytes) -> None:
    assert mac_of(raw) == "01:80:c2:00:00:01"


@pytest.mark.parametrize(
    "raw", [b"", b"\0" * 6, b"Anonymized 9", b"12345", b"\x01\x02\x03", None, b"0" * 12, 5, b"zz:zz"]
)
def test_no_mac(raw: object) -> None:
    assert mac_of(raw) == ""
