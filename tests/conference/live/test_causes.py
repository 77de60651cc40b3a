"""The root-cause table: each of its rows on a synthetic room, the order of the rows, and the sentences."""

import re
from dataclasses import replace

import pytest

from conference import ConferenceSettings
from conference.live.board import EndpointNow, groups_of
from conference.live.causes import CAUSES, DOWN, UP, Cause, Facts, cause_of
from conference.live.limits import Limits
from conference.live.store.cast import Part
from conference.live.words import SENTENCES, TITLES, group_sentence, sentence_of
from core import set_language

# One case a row of jitsi.md section 9, and the two that it leaves open: (facts, word, shared group, sentence)
CASES = [
    (Facts(is_heard=False, gateway=DOWN, is_on_battery=True), "power", "", "UPS"),
    (Facts(is_heard=False, gateway=UP), "computer", "", "máy tính"),
    (Facts(gateway_loss=0.045), "lan", "", "4,5 %"),
    (Facts(wan_loss=0.06, isp="Viễn thông A"), "wan", "isp:Viễn thông A", "nhà mạng Viễn thông A mất gói 6 %"),
    (Facts(is_bad=True, bridge="jvb-2", bridge_bad=5, bridge_stress=0.85), "bridge", "bridge:jvb-2", "85 %"),
    (Facts(has_token_error=True, has_joined=False), "token", "", "đồng hồ"),
    (Facts(has_ice=False, has_stun=True, has_udp=False, isp="A"), "udp", "isp:A", "10000"),
    (Facts(candidate="relay", transport="udp"), "fallback", "", "RELAY"),
    (Facts(is_bad=True, cpu=0.96), "weak", "", "96 %"),
    (Facts(broken_devices=("mic",)), "device", "", "Micro"),
    (Facts(is_unmuted=True, is_speaking=True, sound_dbfs=-71.0, silence_s=130.0), "silent", "", "2 phút"),
    (Facts(is_refused=True, has_joined=False), "full", "full", "không nhận thêm"),
    (Facts(is_throttled=True, isp="A"), "throttled", "isp:A", "địa chỉ"),
    (Facts(is_heard=False, gateway=DOWN, isp="A"), "line", "isp:A", "Bộ định tuyến"),
    (Facts(is_heard=False), "unheard", "", "gọi"),
]


@pytest.mark.parametrize(("facts", "word", "group", "said"), CASES, ids=[case[1] for case in CASES])
def test_each_row_has_its_case(facts, word, group, said):
    cause = cause_of(facts)
    assert (cause.word, cause.group) == (word, group)
    assert said in sentence_of(cause)


def test_the_table_is_whole_and_in_the_order_of_the_contract():
    assert [case[1] for case in CASES] == [row.word for row in CAUSES]
    assert [row.number for row in CAUSES] == list(range(1, len(CAUSES) + 1))
    assert {word for word, _variant in SENTENCES} <= set(TITLES) and {row.word for row in CAUSES} <= set(TITLES)


@pytest.mark.parametrize("place", range(len(CASES) - 1))
def test_the_first_row_that_matches_is_the_cause(place):
    """A room with the trouble of two rows at once is told the earlier one; unless the two exclude each other."""
    first, second = CASES[place][0], CASES[place + 1][0]
    plain = Facts()
    free = [name for name in Facts.__slots__ if getattr(first, name) == getattr(plain, name)]
    both = replace(first, **{name: getattr(second, name) for name in free})
    words = [row.word for row in CAUSES if row.of(both, Limits())]
    assert cause_of(both).word == words[0] and words == sorted(words, key=[row.word for row in CAUSES].index)
    assert CASES[place][1] in words


def test_nothing_known_is_no_cause():
    assert cause_of(Facts()) is None
    assert cause_of(Facts(is_heard=False, is_served=False)) is None  # a codec sends no heartbeat


@pytest.mark.parametrize("facts", [
    Facts(gateway_loss=0.02), Facts(wan_loss=0.02), Facts(is_bad=True, cpu=0.9),
    Facts(is_bad=True, bridge="b", bridge_bad=4, bridge_stress=0.9), Facts(bridge="b", bridge_bad=9, bridge_stress=0.9),
    Facts(is_bad=True, bridge="b", bridge_bad=9, bridge_stress=0.79, bridge_loss=0.02),
    Facts(is_unmuted=False, is_speaking=True, sound_dbfs=-90, silence_s=900),
    Facts(is_unmuted=True, is_speaking=False, sound_dbfs=-90, silence_s=900),
    Facts(is_unmuted=True, is_speaking=True, sound_dbfs=-90, silence_s=119),
    Facts(is_unmuted=True, is_speaking=True, sound_dbfs=None, silence_s=900),
    Facts(has_ice=False, has_stun=None, has_udp=False), Facts(wan_rtt_ms=500), Facts(wan_rtt_ms=140, usual_rtt_ms=20),
    Facts(has_token_error=True), Facts(is_refused=True), Facts(candidate="srflx", transport="udp"),
])  # fmt: skip
def test_just_below_a_threshold_is_no_cause(facts):
    assert cause_of(facts) is None


