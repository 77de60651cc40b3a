"""Whole readings of fake agents: Cisco's VLANs, faults in the midst, limits, hostile content, the same over v1."""

from __future__ import annotations

import random

import pytest

from collectors.layer2 import TABLES, Layer2Limits
from collectors.snmp import Patience
from deploy.demo.replay import Faults, ReplayAgent, in_order, parse_snmprec, read_recording
from tests.collectors.layer2.networks import PATIENT, network_of
from tests.collectors.snmp.agents import RECORDINGS, agent_of, switch

FDB, STATUS, BASE = "1.3.6.1.2.1.17.4.3.1.2", "1.3.6.1.2.1.17.4.3.1.3", "1.3.6.1.2.1.17.1.4.1.2"


def fdb(count: int, first: int = 0, ports: int = 4) -> str:
    rows = [f"{BASE}.{n}|2|{n}" for n in range(1, ports + 1)]
    for n in range(first, first + count):
        index = f"0.22.0.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"
        rows += [f"{FDB}.{index}|2|{n % ports + 1}", f"{STATUS}.{index}|2|3"]
    return "\n".join(rows)


def vtp(*ids: int) -> str:
    return "\n".join(
        f"1.3.6.1.4.1.9.9.46.1.3.1.1.{column}.1.{vlan}|{tag}|{value}"
        for vlan in ids
        for column, tag, value in ((2, 2, 1), (3, 2, 1), (4, 4, f"lop{vlan}"))
    )


def named(text: str, community: str) -> ReplayAgent:
    return ReplayAgent(in_order(parse_snmprec(text.encode())), community=community)


async def test_cisco_is_asked_for_each_vlan() -> None:
    plain = "\n".join((switch(), fdb(2), vtp(1, 20, 1003)))
    agents = [named(plain, "public"), named("\n".join((switch(), fdb(2))), "public@1"),
              named("\n".join((switch(), fdb(3, 100))), "public@20")]  # fmt: skip
    report = (await network_of(agents)).report
    assert sorted((one.mac[-2:], one.vlan) for one in report.fdb) == [
        ("00", 1), ("01", 1), ("64", 20), ("65", 20), ("66", 20),
    ]  # fmt: skip
    assert [(one.id, one.name) for one in report.vlans] == [(1, "lop1"), (20, "lop20")]
    assert (report.reason, report.missing) == ("ok", ())


async def test_cisco_that_ignores_the_vlan_has_no_wrong_vlans() -> None:
    same = "\n".join((switch(), fdb(3), vtp(1, 20, 30)))
    reading = await network_of([named(same, one) for one in ("public", "public@1", "public@20", "public@30")])
    assert {one.vlan for one in reading.report.fdb} == {0} and len(reading.report.fdb) == 3
    assert reading.report.reason == "vlan_ignored" and reading.report.missing == ()


async def test_cisco_that_is_silent_for_vlans_keeps_the_plain_table() -> None:
    report = (await network_of(agent_of("\n".join((switch(), fdb(3), vtp(1, 20)))))).report
    assert len(report.fdb) == 3 and report.reason == "no_answer_for_vlan" and report.missing == ()


async def test_only_so_many_vlans_are_asked() -> None:
    text = "\n".join((switch(), fdb(1), vtp(*range(1, 12))))
    agents = [named(text, "public"), named(fdb(1), "public@1"), named(fdb(1, 9), "public@2")]
    report = (await network_of(agents, limits=Layer2Limits(most_vlans=2))).report
    assert report.reason == "too_many_vlans" and {one.vlan for one in report.fdb} == {1, 2}


async def test_table_beyond_the_limit_is_cut_and_says_so() -> None:
    reading = await network_of(agent_of("\n".join((switch(), fdb(300)))), limits=Layer2Limits(most_rows=100))
    assert reading.report.reason == "too_many_rows" and reading.report.missing == ()
    assert len(reading.report.fdb) == 100


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_versions_agree(version: str) -> None:
    path = next(RECORDINGS.glob("snmpsimdata__switch-hpe-procurve-516733*"))
    reading = await network_of(ReplayAgent(read_recording(path)), version, patience=Patience(timeout_s=1.0))
    assert (len(reading.forwarding), len(reading.heard), reading.report.reason) == (285, 10, "ok")


