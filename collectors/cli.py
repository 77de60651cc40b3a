"""The commands of collecting: `discover` finds devices, `poll` reads one, `record` records one; `reflector` answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from collectors.discovery import Candidate, Place, SearchState, SearchTools, TargetError, accept_all, expand, search
from collectors.discovery.accept import typed_candidate
from collectors.names import Names
from collectors.profiles import load_profiles
from collectors.reasons import explain
from collectors.recording.cli import mount as mount_record
from collectors.reflector.cli import mount as mount_reflector
from collectors.settings import CollectorSettings
from collectors.snmp import Poller
from collectors.snmp.cli import mount as mount_poll
from collectors.store import (
    DiscoveryOrder,
    Found,
    add_finds,
    addresses_in_use,
    end_discovery,
    finds_of,
    note_progress,
    start_running_discovery,
)
from core import Context, Scope, SealError, Secret, set_language
from core import gettext as _
from inventory import (
    DEVICE_KINDS,
    InvalidInput,
    ListQuery,
    NotFound,
    Site,
    SnmpCredential,
    find_credential,
    list_records,
    open_credential,
)

OPERATOR = "command line"


def mount(app: typer.Typer) -> None:
    """Add `discover`, `poll`, `record` and `reflector` to the command line."""
    app.command("discover")(discover_command)
    mount_reflector(app)
    mount_poll(app)
    mount_record(app)


@dataclass(frozen=True, slots=True)
class _Outcome:
    run_id: int
    state: SearchState
    finds: list[Found]
    accepted: list[str]


def discover_command(
    context: typer.Context,
    targets: Annotated[
        list[str],
        typer.Argument(metavar="CIDR...", help="Networks (10.1.0.0/24), ranges (10.1.0.5-20), hosts, HOST:PORT."),
    ],
    community: Annotated[list[str] | None, typer.Option(help="Community to try; several times for several.")] = None,
    credential: Annotated[list[str] | None, typer.Option(help="Credential of the inventory to try, by name.")] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="UDP port of SNMP where a target names none.")] = 161,
    site: Annotated[str, typer.Option(help="Code of the site, for --accept.")] = "",
    accept: Annotated[bool, typer.Option("--accept", help="Take every identified device into the inventory.")] = False,
    is_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for programs.")] = False,
) -> None:
    """Find devices: ping, then ask over SNMP who they are. Exit code 0: something answered; 1: nothing; 2: bad usage.

    Without --community and --credential the community "public" is tried. Finds are kept: the pages show them too.
    """
    own: Context = context.obj
    set_language(own.settings.core.language)
    try:
        places = expand(" ".join(targets), own.settings[CollectorSettings].discovery_addresses, port)
        candidates = _candidates(own, community or [], credential or [])
        site_id = _site_id(own, site) if accept else None
    except (TargetError, _UsageError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    outcome = _carry_out(own, " ".join(targets), places, candidates, site_id)
    if is_json:
        typer.echo(json.dumps(_as_json(outcome), ensure_ascii=False))
    else:
        _print(outcome)
    raise typer.Exit(0 if outcome.finds else 1)


class _UsageError(Exception):
    """The command was given something that cannot be used; the text says what to do."""


def _candidates(own: Context, communities: Sequence[str], names: Sequence[str]) -> list[Candidate]:
    typed = communities or ([] if names else ["public"])
    vault = own.vault  # before the session: it opens one of its own
    found = [typed_candidate(vault, Secret(text)) for text in typed]
    with own.database.reading() as session:
        for name in names:
            record = find_credential(session, name)
            if record is None:
                raise _UsageError(_("There is no credential called %(name)s in the inventory.", name=repr(name)))
            try:
                opened = open_credential(session, vault, record.id)
            except (SealError, NotFound) as error:
                raise _UsageError(str(error)) from None
            if not isinstance(opened, SnmpCredential):
                raise _UsageError(_("The credential %(name)s is not for SNMP.", name=repr(name)))
            found.append(Candidate(opened, record.id))
    return found


def _site_id(own: Context, code: str) -> int:
    if not code:
        raise _UsageError(_("--accept needs --site CODE: the site at which the devices stand."))
    with own.database.reading() as session:
        found = list_records(session, Scope.everything(), Site, ListQuery(filters={"code": code})).rows
        if not found:
            raise _UsageError(_("There is no site with the code %(code)s in the inventory.", code=repr(code)))
        return found[0].id


def _carry_out(
    own: Context, targets: str, places: Sequence[Place], candidates: Sequence[Candidate], site_id: int | None
) -> _Outcome:
    """Search, keep what was found, and accept it when a site is given."""
    with own.database.session() as session:
        run_id = start_running_discovery(session, DiscoveryOrder(targets, site_id=site_id), OPERATOR, own.clock()).id
    reason = "interrupted"
    finds: list[Found] = []
    try:
        state = _search(own, places, candidates, finds)
        reason = state.note
    finally:
        with own.database.session() as session:
            _keep(own, session, run_id, finds)
            end_discovery(session, run_id, own.clock(), reason)
    accepted: list[str] = []
    with own.database.session() as session:
        note_progress(session, run_id, state.progress)
        if site_id is not None:
            rows = finds_of(session, run_id, "found")
            try:
                made = accept_all(session, own.vault, Scope.everything(), rows, site_id, own.clock())
            except InvalidInput as error:
                typer.echo(str(error), err=True)
                raise typer.Exit(2) from None
            accepted = [device.address for device in made]
    return _Outcome(run_id, state, finds, accepted)


def _keep(own: Context, session: Any, run_id: int, finds: list[Found]) -> None:
    taken = addresses_in_use(session, [one.address for one in finds])
    finds[:] = [one.at_device(taken.get((one.address, one.port))) for one in finds]
    add_finds(session, run_id, finds, own.clock())


def _search(own: Context, places: Sequence[Place], candidates: Sequence[Candidate], finds: list[Found]) -> SearchState:
    settings = own.settings[CollectorSettings]
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(_("Searching"), total=len(places))

        def report(state: SearchState, new: Sequence[Found]) -> None:
            finds.extend(new)
            bar.update(task, completed=state.progress.asked)

        async def run() -> SearchState:
            tools = SearchTools(
                load_profiles(), Poller(wall=lambda: own.clock().timestamp()), Names(), settings.discovery_at_once
            )
            try:
                return await search(places, candidates, tools, report)
            finally:
                tools.poller.close()
                tools.names.close()

        return asyncio.run(run())


def _as_json(outcome: _Outcome) -> dict[str, Any]:
    progress = outcome.state.progress
    return {
        "run": outcome.run_id,
        "total": progress.total,
        "answered": progress.answered,
        "identified": progress.identified,
        "note": outcome.state.note,
        "finds": [
            {
                "address": one.address,
                "port": one.port,
                "reason": one.reason,
                "rtt_seconds": one.rtt_s,
                "name": one.name,
                "kind": one.kind,
                "vendor": one.vendor,
                "model": one.model,
                "profile": one.profile,
                "facts": dict(one.facts),
                "device_id": one.device_id,
            }
            for one in outcome.finds
        ],
        "accepted": outcome.accepted,
    }


def _print(outcome: _Outcome) -> None:
    progress, console = outcome.state.progress, Console()
    if outcome.state.note:
        said = explain(outcome.state.note)
        typer.echo(f"{said.message} {said.advice}", err=True)
    if outcome.finds:
        table = Table(_("Address"), _("Name"), _("Kind"), _("Vendor"), _("Model"), _("Ping"), _("Said"))
        for one in outcome.finds:
            rtt = "" if one.rtt_s is None else f"{one.rtt_s * 1000:.1f} ms"
            said = _("identified") if one.reason == "ok" else explain(one.reason).message
            known = f" ({_('in the inventory')})" if one.device_id is not None else ""
            shown = f"{one.address}:{one.port}" if one.port != 161 else one.address
            # Text, not markup: a device may call itself [red].
            kind = _(DEVICE_KINDS.get(one.kind, one.kind))
            cells = (shown + known, one.name, kind, one.vendor, one.model, rtt, said)
            table.add_row(*(Text(cell) for cell in cells))
        console.print(table)
    typer.echo(
        _(
            "%(total)s addresses, %(answered)s answer, %(identified)s identified.",
            total=progress.total,
            answered=progress.answered,
            identified=progress.identified,
        )
    )
    if outcome.accepted:
        typer.echo(_("Taken into the inventory: %(addresses)s", addresses=", ".join(outcome.accepted)))
