"""The layer-2 side of the coverage: forwarding tables, VLANs, neighbours of the recordings as derived.csv names them.

`read_networks` replays recordings and reads what `app.py poll --topology` reads; `READERS` gives, for a kind and a key
of derived.csv, the values that were read. Keys: fdb_entry `fid<id>/<mac>` or `-/<mac>` -> ifIndex or `bridgeport-0`;
vlan `<id>` -> name; lldp_neighbour `lldp/<local port>` -> `sysName|portId`, MACs as bare hexadecimal digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from collectors.layer2 import Layer2Reading, read_network_of
from collectors.profiles import load_profiles
from collectors.snmp import Patience, Target, community, read_device
from deploy.demo.replay import ReplayAgent, ReplayServer, read_recording

PATIENCE = Patience(timeout_s=0.5, retries=1)  # a replayed Cisco is silent for community@VLAN


async def read_networks(files: Iterable[Path]) -> dict[str, Layer2Reading]:
    """The layer-2 tables of each recording, replayed on loopback, by name."""
    networks = {}
    profiles, credential = load_profiles(), community()
    for path in files:
        with ReplayServer({("127.0.0.1", 0): ReplayAgent(read_recording(path))}) as server:
            host, port = server.addresses[0]
            target = Target(host, port)
            reading = await read_device(target, credential, PATIENCE, profiles)
            networks[path.stem] = await read_network_of(reading, target, credential, PATIENCE, profiles)
    return networks


def _fdb(network: Layer2Reading, key: str) -> list[str]:
    database, _, mac = key.partition("/")
    return [
        str(row.index) if row.port else "bridgeport-0" for row in network.forwarding
        if row.mac.replace(":", "") == mac and ("-" if row.fid is None else f"fid{row.fid}") == database
    ]  # fmt: skip


def _vlan(network: Layer2Reading, key: str) -> list[str]:
    return [vlan.name for vlan in network.report.vlans if str(vlan.id) == key]


def _lldp(network: Layer2Reading, key: str) -> list[str]:
    return [
        f"{one.seen.remote_name}|{_bare(one.seen.remote_part)}" for one in network.heard
        if one.seen.protocol == "lldp" and f"lldp/{one.local_number}" == key
    ]  # fmt: skip


def _bare(text: str) -> str:
    return text.replace(":", "") if len(text) == 17 and text.count(":") == 5 else text


READERS: dict[str, Callable[[Layer2Reading, str], list[str]]] = {
    "fdb_entry": _fdb,
    "vlan": _vlan,
    "lldp_neighbour": _lldp,
}
