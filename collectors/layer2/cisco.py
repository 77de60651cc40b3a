"""Cisco's forwarding tables: one for each VLAN, behind community@VLAN in v1 and v2c, a context in v3. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from collectors.layer2.bridge import Forwarding
from collectors.layer2.walk import Column
from inventory import VlanSeen

ACCESS_VLAN = "1.3.6.1.4.1.9.9.68.1.2.2.1.2"  # vmVlan, by ifIndex
# Why a forwarding table is not whole
NO_CONTEXTS = "contexts_refused"  # SNMPv3 contexts (vlan-<n>) cannot be asked yet: only the first VLAN is seen
TOO_MANY_VLANS = "too_many_vlans"
SILENT = "no_answer_for_vlan"
SAME_FOR_ALL = "vlan_ignored"


def most_used(vlans: Iterable[VlanSeen], access: Column) -> list[int]:
    """VLAN ids in the order in which to ask: those that access ports carry first, then the rest."""
    used = {vlan for vlan in access.values() if isinstance(vlan, int)}
    return sorted((vlan.id for vlan in vlans), key=lambda vlan: (vlan not in used, vlan))


def joined(plain: Iterable[Forwarding], of_vlans: list[Forwarding]) -> list[Forwarding]:
    """All VLANs' rows, and those of the plain table that no VLAN's table has."""
    known = {(row.mac, row.index) for row in of_vlans}
    return [*of_vlans, *(row for row in plain if (row.mac, row.index) not in known)]
