"""The command `reflector`: the other end of a UDP train, run on a machine beside the bridges."""

from __future__ import annotations

import asyncio
import secrets
from typing import Annotated

import typer

from collectors.reflector.answering import Reflector, serve_reflector


def mount(app: typer.Typer) -> None:
    """Add `reflector` to the command line."""
    app.command("reflector")(reflector_command)


def reflector_command(
    listen: Annotated[str, typer.Option(help="Address to listen on.")] = "0.0.0.0",  # noqa: S104 - asked from outside
    port: Annotated[int, typer.Option(min=1, max=65535, help="UDP port; near the bridges' 10000.")] = 10010,
) -> None:
    """Send UDP trains of EduNOC back to who sent them, so that loss and jitter can be measured both ways.

    Run it on a machine in the bridges' network, and enter its address as the reflector of the meeting system. It asks
    for nothing, keeps nothing, and limits how much it sends.
    """
    reflector = Reflector(secrets.token_bytes(32))
    try:
        asyncio.run(_serve(reflector, listen, port))
    except KeyboardInterrupt:
        typer.echo(f"Reflected {reflector.reflected} datagrams; refused: {reflector.refused or 'none'}.")
    except OSError as error:
        typer.echo(f"The reflector cannot listen on {listen} port {port}: {error.strerror}. Choose another port.")
        raise typer.Exit(1) from None


async def _serve(reflector: Reflector, listen: str, port: int) -> None:
    transport = await serve_reflector(reflector, listen, port)
    typer.echo(f"Reflecting UDP trains on {listen} port {port}. Ctrl-C ends it.")
    try:
        await asyncio.Event().wait()
    finally:
        transport.close()
