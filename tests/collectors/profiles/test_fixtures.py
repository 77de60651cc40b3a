"""Each profile reads a recording of its own: hand-written, with the traps of its MIB, and what must come of it."""

from __future__ import annotations

import json

import pytest

from collectors.profiles import load_profiles
from tests.collectors.profiles.golden import RECORDINGS, read_golden

WITHOUT = {"generic"}  # only puts others together; all fixtures are read with it


def test_every_profile_has_a_recording() -> None:
    assert set(load_profiles().profiles) - WITHOUT == set(RECORDINGS)


@pytest.mark.parametrize("name", RECORDINGS)
async def test_the_reading_is_as_written_down(name: str) -> None:
    path = RECORDINGS[name]
    assert await read_golden(path) == json.loads(path.with_suffix(".json").read_text("utf-8"))
