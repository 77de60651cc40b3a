"""Credentials of devices: named, write only. A secret that is stored is never shown again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from core import Deed, Permission, SealError, append_audit
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.registry import MenuItem, Page
from inventory import (
    AUTH_KINDS,
    CREDENTIAL_FIELDS,
    CREDENTIAL_KINDS,
    CREDENTIAL_TITLES,
    PRIV_KINDS,
    Credential,
    InvalidInput,
    ListQuery,
    create_credential,
    credential_uses,
    delete_record,
    describe_credential,
    list_records,
    preview_delete,
    update_credential,
)

blueprint = Blueprint("credentials", __name__, url_prefix="/admin/credentials")
_LONG = frozenset({"private_key"})


@blueprint.get("")
@needs(Permission.MANAGE_CREDENTIALS)
def index() -> str:
    """All credentials and how many devices use each."""
    found = list_records(g.session, g.scope, Credential, ListQuery(page_size=500)).rows
    return render_template(
        "admin/credentials.html", credentials=found, uses=credential_uses(g.session), kinds=CREDENTIAL_KINDS
    )


@blueprint.get("/new")
@needs(Permission.MANAGE_CREDENTIALS)
def new() -> str:
    """The form of one kind."""
    kind = request.args.get("kind", "snmp_v2c")
    if kind not in CREDENTIAL_FIELDS:
        abort(404)
    return _form_page(kind, {"kind": kind}, {})


@blueprint.post("/new")
@needs(Permission.MANAGE_CREDENTIALS)
def create() -> tuple[str, int] | Response:
    """Seal and keep it."""
    raw = request.form.to_dict()
    kind = raw.get("kind", "")
    if kind not in CREDENTIAL_FIELDS:
        abort(400)
    try:
        record = create_credential(g.session, services().vault, raw)
    except InvalidInput as error:
        return _form_page(kind, raw, _errors(error)), 422
    _audit("create", record.id, record.name, kind)
    flash(_("The credential “%(name)s” is sealed and ready for devices.", name=record.name), "success")
    return redirect(url_for("credentials.index"))


@blueprint.get("/<int:credential_id>")
@needs(Permission.MANAGE_CREDENTIALS)
def edit(credential_id: int) -> str:
    """What may be shown of it, and empty boxes for its secrets."""
    try:
        shown = describe_credential(g.session, services().vault, credential_id)
    except SealError as error:
        abort(503, str(error))
    return _form_page(shown["kind"], shown, {}, credential_id)


@blueprint.post("/<int:credential_id>")
@needs(Permission.MANAGE_CREDENTIALS)
def change(credential_id: int) -> tuple[str, int] | Response:
    """Change it; boxes left empty keep their secret."""
    raw = request.form.to_dict()
    try:
        record = update_credential(g.session, services().vault, credential_id, raw)
    except InvalidInput as error:
        shown = describe_credential(g.session, services().vault, credential_id)
        return _form_page(shown["kind"], {**shown, **raw}, _errors(error), credential_id), 422
    _audit("update", record.id, record.name, record.kind)
    flash(_("Saved. Workers use it from the next reading on."), "success")
    return redirect(url_for("credentials.index"))


@blueprint.post("/<int:credential_id>/delete")
@needs(Permission.MANAGE_CREDENTIALS)
def delete(credential_id: int) -> Response:
    """Delete it; devices that used it stay, without a credential."""
    gone = delete_record(g.session, g.scope, Credential, credential_id)
    _audit("delete", credential_id, gone.title, "")
    flash(_("The credential “%(name)s” is deleted.", name=gone.title), "success")
    return redirect(url_for("credentials.index"))


def _errors(error: InvalidInput) -> dict[str, str]:
    return {problem.column: problem.message for problem in error.problems}


def _form_page(kind: str, values: dict[str, Any], errors: dict[str, str], credential_id: int | None = None) -> str:
    fields = []
    for starred in CREDENTIAL_FIELDS[kind]:
        name, is_secret = starred.rstrip("*"), starred.endswith("*")
        choices = {"auth_kind": AUTH_KINDS, "priv_kind": PRIV_KINDS}.get(name)
        shape = "select" if choices else "textarea" if name in _LONG else "password" if is_secret else "text"
        fields.append(
            {
                "name": name,
                "label": _(CREDENTIAL_TITLES[name]),
                "kind": shape,
                "is_secret": is_secret,
                "is_set": is_secret and values.get(name) is True,
                "value": "" if is_secret else values.get(name, ""),
                "choices": [(word, _(text)) for word, text in choices.items()] if choices else (),
            }
        )
    preview = preview_delete(g.session, g.scope, Credential, credential_id) if credential_id is not None else None
    return render_template(
        "admin/credential.html",
        kind=kind,
        kinds=CREDENTIAL_KINDS,
        values=values,
        errors=errors,
        fields=fields,
        credential_id=credential_id,
        preview=preview,
    )


def _audit(verb: str, credential_id: int, name: str, kind: str) -> None:
    deed = Deed(
        current_user.actor, f"credential.{verb}", "credential", credential_id, name, {"kind": kind} if kind else {}
    )
    append_audit(g.session, deed, services().clock())


page = Page(
    blueprint,
    menu=(MenuItem("inventory", "credentials.index", _l("Credentials"), "lock", Permission.MANAGE_CREDENTIALS, 80),),
)
