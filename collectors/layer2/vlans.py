"""The VLANs a device knows: Q-BRIDGE-MIB's static names, Cisco's VTP list, Huawei's own table. Pure; never raises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from collectors.layer2.bridge import MOST_VLAN
from collectors.layer2.walk import Column
from collectors.snmp.text import clean_line
from inventory import VlanSeen

STATIC_NAME = "1.3.6.1.2.1.17.7.1.4.3.1.1"
_VTP = "1.3.6.1.4.1.9.9.46.1.3.1.1"
VTP = {"state": f"{_VTP}.2", "type": f"{_VTP}.3", "name": f"{_VTP}.4"}
_HUAWEI = "1.3.6.1.4.1.2011.5.25.42.3.1.1.1.1"
HUAWEI = {"description": f"{_HUAWEI}.2", "name": f"{_HUAWEI}.17"}  # hwL2VlanMIBTable, by VLAN id
_OPERATIONAL, _ETHERNET = 1, 1  # vtpVlanState, vtpVlanType; 1002 to 1005 are FDDI and Token Ring
_RESERVED = range(1002, 1006)


def static_vlans(names: Column, others: Iterable[int] = ()) -> list[VlanSeen]:
    """dot1qVlanStaticName by VLAN id; `others` are VLANs without a name (only in the current table)."""
    found = {
        index[0]: VlanSeen(index[0], clean_line(name, 64))
        for index, name in names.items() if len(index) == 1 and 1 <= index[0] <= MOST_VLAN
    }  # fmt: skip
    for vlan in others:
        found.setdefault(vlan, VlanSeen(vlan))
    return [found[vlan] for vlan in sorted(found)]


def vtp_vlans(columns: Mapping[str, Column]) -> list[VlanSeen]:
    """vtpVlanTable: index management domain and VLAN; only Ethernet VLANs that are in operation."""
    state, kind, name = (columns.get(VTP[one], {}) for one in ("state", "type", "name"))
    found: dict[int, VlanSeen] = {}
    for index, value in state.items():
        if len(index) == 2 and value == _OPERATIONAL and kind.get(index, _ETHERNET) == _ETHERNET:
            vlan = index[1]
            if 1 <= vlan <= MOST_VLAN and vlan not in _RESERVED:
                found.setdefault(vlan, VlanSeen(vlan, clean_line(name.get(index), 64)))
    return [found[vlan] for vlan in sorted(found)]


def huawei_vlans(columns: Mapping[str, Column]) -> list[VlanSeen]:
    """hwL2VlanMIBTable: a VLAN's own name, else its description ("VLAN 0030" where nobody wrote one)."""
    descriptions, names = columns.get(HUAWEI["description"], {}), columns.get(HUAWEI["name"], {})
    called = {index: value for index, value in names.items() if clean_line(value)}
    return static_vlans({**descriptions, **called})
