"""Commands: inventory in and out as spreadsheets. `mount(app)` hangs them on app.py."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from core import Context, Deed, Scope, append_audit, set_language
from core import gettext as _
from inventory.exchange import ImportOptions, ImportReport, ReadLimits, export_table, import_table, template
from inventory.settings import InventorySettings
from inventory.subjects import EXCHANGED

KINDS = ", ".join(EXCHANGED)
FORMS = ("csv", "xlsx")
ACTOR = "terminal"  # in the audit: whoever may run commands on the server

Kind = Annotated[str, typer.Option("--kind", help=f"What the rows are: {KINDS}.")]


def mount(app: typer.Typer) -> None:
    """Add `import`, `export` and `template` to the command line."""
    app.command("import")(import_command)
    app.command("export")(export_command)
    app.command("template")(template_command)


def import_command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX file; its first row has the headings of the template.")],
    kind: Kind,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change; write nothing.")] = False,
) -> None:
    """Bring a spreadsheet into the inventory: all of it, or nothing when a row has a problem (exit code 2)."""
    own: Context = context.obj
    set_language(own.settings.core.language)
    _known_kind(kind)
    limits = own.settings[InventorySettings]
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console, transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("", total=None)
        words = {"read": _("Reading"), "check": _("Checking"), "write": _("Writing")}

        def show(stage: str, done: int, total: int) -> None:
            bar.update(task, description=words[stage], completed=done, total=total or None)

        options = ImportOptions(dry_run, ReadLimits(limits.import_max_megabytes, limits.import_max_rows), show)
        opened = own.database.reading if dry_run else own.database.session
        with opened() as session:
            report = import_table(session, Scope.everything(), kind, file, options)
            if report.is_written:
                detail = {"created": report.created, "changed": report.updated}
                append_audit(session, Deed(ACTOR, "inventory.import", kind, "", file.name, detail), own.clock())
    _tell(report, dry_run)


def _tell(report: ImportReport, is_dry_run: bool) -> None:
    if report.problems:
        for problem in report.problems:
            where = [_("row %(row)d", row=problem.row)] if problem.row is not None else []
            where += [_shown(problem.column)] if problem.column else []
            typer.echo(f"{', '.join(where)}: {_shown(problem.message)}" if where else _shown(problem.message), err=True)
        typer.echo(_("%(num)d problems. Nothing was written.", num=len(report.problems)), err=True)
        raise typer.Exit(2)
    text = _("Would create %(new)d, change %(changed)d, leave %(same)d as they are.") if is_dry_run else _(
        "Created %(new)d, changed %(changed)d, left %(same)d as they are.")
    typer.echo(text % {"new": report.created, "changed": report.updated, "same": report.unchanged})


def _shown(text: str) -> str:
    """Text of a file on a terminal: escape sequences become visible instead of working."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def export_command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write; .csv or .xlsx decides the form.")],
    kind: Kind,
) -> None:
    """Write all records of a kind to a spreadsheet that `import` takes back."""
    own: Context = context.obj
    set_language(own.settings.core.language)
    _known_kind(kind)
    form = file.suffix.lower().removeprefix(".")
    if form not in FORMS:
        _refuse(_("Choose a file name that ends with .csv or .xlsx."))
    try:
        # Beside the target, so that a reader never sees half a file
        with NamedTemporaryFile(dir=file.absolute().parent, delete=False) as part, own.database.reading() as session:
            count = export_table(session, Scope.everything(), kind, part, form)
        os.replace(part.name, file)
    except OSError as error:
        _refuse(_("%(file)s cannot be written: %(reason)s.", file=file, reason=error.strerror or ""))
    typer.echo(_("%(num)d rows written to %(file)s.", num=count, file=file))


def template_command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write the empty .xlsx file.")],
    kind: Kind,
) -> None:
    """Write an empty spreadsheet with headings, lists of choices and explanations, to be filled in by a school."""
    own: Context = context.obj
    set_language(own.settings.core.language)
    _known_kind(kind)
    try:
        file.write_bytes(template(kind))
    except OSError as error:
        _refuse(_("%(file)s cannot be written: %(reason)s.", file=file, reason=error.strerror or ""))
    typer.echo(_("Template written to %(file)s.", file=file))


def _known_kind(kind: str) -> None:
    if kind not in EXCHANGED:
        _refuse(_("There is no kind %(kind)s. Choose one of: %(kinds)s.", kind=_shown(kind), kinds=KINDS))


def _refuse(message: str) -> None:
    typer.echo(message, err=True)
    raise typer.Exit(2)
