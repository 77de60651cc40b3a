"""The servers of a meeting system: add, change, delete."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from core import Deed, Permission, append_audit
from core import gettext as _
from dashboards.access import needs
from dashboards.gate import services
from dashboards.pages.meeting_systems.boxes import boxes_of
from inventory import (
    SERVER,
    Device,
    InvalidInput,
    ListQuery,
    MeetingServer,
    delete_server,
    get_meeting_server,
    get_system,
    list_records,
    save_server,
)


def add_servers(blueprint: Blueprint) -> None:
    """Hang the routes on the page's blueprint."""
    blueprint.get("/<int:system_id>/servers/new")(new_server)
    blueprint.post("/<int:system_id>/servers/new")(create_server)
    blueprint.get("/servers/<int:server_id>")(edit_server)
    blueprint.post("/servers/<int:server_id>")(change_server)
    blueprint.post("/servers/<int:server_id>/delete")(remove_server)


@needs(Permission.MANAGE_MEETING_SYSTEMS)
def new_server(system_id: int) -> str:
    """An empty form."""
    return _form(system_id, None, {"kind": request.args.get("kind", "jvb"), "is_enabled": True}, {})


@needs(Permission.MANAGE_MEETING_SYSTEMS)
def create_server(system_id: int) -> tuple[str, int] | Response:
    """Keep a new server."""
    return _save(system_id, None)


@needs(Permission.MANAGE_MEETING_SYSTEMS)
def edit_server(server_id: int) -> str:
    """The form of one server."""
    server = get_meeting_server(g.session, server_id)
    return _form(server.system_id, server, {field.name: getattr(server, field.name) for field in SERVER.fields}, {})


@needs(Permission.MANAGE_MEETING_SYSTEMS)
def change_server(server_id: int) -> tuple[str, int] | Response:
    """Change it."""
    server = get_meeting_server(g.session, server_id)
    return _save(server.system_id, server)


@needs(Permission.MANAGE_MEETING_SYSTEMS)
def remove_server(server_id: int) -> Response:
    """Delete it."""
    server = get_meeting_server(g.session, server_id)
    system_id = server.system_id
    _audit("delete", server)
    flash(_("The meeting server “%(name)s” is deleted.", name=delete_server(g.session, server_id)), "success")
    return redirect(url_for("meeting_systems.show", system_id=system_id))


def _save(system_id: int, server: MeetingServer | None) -> tuple[str, int] | Response:
    raw = request.form.to_dict()
    try:
        saved = save_server(g.session, system_id, server.id if server is not None else None, raw)
    except InvalidInput as error:
        return _form(system_id, server, raw, {problem.column: problem.message for problem in error.problems}), 422
    _audit("create" if server is None else "update", saved)
    flash(_("Saved. It is asked within a minute."), "success")
    return redirect(url_for("meeting_systems.show", system_id=system_id))


def _form(system_id: int, server: MeetingServer | None, values: dict[str, Any], errors: dict[str, str]) -> str:
    query = ListQuery(filters={"kind": "server"}, page_size=500)
    machines = [("", _("none"))] + [(d.id, d.name) for d in list_records(g.session, g.scope, Device, query).rows]
    boxes = boxes_of(SERVER, values, {"device_id": machines})
    return render_template(
        "meeting_systems/server.html", system=get_system(g.session, system_id), server=server, errors=errors,
        boxes=list(boxes.values()),
    )


def _audit(verb: str, server: MeetingServer) -> None:
    deed = Deed(current_user.actor, f"meeting_server.{verb}", "meeting_server", server.id, server.name)
    append_audit(g.session, deed, services().clock())
