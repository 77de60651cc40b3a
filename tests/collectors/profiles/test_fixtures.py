"""Each profile reads a recording of its own: hand-written, with the traps of its MIB, and what must come of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from collectors.profiles import load_profiles
from collectors.snmp import Patience
from deploy.demo.replay import ReplayAgent, read_recording
from tests.collectors.snmp.agents import read

FIXTURES = Path(__file__).parent / "fixtures"
RECORDINGS = {path.stem: path for path in sorted(FIXTURES.rglob("*.snmprec"))}
WITHOUT = {"generic"}  # only puts others together; all fixtures are read with it


def test_every_profile_has_a_recording() -> None:
    assert set(load_profiles().profiles) - WITHOUT == set(RECORDINGS)


@pytest.mark.parametrize("name", RECORDINGS)
async def test_the_reading_is_as_written_down(name: str) -> None:
    path = RECORDINGS[name]
    reading = await read(ReplayAgent(read_recording(path)), patience=Patience(timeout_s=1.0))
    found = reading.as_json()
    seen = {
        "profile": found["profile"],
        "facts": {key: text for key, text in found["facts"].items() if text},
        "interfaces": found["interfaces"],
        "samples": [f"{s['metric']} {s['part'] or '-'} = {s['value']:g} {s['unit']}".strip() for s in found["samples"]],
        "dropped": [f"{d['oid']} = {d['value']}: {d['reason']}" for d in found["dropped"]],
    }
    assert seen == json.loads(path.with_suffix(".json").read_text("utf-8"))
