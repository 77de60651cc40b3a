"""Why a layer-2 table is not whole, as one word, with a sentence and a next step for a person."""

from __future__ import annotations

from core import N_

REASONS: dict[str, tuple[str, str]] = {
    "too_many_rows": (
        N_("A table of the device is longer than EduNOC reads; the rest of it is left out."),
        N_("Raise collectors.topology_rows in the settings if this device is rightly so large."),
    ),
    "too_many_vlans": (
        N_("The device keeps a forwarding table for each VLAN, and has more of them than EduNOC asks for."),
        N_("Remove VLANs from the switch that it does not carry; those of access ports are asked first."),
    ),
    "contexts_refused": (
        N_("Over SNMPv3 this device tells only the forwarding table of its first VLAN."),
        N_("Choose an SNMPv2c credential for this switch if you want to find machines in its other VLANs."),
    ),
    "no_answer_for_vlan": (
        N_("The device does not answer when it is asked for the forwarding table of one VLAN."),
        N_("Let the SNMP access list of the switch admit the community with @VLAN behind it."),
    ),
    "vlan_ignored": (
        N_("The device gives the same forwarding table for every VLAN; the VLANs of machines are not known."),
        N_("Nothing to do: ports are right all the same."),
    ),
    "skipped": (
        N_("The device's profile leaves this table out, because the device cannot bear the question."),
        N_("Nothing to do."),
    ),
}
