"""What these tests share: a layer-2 reading of a fake agent, ports by hand."""

from __future__ import annotations

from collectors.layer2 import Layer2Limits, Layer2Order, Layer2Reading, Port, ports_of, read_layer2
from collectors.profiles import load_profiles
from collectors.snmp import Patience, Poller, community, read_device
from deploy.demo.replay import ReplayAgent, ReplayServer
from tests.collectors.snmp.agents import QUICK, target_of

PATIENT = Patience(timeout_s=0.3, retries=1)


async def network_of(
    agent: ReplayAgent | list[ReplayAgent], version: str = "2c", limits: Layer2Limits | None = None,
    patience: Patience = QUICK, word: str = "public",
) -> Layer2Reading:  # fmt: skip
    """Survey an agent, then read its layer-2 tables."""
    profiles, poller = load_profiles(), Poller(lambda: 0.0)
    agents = agent if isinstance(agent, list) else [agent]
    with ReplayServer({("127.0.0.1", 0): agents if len(agents) > 1 else agents[0]}) as server:
        target, credential = target_of(server), community(word, version)
        found = await read_device(target, credential, patience, profiles, poller)
        order = Layer2Order(target, credential, patience, ports_of(found.interfaces), limits or Layer2Limits())
        try:
            return await read_layer2(poller, profiles, order)
        finally:
            poller.close()


def port(index: int, name: str, mac: str = "", alias: str = "", description: str = "") -> Port:
    """A port whose key is its name."""
    return Port(index, name, name, description, alias, mac)
