"""How relays, STUN servers and codecs are written down in a check, and what is refused with what to enter."""

from __future__ import annotations

import pytest

from inventory import MediaTarget, check_target, media_target


@pytest.mark.parametrize(("kind", "entered", "kept"), [
    ("stun", "stun.example.edu.vn", "stun.example.edu.vn:3478"),
    ("stun", "stun:192.168.1.2:3479", "192.168.1.2:3479"),
    ("stun", "[2001:db8::1]", "[2001:db8::1]:3478"),
    ("turn", "turn.example.edu.vn", "turn:turn.example.edu.vn:3478?transport=udp"),
    ("turn", "turn:10.0.0.5?transport=TCP", "turn:10.0.0.5:3478?transport=tcp"),
    ("turn", "turns:turn.example.edu.vn", "turns:turn.example.edu.vn:5349"),
    ("turn", "turns:turn.example.edu.vn:443", "turns:turn.example.edu.vn:443"),
    ("sip", "sip:codec@10.20.1.15", "sip:codec@10.20.1.15:5060"),
    ("sip", "10.20.1.15:5062", "sip:10.20.1.15:5062"),
    ("sip", "sip:phong.hop@10.20.1.15;transport=tcp", "sip:phong.hop@10.20.1.15:5060;transport=tcp"),
    ("udp", "reflector.example.edu.vn", "reflector.example.edu.vn:10010"),
])  # fmt: skip
def test_targets_are_kept_in_one_form(kind, entered, kept):
    assert check_target(kind, entered) == kept
    assert check_target(kind, kept) == kept


def test_a_target_is_taken_apart():
    assert media_target("sip", "sip:codec@10.20.1.15;transport=tcp") == MediaTarget("10.20.1.15", 5060, "tcp", "codec")
    assert media_target("turn", "turns:a.example") == MediaTarget("a.example", 5349, "tls")


@pytest.mark.parametrize(("kind", "entered"), [
    ("stun", "jvb.example.edu.vn:10000"), ("stun", "turn:a.example"), ("stun", ""), ("turn", "sip:a.example"),
    ("turn", "user@a.example"), ("turn", "turn:a b"), ("turn", "turn:a.example:99999"),
    ("turn", "turn:a.example?transport=sctp"), ("sip", "sip:a@b@c"), ("sip", "sip:x\r\nVia: y@host"),
])  # fmt: skip
def test_others_are_refused_with_what_to_enter(kind, entered):
    with pytest.raises(ValueError, match=r"\w{3}"):
        check_target(kind, entered)
