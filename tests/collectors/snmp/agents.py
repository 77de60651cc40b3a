"""What these tests share: where recordings stand, fake agents from a few lines, surveys and plans over them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from collectors.profiles import load_profiles
from collectors.snmp import (
    DeviceReading,
    DeviceState,
    Patience,
    Poller,
    PollPlan,
    Survey,
    Target,
    TemplateCache,
    build_plan,
    community,
    read_device,
    series_keys,
    survey,
)
from deploy.demo.replay import Faults, ReplayAgent, ReplayServer, in_order, parse_snmprec

ROOT = Path(__file__).parent.parent.parent.parent
RECORDINGS = Path(os.environ.get("EDUNOC_RECORDINGS") or ROOT.parent / "shared" / "recordings")
QUICK = Patience(timeout_s=0.08, retries=2)
PUBLIC = community()


def agent_of(text: str, **options) -> ReplayAgent:
    """A fake agent from snmprec lines."""
    return ReplayAgent(in_order(parse_snmprec(text.encode())), **options)


def serve(agent: ReplayAgent) -> ReplayServer:
    """The agent on a free port; use as a context manager, see `target_of`."""
    return ReplayServer({("127.0.0.1", 0): agent})


def target_of(server: ReplayServer) -> Target:
    """Where the only agent of a server listens."""
    return Target(*server.addresses[0])


async def read(agent: ReplayAgent, version: str = "2c", patience: Patience = QUICK) -> DeviceReading:
    """What `app.py poll` reads of the agent."""
    with serve(agent) as server:
        return await read_device(target_of(server), community(version=version), patience, load_profiles())


async def survey_of(target: Target, credential=PUBLIC, patience: Patience = QUICK) -> Survey:
    """A survey with the shipped profiles."""
    poller = Poller(lambda: 0.0)
    session = await poller.open_session(target, credential, DeviceState(), patience)
    try:
        return await survey(session, load_profiles(), patience)
    finally:
        session.close()


def plan_of(found: Survey) -> PollPlan:
    """Its plan, the series numbered from 0."""
    return build_plan(found, np.arange(len(series_keys(found)), dtype=np.int32), TemplateCache())


def values_of(found: Survey, result) -> dict[tuple[str, str], float]:
    """A poll's values by (metric, part)."""
    keys = series_keys(found)
    return {
        (keys[number].metric, keys[number].part): float(value)
        for batch in result.batches
        for number, value in zip(batch.series, batch.value, strict=True)
    }


def switch(ports: int = 4, *, first_index: int = 1, name: str = "sw-1", uptime: int = 500_000) -> str:
    """A small switch as snmprec lines: 64-bit counters, names that stay when `first_index` moves."""
    lines = [
        "1.3.6.1.2.1.1.1.0|4|Test switch, Version 1.2.3",
        "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.1",
        f"1.3.6.1.2.1.1.3.0|67|{uptime}",
        f"1.3.6.1.2.1.1.5.0|4|{name}",
        f"1.3.6.1.2.1.2.1.0|2|{ports}",
    ]
    for port in range(1, ports + 1):
        index = first_index + port - 1
        columns = {2: ("4", f"port {port}"), 3: ("2", 6), 5: ("66", 1_000_000_000), 7: ("2", 1), 8: ("2", 1 + port % 2),
                   10: ("65", port), 13: ("65", 0), 14: ("65", port), 16: ("65", port), 19: ("65", 0),
                   20: ("65", 0)}  # fmt: skip
        lines += [f"1.3.6.1.2.1.2.2.1.{column}.{index}|{tag}|{value}" for column, (tag, value) in columns.items()]
        lines += [
            f"1.3.6.1.2.1.2.2.1.6.{index}|4x|0200000000{port:02x}",
            f"1.3.6.1.2.1.31.1.1.1.1.{index}|4|Gi0/{port}",
            f"1.3.6.1.2.1.31.1.1.1.6.{index}|70|{port * 10**12}",
            f"1.3.6.1.2.1.31.1.1.1.10.{index}|70|{port * 10**11}",
            f"1.3.6.1.2.1.31.1.1.1.15.{index}|66|1000",
        ]
    return "\n".join(lines)


__all__ = ["PUBLIC", "QUICK", "RECORDINGS", "Faults", "agent_of", "plan_of", "read", "serve", "survey_of", "switch",
           "target_of", "values_of"]  # fmt: skip
