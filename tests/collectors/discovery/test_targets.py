"""What a person may type as targets of a search, and what is told when it is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.discovery.targets import Place, TargetError, expand
from core import use_language


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("192.0.2.0/30", ["192.0.2.1", "192.0.2.2"]),
        ("192.0.2.7/32", ["192.0.2.7"]),
        ("192.0.2.130/31", ["192.0.2.130", "192.0.2.131"]),
        ("192.0.2.5/30", ["192.0.2.5", "192.0.2.6"]),
        ("10.1.0.9-11", ["10.1.0.9", "10.1.0.10", "10.1.0.11"]),
        ("2001:db8::/126", ["2001:db8::1", "2001:db8::2", "2001:db8::3"]),
        ("10.0.0.1, 10.0.0.1\n10.0.0.2;", ["10.0.0.1", "10.0.0.2"]),
        ("Switch-1.School.VN.", ["switch-1.school.vn"]),
    ],
)
def test_networks_ranges_and_addresses_are_expanded(text, addresses):
    assert [place.address for place in expand(text, 100)] == addresses


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("127.0.0.1:1161", Place("127.0.0.1", 1161)),
        ("[::1]:1161", Place("::1", 1161)),
        ("[::1]", Place("::1", 161)),
        ("::1", Place("::1", 161)),
        ("host:99", Place("host", 99)),
    ],
)
def test_host_and_port_is_one_place(text, place):
    assert expand(text, 10) == (place,)


def test_port_is_taken_for_all_without_their_own():
    assert {place.port for place in expand("10.0.0.0/30 10.9.9.9", 10, port=1161)} == {1161}


@pytest.mark.parametrize(
    "text",
    ["", "   ", "10.0.0.0/33", "10.0.0.9-5", "10.0.0.1-999", "10.0.0.300", "a b/c", "x:99999", "<script>",
     "224.0.0.0/24", "10.0.0.1:0", "::/0", "-bad"],
)  # fmt: skip
def test_wrong_targets_are_told(text):
    with pytest.raises(TargetError) as error:
        expand(text, 1000)
    assert error.value.problems


def test_too_many_addresses_are_refused_before_they_are_made():
    with use_language("en"), pytest.raises(TargetError, match="16777216 addresses; one search asks at most 4096"):
        expand("10.0.0.0/8", 4096)
    with pytest.raises(TargetError):
        expand("2001:db8::/64", 4096)
    with pytest.raises(TargetError):
        expand(" ".join(f"10.0.{n}.0/24" for n in range(17)), 4096)


def test_every_wrong_word_is_named():
    with pytest.raises(TargetError) as error:
        expand("10.0.0.0/99 10.0.0.1 also/wrong", 10)
    assert len(error.value.problems) == 2


@given(st.text(max_size=60))
def test_any_text_gives_places_or_a_plain_refusal(text):
    try:
        places = expand(text, 50)
    except TargetError:
        return
    assert 0 < len(places) <= 52
