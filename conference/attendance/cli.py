"""The command that checks the seals of all counted meetings, for whoever audits EduNOC from outside its pages."""

from __future__ import annotations

import typer

from conference.attendance.store.settling import counted_meetings, verify
from conference.attendance.words import CHAIN_PROBLEMS
from core import Context


def mount(app: typer.Typer) -> None:
    """Add `verify-attendance` to the command line."""
    app.command("verify-attendance")(verify_command)


def verify_command(context: typer.Context) -> None:
    """Check the seal of every meeting's attendance against its rows and the audit. Exit code 1: one is broken."""
    own: Context = context.obj
    broken = 0
    with own.database.reading() as session:
        meetings = counted_meetings(session)
        for number, title in meetings:
            found = verify(session, number)
            if found is not None and not found.is_intact:
                broken += 1
                where = f", row {found.position + 1}" if found.position is not None else ""
                typer.echo(f"Meeting {number} ({title}): {CHAIN_PROBLEMS[found.problem]}{where}", err=True)
    typer.echo(f"{len(meetings)} meetings checked, {broken} broken.")
    if broken:
        raise typer.Exit(1)
