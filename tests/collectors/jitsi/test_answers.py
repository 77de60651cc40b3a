"""What servers answer, as recorded and documented: every dump is read, no key is required, units are ours."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from collectors.jitsi import answers
from collectors.jitsi.answers.exposition import read_metrics
from core import TryLater
from telemetry import METRICS
from tests.conference.payloads import json_payload, payload

DUMPS = (
    "jvb_colibri_stats_busy_full_keys.json",
    "jvb_colibri_stats_legacy_2019.json",
    "jvb_colibri_stats_real_2026-03.json",
)
ROOM = "giaoban-tinh-20261121@muc.meet.example.edu.vn"


def raw(name: str) -> bytes:
    return payload(name).encode()


@pytest.mark.parametrize("name", DUMPS)
def test_every_dump_of_a_bridge_is_read_and_no_key_is_required(name):
    whole = json_payload(name)
    full, _facts = answers.read_stats(json.dumps(whole).encode())
    assert len(full) >= 15 and set(full) <= set(METRICS)
    for key in whole:
        rest = {one: value for one, value in whole.items() if one != key}
        found, _facts = answers.read_stats(json.dumps(rest).encode())
        assert len(found) >= len(full) - 1 and set(found) <= set(full) | {"meeting_participants"}
    assert answers.read_stats(b"{}") == ({}, {})


def test_a_busy_bridge_in_our_units():
    found, facts = answers.read_stats(raw("jvb_colibri_stats_busy_full_keys.json"))
    assert found["jvb_in_bits_per_second"] == 41_250_000 and found["jvb_out_bits_per_second"] == 338_400_000
    assert found["jvb_relay_in_bits_per_second"] == 18_250_000
    assert found["jvb_rtt_seconds"] == pytest.approx(0.0237)
    assert found["jvb_stress_ratio"] == 0.71 and found["jvb_out_loss_ratio"] == 0.0117
    assert found["meeting_participants"] == 197 and found["meeting_visitors"] == 188
    assert found["jvb_xmpp_joined"] == 1 and found["jvb_shutting_down"] == 0 and found["jvb_draining"] == 0
    assert facts == {"version": "2.3.200-gexample", "relay_id": "jvb-2", "region": "tinh"}


def test_a_bridge_of_2019():
    found, facts = answers.read_stats(raw("jvb_colibri_stats_legacy_2019.json"))
    assert found["jvb_in_loss_ratio"] == 0.5 and found["jvb_in_bits_per_second"] == 500
    assert "meeting_server_healthy" not in found and "jvb_xmpp_joined" not in found
    assert facts == {"relay_id": "10.0.0.5:4096", "region": "eu-west-1"}


def test_a_bridge_that_left_its_brewery():
    told = {**json_payload(DUMPS[0]), "mucs_joined": 0, "shutting_down": "true"}
    found, _facts = answers.read_stats(json.dumps(told).encode())
    assert found["jvb_xmpp_joined"] == 0 and found["jvb_shutting_down"] == 1


def test_nonsense_gives_no_value():
    told = {"stress_level": "NaN", "conferences": None, "bit_rate_download": -4, "healthy": "maybe", "drain": [],
            "rtt_aggregate": 1e400, "visitors": True}
    assert answers.read_stats(json.dumps(told).encode())[0] == {"meeting_visitors": 1.0}


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"nul", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_object_is_refused(body):
    for read in (answers.read_stats, answers.read_focus_stats, answers.read_room, answers.read_census,
                 answers.read_jibri, answers.read_jigasi, answers.read_version):
        with pytest.raises(TryLater, match="bad_reply"):
            read(body)


def test_metrics_of_a_bridge_in_three_forms():
    text = payload("jvb_metrics_sample.txt")
    found = answers.read_bridge_metrics(text.encode())
    assert found["jvb_out_bits_per_second"] == 338_400_000 and found["jvb_rtt_seconds"] == pytest.approx(0.0237)
    assert found["jvb_stress_ratio"] == 0.71 and found["jvb_ice_failed_total"] == 3
    assert found["jvb_cpu_steal_ratio"] == 0.01 and found["meeting_server_healthy"] == 1 and found["jvb_draining"] == 0
    stats, _facts = answers.read_stats(raw("jvb_colibri_stats_busy_full_keys.json"))
    both = found.keys() & stats.keys()
    assert len(both) > 15 and {one: found[one] for one in both} == pytest.approx({one: stats[one] for one in both})
    rows = [line.split(" ") for line in text.splitlines() if not line.startswith("#")]
    as_json = {name.removeprefix("jitsi_jvb_").removesuffix("_total"): float(value) for name, value in rows}
    assert answers.read_bridge_metrics(json.dumps(as_json).encode()) == found
    open_metrics = "\n".join([*(f"{name} {value} 1795224605.1" for name, value in rows), "# EOF"])
    assert answers.read_bridge_metrics(open_metrics.encode()) == found


def test_labels_with_commas_quotes_and_braces():
    lines = b'one{a="x, y",b="say \\"}\\""} 3\nbroken{ 4\n# HELP one\none{a="z"} +Inf\none{a="q"} 2 # {trace="1"} 2'
    assert read_metrics(lines)["one"] == [({"a": "x, y", "b": 'say "}"'}, 3.0), ({"a": "q"}, 2.0)]


def test_jicofo():
    found, facts = answers.read_focus_stats(raw("jicofo_stats.json"))
    assert found["meeting_participants"] == 598 and found["meeting_visitors"] == 549
    assert found["jicofo_bridges_operational"] == 4 and found["jicofo_bridge_versions"] == 1
    assert found["jicofo_recorders"] == 2 and found["jicofo_recorders_available"] == 1
    assert found["jicofo_ice_failed_total"] == 4 and facts == {"version": "1.1-1200"}
    same = answers.read_focus_metrics(raw("jicofo_metrics_sample.txt"))
    both = found.keys() & same.keys()
    assert len(both) >= 12 and {one: found[one] for one in both} == {one: same[one] for one in both}
    old, _facts = answers.read_focus_stats(raw("jicofo_stats_real_2020.json"))
    assert old["jicofo_bridges"] == 0 and "jicofo_bridge_versions" not in old


def test_a_room():
    look = answers.read_room(raw("jicofo_debug_conference_trimmed.json"))
    main, visitor = look.connections["a3b2c1d0"], look.connections["14f01c40"]
    assert (main.bridge, main.is_visitor, main.is_recorder, main.audio_muted) == ("jvb-1", False, False, False)
    assert (visitor.bridge, visitor.is_visitor) == ("jvb-2", True) and visitor.stats_id == "Site-THCS-NguyenTrai-Ab3"
    assert (look.main_count, look.visitor_count) == (1, 1)
    assert look.bridges["jvb-1"]["stress"] == 0.31 and look.bridges["jvb-1"]["version"] == "2.3.200"


@pytest.mark.parametrize(("flag", "remote", "expected"), [
    ("true", ROOM, True), ("false", "r@muc.v0.meet.example.edu.vn", False),
    (None, "r@muc.v0.meet.example.edu.vn", True), (None, ROOM, False), (None, None, True),
])
def test_main_or_visitor_by_flag_then_by_room_then_by_membership(flag, remote, expected):
    told = json_payload("jicofo_debug_conference_trimmed.json")
    told["colibri_session_manager"]["participants"]["14f01c40"]["visitor"] = flag
    told["participants"]["14f01c40"]["jingle_session"] = {"remoteJid": f"{remote}/14f01c40"} if remote else {}
    assert answers.read_room(json.dumps(told).encode()).connections["14f01c40"].is_visitor is expected


def test_recorders_strangers_and_lone_members():
    told = json_payload("jicofo_debug_conference_trimmed.json")
    members = told["chat_room"]["members"]
    members["focus"] = {"role": "OWNER"}
    members["0a0b0c0d"] = {"is_jibri": "true", "is_audio_muted": True}
    members["1a0b0c0d"] = {"is_transcriber": True}
    members["FFEE0011"] = {"is_jibri": "false"}  # alone in the room, not invited to a bridge yet
    look = answers.read_room(json.dumps(told).encode())
    assert "focus" not in look.connections and look.connections["0a0b0c0d"].is_recorder
    assert look.connections["1a0b0c0d"].is_recorder and not look.connections["ffee0011"].is_recorder
    assert look.main_count == 2
    for broken in ({}, {"participants": "null"}, {"chat_room": None, "colibri_session_manager": {"participants": []}}):
        assert answers.read_room(json.dumps(broken).encode()).connections == {}


def test_a_document_of_two_megabytes():
    told = json_payload("jicofo_debug_conference_trimmed.json")
    manager, members = told["colibri_session_manager"], told["chat_room"]["members"]
    member, invited = members["a3b2c1d0"], told["participants"]["14f01c40"]
    placed, ballast = manager["participants"]["14f01c40"], {"sources": ["x" * 60] * 40}
    for number in range(600):
        key = f"{number:08x}"
        members[key] = {**member, **ballast} if number < 50 else member
        told["participants"][key], manager["participants"][key] = {**invited, **ballast}, {**placed, "bridge": "jvb-3"}
    body = json.dumps(told).encode()
    assert len(body) > 2_000_000
    assert len(answers.read_room(body).connections) == 602


@pytest.mark.parametrize("created", [1795222800000, "1795222800000", 1795222800, "1795222800"])
def test_prosodys_census_in_all_forms_of_time(created):
    told = json_payload("prosody_room_census.json")
    told["room_census"][0]["created_time"] = created
    (room,) = answers.read_census(json.dumps(told).encode())
    assert room.jid == ROOM and room.participants == 50 and not room.is_leaked
    assert room.created_at == datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    assert answers.census_samples([room])["meeting_participants"] == 50


@pytest.mark.parametrize("nothing", [None, "", "soon", True, -5, 0, 1e300, [], "1e20"])
def test_a_moment_that_is_none(nothing):
    assert answers.moment_of(nothing) is None


def test_an_empty_census():
    assert answers.read_census(b'{"room_census":[]}') == []
    assert answers.census_samples([])["meeting_conferences"] == 0


def test_jibri_jigasi_and_coturn():
    told = json_payload("jibri_health.json")
    free = {word: answers.read_jibri(json.dumps(body).encode())[0] for word, body in told.items()}
    assert [free[one]["jibri_free"] for one in ("idle", "busy", "expired")] == [1, 0, 0]
    assert free["expired"]["meeting_server_healthy"] == 0 and free["expired"]["jibri_state"] == 2
    found = answers.read_jigasi(raw("jigasi_about_stats.json"))
    assert found["meeting_conferences"] == 1 and found["jigasi_stress_ratio"] == 0.02
    now = answers.read_turn(raw("coturn_metrics_sample.txt"))
    assert now["turn_allocations"] == 12
    assert now["turn_unauthenticated_total"] == 133 and now["stun_requests_total"] == 10233
    old = payload("coturn_metrics_sample.txt").replace("turn_total_traffic", "turn_traffic")
    old = old.replace('turn_total_allocations{type="UDP"} 12', 'turn_total_allocations{type="UDP",user="a"} 5\n'
                      'turn_total_allocations{type="TCP",user="b"} 7')
    old = old.replace("turn_packet_dropped", "turn_dropped_packets")
    assert answers.read_turn(old.encode()) == now


def test_one_connection_on_a_bridge():
    short, whole = raw("jvb_debug_short.json"), raw("jvb_debug_endpoint_full_trimmed.json")
    assert answers.conference_of(short, ROOM.upper(), "14f01c40") == "6f2b9c1e7a40d3b1"
    assert answers.conference_of(short, ROOM, "00000000") is None
    look = answers.read_endpoint(whole, "6f2b9c1e7a40d3b1", "14f01c40")
    assert look.rtt_s == pytest.approx(0.0482) and look.down_estimate_bps == 812_000
    assert look.loss_down == pytest.approx(4120 / (4120 + 61200)) and look.loss_up == pytest.approx(31 / 9151)
    assert (look.ice_connected, look.ice_failed, look.dtls_connected, look.is_visitor) == (True, False, True, True)
    null = b'{"conferences":{"6f2b9c1e7a40d3b1":"null"}}'
    assert answers.read_endpoint(null, "6f2b9c1e7a40d3b1", "14f01c40") is None
    assert answers.conference_of(null, ROOM, "14f01c40") is None


def test_versions():
    bodies = json_payload("jvb_about.json")
    body = json.dumps(bodies["GET /about/version"]["body"]).encode()
    assert answers.read_version(body) == {"version": "2.3.200-gexample", "os": "Linux", "program": "JVB"}
