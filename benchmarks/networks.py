"""Fake bridges for the layer-2 benchmark, in processes of their own so that their work is not counted.

Usage: python -m benchmarks.networks FIRST_PORT COUNT ADDRESSES [PORTS]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks.switches import IF_COLUMNS, IFX_COLUMNS, PORTS
from deploy.demo.replay import Motion, ReplayAgent, ReplayServer, in_order, parse_snmprec

NEIGHBOURS = 4
VLANS = (1, 10, 20, 30, 40)
_REMOTE = {4: ("2", "4"), 5: ("4x", "0200000000{n:02x}"), 6: ("2", "5"), 7: ("4", "Gi0/1"),
           8: ("4", "GigabitEthernet0/1"), 9: ("4", "switch-{n}"), 10: ("4", "Switch of the benchmark"),
           11: ("4x", "28"), 12: ("4x", "28")}  # fmt: skip


def bridge(name: str, addresses: int, ports: int = PORTS) -> list[str]:
    """System group, interfaces, bridge ports, VLANs, forwarding table, LLDP's two tables, a little ARP."""
    return [*_system(name, ports), *_ports(ports), *_forwarding(addresses, ports), *_neighbours(ports)]


def _system(name: str, ports: int) -> Iterator[str]:
    yield from (
        "1.3.6.1.2.1.1.1.0|4|Switch of the benchmark", "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.52",
        "1.3.6.1.2.1.1.3.0|67|123456789", f"1.3.6.1.2.1.1.5.0|4|{name}", f"1.3.6.1.2.1.2.1.0|2|{ports}",
        "1.3.6.1.2.1.17.1.1.0|4x|020000000099", "1.3.6.1.2.1.17.2.4.0|65|3", "1.3.6.1.2.1.17.2.7.0|2|1",
        "1.0.8802.1.1.2.1.3.1.0|2|4", "1.0.8802.1.1.2.1.3.2.0|4x|020000000099",
    )  # fmt: skip
    for vlan in VLANS:
        yield f"1.3.6.1.2.1.17.7.1.4.2.1.3.0.{vlan}|66|{vlan}"
        yield f"1.3.6.1.2.1.17.7.1.4.3.1.1.{vlan}|4|vlan{vlan}"
    for n in range(3):
        yield f"1.3.6.1.2.1.4.22.1.2.1.10.0.0.{n + 1}|4x|02000000010{n}"
        yield f"1.3.6.1.2.1.4.22.1.4.1.10.0.0.{n + 1}|2|3"


def _ports(ports: int) -> Iterator[str]:
    for i in range(1, ports + 1):
        values = {"i": i, "e": i * 3, "b": i}
        for column, (tag, form) in IF_COLUMNS.items():
            yield f"1.3.6.1.2.1.2.2.1.{column}.{i}|{tag}|{form.format(**values)}"
        for column, (tag, form) in IFX_COLUMNS.items():
            yield f"1.3.6.1.2.1.31.1.1.1.{column}.{i}|{tag}|{form.format(**values)}"
        yield f"1.3.6.1.2.1.17.1.4.1.2.{i}|2|{i}"
        yield f"1.3.6.1.2.1.17.7.1.4.5.1.1.{i}|66|10"
        yield f"1.0.8802.1.1.2.1.3.7.1.2.{i}|2|5"
        yield f"1.0.8802.1.1.2.1.3.7.1.3.{i}|4|Gi0/{i}"
        yield f"1.0.8802.1.1.2.1.3.7.1.4.{i}|4|GigabitEthernet0/{i}"


def _forwarding(addresses: int, ports: int) -> Iterator[str]:
    for n in range(addresses):
        index = f"{VLANS[1 + n % 4]}.0.22.{n >> 16 & 255}.{n * 37 & 255}.{n >> 8 & 255}.{n & 255}"
        yield f"1.3.6.1.2.1.17.7.1.2.2.1.2.{index}|2|{n % ports + 1}"
        yield f"1.3.6.1.2.1.17.7.1.2.2.1.3.{index}|2|3"


def _neighbours(ports: int) -> Iterator[str]:
    for n in range(1, NEIGHBOURS + 1):
        for column, (tag, form) in _REMOTE.items():
            yield f"1.0.8802.1.1.2.1.4.1.1.{column}.0.{ports - n}.1|{tag}|{form.format(n=n)}"


def main() -> None:
    """Serve until the process is ended; says "ready" when all ports are open."""
    first, count, addresses = (int(word) for word in sys.argv[1:4])
    ports = int(sys.argv[4]) if len(sys.argv) > 4 else PORTS
    agents = {}
    for n in range(count):
        variables = in_order(parse_snmprec("\n".join(bridge(f"switch-{n}", addresses, ports)).encode()))
        agents["127.0.0.1", first + n] = ReplayAgent(variables, motion=Motion(seed=str(n)))
    server = ReplayServer(agents)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
