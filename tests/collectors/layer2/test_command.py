"""`app.py poll --topology`: the JSON contract and the words for people; without it the JSON stays as it was."""

from __future__ import annotations

import json

from tests.collectors.layer2.test_reading import fdb
from tests.collectors.snmp.agents import Faults, agent_of, serve, switch, target_of
from tests.collectors.snmp.test_cli import run

__all__ = ["run"]

NEIGHBOUR = "\n".join(
    f"1.0.8802.1.1.2.1.4.1.1.{column}.0.2.1|{value}"
    for column, value in ((4, "2|4"), (5, "4x|020000000001"), (6, "2|5"), (7, "4|Gi0/24"), (9, "4|nhà-B"))
)
VLAN = "1.3.6.1.2.1.17.7.1.4.3.1.1.20|4|phong-may"


def whole() -> str:
    return "\n".join((switch(), fdb(3), NEIGHBOUR, VLAN))


def test_topology_as_json(run) -> None:
    with serve(agent_of(whole())) as server:
        result = run(str(target_of(server)), "--json", "--topology")
        plain = run(str(target_of(server)), "--json")
    assert result.exit_code == plain.exit_code == 0
    shown, without = json.loads(result.stdout), json.loads(plain.stdout)
    assert shown["neighbours"] == [
        {"protocol": "lldp", "local_part": "Gi0/2", "remote_name": "nhà-B", "remote_part": "Gi0/24",
         "remote_mac": "02:00:00:00:00:01"}
    ]  # fmt: skip
    assert shown["fdb"][0] == {"vlan": None, "mac": "00:16:00:00:00:00", "part": 1} and len(shown["fdb"]) == 3
    assert shown["vlans"] == [{"id": 20, "name": "phong-may"}]
    assert shown["timing"]["requests"] > without["timing"]["requests"]
    assert without["neighbours"] == [] and set(shown) - set(without) == {"fdb", "vlans"}
    assert shown["interfaces"] == without["interfaces"] and shown["samples"] == without["samples"]


def test_what_is_missing_stands_among_what_was_dropped(run) -> None:
    with serve(agent_of(whole(), faults=Faults(loops_at=85))) as server:
        result = run(str(target_of(server)), "--json", "--topology", "--timeout", "0.1", "--retries", "0")
    shown = json.loads(result.stdout)
    assert {"loop"} <= {one["reason"] for one in shown["dropped"]}


def test_topology_for_people(run) -> None:
    with serve(agent_of(whole())) as server:
        result = run(str(target_of(server)), "--topology")
    assert result.exit_code == 0
    for word in ("Neighbours", "nhà-B", "Gi0/24", "Forwarding table", "phong-may", "requests"):
        assert word in result.stdout


def test_a_silent_device_has_no_topology(run) -> None:
    with serve(agent_of(switch(), faults=Faults(is_silent=True))) as server:
        result = run(str(target_of(server)), "--json", "--topology", "--timeout", "0.05", "--retries", "0")
    assert result.exit_code == 1 and json.loads(result.stdout)["neighbours"] == []
