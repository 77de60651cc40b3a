"""Error answers: a page in plain words for people, problem+json (RFC 9457) for programs."""

from __future__ import annotations

import math
from typing import Any

import structlog
from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, current_app, g, json, render_template, request
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from alerts import IncidentError
from core import OutsideFailure, refusal_of
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.gate import go_on_as_nobody, is_htmx, is_program
from inventory import InvalidInput, NotFound, UnknownFilter

log = structlog.get_logger("web")

# status: (title, what to do next)
WORDS = {
    400: (_l("This request was not understood"), _l("Go back, reload the page and try again.")),
    401: (_l("Sign in first"), _l("Your session has ended or the token is not valid. Sign in again.")),
    403: (
        _l("This is not yours to see"),
        _l("Your role or your unit does not reach here. Ask an administrator if it should."),
    ),
    404: (
        _l("There is nothing here"),
        _l("It may have been deleted, or it belongs to another unit. Use the search to find it."),
    ),
    405: (_l("This cannot be done this way"), _l("Go back and use the buttons of the page.")),
    409: (_l("This no longer fits"), _l("Somebody else was faster. Reload the page and look again.")),
    413: (_l("The file is too large"), _l("Split the file into smaller parts and send them one by one.")),
    422: (_l("Some fields need correction"), _l("Look at the fields that are marked.")),
    429: (_l("Too many attempts"), _l("Wait a little, then try again.")),
    500: (
        _l("Something broke on our side"),
        _l("It was written into the log. Try again; if it stays, tell the administrator the number below."),
    ),
    507: (
        _l("The disk is full"),
        _l("Nothing was saved. Free some space on the disk of EduNOC's data folder, then do it again."),
    ),
    503: (_l("Not ready yet"), _l("EduNOC is starting or a part of it is missing. Try again in a minute.")),
}


def problem(status: int, detail: str = "", **members: Any) -> Response:
    """An application/problem+json answer."""
    title = str(WORDS.get(status, WORDS[500])[0])
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail or title,
        "instance": request.path,
        "request_id": g.get("request_id", ""),
        **members,
    }
    response = Response(json.dumps(body), status=status, mimetype="application/problem+json")
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="EduNOC"'
    return response


def install_errors(app: APIFlask) -> None:
    """Answer every error in one voice."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(NotFound, lambda error: _answer(404, str(error)))
    app.register_error_handler(UnknownFilter, lambda error: _answer(400, str(error)))
    app.register_error_handler(IncidentError, lambda error: _answer(409, str(error)))
    app.register_error_handler(InvalidInput, _invalid)
    app.register_error_handler(Exception, _unexpected)
    app.error_callback = _bad_shape  # set, not registered: its decorator would take over the errors of pages, too


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()  # a redirect
    if isinstance(error, CSRFError):
        return _answer(
            400, _("The page was open too long or the request came from elsewhere. Reload the page and try again.")
        )
    if isinstance(error, RateLimitExceeded):
        return _too_many(error)
    is_own_text = error.description and error.description != type(error).description
    return _answer(error.code, str(error.description) if is_own_text else "")


def _invalid(error: InvalidInput) -> Response:
    """What a page did not show at its fields itself; the API's usual answer."""
    if not is_program():
        return _answer(422, " ".join(found.message for found in error.problems))
    errors = [{"field": found.column, "message": found.message} for found in error.problems]
    return problem(422, errors=errors)


def _bad_shape(error: HTTPError) -> Response:
    """JSON or arguments of the wrong shape, as APIFlask finds them before a route is asked."""
    places = error.detail.values() if isinstance(error.detail, dict) else ()
    errors = [
        {"field": field, "message": " ".join(texts)}
        for place in places
        if isinstance(place, dict)
        for field, texts in place.items()
    ]
    return problem(error.status_code, "" if errors else str(error.message), errors=errors)


def _too_many(error: RateLimitExceeded) -> Response:
    seconds = error.limit.limit.get_expiry()
    text = _("Too many attempts from here. Wait %(n)d minutes, then try again.", n=max(1, math.ceil(seconds / 60)))
    response = _answer(429, text)
    response.headers["Retry-After"] = str(seconds)
    return response


def _unexpected(error: Exception) -> Response:
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    refusal = refusal_of(error)
    if refusal is not None:
        return _refused(refusal)
    log.exception("request_failed", path=request.path, request_id=g.get("request_id", ""))
    work = g.get("session")
    if work is not None:
        work.rollback()
    return _answer(500, "")


def _refused(refusal: OutsideFailure) -> Response:
    """The database takes nothing at present; a line in the log, no traceback: there is no defect to look for."""
    log.warning("database_refused", path=request.path, reason=refusal.reason, detail=refusal.detail)
    work = g.get("session")
    if work is not None:
        work.rollback()
    go_on_as_nobody()
    if refusal.reason == "disk_full":
        return _answer(507, _("Watching goes on meanwhile; what is measured waits in memory."))
    return _answer(503, _("The database does not answer. Nothing was saved."))


def _answer(status: int, detail: str) -> Response:
    if is_program():
        return problem(status, detail)
    title, advice = WORDS.get(status, WORDS[500 if status >= 500 else 400])
    template = "error_part.html" if is_htmx() else "error.html"
    page = render_template(template, status=status, title=title, detail=detail, advice=advice)
    return Response(page, status=status, mimetype="text/html")
