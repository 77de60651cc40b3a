"""A port's key is unique in its device and stays when ifIndex moves."""

from __future__ import annotations

from collectors.snmp.plan import Ports
from collectors.snmp.ports import PortFacts, moved_ports, port_keys


def test_names_are_keys() -> None:
    ports = [PortFacts(1, "Gi0/1", "GigabitEthernet0/1", ""), PortFacts(2, "", "eth1", ""), PortFacts(3, "", "", "")]
    assert port_keys(ports) == ["Gi0/1", "eth1", "#3"]


def test_equal_names_are_told_apart_by_what_stays() -> None:
    ports = [PortFacts(5, "lo0", "loop A", ""), PortFacts(6, "lo0", "loop B", ""),
             PortFacts(7, "", "WAN Miniport", "02:00:00:00:00:01"),
             PortFacts(8, "", "WAN Miniport", "02:00:00:00:00:02"),
             PortFacts(9, "x", "", ""), PortFacts(10, "x", "", ""), PortFacts(11, "x", "", "")]  # fmt: skip
    keys = port_keys(ports)
    assert keys == ["lo0 loop A", "lo0 loop B", "WAN Miniport 02:00:00:00:00:01", "WAN Miniport 02:00:00:00:00:02",
                    "x", "x~2", "x~3"]  # fmt: skip
    moved = [port._replace(index=port.index + 1000) for port in ports]
    assert port_keys(moved) == keys


def test_a_made_up_key_takes_no_real_ports_key() -> None:
    keys = port_keys([PortFacts(1, "x", "", ""), PortFacts(2, "x", "", ""), PortFacts(3, "x~2", "", "")])
    assert len(set(keys)) == 3 and keys[2] == "x~2"


def test_moved_and_vanished_ports() -> None:
    ports = Ports(("1.1", "1.2", "1.3"), ("a", "b", "c"))
    assert moved_ports(ports, {"1.1": b"a", "1.2": b"b"}) == ""  # c is gone, not moved
    assert moved_ports(ports, {"1.1": b"b", "1.2": b"a\0", "1.3": b"c"}) == "2: a -> b, b -> a"
