"""A layer-2 reading beside the device's own: one JSON object for programs, tables for people at a terminal."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from collectors.layer2.fetch import Layer2Order, read_layer2
from collectors.layer2.ports import Port
from collectors.layer2.reading import Layer2Reading
from collectors.profiles import ProfileSet
from collectors.snmp import DeviceReading, Interface, Patience, Poller, Target
from core import gettext as _
from inventory import SnmpCredential


def ports_of(interfaces: tuple[Interface, ...]) -> tuple[Port, ...]:
    """The ports of a survey."""
    return tuple(Port(one.index, one.key, one.name, one.description, one.alias, one.mac) for one in interfaces)


async def read_network_of(
    reading: DeviceReading, target: Target, credential: SnmpCredential, patience: Patience, profiles: ProfileSet
) -> Layer2Reading:
    """The layer-2 tables of a device that was just read."""
    poller = Poller(lambda: 0.0)
    try:
        return await read_layer2(
            poller, profiles, Layer2Order(target, credential, patience, ports_of(reading.interfaces))
        )
    finally:
        poller.close()


def with_topology(reading: DeviceReading, network: Layer2Reading) -> dict[str, Any]:
    """The contract of `app.py poll --topology --json`; what is missing of the tables stands among "dropped"."""
    shown = {**reading.as_json(), **network.as_json()}
    shown["dropped"] += [
        {"oid": "", "value": f"{table or 'fdb'} {text}".strip(), "reason": text.split(" ")[0]}
        for table, text in network.troubles
    ]
    timing = shown["timing"]
    timing["requests"] += network.requests
    timing["timeouts"] += network.timeouts
    timing["seconds"] = round(timing["seconds"] + network.seconds, 4)
    return shown


def print_topology(network: Layer2Reading, console: Console | None = None) -> None:
    """Neighbours one by one; forwarding table, ARP and VLANs by port or in numbers."""
    console = console or Console()
    ports, report = network.ports, network.report
    rows = [
        (one.seen.protocol, ports.label(one.seen.local_index) or str(one.local_number), one.seen.remote_name,
         one.seen.remote_part, one.seen.remote_mac, one.seen.remote_address)
        for one in network.heard
    ]  # fmt: skip
    heads = (_("Protocol"), _("Port"), _("Neighbour"), _("Its port"), "MAC", _("Address"))
    _print(console, _("Neighbours"), heads, rows)
    counts: dict[int | None, int] = {}
    for seen in report.fdb:
        counts[seen.index] = counts.get(seen.index, 0) + 1
    by_port = [(ports.label(index) or "-", str(count)) for index, count in sorted(counts.items(), key=_by_number)]
    _print(console, _("Forwarding table"), (_("Port"), _("Addresses")), by_port)
    vlans = [(str(vlan.id), vlan.name) for vlan in report.vlans]
    _print(console, "VLAN", ("VLAN", _("Name")), vlans)
    console.print(_("%(number)d addresses in the ARP table, %(stations)d Wi-Fi clients, %(requests)d requests",
                    number=len(report.arp), stations=len(report.stations), requests=network.requests))  # fmt: skip
    for table, text in network.troubles:
        console.print(Text(f"{table or 'fdb'}: {text}", style="yellow"))


def _by_number(item: tuple[int | None, int]) -> int:
    return item[0] or 0


def _print(console: Console, title: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    if rows:
        table = Table(title=title, title_justify="left", box=box.SIMPLE)
        for head in heads:
            table.add_column(head, overflow="fold")
        for row in rows:
            table.add_row(*map(Text, row))
        console.print(table)
