"""Readiness judged out of facts: each reason, the worst of several, near and far, and that nobody's word is no word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from conference.readiness import ACTIONS, PATH_CAUSES, REASONS, Facts, diagnose_path, judge_endpoint, sentence

NOW = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
NEAR, FAR = NOW + timedelta(minutes=30), NOW + timedelta(hours=20)
WELL = Facts(
    1, seen_at=NOW - timedelta(seconds=30), devices=dict.fromkeys(("camera", "mic", "speaker", "display"), "ok"),
    silence_s=5, sound_dbfs=-30, luma=0.4, cpu=0.4, clock_offset_s=0.01, gateway="up", loss=0.001, rtt_s=0.03,
    need_bps=1.9e6, have_bps=50e6, path={"stun": "ok", "udp": "ok"}, projector="on", rehearsal="passed",
    rehearsed_at=NOW - timedelta(days=2), came=5, held=5, reply="accepted",
)  # fmt: skip


def test_all_well_is_ready_with_full_marks():
    verdict = judge_endpoint(WELL, NEAR, NOW)
    assert (verdict.state, verdict.score, verdict.reason, verdict.action) == ("ready", 100, "fit", "none")


def test_nothing_known_is_never_ready():
    for kind in ("kiosk", "codec", "manual"):
        verdict = judge_endpoint(Facts(1, kind=kind), NEAR, NOW)
        assert verdict.state == "unknown", kind
        assert verdict.score < 100
    # A line that is up says nothing of the room behind it
    assert judge_endpoint(Facts(1, gateway="up", loss=0.0), FAR, NOW).state == "unknown"


CASES = [
    # changes, reason far, state far, reason near, state near
    ({"gateway": "down", "gateway_since": NOW - timedelta(hours=3)}, "line_down", "not_ready", "not_ready"),
    ({"gateway": "down", "neighbours_down": 14}, "area_down", "not_ready", "not_ready"),
    ({"ups_on_battery": True, "ups_runtime_s": 600.0}, "power_cut", "risk", "not_ready"),
    ({"reply": "declined"}, "declined", "not_ready", "not_ready"),
    ({"kind": "codec", "seen_at": None, "codec": "silent"}, "codec_silent", "risk", "not_ready"),
    ({"kind": "codec", "seen_at": None, "codec": "in_call"}, "codec_busy", "ready", "risk"),
    ({"seen_at": NOW - timedelta(hours=5)}, "kiosk_gone", "risk", "not_ready"),
    ({"clock_offset_s": -95.0}, "clock_off", "not_ready", "not_ready"),
    ({"devices": {"speaker": "missing"}}, "speaker", "not_ready", "not_ready"),
    ({"devices": {"camera": "denied"}}, "camera", "risk", "risk"),
    ({"devices": {"display": "failed"}}, "display", "risk", "risk"),
    ({"have_bps": 1.0e6}, "no_bandwidth", "risk", "not_ready"),
    ({"have_bps": 2.2e6}, "narrow", "ready", "ready"),
    ({"path": {"stun": "udp_no_answer", "udp": "udp_no_answer", "turn_tls": "ok"}}, "udp_blocked", "risk", "risk"),
    ({"path": {"stun": "udp_no_answer", "turn_tls": "check_timeout"}}, "no_way", "not_ready", "not_ready"),
    ({"transport": "tcp"}, "udp_blocked", "risk", "risk"),
    ({"loss": 0.06}, "line_loss", "risk", "risk"),
    ({"rtt_s": 0.45}, "line_slow", "risk", "risk"),
    ({"lan_loss": 0.045}, "lan_loss", "risk", "risk"),
    ({"luma": 0.01}, "black_picture", "risk", "risk"),
    ({"cpu": 0.96}, "cpu", "ready", "risk"),
    ({"is_on_battery": True}, "battery", "ready", "risk"),
    ({"projector": "standby"}, "projector_off", "ready", "ready"),
    ({"projector": "error"}, "projector_error", "risk", "risk"),
    ({"incident": "Cáp quang đứt"}, "incident", "risk", "risk"),
    ({"rehearsal": "failed"}, "rehearsal_failed", "risk", "risk"),
    ({"rehearsal": "absent"}, "rehearsal_absent", "risk", "risk"),
    ({"came": 1}, "missed_before", "risk", "risk"),
    ({"hour_loss": 0.05}, "bad_hour", "risk", "risk"),
    ({"has_contact": False}, "no_contact", "ready", "ready"),
    ({"reply": "needs-action"}, "no_reply", "ready", "ready"),
    ({"seen_at": None}, "never_seen", "unknown", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "word", "far", "near"), CASES, ids=[case[1] for case in CASES])
def test_each_reason(changes, word, far, near):
    facts = replace(WELL, **changes)
    for starts_at, state in ((FAR, far), (NEAR, near)):
        verdict = judge_endpoint(facts, starts_at, NOW)
        assert verdict.state == state, verdict
        assert word in [finding.word for finding in verdict.findings]
        assert verdict.score < 100
        if state != "ready":
            assert verdict.reason == word
            assert verdict.action in ACTIONS


def test_every_reason_is_tried():
    tried = {case[1] for case in CASES} | {"mic", "no_sound", "not_watched", "fit"}
    assert tried == set(REASONS)


def test_who_speaks_is_judged_harder():
    dumb = replace(WELL, devices={"mic": "missing"})
    assert judge_endpoint(dumb, FAR, NOW).state == "ready"
    assert judge_endpoint(replace(dumb, is_speaker=True), FAR, NOW).state == "not_ready"
    quiet = replace(WELL, silence_s=1200, sound_dbfs=-72)
    assert judge_endpoint(quiet, NEAR, NOW).state == "ready"
    verdict = judge_endpoint(replace(quiet, is_speaker=True), NEAR, NOW)
    assert (verdict.state, verdict.reason, verdict.action, verdict.is_fixable_here) == (
        "risk", "no_sound", "device_check", True)


def test_a_projector_that_is_off_counts_in_the_last_quarter_of_an_hour():
    off = replace(WELL, projector="standby")
    verdict = judge_endpoint(off, NOW + timedelta(minutes=14), NOW)
    assert (verdict.state, verdict.action, verdict.is_fixable_here) == ("risk", "projector_on", True)


def test_the_worst_reason_leads_and_all_are_kept():
    facts = replace(WELL, ups_on_battery=True, loss=0.2, devices={"speaker": "missing"}, projector="standby")
    verdict = judge_endpoint(facts, FAR, NOW)
    assert [finding.word for finding in verdict.findings] == ["speaker", "power_cut", "line_loss", "projector_off"]
    assert verdict.score == 0


def test_a_dark_school_says_nothing_more_about_its_room():
    facts = replace(WELL, gateway="down", loss=1.0, seen_at=NOW - timedelta(hours=1))
    assert [finding.word for finding in judge_endpoint(facts, NEAR, NOW).findings] == ["line_down"]


def test_what_the_centre_can_do_itself_is_offered_only_where_the_page_is_open():
    busy = replace(WELL, cpu=0.97)
    assert judge_endpoint(busy, NEAR, NOW).action == "reload"
    gone = replace(busy, seen_at=NOW - timedelta(minutes=10), gateway="up")
    assert judge_endpoint(gone, NEAR, NOW).action == "call_open"


def test_old_devices_are_not_told_as_present():
    facts = replace(WELL, seen_at=NOW - timedelta(days=3), devices={"speaker": "missing"})
    assert [finding.word for finding in judge_endpoint(facts, FAR, NOW).findings] == ["kiosk_gone"]


def test_every_sentence_can_be_said_with_its_figures():
    for changes, word, _far, _near in CASES:
        verdict = judge_endpoint(replace(WELL, **changes), FAR, NOW)
        args = next(finding.args for finding in verdict.findings if finding.word == word)
        said = sentence(word, args, NOW)
        assert "%(" not in said and said != str(REASONS[word].title), word
    assert sentence("power_cut", {"left": None}, NOW).endswith("?.")
    assert sentence("line_loss", {"losses": 1}, NOW) == "Đường truyền mất gói"  # kept by an older version: its title
    assert sentence("not a word", {}, NOW) == "not a word"


@pytest.mark.parametrize(("results", "cause"), [
    ({}, "unknown"),
    ({"stun": "ok", "turn_udp": "ok", "udp": "ok", "turn_tcp": "ok", "turn_tls": "ok"}, ""),
    ({"stun": "udp_no_answer", "turn_udp": "udp_no_answer", "udp": "udp_no_answer", "turn_tcp": "ok", "turn_tls": "ok"},
     "udp_blocked"),
    ({"stun": "udp_no_answer", "turn_tls": "turn_refused"}, "udp_blocked"),
    ({"stun": "udp_no_answer", "turn_tcp": "refused", "turn_tls": "check_timeout"}, "no_way"),
    ({"stun": "ok", "turn_udp": "ok", "udp": "udp_no_answer"}, "media_blocked"),
    ({"stun": "ok", "turn_udp": "turn_refused", "turn_tcp": "turn_refused"}, "turn_credential"),
    ({"stun": "ok", "turn_udp": "turn_quota"}, "turn_full"),
    ({"stun": "ok", "turn_udp": "turn_open"}, "turn_open"),
    ({"stun": "ok", "turn_udp": "ok", "turn_tls": "certificate_expired"}, "tls"),
    ({"stun": "ok", "turn_udp": "ok", "udp": "train_lossy"}, "lossy"),
    ({"stun": "ok", "turn_udp": "udp_no_answer"}, "turn_down"),
    ({"udp": "refused"}, "reflector"),
    ({"stun": "name_not_found", "turn_udp": "name_not_found"}, "name"),
])  # fmt: skip
def test_the_way_is_diagnosed(results, cause):
    assert diagnose_path(results) == cause
    assert cause in PATH_CAUSES
