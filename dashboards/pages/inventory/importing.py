"""Import in three steps: send a file, look at the trial run, write. And templates and exports of every kind."""

from __future__ import annotations

import io

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from core import Deed, Permission, append_audit
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.listing import Column, Listing, page_of, read_list_query
from dashboards.pages.inventory.kinds import KINDS
from dashboards.pages.inventory.waiting import Waiting, WaitingFiles, note_of
from inventory import (
    EXCHANGED,
    MEDIA_TYPES,
    ImportOptions,
    ImportReport,
    InventorySettings,
    ReadLimits,
    export_table,
    import_table,
    template,
)

PROBLEM_COLUMNS = (Column(_l("Row"), is_number=True), Column(_l("Column")), Column(_l("What is wrong, and what to do")))
KIND = f"<any({','.join(EXCHANGED)}):kind>"


def add_to(blueprint: Blueprint) -> None:
    """Hang the routes on the inventory's blueprint."""
    for rule, view, methods in (
        ("/import", import_file, ["GET"]),
        ("/import", send, ["POST"]),
        ("/import/<token>", trial, ["GET"]),
        ("/import/<token>", write, ["POST"]),
        ("/import/<token>/drop", drop, ["POST"]),
        (f"/template/{KIND}.xlsx", get_template, ["GET"]),
        (f"/export/{KIND}.<any(csv,xlsx):form>", get_export, ["GET"]),
    ):
        blueprint.add_url_rule(rule, endpoint=view.__name__, view_func=view, methods=methods)


@needs(Permission.EDIT_INVENTORY)
def import_file() -> str:
    """Templates, exports, and the form that sends a file."""
    return _first_page(request.args.get("kind", ""))


def _first_page(kind: str, error: str = "") -> str:
    kinds = [(word, _(subject.title), KINDS[subject.word].icon) for word, subject in EXCHANGED.items()]
    return render_template("inventory/import.html", kinds=kinds, chosen=kind, error=error, limit=_limits().megabytes)


@needs(Permission.EDIT_INVENTORY, writes=False)
def send() -> tuple[str, int] | AnyResponse:
    """Take the file and try it; nothing is written."""
    kind, file = request.form.get("kind", ""), request.files.get("file")
    if kind not in EXCHANGED:
        return _first_page(kind, _("Choose what the rows of the file are.")), 422
    _refuse_calendar(kind)
    content = file.read() if file is not None else b""
    if not content:
        return _first_page(kind, _("Choose a file that is not empty.")), 422
    report = import_table(g.session, g.scope, kind, io.BytesIO(content), ImportOptions(True, _limits()))
    note = note_of(current_user.actor, file.filename or "", report, services().clock())
    return redirect(url_for("inventory.trial", token=_files().keep(content, note)), 303)


@needs(Permission.EDIT_INVENTORY)
def trial(token: str) -> str:
    """What the import would do, and every problem by row and column."""
    waiting = _waiting(token)
    query = read_list_query(request.args, PROBLEM_COLUMNS)
    rows, total = page_of(waiting.report.problems, query)
    return render_template(
        "inventory/trial.html", waiting=waiting, report=waiting.report, kind_title=_(EXCHANGED[waiting.kind].title),
        listing=Listing("problems", PROBLEM_COLUMNS, rows, total, query),
    )


@needs(Permission.EDIT_INVENTORY)
def write(token: str) -> tuple[str, int] | AnyResponse:
    """Write it: all of it, or nothing when meanwhile something no longer fits."""
    waiting, files = _waiting(token), _files()
    _refuse_calendar(waiting.kind)
    report = import_table(g.session, g.scope, waiting.kind, files.path_of(waiting), ImportOptions(False, _limits()))
    if not report.is_written:
        return _trial_again(waiting, report), 422
    detail = {"created": report.created, "changed": report.updated}
    deed = Deed(current_user.actor, "inventory.import", waiting.kind, "", waiting.file_name, detail)
    append_audit(g.session, deed, services().clock())
    files.drop(token)
    flash(_("Imported: %(new)d added, %(changed)d changed, %(same)d left as they were.",
            new=report.created, changed=report.updated, same=report.unchanged), "success")
    return redirect(url_for("inventory.records", word=EXCHANGED[waiting.kind].word))


def _trial_again(waiting: Waiting, report: ImportReport) -> str:
    query = read_list_query({}, PROBLEM_COLUMNS)
    rows, total = page_of(report.problems, query)
    return render_template(
        "inventory/trial.html", waiting=waiting, report=report, kind_title=_(EXCHANGED[waiting.kind].title),
        listing=Listing("problems", PROBLEM_COLUMNS, rows, total, query),
    )


@needs(Permission.EDIT_INVENTORY, writes=False)
def drop(token: str) -> AnyResponse:
    """Forget the file."""
    _files().drop(_waiting(token).token)
    return redirect(url_for("inventory.import_file"))


@needs(Permission.EDIT_INVENTORY)
def get_template(kind: str) -> Response:
    """An empty workbook to be filled in."""
    return _file(template(kind), f"{kind}.xlsx", "xlsx")


@needs(Permission.EXPORT)
def get_export(kind: str, form: str) -> Response:
    """Everything of one kind, as an import takes it back."""
    out = io.BytesIO()
    export_table(g.session, g.scope, kind, out, form)
    return _file(out.getvalue(), f"{kind}.{form}", form)


def _file(content: bytes, name: str, form: str) -> Response:
    return Response(
        content,
        mimetype=MEDIA_TYPES[form].split(";")[0],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _limits() -> ReadLimits:
    own = services().settings[InventorySettings]
    return ReadLimits(own.import_max_megabytes, own.import_max_rows)


def _files() -> WaitingFiles:
    return WaitingFiles(services().settings.core.data_dir)


def _waiting(token: str) -> Waiting:
    found = _files().find(token, current_user.actor, services().clock())
    if found is None:
        abort(404, _("This file is no longer here: it is kept for an hour, for the person who sent it. Send it again."))
    return found


def _refuse_calendar(kind: str) -> None:
    if not current_user.can(KINDS[EXCHANGED[kind].word].permission):
        abort(403)
