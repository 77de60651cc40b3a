"""The recordings of real devices: none breaks the reader, and the shares of docs/coverage.md hold."""

from __future__ import annotations

import asyncio
import csv

import pytest

from benchmarks.coverage import DOCUMENT, Verdict, document, expectations, judge, read_all, recordings
from benchmarks.coverage_networks import read_networks
from benchmarks.disagreements import LATER, REASONS
from collectors.snmp import DeviceReading, Patience
from deploy.demo.replay import ReplayAgent, read_recording
from tests.collectors.snmp.agents import RECORDINGS, read

WHOLE = {"sysobjectid", "sysname", "if_count", "if_name", "if_oper_status", "if_high_speed", "if_in_octets",
         "if_out_octets", "cpu_percent", "memory_used_percent", "storage_used_percent", "temperature_c", "fan_rpm",
         "ups_load_percent", "fdb_entry", "vlan", "lldp_neighbour"}  # fmt: skip


@pytest.fixture(scope="module")
def readings() -> dict[str, DeviceReading]:
    return asyncio.run(read_all(recordings(RECORDINGS)))


@pytest.fixture(scope="module")
def verdicts(readings: dict[str, DeviceReading]) -> list[Verdict]:
    networks = asyncio.run(read_networks(recordings(RECORDINGS)))
    return judge(expectations(RECORDINGS), readings, networks)


def test_every_recording_is_read(readings: dict[str, DeviceReading]) -> None:
    assert len(readings) == 49
    assert {name: one.reason for name, one in readings.items() if one.reason not in ("ok", "empty")} == {}


@pytest.mark.parametrize("kind", sorted(WHOLE))
def test_standard_columns_are_all_right(verdicts: list[Verdict], kind: str) -> None:
    mine = [verdict for verdict in verdicts if verdict.row.source == "derived" and verdict.row.kind == kind]
    assert mine and [verdict for verdict in mine if not verdict.agrees] == []


def test_third_parties_agree_about_ports(verdicts: list[Verdict]) -> None:
    mine = [v for v in verdicts if v.row.source == "expected" and v.row.kind.startswith("if_")]
    assert len(mine) == 306 and all(verdict.agrees for verdict in mine)


def test_every_disagreement_is_explained_and_every_explanation_needed(verdicts: list[Verdict]) -> None:
    disagreements = [v for v in verdicts if not v.agrees and v.row.kind not in LATER]
    assert [verdict for verdict in disagreements if not verdict.why] == []
    used = {(v.row.source, v.row.recording, kind) for v in disagreements for kind in (v.row.kind, "*")}
    assert set(REASONS) - used == set()


def test_the_document_is_up_to_date(verdicts: list[Verdict], readings: dict[str, DeviceReading]) -> None:
    assert DOCUMENT.read_text("utf-8") == document(verdicts, readings), "run python -m benchmarks.coverage"


def test_recordings_are_read_whole() -> None:
    """As many variables as MANIFEST.csv says."""
    with (RECORDINGS / "MANIFEST.csv").open(encoding="utf-8", newline="") as stream:
        counts = {row["name"]: int(row["num_oids"]) for row in csv.DictReader(stream)}
    for name, count in counts.items():
        path = next(RECORDINGS.glob(f"{name}.snmp*"))
        assert len(read_recording(path)) == count, name


@pytest.mark.parametrize("name", ["thola__routeros-CHR_1.snmprec", "centreon__os-linux-linux.snmpwalk"])
async def test_v1_reads_the_same_but_64_bit_counters(name: str) -> None:
    variables = read_recording(RECORDINGS / name)
    first, second = [await read(ReplayAgent(variables), v, Patience(timeout_s=1.0)) for v in ("1", "2c")]
    assert first.as_json()["samples"] == second.as_json()["samples"]
    assert first.facts == second.facts and first.interfaces == second.interfaces
