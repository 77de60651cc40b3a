"""The doors for Jitsi's servers beside the pages: the same answers as `app.py reservations` gives, from the same file.

Each door proves who knocks by itself (a secret, an address); none knows a session. /ice/precall is for browsers.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, g, jsonify, request

from conference import jitsi, schedule
from dashboards.access import machine
from dashboards.gate import services
from inventory import get_system, open_system

blueprint = Blueprint("jitsi", __name__)


@blueprint.post("/jitsi/conference")
@blueprint.post("/jitsi/events/<any('room', 'occupant'):what>/<word>")
@blueprint.post("/jibri/v1/status")
@blueprint.get("/asap/<file>")
@blueprint.get("/asap/system/<file>")
@blueprint.get("/jitsi/conference/<number>")
@blueprint.delete("/jitsi/conference/<number>")
@machine()
def door(**_parts: Any) -> Response:
    """Whatever a meeting server asks or tells."""
    parts = services()
    call = jitsi.Call(
        "GET" if request.method == "HEAD" else request.method, request.path, request.remote_addr or "",
        request.headers.get("Authorization", ""), request.get_data(cache=False),
    )
    now = parts.clock()
    desk = jitsi.ready_desk(parts.settings.core.data_dir, parts.database, now)
    answer = jitsi.answer_call(desk, call, now.timestamp())
    return Response(answer.body, answer.status, mimetype=answer.media)


@blueprint.get("/ice/precall")
@machine()
def precall() -> Response:
    """STUN and TURN servers with credentials for an hour, for who may join a meeting: ?code= of the own join page."""
    parts = services()
    found = schedule.participant_of_invite_code(g.session, request.args.get("code", "")[:64])
    if found is None or found[0].system_id is None:
        abort(401)
    meeting, participant = found
    system = get_system(g.session, meeting.system_id or 0)
    secret = open_system(g.session, parts.vault, system.id).turn_secret
    now = parts.clock()
    credentials = jitsi.turn_credentials(secret, participant.subject, now) if secret else None
    answer = jsonify(jitsi.ice_servers(system, credentials, now))
    answer.headers["Cache-Control"] = "no-store"
    return answer