def test_a_slow_line_counts_against_the_meetings_own_median():
    cause = cause_of(Facts(wan_rtt_ms=320, usual_rtt_ms=40, isp="B"))
    assert cause.word == "wan" and "320 ms" in sentence_of(cause)
    assert cause_of(Facts(wan_rtt_ms=320, usual_rtt_ms=200, isp="B")) is None


def test_neighbours_in_the_dark_prove_a_power_cut_without_a_ups():
    cause = cause_of(Facts(is_heard=False, gateway=DOWN, neighbours_down=4, place="/1/5/"))
    assert (cause.word, cause.group) == ("power", "area:/1/5/")


def test_thresholds_are_settings():
    limits = Limits.of(ConferenceSettings(live_loss_ratio=0.1, live_silence_s=30, live_bridge_stress=0.5))
    assert cause_of(Facts(wan_loss=0.06), limits) is None
    assert cause_of(Facts(is_unmuted=True, is_speaking=True, sound_dbfs=-71, silence_s=40), limits).word == "silent"
    assert cause_of(Facts(is_bad=True, bridge="b", bridge_bad=5, bridge_stress=0.6), limits).word == "bridge"


def row(number: int, cause: Cause | None, site: int | None = None, tone: str = "attention") -> EndpointNow:
    part = Part(number, number, f"Điểm cầu {number}", f"dc-{number}", "kiosk", f"ep-dc-{number}", "participant",
                "listen", True, False, site or number, f"Trường {number}", "/1/", "/1/", "A", "", "", None)  # fmt: skip
    return EndpointNow(part, "degraded", tone, 40, cause=cause)


def test_three_sites_of_one_provider_are_one_group_and_two_are_not():
    def wan(isp: str, loss: float) -> Cause:
        return cause_of(Facts(wan_loss=loss, isp=isp))

    rows = [row(n, wan("VNPT-X", 0.05 + n / 100)) for n in range(1, 4)] + [row(n, wan("Mạng Y", 0.04)) for n in (7, 8)]
    shared, loose = groups_of(rows, Limits())
    assert (shared.key, shared.count) == ("wan|isp:VNPT-X", 3)
    assert shared.sentence == "Đường truyền của nhà mạng VNPT-X mất gói 7 %, 3 điểm cầu cùng tuyến"
    assert (loose.key, loose.count) == ("wan|", 2) and "Mạng Y" not in loose.sentence


def test_three_endpoints_of_one_site_are_no_group_of_a_provider():
    rows = [row(n, cause_of(Facts(wan_loss=0.05, isp="A")), site=1) for n in range(3)]
    assert groups_of(rows, Limits())[0].key == "wan|"


def test_groups_come_worst_first_then_largest():
    rows = [row(1, Cause("fallback", args={"way": "TCP"}), tone="minor")]
    rows += [row(n, Cause("lan", args={"loss": 0.03})) for n in range(2, 6)]
    rows += [row(9, Cause("computer"), tone="down")]
    assert [group.cause.word for group in groups_of(rows, Limits())] == ["computer", "lan", "fallback"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_sentence_is_filled_in_both_languages(language):
    set_language(language)
    args = {"loss": 0.063, "rtt": 1234, "isp": "", "bridge": "jvb-1", "stress": 0.91, "way": "TCP", "cpu": 0.95,
            "minutes": 3}  # fmt: skip
    for word, variant in SENTENCES:
        name = "device" if word == "device" else "by"
        cause = Cause(word, "isp:A", {**args, name: variant})
        for text in (sentence_of(cause), group_sentence(cause, 14)):
            assert text and not re.search(r"%\(|%%|\bNone\b", text), text
        assert "14" in group_sentence(cause, 14)
    said = sentence_of(Cause("wan", "", {"by": "loss", "loss": 0.063, "isp": "A"}))
    assert ("6,3 %" if language == "vi" else "6.3 %") in said
