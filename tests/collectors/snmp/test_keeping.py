"""Plans survive as bytes: the same questions, the same outputs; anything damaged or foreign is refused."""

import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.profiles import load_profiles
from collectors.snmp import (
    PackedPlan,
    Patience,
    PlanKeeper,
    PollPlan,
    Target,
    TemplateCache,
    UnknownForm,
    build_plan,
    community,
    read_device,
)
from deploy.demo.replay import ReplayAgent, ReplayServer, read_recording

FIXTURES = Path(__file__).parents[1] / "profiles" / "fixtures"
RECORDINGS = sorted(FIXTURES.rglob("*.snmprec"))


async def plan_of(path: Path) -> PollPlan:
    with ReplayServer({("127.0.0.1", 0): ReplayAgent(read_recording(path))}) as server:
        host, port = server.addresses[0]
        reading = await read_device(Target(host, port), community(), Patience(), load_profiles())
    assert reading.survey is not None
    series = np.arange(len(reading.survey.rows), dtype=np.int32) * 7 + 3
    return build_plan(reading.survey, series, TemplateCache())


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
async def test_a_plan_comes_back_as_it_was(path: Path):
    plan = await plan_of(path)
    packed = PlanKeeper(TemplateCache()).pack(plan)
    again = PlanKeeper(TemplateCache()).unpack(packed)
    assert again.template.rows == plan.template.rows
    assert again.template.outputs == plan.template.outputs
    assert again.series.tolist() == plan.series.tolist()
    assert again.is_port.tolist() == plan.is_port.tolist()
    assert again.template.questions(0, len(again), b"") == plan.template.questions(0, len(plan), b"")
    for name in ("profile", "sysname", "has_uptime", "watched", "ports"):
        assert getattr(again, name) == getattr(plan, name), name


async def test_like_devices_share_their_pieces():
    plan = await plan_of(RECORDINGS[0])
    keeper = PlanKeeper(TemplateCache())
    first, second = keeper.pack(plan), keeper.pack(plan)
    assert first.pieces == second.pieces
    fresh = PlanKeeper(TemplateCache())
    assert fresh.unpack(first).template is fresh.unpack(second).template
    assert fresh.unpack(first).ports is fresh.unpack(second).ports


async def test_damaged_and_foreign_bytes_are_refused():
    packed = PlanKeeper(TemplateCache()).pack(await plan_of(RECORDINGS[0]))
    key = next(iter(packed.pieces))
    head, _, rest = zlib.decompress(packed.body).partition(b"\n")
    spoilt = {
        "no body": PackedPlan(b"", packed.pieces),
        "cut": PackedPlan(packed.body[:-9], packed.pieces),
        "cut inside": PackedPlan(zlib.compress(head + b"\n" + rest[:-1]), packed.pieces),
        "no piece": PackedPlan(packed.body, {}),
        "another piece": PackedPlan(packed.body, dict.fromkeys(packed.pieces, zlib.compress(b"[[],[]]"))),
        "damaged piece": PackedPlan(packed.body, {**packed.pieces, key: packed.pieces[key][:-4]}),
        "older form": PackedPlan(zlib.compress(head.replace(b"is_text", b"was_text") + b"\n" + rest), packed.pieces),
        "not JSON": PackedPlan(zlib.compress(b"{\n"), packed.pieces),
        "a bomb": PackedPlan(zlib.compress(bytes(64 << 20), 1), packed.pieces),
    }
    for name, one in spoilt.items():
        with pytest.raises(UnknownForm):
            PlanKeeper(TemplateCache()).unpack(one)
            pytest.fail(name)


@settings(max_examples=200)
@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_refused_in_one_way(data: bytes, is_packed: bool):
    with pytest.raises(UnknownForm):
        PlanKeeper(TemplateCache()).unpack(PackedPlan(zlib.compress(data) if is_packed else data, {}))
