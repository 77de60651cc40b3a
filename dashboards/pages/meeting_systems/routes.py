"""Meeting systems: list, form, keys, what to put into the servers' files. Secrets are written and never shown."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from conference import jitsi
from core import Deed, Permission, SealError, append_audit
from core import gettext as _
from dashboards.access import needs
from dashboards.gate import services
from dashboards.pages.meeting_systems.boxes import boxes_of
from dashboards.pages.meeting_systems.state import KeyLine, missing_of, served_keys
from inventory import (
    MEETING_SERVER_KINDS,
    SYSTEM,
    SYSTEM_SECRETS,
    TOKEN_ALGORITHMS,
    InvalidInput,
    MeetingSystem,
    change_key,
    delete_system,
    get_system,
    known_secrets,
    meeting_servers,
    meeting_systems,
    save_system,
)

blueprint = Blueprint("meeting_systems", __name__, url_prefix="/meeting-systems")
NEW: dict[str, Any] = {"muc_prefix": "muc", "app_id": "edunoc", "audience": "jitsi", "algorithm": "RS256",
                       "has_visitors": True, "is_enabled": True}
# How the form is divided; every field of SYSTEM stands in one of them
PARTS = {
    "place": ("name", "provider", "public_url", "domain", "muc_prefix", "tenant", "is_enabled"),
    "proof": ("algorithm", "app_id", "audience", "server_networks"),
    "size": ("has_visitors", "main_limit", "vnode_count", "vnode_limit", "bridge_limit", "joins_per_second",
             "trunk_bps"),
    "paths": ("stun_host", "turn_tls_host", "reflector"),
    "rest": ("notes",),
}


@blueprint.get("")
@needs(Permission.MANAGE_MEETING_SYSTEMS)
def index() -> str:
    """All systems, and what each still lacks."""
    servers = meeting_servers(g.session)
    lines = []
    for system in meeting_systems(g.session):
        own = [server for server in servers if server.system_id == system.id]
        lines.append((system, own, missing_of(system, own, _known(system))))
    return render_template("meeting_systems/index.html", lines=lines, algorithms=TOKEN_ALGORITHMS)


@blueprint.get("/new")
@needs(Permission.MANAGE_MEETING_SYSTEMS)
def new() -> str:
    """An empty form with the usual values."""
    return _form(None, NEW, {})


@blueprint.post("/new")
@needs(Permission.MANAGE_MEETING_SYSTEMS)
def create() -> tuple[str, int] | Response:
    """Keep a new system."""
    return _save(None)


@blueprint.get("/<int:system_id>")
@needs(Permission.MANAGE_MEETING_SYSTEMS)
def show(system_id: int) -> str:
    """One system: what it lacks, its keys, its secrets, its servers."""
    system, servers = get_system(g.session, system_id), meeting_servers(g.session, system_id)
    known = _known(system)
    keys: list[KeyLine] = served_keys(system, services().clock())
    return render_template(
        "meeting_systems/show.html", system=system, servers=servers, known=known, secrets=SYSTEM_SECRETS, keys=keys,
        missing=missing_of(system, servers, known), kinds=MEETING_SERVER_KINDS, algorithms=TOKEN_ALGORITHMS,
    )


@blueprint.get("/<int:system_id>/edit")
@needs(Permission.MANAGE_MEETING_SYSTEMS)
def edit(system_id: int) -> str:
    """Its form; boxes of secrets are empty."""
    system = get_system(g.session, system_id)
    return _form(system, {field.name: getattr(system, field.name) for field in SYSTEM.fields}, {})


@blueprint.post("/<int:system_id>/edit")
@needs(Permission.MANAGE_MEETING_SYSTEMS)
def change(system_id: int) -> tuple[str, int] | Response:
    """Change it; secrets left empty stay."""
    return _save(get_system(g.session, system_id))


@blueprint.post("/<int:system_id>/key/<any('login', 'system'):use>")
@needs(Permission.MANAGE_MEETING_SYSTEMS)
def make_key(system_id: int, use: str) -> Response:
    """A new key pair; the old public key is served on until its tokens have run out."""
    system, now = get_system(g.session, system_id), services().clock()
    if use == "login" and not system.algorithm.startswith("RS"):
        abort(400, _("This system signs by a shared secret. Choose RS256 in its form first."))
    until = jitsi.last_token_end(g.session, system_id, now)
    kid = change_key(g.session, services().vault, system_id, use, now, until)
    _audit("new_key", system, {"use": use, "kid": kid})
    flash(_("The new key pair %(kid)s counts at once. Servers fetch its public half by themselves.", kid=kid),
          "success")
    return redirect(url_for("meeting_systems.show", system_id=system_id))


@blueprint.get("/<int:system_id>/files")
@needs(Permission.MANAGE_MEETING_SYSTEMS)
def files(system_id: int) -> str:
    """The lines for the servers' files, with this EduNOC's address or another that is given."""
    system = get_system(g.session, system_id)
    base = request.args.get("base", "").strip().rstrip("/") or request.host_url.rstrip("/")
    if not base.startswith(("http://", "https://")) or len(base) > 200 or '"' in base or not base.isprintable():
        base = request.host_url.rstrip("/")
    shown = jitsi.config_files(system, meeting_servers(g.session, system_id), base)
    return render_template("meeting_systems/files.html", system=system, files=shown, base=base)


@blueprint.post("/<int:system_id>/delete")
@needs(Permission.MANAGE_MEETING_SYSTEMS)
def delete(system_id: int) -> Response:
    """Delete a system with its servers."""
    system = get_system(g.session, system_id)
    _audit("delete", system, {})
    name = delete_system(g.session, system_id)
    flash(_("The meeting system “%(name)s” is deleted.", name=name), "success")
    return redirect(url_for("meeting_systems.index"))


def _known(system: MeetingSystem) -> frozenset[str]:
    """Which secrets it has; none where the key file does not fit."""
    try:
        return known_secrets(g.session, services().vault, system.id)
    except SealError:
        return frozenset()


def _save(system: MeetingSystem | None) -> tuple[str, int] | Response:
    raw = request.form.to_dict()
    try:
        saved = save_system(g.session, services().vault, system.id if system is not None else None, raw)
    except InvalidInput as error:
        return _form(system, raw, {problem.column: problem.message for problem in error.problems}), 422
    except SealError as error:
        return _form(system, raw, {"": str(error)}), 422
    _audit("create" if system is None else "update", saved, {"algorithm": saved.algorithm})
    flash(_("Saved. Its servers are answered by this within five seconds."), "success")
    return redirect(url_for("meeting_systems.show", system_id=saved.id))


def _form(system: MeetingSystem | None, values: dict[str, Any], errors: dict[str, str]) -> str:
    boxes = boxes_of(SYSTEM, values, {})
    known = _known(system) if system is not None else frozenset()
    return render_template(
        "meeting_systems/form.html", system=system, errors=errors, known=known, secrets=SYSTEM_SECRETS,
        parts={part: [boxes[name] for name in names] for part, names in PARTS.items()},
    )


def _audit(verb: str, system: MeetingSystem, detail: dict[str, Any]) -> None:
    deed = Deed(current_user.actor, f"meeting_system.{verb}", "meeting_system", system.id, system.name, detail)
    append_audit(g.session, deed, services().clock())
