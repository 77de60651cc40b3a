"""The audit: who changed what, and whether the chain of entries is whole."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, g, render_template, request

from core import AuditFilter, Permission, list_audit, verify_audit
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.listing import Column, Listing, export, read_list_query
from dashboards.registry import MenuItem, Page

blueprint = Blueprint("audit", __name__, url_prefix="/admin/audit")
COLUMNS = (
    Column(_l("Time")),
    Column(_l("Who")),
    Column(_l("What")),
    Column(_l("On what")),
    Column(_l("Details"), hide="md"),
)
HEADS = (_l("Time"), _l("Who"), _l("What"), _l("On what"), _l("Summary"), _l("Details"), "SHA-256")


@blueprint.get("")
@needs(Permission.VIEW_AUDIT)
def index() -> Any:
    """Entries, newest first; as a file too."""
    query = read_list_query(request.args, COLUMNS, ("actor", "action", "kind", "id"))
    wanted = AuditFilter(
        actor=query.filters.get("actor", ""),
        action=query.filters.get("action", ""),
        words=query.text,
        target_kind=query.filters.get("kind", ""),
        target_id=query.filters.get("id", ""),
    )
    entries, total = list_audit(g.session, wanted, query.limit, query.offset)
    if query.format:
        cells = (
            (e.at, e.actor, e.action, f"{e.target_kind} {e.target_id}", e.summary, e.detail, e.digest) for e in entries
        )
        return export("audit", HEADS, cells, query.format)
    listing = Listing("audit", COLUMNS, entries, total, query)
    return render_template("admin/audit.html", listing=listing, details=_details)


@blueprint.get("/verify")
@needs(Permission.VIEW_AUDIT)
def verify() -> str:
    """Walk the whole chain now."""
    expect = request.args.get("expect", "").strip() or None
    return render_template("admin/audit_verify.html", report=verify_audit(g.session, expect), expect=expect or "")


def _details(detail: str) -> list[tuple[str, str]]:
    """The detail as name and text; what is not an object is one text."""
    try:
        found = json.loads(detail or "{}")
    except ValueError:
        return [("", detail)]
    if not isinstance(found, dict):
        return [("", str(found))]
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in found.items()
    ]


page = Page(
    blueprint,
    menu=(MenuItem("administration", "audit.index", _l("Audit"), "history", Permission.VIEW_AUDIT, 50),),
)
