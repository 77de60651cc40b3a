"""The recordings of real devices: none breaks the reader, and the shares of docs/coverage.md hold."""

from __future__ import annotations

import asyncio
import csv

import pytest

from benchmarks.coverage import ASPECTS, DOCUMENT, document, identity_share, read_all, recordings
from benchmarks.disagreements import IDENTITY_REASONS, REASONS
from benchmarks.expectations import Told, Verdict, expectations, judge
from benchmarks.identities import Identified, identified, manifest
from collectors.snmp import Patience
from deploy.demo.replay import ReplayAgent, read_recording
from tests.collectors.snmp.agents import RECORDINGS, read


@pytest.fixture(scope="module")
def told() -> dict[str, Told]:
    return asyncio.run(read_all(recordings(RECORDINGS)))


@pytest.fixture(scope="module")
def verdicts(told: dict[str, Told]) -> list[Verdict]:
    return judge(expectations(RECORDINGS), told)


@pytest.fixture(scope="module")
def known(told: dict[str, Told]) -> list[Identified]:
    return identified(manifest(RECORDINGS), told)


def test_every_recording_is_read(told: dict[str, Told]) -> None:
    assert len(told) == 49
    assert {name: one.reading.reason for name, one in told.items() if one.reading.reason not in ("ok", "empty")} == {}


def test_what_is_not_as_expected_is_explained_and_every_explanation_needed(verdicts: list[Verdict]) -> None:
    disagreements = [verdict for verdict in verdicts if not verdict.agrees]
    assert len(verdicts) == 4049 + 410 and [verdict for verdict in disagreements if not verdict.why] == []
    used = {(v.row.source, v.row.recording, v.row.kind, key) for v in disagreements for key in (v.row.key, "*")}
    assert set(REASONS) - used == set()


def test_makers_models_and_kinds_are_known_where_the_recording_tells(known: list[Identified]) -> None:
    assert [one for one in known if not one.is_right and not one.why] == []
    assert set(IDENTITY_REASONS) - {(one.recording, one.aspect) for one in known if not one.is_right} == set()
    assert [identity_share(known, aspect) for aspect in ASPECTS] == [(47, 49), (27, 49), (49, 49)]


def test_the_document_is_up_to_date(verdicts: list[Verdict], known: list[Identified], told: dict[str, Told]) -> None:
    assert DOCUMENT.read_text("utf-8") == document(verdicts, known, told), "run python -m benchmarks.coverage"


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
