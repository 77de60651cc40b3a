"""Real lldpd, snmpd and Linux bridges in network namespaces, read by EduNOC itself: the graph, the uplinks, where each
machine is; and an unplugged uplink becomes one incident."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from core import Scope
from inventory import (
    Device,
    Location,
    SiteTopology,
    create_record,
    locate,
    site_topology,
    topology_version,
    uplink_ports,
    uplinks,
)
from tests.journey.lan import HOSTS, SWITCHES, Lan, lan
from tests.journey.parts import Running
from tests.journey.watched import Folder
from tests.waiting import wait_until

QUICK = {"EDUNOC_COLLECTORS_PING_INTERVAL_S": "1", "EDUNOC_COLLECTORS_PING_QUICK_PACKETS": "2"}
KINDS = {"r1": "router", **dict.fromkeys(SWITCHES, "switch"), **dict.fromkeys(HOSTS, "server")}
CABLES = {("r1", "if:lan", "sw1", "if:g1"), ("sw1", "if:g2", "sw2", "if:g1"), ("sw2", "if:g2", "sw3", "if:g1")}
PLACES = {(switch, f"if:p{host}", host) for host, switch in HOSTS.items()}


@pytest.fixture
def school() -> Iterator[Lan]:
    with lan() as made:
        yield made


def enter(folder: Folder, school: Lan) -> dict[str, int]:
    """The machines as a person enters them: name, kind, address; of nobody what he hangs on. Hosts have no agent."""
    ids = {}
    with folder.opened() as own, own.database.session() as session:
        for name, kind in KINDS.items():
            read = {"credential_id": 1} if name not in HOSTS else {}
            ids[name] = create_record(session, Scope.everything(), Device, {
                "site_id": 1, "name": name, "kind": kind, "address": school.address[name], "timeout_s": 3,
                "interval_s": 10, **read,
            }).id  # fmt: skip
    return ids


def graph_of(folder: Folder) -> SiteTopology:
    """As it is saved now."""
    with folder.opened() as own, own.database.reading() as session:
        return site_topology(session, 1)


def links(graph: SiteTopology) -> set[tuple[str, str, str, str]]:
    """(upper, its port, lower, its port) by names, of what is there now."""
    names = {node.key: node.name for node in graph.nodes}
    return {(names[edge.upper], edge.upper_part, names[edge.lower], edge.lower_part)
            for edge in graph.edges if edge.is_current}  # fmt: skip


def found(folder: Folder, text: str) -> list[Location]:
    """Where a machine is."""
    with folder.opened() as own, own.database.reading() as session:
        return locate(session, Scope.everything(), text)


def is_read_whole(folder: Folder) -> bool:
    """Whether all cables and hosts are in the graph."""
    now = links(graph_of(folder))
    return now >= CABLES and {link[:3] for link in now} >= PLACES


def is_taken_up(folder: Folder, running: Running) -> bool:
    """Whether alerts know the newest graph."""
    with folder.opened() as own, own.database.reading() as session:
        version = topology_version(session)
    told = re.search(r"^edunoc_alerts_topology_version (\S+)", httpx.get(f"{running.url}/metrics").text, re.M)
    return told is not None and float(told[1]) == version > 0


def incidents(folder: Folder, names: dict[int, str]) -> dict[str, set[str]]:
    """Open incidents: the device named as cause, and the devices behind it with itself."""
    rows = folder.rows(
        "SELECT i.device_id, m.device_id FROM alerts_incident i JOIN alerts_incident_member m ON m.incident_id = i.id"
        " WHERE i.closed_at IS NULL AND m.left_at IS NULL AND m.key LIKE 'device:%'"
    )
    told: dict[str, set[str]] = {}
    for device_id, member in rows:
        told.setdefault(names.get(device_id, "?"), set()).add(names[member])
    return told


def test_the_graph_is_found_and_an_unplugged_uplink_is_one_incident(school: Lan, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data", QUICK)
    folder.settle()
    ids = enter(folder, school)
    names = {number: name for name, number in ids.items()}
    running = folder.run()
    try:
        wait_until(lambda: is_read_whole(folder) or not running.is_alive, 60, "the graph", every=0.3)
        assert running.is_alive, running.lines[-1:]
        graph = graph_of(folder)
        assert links(graph) == CABLES | {(*place, "") for place in PLACES}
        assert graph.entry == ids["r1"]
        assert {edge.how[0] for edge in graph.edges if edge.is_uplink and edge.lower_part} == {"lldp"}
        assert {names[one] for one in graph.dark_if(ids["sw2"])} == {"sw3", "h2", "h3", "h4"}
        with folder.opened() as own, own.database.reading() as session:
            above = {names[one]: [names[upper] for upper in uppers] for one, uppers in uplinks(session).items()}
            assert (ids["sw1"], "if:g2") in uplink_ports(session)
        assert above == {"sw1": ["r1"], "sw2": ["sw1"], "sw3": ["sw2"], **{h: [s] for h, s in HOSTS.items()}}

        for host, switch in HOSTS.items():
            mac = school.mac(host, "eth0")
            for text in (mac, school.address[host]):
                place = found(folder, text)[0]
                assert (place.device_name, place.part, place.is_current) == (switch, f"if:p{host}", True)
            assert (place.owner_name, place.addresses) == (host, (school.address[host],))

        wait_until(lambda: is_taken_up(folder, running), 40, "alerts fold along the graph", every=0.5)
        school.unplug("sw1", "g2")
        dark = {"sw2", "sw3", "h2", "h3", "h4"}
        wait_until(lambda: incidents(folder, names).get("sw2") == dark, 40, "one incident of switch 2")
        assert incidents(folder, names) == {"sw2": dark}
        told = json.loads(folder.rows("SELECT data FROM alerts_incident_event WHERE kind = 'opened'")[0][0])
        assert told["stages"][1] == ["fold", "go", "is_cause", "r1 › sw1 › sw2"]

        school.plug("sw1", "g2")
        wait_until(lambda: not incidents(folder, names), 40, "the incident is over")
        assert folder.rows("SELECT cause FROM alerts_incident") == [(f"device:{ids['sw2']}",)]
    finally:
        running.stop()
