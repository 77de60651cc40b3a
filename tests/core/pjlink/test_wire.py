"""PJLink lines, digests and values against the standard's vectors and against what devices get wrong."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.pjlink import values, wire
from core.pjlink.values import Lamp, Mute


def test_md5_vector_of_the_standard():
    assert wire.md5_digest("498e4a67", "JBMIAProjectorLink") == "5d8409bc1c3fa39749434aa3a5c38682"


def test_sha256_is_over_the_exclusive_or_of_both_randoms():
    ours, theirs = "ff" * 16, "0f" * 16
    want = hashlib.sha256(("f0" * 16 + "secret").encode()).hexdigest()
    assert wire.sha256_digest(theirs, ours, "secret") == want
    assert wire.sha256_digest("00" * 16, "00" * 15 + "01", "x") == hashlib.sha256(b"0" * 31 + b"1x").hexdigest()


@pytest.mark.parametrize(("line", "kind", "random"), [
    ("PJLINK 0", "open", ""), ("pjlink 0 ", "open", ""), ("PJLINK 1 498e4a67", "password", "498e4a67"),
    ("PJLINK 2 " + "ab" * 16, "stronger", "ab" * 16), ("PJLINK ERRA", "refused", ""),
])  # fmt: skip
def test_greetings(line, kind, random):
    assert wire.parse_greeting(line) == wire.Greeting(kind, random)


@pytest.mark.parametrize("line", ["", "HTTP/1.1 400 Bad Request", "PJLINK", "PJLINK 1", "PJLINK 3", "PJLINK 2 12",
                                  "220 mail", "PJLINK 1 zz", "\x1b[2J"])  # fmt: skip
def test_what_is_no_greeting(line):
    with pytest.raises(wire.NotPjlink):
        wire.parse_greeting(line)


def test_lines_whatever_their_ends():
    buffer = wire.LineBuffer()
    assert buffer.feed(b"%1POWR=1\r%1ERST=0000") == ["%1POWR=1"]
    assert buffer.feed(b"00\r\n\0\0%1INPT=31\n") == ["%1ERST=000000", "%1INPT=31"]
    assert buffer.feed(b"%1CLSS=2") == []
    assert buffer.take_rest() == "%1CLSS=2"
    assert buffer.take_rest() == ""


def test_a_line_without_end_is_given_up():
    buffer = wire.LineBuffer()
    with pytest.raises(wire.NotPjlink):
        for _ in range(10):
            buffer.feed(b"A" * 100)


@given(st.binary(max_size=400))
def test_any_bytes_are_lines_or_are_refused(data):
    buffer = wire.LineBuffer()
    try:
        lines = buffer.feed(data)
    except wire.NotPjlink:
        return
    for line in lines:
        wire.parse_reply(line, "POWR")
        wire.parse_notice(line.encode())


@given(st.text(max_size=150))
def test_values_never_raise(text):
    for parse in (values.parse_power, values.parse_input, values.parse_inputs, values.parse_mute, values.parse_errors,
                  values.parse_lamps, values.parse_hours, values.parse_flag, values.parse_signal):  # fmt: skip
        parse(text)


def test_replies_are_matched_by_command():
    assert wire.parse_reply("%1POWR=2", "POWR") == "2"
    assert wire.parse_reply("%1powr=2", "POWR") == "2"
    assert wire.parse_reply("%1INPT=31", "INPT") == "31"  # class 1 answer to a class 2 question
    assert wire.parse_reply("%2LKUP=02:00:00:00:00:01", "POWR") is None
    assert wire.parse_reply("%1POWR", "POWR") is None


def test_commands_hold_no_line_ends():
    assert wire.command_bytes(1, "POWR", "?", "ab") == b"ab%1POWR ?\r"
    for wrong in ((1, "POWR", "1\r%1POWR 0"), (3, "POWR", "1"), (1, "powr", "1"), (1, "POWR", "x" * 129)):
        with pytest.raises(ValueError):
            wire.command_bytes(*wrong)


def test_notices():
    assert wire.parse_notice(b"%2POWR=1\r") == wire.Notice("POWR", "1")
    assert wire.parse_notice(b"%2ACKN=02:00:00:00:00:01\r").word == "ACKN"
    for wrong in (b"", b"%1POWR=1\r", b"%2NAME=x\r", b"\xff\xfe", b"%2SRCH\r"):
        assert wire.parse_notice(wrong) is None


def test_values():
    assert [values.parse_power(word) for word in ("0", "3", "4", "")] == [0, 3, None, None]
    assert values.parse_mute("31") == Mute(True, True)
    assert values.parse_mute("11") == Mute(True, False)
    assert values.parse_mute("30") == Mute(False, False)
    assert values.parse_errors("010002") == {
        "fan": 0, "lamp": 1, "temperature": 0, "cover": 0, "filter": 0, "other": 2,
    }  # fmt: skip
    assert values.parse_errors("01000") is None
    assert values.parse_lamps("1163 1 250 0") == (Lamp(1163, True), Lamp(250, False))
    assert values.parse_lamps("1163") == (Lamp(1163),)
    assert values.parse_lamps("999999 1") is None
    assert values.parse_inputs("31 32 31 9Z 5a") == ("31", "32", "5A")
    assert values.parse_signal("-") == (False, "")
    assert values.parse_signal("1920x1080") == (True, "1920x1080")


@pytest.mark.parametrize("code", ["11", "31", "39", "3A", "5Z", "69"])
def test_inputs_as_numbers_and_back(code):
    assert values.input_code(values.input_number(code)) == code


def test_input_31_is_the_number_31():
    assert values.input_number("31") == 31
