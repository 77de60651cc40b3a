"""The routes of the kiosk page: the page, pairing, the plan, joining, heartbeats."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, make_response, render_template, request

from conference import kiosk
from dashboards.access import machine, public
from dashboards.gate import services
from dashboards.limits import limiter
from dashboards.pages.kiosk import answering
from dashboards.pages.kiosk.policy import allow
from dashboards.pages.kiosk.texts import texts
from dashboards.settings import DashboardsSettings
from inventory import Endpoint

blueprint = Blueprint("kiosk", __name__)
PAIRING_RATE = "10 per 5 minutes"
COOKIE_DAYS = 400  # the longest that browsers keep one (RFC 6265bis)
STATIC = ("kiosk.js", "kiosk-link.js", "kiosk-devices.js", "kiosk-meeting.js", "kiosk.css")


def _cookie_name() -> str:
    return f"edunoc_kiosk_{services().settings.core.port}"


def _own_endpoint() -> Endpoint | None:
    return kiosk.endpoint_of_cookie(g.session, request.cookies.get(_cookie_name(), ""))


def _mark(known: list[Any]) -> str:
    asset = current_app.jinja_env.globals["asset"]
    return answering.mark_of(known, " ".join(asset(name) for name in STATIC))


def _with_cookie(response: Response, cookie: str) -> Response:
    is_https = services().settings[DashboardsSettings].is_https
    response.set_cookie(
        _cookie_name(), cookie, max_age=COOKIE_DAYS * 86_400, path="/kiosk", httponly=True, samesite="Strict",
        secure=is_https,
    )
    return response


@blueprint.get("/kiosk")
@blueprint.get("/kiosk/<code>")
@public
def show(code: str = "") -> Response:
    """The page: pairing, waiting or in a meeting, as its script finds out."""
    endpoint, known = _own_endpoint(), kiosk.places(g.session)
    body = render_template(
        "kiosk/show.html", endpoint=endpoint, code=code[:64], texts=texts(), mark=_mark(known),
        clock=answering.milliseconds(services().clock()),
    )
    response = allow(make_response(body), known)
    return _with_cookie(response, request.cookies[_cookie_name()]) if endpoint is not None else response


@blueprint.post("/kiosk/pair")
@public
@limiter.limit(PAIRING_RATE)
def pair() -> Response | tuple[Response, int]:
    """Pair this browser by a code. The signing secret is told this once."""
    code, named = request.form.get("code", "")[:64], request.form.get("endpoint", "")[:64]
    browser = request.headers.get("User-Agent", "")
    paired = kiosk.redeem(g.session, services().vault, code, browser, services().clock(), named)
    if isinstance(paired, str):
        g.session.commit()  # a wrong try counts though the answer is a refusal
        return jsonify(reason=paired, text=answering.pairing_text(paired)), 422
    response = jsonify(
        code=paired.endpoint.code, name=paired.endpoint.name, secret=answering.shown_once(paired),
        server_time_ms=answering.milliseconds(services().clock()),
    )
    return _with_cookie(response, paired.cookie)


@blueprint.get("/kiosk/plan")
@machine()
def plan() -> Response | tuple[Response, int]:
    """What comes next; asked each 30 s."""
    endpoint, now = _own_endpoint(), services().clock()
    if endpoint is None:
        return jsonify(reason="not_paired", server_time_ms=answering.milliseconds(now)), 401
    coming = kiosk.coming_of(g.session, endpoint.id, now, answering.join_times_of(current_app))
    waits = kiosk.has_waiting_commands(g.session, endpoint.id, now)
    return jsonify(answering.plan_answer(endpoint, coming, _mark(kiosk.places(g.session)), waits, now))


@blueprint.get("/kiosk/ice")
@machine()
def ice() -> Response | tuple[Response, int]:
    """STUN and TURN servers with credentials for an hour, for the check of the endpoint's line."""
    endpoint = _own_endpoint()
    if endpoint is None:
        return jsonify(reason="not_paired"), 401
    answer = jsonify(kiosk.relays_of(g.session, services().vault, endpoint, services().clock()))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/kiosk/join/<int:meeting_id>")
@machine()
def join(meeting_id: int) -> Response | tuple[Response, int]:
    """What the page joins a meeting with: a fresh token each time."""
    endpoint = _own_endpoint()
    if endpoint is None:
        return jsonify(reason="not_paired"), 401
    try:
        order = kiosk.order_to_join(g.session, services().vault, endpoint, meeting_id, services().clock())
    except kiosk.JoinProblem as problem:
        return jsonify(reason=problem.reason, text=answering.why_not_joining(problem.reason)), 409
    return jsonify(answering.join_answer(order))
