"""What people type, and what it becomes or which words refuse it."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.addresses import parse_address, parse_endpoint, parse_mac
from inventory.kinds import CALENDAR_KINDS, DEVICE_KINDS, WEEKDAYS
from inventory.parsing import (
    choice,
    clean_line,
    clean_text,
    clock_time,
    day,
    decimal,
    email,
    latitude,
    longitude,
    money,
    phone,
    speed,
    tamed,
    url,
    weekday,
    whole,
    yes_no,
)
from inventory.problems import BadValue

GOOD = [
    (parse_address, "192.168.1.1", "192.168.1.1"),
    (parse_address, "2001:DB8:0:0::1", "2001:db8::1"),
    (parse_address, "[2001:db8::1]", "2001:db8::1"),
    (parse_address, "fe80::1%eth0", "fe80::1%eth0"),
    (parse_address, "Switch-1.School.VN.", "switch-1.school.vn"),
    (parse_mac, "00:1A:2B:3C:4D:5E", "00:1a:2b:3c:4d:5e"),
    (parse_mac, "00-1a-2b-3c-4d-5e", "00:1a:2b:3c:4d:5e"),
    (parse_mac, "001A.2B3C.4D5E", "00:1a:2b:3c:4d:5e"),
    (parse_mac, "001a2b3c4d5e", "00:1a:2b:3c:4d:5e"),
    (parse_mac, "001a2b-3c4d5e", "00:1a:2b:3c:4d:5e"),
    (parse_endpoint, "10.0.0.1:443", "10.0.0.1:443"),
    (parse_endpoint, ":22", ":22"),
    (parse_endpoint, "[2001:db8::1]:80", "[2001:db8::1]:80"),
    (whole(0, 100), "7", 7),
    (whole(0, 100), "7.0", 7),
    (whole(0, 100), 7.0, 7),
    (decimal(0, 10), "1,5", 1.5),
    (decimal(0, 10), "1e-02", 0.01),
    (latitude, "22,8233", 22.8233),
    (longitude, 104.98, 104.98),
    (money, "12.500.000", 12_500_000),
    (money, "12,500,000 VND", 12_500_000),
    (money, "12 500 000đ", 12_500_000),
    (money, 12500000, 12_500_000),
    (money, 12500000.0, 12_500_000),
    (speed, "300", 300_000_000),
    (speed, "1 Gbps", 1_000_000_000),
    (speed, "512 kbit/s", 512_000),
    (speed, "0,5", 500_000),
    (speed, 300_000_000, 300_000_000),
    (day, "2026-09-05", date(2026, 9, 5)),
    (day, "5/9/2026", date(2026, 9, 5)),
    (day, "05.09.2026", date(2026, 9, 5)),
    (day, datetime(2026, 9, 5, 7, 0), date(2026, 9, 5)),
    (clock_time, "7h30", time(7, 30)),
    (clock_time, "7h", time(7)),
    (clock_time, "07:30:00", time(7, 30)),
    (clock_time, time(7, 30, 20), time(7, 30)),
    (yes_no, "Có", True),
    (yes_no, "KHÔNG", False),
    (yes_no, True, True),
    (email, "cntt@thcs12.edu.vn", "cntt@thcs12.edu.vn"),
    (phone, "+84 (219) 3866 123", "+84 (219) 3866 123"),
    (url, "https://example.edu.vn/a?b=1", "https://example.edu.vn/a?b=1"),
    (choice(DEVICE_KINDS), "Wi-Fi ACCESS point", "ap"),
    (choice(DEVICE_KINDS), "Bộ chuyển mạch", "switch"),
    (choice(CALENDAR_KINDS), "giờ dạy", "teaching"),
    (weekday(WEEKDAYS), "Thứ 2", 0),
    (weekday(WEEKDAYS), "T7", 5),
    (weekday(WEEKDAYS), "CN", 6),
    (weekday(WEEKDAYS), "chủ nhật", 6),
    (weekday(WEEKDAYS), "Friday", 4),
    (weekday(WEEKDAYS), "thứ sáu", 4),
    (weekday(WEEKDAYS), 0, 0),
]


@pytest.mark.parametrize(("parse", "typed", "value"), GOOD)
def test_what_is_understood(parse, typed, value):
    assert parse(typed) == value


BAD = [
    (parse_address, "http://10.0.0.1", "Enter the address alone"),
    (parse_address, "10.0.0.1/24", "Enter the address alone"),
    (parse_address, "10.0.0.256", "not a valid IPv4 address"),
    (parse_address, "10.0.0", "not a valid IPv4 address"),
    (parse_address, "010.0.0.1", "not a valid IPv4 address"),
    (parse_address, "0.0.0.0", "No device can have this address"),
    (parse_address, "224.0.0.1", "No device can have this address"),
    (parse_address, "10.0.0.1:161", "not a valid IPv6 address"),
    (parse_address, "ff02::1", "No device can have this address"),
    (parse_address, "trường.vn", "neither an IP address nor a host name"),
    (parse_address, "a b", "neither an IP address nor a host name"),
    (parse_address, "-x.vn", "neither an IP address nor a host name"),
    (parse_address, "a" * 254, "neither an IP address nor a host name"),
    (parse_mac, "00:1A:2B:3C:4D", "not a MAC address"),
    (parse_mac, "00:1A-2B:3C:4D:5E", "not a MAC address"),
    (parse_mac, "ff:ff:ff:ff:ff:ff", "belongs to no device"),
    (parse_endpoint, "10.0.0.1", "Enter an address and a port"),
    (parse_endpoint, "10.0.0.1:99999", "Enter an address and a port"),
    (whole(1, 9), "abc", "whole number from 1 to 9"),
    (whole(1, 9), "10", "whole number from 1 to 9"),
    (whole(1, 9), "1.5", "whole number from 1 to 9"),
    (whole(1, 9), True, "whole number from 1 to 9"),
    (whole(1, 9), "²", "whole number from 1 to 9"),
    (decimal(0, 10), "nan", "number from 0 to 10"),
    (decimal(0, 10), ".", "number from 0 to 10"),
    (decimal(0, 10), "1e99", "number from 0 to 10"),
    (latitude, "104.98", "Were latitude and longitude exchanged"),
    (longitude, "abc", "about 102 to 110"),
    (money, "12,5", "whole đồng"),
    (money, "-5", "whole đồng"),
    (money, "1" * 30, "whole đồng"),
    (speed, "fast", "Enter the speed in Mbit/s"),
    (speed, "0", "No line has this speed"),
    (speed, float("nan"), "No line has this speed"),
    (day, "31/02/2026", "not a date"),
    (day, "2026", "not a date"),
    (day, "05/09/26", "not a date"),
    (clock_time, "25:00", "not a time of day"),
    (clock_time, "morning", "not a time of day"),
    (yes_no, "maybe", "Enter yes or no"),
    (email, "a@b", "not an e-mail address"),
    (phone, "call me", "telephone number"),
    (url, "ftp://x", "begins with http://"),
    (url, "http://[::1", "begins with http://"),
    (url, "http://u:p@x.vn", "Leave the user name and password out"),
    (choice(DEVICE_KINDS), "toaster", "Enter one of: Router, Switch"),
    (weekday(WEEKDAYS), "8", "not a day of the week"),
    (lambda raw: clean_line(raw, 10), "x" * 11, "too long: 11 characters, at most 10"),
    (lambda raw: clean_line(raw, 100), "red \x1b[31m", "control characters"),
    (lambda raw: clean_line(raw, 100), "a\x00b", "control characters"),
    (lambda raw: clean_line(raw, 100), ["a"], "Enter text"),
]


@pytest.mark.parametrize(("parse", "typed", "words"), BAD)
def test_what_is_refused_says_what_to_enter(parse, typed, words):
    with pytest.raises(BadValue) as caught:
        parse(typed)
    assert words in str(caught.value)


def test_text_loses_what_cannot_be_seen():
    assert clean_line("a\u202eb\u200bc\u00a0 d\ne", 50) == "abc d e"
    assert clean_text("a \r\nb\tc\n", 50) == "a\nb c"
    assert clean_line("Trươ\u0300ng", 50) == "Trường"


@given(st.text(max_size=300))
def test_what_a_device_says_is_made_one_printable_line(text):
    said = tamed(text, 64)
    assert len(said) <= 64
    assert said.isprintable()


@given(st.text(max_size=60))
def test_cleaned_text_stays_as_it_is(text):
    try:
        once = clean_line(text, 200)
    except BadValue:
        return
    assert clean_line(once, 200) == once
    once.encode()
