"""The routes of the inventory: a list, a form and a deletion for every kind of record, by the same few functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from core import Deed, Permission, append_audit
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.listing import EXPORT_LIMIT, Column, Listing, ListQuery, export, read_list_query
from dashboards.pages.inventory import forms
from dashboards.pages.inventory.kinds import COUNTED, KINDS, Kind, cell, label_of, pointer_names
from dashboards.pages.inventory.pointers import NoSuchRecord, meant, suggestions
from dashboards.returning import safe_return
from inventory import (
    SUBJECTS,
    DeletePreview,
    InvalidInput,
    Page,
    Site,
    Unit,
    create_record,
    delete_record,
    get_record,
    list_records,
    preview_delete,
    update_record,
)
from inventory import ListQuery as RecordQuery

blueprint = Blueprint("inventory", __name__, url_prefix="/inventory")
WORD = f"<any({','.join(SUBJECTS)}):word>"
_REFERRED = {field.refers for subject in SUBJECTS.values() for field in subject.fields} - {"", "credential"} | {"link"}
POINTED = f"<any({','.join(sorted(_REFERRED))}):refers>"
EXPORT_PAGE = 500
OVERTAKEN = _l(
    "Somebody else changed this record after you opened it, and nothing of yours was saved yet. What you entered is"
    " still here: compare, then save again to put it in place of the other's."
)


@blueprint.get("")
@needs(Permission.VIEW)
def index() -> AnyResponse:
    """The kind that is edited most."""
    return redirect(url_for("inventory.records", word="device"))


@blueprint.get(f"/{WORD}")
@needs(Permission.VIEW)
def records(word: str) -> str | Response:
    """The list of one kind."""
    kind = KINDS[word]
    columns = [_column(kind, number, name) for number, name in enumerate(kind.columns)]
    query = read_list_query(request.args, columns, (*kind.filters, "site", "unit"), kind.columns[0])
    if query.format:
        if not current_user.can(Permission.EXPORT):
            abort(403)
        heads = [column.label for column in columns]
        return export(kind.subject.plural, heads, _all_cells(kind, query), query.format)
    found = _found(kind, query, query.page, query.per_page)
    listing = Listing("records", columns, _with_cells(kind, list(found.rows)), found.total, query)
    return render_template(
        "inventory/records.html",
        kind=kind,
        kinds=KINDS,
        listing=listing,
        place=_place(query),
        may_edit=current_user.can(kind.permission),
        choices={name: _choices(kind, name) for name in kind.filters},
        label_of=label_of,
    )


def _column(kind: Kind, number: int, name: str) -> Column:
    field = kind.subject.field(name)
    hide = "" if number < 2 else "md" if number < 4 else "lg"
    is_number = name.endswith("_bps") or name in ("monthly_cost", "cost", "seats")
    return Column(label_of(field), name if name in kind.sorts else "", is_number, hide)


def _choices(kind: Kind, name: str) -> list[tuple[str, str]]:
    return [(str(value).lower(), _(label)) for value, label in (kind.subject.field(name).choices or {}).items()]


def _found(kind: Kind, query: ListQuery, page: int, size: int) -> Page[Any]:
    filters: dict[str, Any] = {}
    for name, value in query.filters.items():
        if name in ("site", "unit"):
            filters[f"{name}_id"] = int(value) if value.isdecimal() and len(value) < 10 else 0
        else:
            keys = {str(key).lower(): key for key in kind.subject.field(name).choices or {}}
            filters[name] = keys.get(value, value) if value in keys else None
    known = {field.name for field in kind.subject.fields}
    filters = {
        name: value for name, value in filters.items() if name in known or (name == "unit_id" and kind.word != "check")
    }
    sort = ("-" if query.is_descending else "") + query.sort
    return list_records(g.session, g.scope, kind.model, RecordQuery(query.text, filters, sort, page, size))


def _with_cells(kind: Kind, rows: list[Any]) -> list[tuple[int, list[str]]]:
    names = pointer_names(g.session, kind, rows)
    fields = [kind.subject.field(name) for name in kind.columns]
    return [(row.id, [cell(field, getattr(row, field.name), names, g.language) for field in fields]) for row in rows]


def _all_cells(kind: Kind, query: ListQuery) -> Iterator[list[str]]:
    for page in range(1, EXPORT_LIMIT // EXPORT_PAGE + 1):
        found = _found(kind, query, page, EXPORT_PAGE)
        if page > found.pages:
            return
        for _record_id, cells in _with_cells(kind, list(found.rows)):
            yield cells


def _place(query: ListQuery) -> tuple[str, str] | None:
    """(filter, name) of the site or unit that the list is narrowed to."""
    for name, model in (("site", Site), ("unit", Unit)):
        word = query.filters.get(name, "")
        if word.isdecimal() and len(word) < 10:
            return name, get_record(g.session, g.scope, model, int(word)).name
    return None


def _kind(word: str) -> Kind:
    kind = KINDS[word]
    if not current_user.can(kind.permission):
        abort(403)
    return kind


@blueprint.get(f"/{WORD}/new")
@needs(Permission.EDIT_INVENTORY)
def new(word: str) -> str:
    """The form of a new record; ?site_id= and the like fill in what is known."""
    kind = _kind(word)
    return _form(kind, forms.blank_texts(g.session, g.scope, kind, request.args), {})


@blueprint.post(f"/{WORD}/new")
@needs(Permission.EDIT_INVENTORY)
def create(word: str) -> tuple[str, int] | AnyResponse:
    """Make the record."""
    kind = _kind(word)
    entered = forms.read_form(g.session, g.scope, kind, request.form)
    try:
        record = create_record(g.session, g.scope, kind.model, entered.raw)
    except InvalidInput as error:
        return _form(kind, entered.texts, forms.errors_of(error, entered)), 422
    if entered.errors:  # an answer of 422 takes back what was just made
        return _form(kind, entered.texts, entered.errors), 422
    _audit(kind, "create", record, {"after": forms.changes_between({}, forms.values_of(kind, record))["after"]})
    flash(_("%(name)s was added.", name=_title(record)), "success")
    if request.form.get("again"):
        return redirect(
            url_for(
                "inventory.new",
                word=word,
                **{n: v for n, v in entered.raw.items() if n in ("site_id", "unit_id", "parent_id") and v},
            )
        )
    return redirect(_after(kind, record))


@blueprint.get(f"/{WORD}/<int:record_id>")
@needs(Permission.EDIT_INVENTORY)
def edit(word: str, record_id: int) -> str:
    """The form of a record."""
    kind = _kind(word)
    record = get_record(g.session, g.scope, kind.model, record_id)
    return _form(kind, forms.texts_of(g.session, kind, record), {}, record)


@blueprint.post(f"/{WORD}/<int:record_id>")
@needs(Permission.EDIT_INVENTORY)
def change(word: str, record_id: int) -> tuple[str, int] | AnyResponse:
    """Change the record."""
    kind = _kind(word)
    record = get_record(g.session, g.scope, kind.model, record_id)
    before, title = forms.values_of(kind, record), _title(record)
    entered = forms.read_form(g.session, g.scope, kind, request.form, record)
    mark = forms.mark_of(kind, record)
    if request.form.get("mark", mark) != mark:
        return _form(kind, entered.texts, {"": str(OVERTAKEN)}, (record_id, title), mark), 422
    try:
        record = update_record(g.session, g.scope, kind.model, record_id, entered.raw)
    except InvalidInput as error:
        return _form(kind, entered.texts, forms.errors_of(error, entered), (record_id, title)), 422
    if entered.errors:
        return _form(kind, entered.texts, entered.errors, (record_id, title)), 422
    changed = forms.changes_between(before, forms.values_of(kind, record))
    if changed["after"]:
        _audit(kind, "update", record, changed)
        flash(_("Saved."), "success")
    else:
        flash(_("Nothing was changed."), "info")
    return redirect(_after(kind, record))


def _form(kind: Kind, texts: Any, errors: dict[str, str], record: Any = None, mark: str = "") -> str:
    if record is not None and not isinstance(record, tuple):
        mark = forms.mark_of(kind, record)
    known = record if isinstance(record, tuple) else (record.id, _title(record)) if record is not None else None
    boxes = forms.boxes(g.session, g.scope, kind, texts)
    return render_template(
        "inventory/form.html", kind=kind, kinds=KINDS, errors=errors, mark=mark or request.form.get("mark", ""),
        record=known, label_of=label_of,
        boxes=[box for box in boxes if box.name not in kind.advanced],
        advanced=[box for box in boxes if box.name in kind.advanced],
        has_site=any(box.name == "site_id" for box in boxes), target=safe_return(request.values.get("next")) or "",
    )


@blueprint.get(f"/{WORD}/<int:record_id>/delete")
@needs(Permission.EDIT_INVENTORY)
def ask_delete(word: str, record_id: int) -> str:
    """What would go with the record."""
    kind = _kind(word)
    return _question(kind, preview_delete(g.session, g.scope, kind.model, record_id))


@blueprint.post(f"/{WORD}/<int:record_id>/delete")
@needs(Permission.EDIT_INVENTORY)
def delete(word: str, record_id: int) -> tuple[str, int] | AnyResponse:
    """Delete it, when the person has seen what goes with it and said so."""
    kind = _kind(word)
    seen = preview_delete(g.session, g.scope, kind.model, record_id)
    if request.form.get("is_sure") != "yes":
        return _question(kind, seen, _("Tick the box to say that all of this may go.")), 422
    shown = {
        name: int(value)
        for name, value in request.form.items()
        if name in COUNTED and value.isdecimal() and len(value) < 10
    }
    expected = DeletePreview(word, record_id, seen.title, shown, {})
    try:
        gone = delete_record(g.session, g.scope, kind.model, record_id, expected)
    except InvalidInput as error:
        return _question(kind, seen, " ".join(problem.message for problem in error.problems)), 422
    deed = Deed(
        current_user.actor, f"{word}.delete", word, record_id, gone.title, {"title": gone.title, "with": gone.counts}
    )
    append_audit(g.session, deed, services().clock())
    flash(_("%(name)s was deleted.", name=gone.title), "success")
    return redirect(url_for("inventory.records", word=word))


def _question(kind: Kind, preview: DeletePreview, error: str = "") -> str:
    return render_template("inventory/delete.html", kind=kind, preview=preview, counted=COUNTED, error=error)


@blueprint.get(f"/choices/{POINTED}")
@needs(Permission.EDIT_INVENTORY)
def choices(refers: str) -> str:
    """Suggestions for a pointer: what was typed stands under the name that `for` gives."""
    text, site_text = request.args.get(request.args.get("for", ""), "")[:200], request.args.get("site_id", "").strip()
    site_id = None
    if site_text and refers in ("room", "device"):
        try:
            site_id = meant(g.session, g.scope, "site", site_text[:200], None)
        except NoSuchRecord:
            return ""
    return render_template("inventory/choices.html", texts=suggestions(g.session, g.scope, refers, text, site_id))


def _title(record: Any) -> str:
    return str(getattr(record, "name", "") or getattr(record, "target", ""))


def _after(kind: Kind, record: Any) -> str:
    """Where to go when something was saved: back, or to the record's own page."""
    back = safe_return(request.form.get("next"))
    pages = {
        "unit": lambda: url_for("units.show", unit_id=record.id),
        "site": lambda: url_for("sites.show", site_id=record.id),
        "device": lambda: url_for("devices.show", device_id=record.id),
        "service": lambda: url_for("services.show", service_id=record.id),
        "check": lambda: url_for("services.show", service_id=record.service_id)
        if record.service_id else url_for("devices.show", device_id=record.device_id),
        "endpoint": lambda: url_for("endpoints.show", endpoint_id=record.id),
        "calendar": lambda: url_for("calendar.index", unit=record.unit_id),
    }
    own = pages.get(kind.word, lambda: url_for("inventory.records", word=kind.word, site=record.site_id))
    return back or own()


def _audit(kind: Kind, verb: str, record: Any, detail: dict[str, Any]) -> None:
    deed = Deed(current_user.actor, f"{kind.word}.{verb}", kind.word, record.id, _title(record), detail)
    append_audit(g.session, deed, services().clock())
