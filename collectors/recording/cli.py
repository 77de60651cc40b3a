"""The command `record`: everything a device tells, scrubbed, ready to become a test. `mount(app)` hangs it on."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from collectors.profiles import load_profiles
from collectors.recording.bundle import Bundle, make_bundle
from collectors.recording.walk import Told, Walked, walk_device
from collectors.snmp import DeviceState, Failure, Patience, Poller, resolve
from collectors.snmp.cli import asker_of, split_target
from collectors.snmp.reasons import OK, explain
from core import Context, set_language
from core import gettext as _
from inventory import SnmpCredential


def mount(app: typer.Typer) -> None:
    """Add `record` to the command line."""
    app.command("record")(record_command)


def record_command(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="HOST[:PORT]", help="Address or name of the device, UDP port.")],
    community: Annotated[str, typer.Option(help="Community of SNMP v1 or v2c.")] = "public",
    credential: Annotated[str, typer.Option(help="Instead: a credential of the inventory, by its name.")] = "",
    version: Annotated[str, typer.Option(help="1 or 2c, together with --community.")] = "2c",
    output: Annotated[Path, typer.Option(help="Folder for the files.")] = Path(),
) -> None:
    """Record a device for a profile's test. Exit code 0: written; 1: no answer; 2: bad usage.

    NAME.snmprec holds no addresses, names, serials and secrets, NAME.json what is read of it, NAME.review.txt the texts
    that remained.
    """
    own: Context = context.obj
    set_language(own.settings.core.language)
    try:
        host, port = split_target(target)
    except ValueError:
        typer.echo(_("%(target)s is no HOST or HOST:PORT.", target=repr(target)), err=True)
        raise typer.Exit(2) from None
    asker = asker_of(own, credential, community, version)
    with Progress(SpinnerColumn(), TextColumn("{task.description} {task.completed:.0f}"),
                  console=Console(stderr=True)) as progress:  # fmt: skip
        task = progress.add_task(_("Reading everything that the device tells"), total=None)
        try:
            walked, bundle = asyncio.run(
                _record(host, port, asker, lambda count: progress.update(task, completed=count))
            )
        except (Failure, TimeoutError) as failure:
            reason = failure.reason if isinstance(failure, Failure) else "timeout"
            typer.echo(f"{target}: {explain(reason)}", err=True)
            raise typer.Exit(1) from None
    if walked.reason != OK:
        typer.echo(f"{explain(walked.reason)} {walked.detail}", err=True)
    if bundle is None:
        raise typer.Exit(1)
    _write(bundle, output)


async def _record(host: str, port: int, asker: SnmpCredential, told: Told) -> tuple[Walked, Bundle | None]:
    target, patience = await resolve(host, port), Patience()
    poller = Poller(time.time)
    session = await poller.open_session(target, asker, DeviceState(), patience)
    try:
        walked = await walk_device(session, patience, told)
    finally:
        session.close()
        poller.close()
    if not walked.variables:
        return walked, None
    return walked, await make_bundle(walked, load_profiles(), asker, [host])


def _write(bundle: Bundle, folder: Path) -> None:
    texts = {"snmprec": bundle.recording, "json": bundle.golden, "review.txt": bundle.review()}
    try:
        for suffix, text in texts.items():
            path = folder / f"{bundle.name}.{suffix}"
            path.write_text(text, encoding="utf-8")
            typer.echo(_("Written: %(path)s", path=path))
    except OSError as error:
        why = error.strerror or str(error)
        typer.echo(_("The folder %(path)s cannot be written to: %(why)s. Choose another with --output.",
                     path=folder, why=why), err=True)  # fmt: skip
        raise typer.Exit(2) from None
    typer.echo(_("%(count)d values, %(replaced)d of them made neutral; %(kept)d texts remained.",
                 count=bundle.variables, replaced=bundle.replaced, kept=len(bundle.kept)))  # fmt: skip
