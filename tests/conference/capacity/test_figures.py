"""The figures and what follows from them: equal to the computed model of 600 sites."""

import pytest

from conference.capacity import Quality, SystemLimits, down_bps, read_plan, shipped_figures, up_bps, with_overhead
from conference.capacity.bandwidth import STANDARD_PLAN, PlannedQuality, plan_text, speed_text
from conference.capacity.figures import FILE, read_figures
from conference.capacity.joining import join_rate, seconds_to_join
from conference.capacity.load import spread_over
from conference.capacity.servers import bridges_for
from core import use_language
from tests.conference.payloads import json_payload

FIGURES = shipped_figures()
MODEL = json_payload("capacity_model_600.json")


@pytest.mark.parametrize("row", MODEL["rows"], ids=lambda row: f"{row['codec']}-{row['stage']}-{row['lastN']}")
def test_every_row_of_the_model(row):
    bits = down_bps(Quality(row["codec"], row["stage"], row["lastN"]), FIGURES)
    assert bits == row["per_site_down_kbps"] * 1000
    assert round(bits * 600 / 1e9, 2) == row["total_600_sites_gbps"]
    assert round(bits * 600 / 4 / 1e9, 2) == row["gbps_per_bridge_if_4"]


def test_bridges_and_visitor_nodes_of_the_model():
    bridges, visitors = MODEL["bridges"], MODEL["visitors"]
    assert bridges_for(600, FIGURES.receivers_per_bridge, FIGURES) == bridges["for_600"]
    assert bridges_for(600, None, FIGURES) == bridges["bridges_if_default_kept"]
    assert bridges["jicofo_default_max_bridge_participants"] == FIGURES.bridge_limit
    assert spread_over(550, FIGURES.vnode_limit) == visitors["vnodes_for_550_visitors"]["docker_default"]
    jicofo = visitors["jicofo_defaults"]
    assert spread_over(550, jicofo["max_visitors_per_node"]) == visitors["vnodes_for_550_visitors"]["jicofo_default"]
    assert jicofo["max_participants"] == FIGURES.main_limit


def test_join_storm_of_the_model():
    storm = MODEL["join_storm_seconds_for_600"]
    assert seconds_to_join(600, FIGURES.joins_per_second) == storm["muc_rate_joins_3_per_s_module_default"]
    assert seconds_to_join(600, 30) == storm["muc_rate_joins_30_per_s_docker_vnode"]


def test_bitrates_are_those_of_the_library():
    library = json_payload("jitsi_video_bitrates.json")
    for codec, sizes in FIGURES.max_bps.items():
        for size, bits in sizes.items():
            assert library["max_bps"][codec][size] == bits
    # Simulcast sends every smaller size beside the largest; one voice comes on top
    assert up_bps(Quality("vp8"), FIGURES) - FIGURES.audio_bps == library["vp8_simulcast_uplink_720p_bps"]
    assert up_bps(Quality("vp9"), FIGURES) - FIGURES.audio_bps == 1_200_000
    assert up_bps(Quality("h264", "1080p"), FIGURES) - FIGURES.audio_bps == FIGURES.uplink_cap_bps


def test_overhead_and_speeds_in_words():
    assert with_overhead(1_720_000, FIGURES) == 1_892_000
    assert speed_text(1_720_000) == "1,72 Mbit/s"
    with use_language("en"):
        assert (speed_text(1_032_000_000), speed_text(620_000)) == ("1.03 Gbit/s", "620 kbit/s")


def test_what_sets_the_rate_of_joining():
    # Four idle bridges take (0.8 / 0.01) / 20 s * 4 = 16 joins a second, Prosody 3 when nobody entered more
    assert join_rate(SystemLimits(bridges=(None,) * 4), FIGURES) == (3, "prosody")
    assert join_rate(SystemLimits(bridges=(None,) * 4, joins_per_second=30), FIGURES) == (5, "planner")
    rate, limit = join_rate(SystemLimits(bridges=(None,) * 4, joins_per_second=30, stress=0.6), FIGURES)
    assert (round(rate, 6), limit) == (4, "bridges")
    # A bridge beyond its limit still gets somebody in: a rate is never zero
    assert join_rate(SystemLimits(bridges=(None,), stress=1.3), FIGURES)[0] > 0


def test_figures_without_origin_or_name_are_refused():
    text = FILE.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="room_limit"):
        read_figures(text.replace("room_limit:", "room_limitt:"))
    with pytest.raises(ValueError, match=r"without an origin: \['main_limit'\]"):
        read_figures(text.replace("Jicofo reference.conf, visitors.max-participants", '""'))


def test_a_plan_is_kept_and_read_back():
    planned = PlannedQuality(Quality("vp8", "360p", 2), {7: Quality("vp8", "180p", 1), 9: Quality("vp8", "180p", 1)})
    assert read_plan(plan_text(planned), FIGURES) == planned


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "no json", '{"standard": {"codec": "vp10"}}',
                                  '{"standard": {"codec": "vp9", "stage": "9p", "last_n": 1}}',
                                  '{"classes": [{"endpoints": [1]}]}', '{"classes": 3}'])
def test_a_plan_that_cannot_be_read_is_the_standard(text):
    assert read_plan(text, FIGURES) == STANDARD_PLAN