@pytest.mark.parametrize(
    "faults",
    [
        Faults(drop_ratio=0.15), Faults(truncate_to=60), Faults(is_malformed=True), Faults(is_garbage=True),
        Faults(wrong_request_id=True), Faults(loops_at=50), Faults(is_silent=True), Faults(no_bulk=True),
        Faults(max_varbinds=3), Faults(wrong_type=True),
    ],
)  # fmt: skip
async def test_faults_never_raise_and_what_is_missing_is_named(faults: Faults) -> None:
    agent = agent_of("\n".join((switch(), fdb(60))), faults=faults)
    report = (await network_of(agent, patience=PATIENT, limits=Layer2Limits(table_s=3.0, total_s=12.0))).report
    assert set(report.missing) <= set(TABLES)
    assert report.reason != "ok" or (len(report.fdb) == 60 and report.missing == ())


async def test_a_closed_port_is_unreachable() -> None:
    agent = agent_of(switch(), faults=Faults(is_silent=True))
    reading = await network_of(agent, patience=Patience(timeout_s=0.05, retries=0))
    assert reading.report.missing == TABLES and reading.report.reason == "timeout" and reading.requests > 0


ROOTS = (
    "1.0.8802.1.1.2.1.4.1.1", "1.0.8802.1.1.2.1.4.2.1", "1.0.8802.1.1.2.1.3.7.1", "1.3.6.1.4.1.9.9.23.1.2.1.1",
    "1.3.6.1.2.1.17.1.4.1", "1.3.6.1.2.1.17.4.3.1", "1.3.6.1.2.1.17.7.1.2.2.1", "1.3.6.1.2.1.17.7.1.4.2.1",
    "1.3.6.1.2.1.17.7.1.4.3.1", "1.3.6.1.2.1.17.7.1.4.5.1", "1.3.6.1.2.1.4.22.1", "1.3.6.1.2.1.4.35.1",
    "1.3.6.1.4.1.14823.2.2.1.5.2.2.1.1", "1.3.6.1.4.1.14823.2.2.1.5.2.1.7.1", "1.3.6.1.4.1.9.9.46.1.3.1.1",
)  # fmt: skip
VALUES = ("2|-5", "2|0", "2|4294967296", "4|", "4x|00", "4x|ff" * 1, "4x|020000000001", "4|<script>", "4x|e1bb87",
          "4|Anonymized 9", "64x|0a000001", "66|99999", "70|18446744073709551615",
          "4x|" + "41" * 900, "5|", "6|1.3.6")  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
async def test_any_content_is_borne(seed: int) -> None:
    """Random rows with indexes and values of every kind: a reading comes and its rows are well formed."""
    chance = random.Random(seed)
    lines = ["1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.14823.1.1.40"]
    for root in ROOTS:
        for _ in range(chance.randrange(12)):
            arcs = [chance.choice((0, 1, 2, 4, 6, 16, 255, 256, 4094, 70_000, 4_294_967_295))
                    for _ in range(chance.randrange(1, 12))]  # fmt: skip
            column = chance.choice((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 17))
            lines.append(f"{root}.{column}.{'.'.join(map(str, arcs))}|{chance.choice(VALUES)}")
    unique = {line.split("|")[0]: line for line in lines}
    reading = await network_of(agent_of("\n".join((switch(), *unique.values()))), patience=PATIENT)
    shown = reading.as_json()
    assert set(shown) == {"neighbours", "fdb", "vlans"}
    assert all(len(row["mac"]) == 17 for row in shown["fdb"]) and all(1 <= one["id"] <= 4094 for one in shown["vlans"])
    for one in reading.report.neighbours:
        assert not set(one.remote_name + one.remote_part + one.remote_id) & set("\0\n\r\x1b")
