""" "Record this device": ask for a scrubbed recording, watch its progress, look through what remained, take it home."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort, g, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from collectors import DeviceRecording, explain, get_recording, latest_recording, request_recording
from core import Deed, Permission, append_audit
from core import gettext as _
from dashboards.access import needs
from dashboards.gate import services
from dashboards.pages.devices.store import Place, find_place
from dashboards.pages.devices.verdict import title_of

WAIT_S = 900  # after it the page says that nobody took the wish


def _place(device_id: int) -> Place:
    place = find_place(g.session, g.scope, device_id)
    if place is None:
        abort(404)
    return place


def _wish(device_id: int, wish_id: int) -> DeviceRecording:
    wish = get_recording(g.session, wish_id)
    if wish is None or wish.device_id != device_id:
        abort(404)
    return wish


def _shown(place: Place, wish: DeviceRecording | None) -> dict[str, Any]:
    waited = (services().clock() - wish.requested_at).total_seconds() if wish else 0.0
    kept = json.loads(wish.kept) if wish and wish.done_at else []
    return {
        "place": place, "wish": wish, "waited": waited, "wait_most": WAIT_S, "kept": kept,
        "told": explain(wish.reason) if wish and wish.done_at and wish.reason != "ok" else None, "title_of": title_of,
    }  # fmt: skip


def add_routes(blueprint: Blueprint) -> None:
    """Hang the routes on the blueprint of devices."""

    @blueprint.get("/devices/<int:device_id>/recording")
    @needs(Permission.POLL)
    def recording(device_id: int) -> str:
        """What a recording is, and the newest one."""
        place = _place(device_id)
        return render_template("devices/recording.html", **_shown(place, latest_recording(g.session, device_id)))

    @blueprint.post("/devices/<int:device_id>/recording")
    @needs(Permission.POLL)
    def record(device_id: int) -> AnyResponse:
        """Ask for a recording."""
        place, now = _place(device_id), services().clock()
        request_recording(g.session, device_id, current_user.actor, now)
        text = _("Asked for a recording of %(name)s", name=place.device.name)
        append_audit(g.session, Deed(current_user.actor, "device.record", "device", device_id, text), now)
        return Response(status=303, headers={"Location": url_for("devices.recording", device_id=device_id)})

    @blueprint.get("/devices/<int:device_id>/recording/<int:wish_id>")
    @needs(Permission.POLL)
    def recording_progress(device_id: int, wish_id: int) -> str:
        """How the recording goes, for the page's refresh."""
        shown = _shown(_place(device_id), _wish(device_id, wish_id))
        return render_template("devices/recording_state.html", **shown)

    @blueprint.get("/devices/<int:device_id>/recording/<int:wish_id>.zip")
    @needs(Permission.POLL)
    def recording_file(device_id: int, wish_id: int) -> AnyResponse:
        """The scrubbed recording, its golden file, and the list to look through."""
        _place(device_id)
        wish = _wish(device_id, wish_id)
        if wish.body is None:
            abort(404)
        headers = {"Content-Disposition": f'attachment; filename="{wish.name or "device"}.zip"'}
        return Response(wish.body, mimetype="application/zip", headers=headers)
