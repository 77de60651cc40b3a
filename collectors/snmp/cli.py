"""The command `poll`: read one device and explain it. `mount(app)` hangs it on app.py."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Annotated

import typer

from collectors.layer2 import Layer2Reading, print_topology, read_network_of, with_topology
from collectors.profiles import load_profiles
from collectors.snmp.channel import resolve
from collectors.snmp.reading import DeviceReading, read_device
from collectors.snmp.reasons import Failure
from collectors.snmp.report import print_reading
from collectors.snmp.target import UDP_PORT, Patience, community
from core import Context, set_language
from core import gettext as _
from inventory import SnmpCredential, find_credential, open_credential

_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.]+(?:%\w+)?)\](?::(\d{1,5}))?")
_PLAIN = re.compile(r"([^:\[\]/\s]+)(?::(\d{1,5}))?")
_BARE_IPV6 = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%\w+)?")


def mount(app: typer.Typer) -> None:
    """Add `poll` to the command line."""
    app.command("poll")(poll_command)


def split_target(text: str) -> tuple[str, int]:
    """HOST, HOST:PORT, [IPv6]:PORT or a bare IPv6 address. Raises ValueError."""
    match = _BRACKETED.fullmatch(text) or _PLAIN.fullmatch(text)
    if match and 1 <= int(match[2] or UDP_PORT) <= 65_535:
        return match[1], int(match[2] or UDP_PORT)
    if _BARE_IPV6.fullmatch(text):
        return text, UDP_PORT
    raise ValueError(text)


def poll_command(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="HOST[:PORT]", help="Address or name of the device, UDP port.")],
    community_text: Annotated[str, typer.Option("--community", help="Community of SNMP v1 or v2c.")] = "public",
    credential: Annotated[str, typer.Option(help="Instead: a credential of the inventory, by its name.")] = "",
    version: Annotated[str, typer.Option(help="1 or 2c, together with --community.")] = "2c",
    is_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for programs.")] = False,
    timeout: Annotated[float, typer.Option(min=0.05, max=120, help="Seconds to wait for the first answer.")] = 1.5,
    retries: Annotated[int, typer.Option(min=0, max=10, help="Further tries, each with a longer wait.")] = 2,
    has_topology: Annotated[
        bool, typer.Option("--topology", help="Also its neighbours, forwarding table and VLANs.")
    ] = False,
) -> None:
    """Read one device by SNMP and explain what was found. Exit code 0: it was read; 1: no answer; 2: bad usage."""
    own: Context = context.obj
    set_language(own.settings.core.language)
    try:
        host, port = split_target(target)
    except ValueError:
        raise _bad_usage(_("%(target)s is no HOST or HOST:PORT.", target=repr(target))) from None
    asker = asker_of(own, credential, community_text, version)
    patience = Patience(timeout_s=timeout, retries=retries)
    reading, network = asyncio.run(_read(host, port, asker, patience, has_topology))
    if is_json:
        shown = reading.as_json() if network is None else with_topology(reading, network)
        typer.echo(json.dumps(shown, ensure_ascii=False))
    if not reading.is_read:
        typer.echo(f"{reading.target}: {reading.explanation}", err=True)
        if reading.detail:
            typer.echo(_("Detail: %(detail)s", detail=reading.detail), err=True)
        raise typer.Exit(1)
    if not is_json:
        print_reading(reading)
        if network is not None:
            print_topology(network)


async def _read(
    host: str, port: int, credential: SnmpCredential, patience: Patience, has_topology: bool
) -> tuple[DeviceReading, Layer2Reading | None]:
    try:
        target = await resolve(host, port)
    except Failure as failure:
        return DeviceReading(f"{host}:{port}", failure.reason, failure.detail), None
    profiles = load_profiles()
    reading = await read_device(target, credential, patience, profiles)
    if not has_topology or not reading.is_read:
        return reading, None
    return reading, await read_network_of(reading, target, credential, patience, profiles)


def asker_of(own: Context, credential: str, text: str, version: str) -> SnmpCredential:
    """The credential of the inventory by its name, or one of a community. Raises typer.Exit(2), told in words."""
    return _credential(own, credential) if credential else _from_community(text, version)


def _from_community(text: str, version: str) -> SnmpCredential:
    if version not in ("1", "2c"):
        raise _bad_usage(_("--version is 1 or 2c; SNMPv3 needs a credential of the inventory (--credential)."))
    return community(text, version)


def _credential(own: Context, name: str) -> SnmpCredential:
    vault = own.vault  # before the session: it opens one of its own, and SQLite lets one write at a time
    with own.database.session() as session:
        record = find_credential(session, name)
        if record is None:
            raise _bad_usage(_("There is no credential called %(name)s in the inventory.", name=repr(name)))
        found = open_credential(session, vault, record.id)
    if not isinstance(found, SnmpCredential):
        raise _bad_usage(_("The credential %(name)s is not for SNMP.", name=repr(name)))
    return found


def _bad_usage(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(2)
