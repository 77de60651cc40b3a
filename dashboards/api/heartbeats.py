"""POST /api/v1/endpoints/heartbeat: what kiosk pages tell each 10 s in a meeting and each 60 s outside."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, current_app, g, jsonify, request

from conference import kiosk
from dashboards.access import machine
from dashboards.gate import services
from dashboards.kiosk_inbox import inbox_of

blueprint = APIBlueprint(
    "api_heartbeats", __name__, url_prefix="/api/v1/endpoints",
    tag={"name": "heartbeats", "description": "What endpoints' kiosk pages tell; signed by HMAC-SHA256."},
)  # fmt: skip


@blueprint.post("/heartbeat")
@machine()
@blueprint.doc(
    summary="Take a kiosk's heartbeat",
    description="Body: JSON (docs/kiosk.md). Headers X-EduNOC-Endpoint (code), X-EduNOC-Time (epoch ms),"
    " X-EduNOC-Number (grows), X-EduNOC-Signature: hexadecimal HMAC-SHA256 over time.number.body with the secret told"
    " at pairing. Every answer has server_time_ms and reason; a good one has the commands that wait.",
    responses=[400, 401, 404, 409, 413],
)
def heartbeat() -> tuple[Response, int]:
    """Take a heartbeat; the answer carries commands."""
    asked = (request.headers, request.stream.read(kiosk.LARGEST + 1), request.remote_addr or "")
    taken = kiosk.take_heartbeat(inbox_of(current_app), g.session, services().vault, asked, services().clock())
    return jsonify(dict(taken.answer)), taken.status
