"""What happens around every request: id, session, language, who asks, may they, commit or roll back.

The order stands in `install_gate`; the deciding lives in access.py.
"""

from __future__ import annotations

import hmac
import itertools
import os
import re
import time
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlencode

import structlog
from flask import Flask, Response, abort, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFProtect

from core import Scope, Session, find_token, get_user, has_administrator, refusal_of, set_language, touch_token
from dashboards.access import NOBODY, Account, account_of_token, account_of_user, bearer_token, rule_of
from dashboards.language import choose_language
from dashboards.registry import Frame
from dashboards.services import Services
from dashboards.settings import DashboardsSettings

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
log = structlog.get_logger("web")
csrf = CSRFProtect()
login_manager = LoginManager()
_numbers = itertools.count(1)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def services() -> Services:
    """The running parts, for routes."""
    return current_app.extensions["edunoc"]


def services_of(app: Flask) -> Services:
    """The running parts, outside of a request."""
    return app.extensions["edunoc"]


def frame() -> Frame:
    """The pages together, for the frame's own routes."""
    return current_app.extensions["edunoc_frame"]


def is_program() -> bool:
    """True when the asker wants problem+json instead of a page."""
    return request.path.startswith("/api/") or request.path in ("/metrics", "/healthz")


def is_htmx() -> bool:
    """True when htmx asked for a part of a page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def sign_in_account(account: Account) -> None:
    """Begin a session for an account that has just proven itself; the old session's content is dropped."""
    from_before = session.get("language")
    session.clear()
    if from_before:
        session["language"] = from_before
    session["who"] = account.get_id()
    session["since"] = int(services().clock().timestamp())
    session.permanent = True


def install_gate(app: Flask, session_hours: int) -> None:
    """Hang the hooks on the application, in the order in which they run."""
    csrf.init_app(app)
    login_manager.init_app(app)
    login_manager.request_loader(_load_account)
    login_manager.anonymous_user = lambda: NOBODY
    app.permanent_session_lifetime = timedelta(hours=session_hours)
    for hook in (_begin, _refuse_undeclared, _lead_to_first_start, _speak, _check_forgery, _check_permission):
        app.before_request(hook)
    app.after_request(_finish)
    app.teardown_request(_close)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else f"{os.getpid():x}-{next(_numbers):06x}"
    g.started = time.perf_counter()
    g.rule = rule_of(current_app.view_functions.get(request.endpoint or ""))
    is_writing = request.method not in SAFE and g.rule is not None and g.rule.writes
    g.session = services().database.new_session(is_writing)


def _refuse_undeclared() -> None:
    if request.endpoint is not None and g.rule is None:
        log.error("route_without_access_rule", endpoint=request.endpoint)
        abort(403)


def _lead_to_first_start() -> Response | None:
    """Until somebody administers EduNOC, every page leads to /start."""
    state = current_app.extensions["edunoc_state"]
    if not state.get("has_administrator"):
        state["has_administrator"] = has_administrator(g.session)
    g.is_first_start = not state["has_administrator"]
    endpoint = request.endpoint or ""
    if not g.is_first_start or endpoint.startswith(("assets.", "start.", "health.", "preferences.")):
        return None
    if is_program():
        abort(503, "EduNOC has no administrator yet. Open its page in a browser and finish the first start.")
    return redirect(url_for("start.code"))


def _load_account(_request: Any) -> Account | None:
    if _is_for_machines():
        return None  # what stands in Authorization is the machine's, and the database may be away
    token_text = bearer_token(request.headers.get("Authorization"))
    if token_text is not None:
        token = find_token(g.session, token_text, services().clock())
        if token is None:
            return None
        g.session.expunge(token)  # it is read once more when the request's transaction is over
        g.api_token = token
        return account_of_token(g.session, token)
    user_id, _dot, stamp = str(session.get("who", "")).partition(".")
    if not user_id.isdecimal():
        return None
    user = get_user(g.session, int(user_id))
    if user is None or not user.is_enabled or not hmac.compare_digest(user.session_stamp, stamp):
        return None
    age = services().clock().timestamp() - session.get("since", 0)
    return account_of_user(g.session, user) if age <= current_app.permanent_session_lifetime.total_seconds() else None


def _is_for_machines() -> bool:
    """True for a route that authenticates each request by itself (access.machine)."""
    rule = g.get("rule")
    return rule is not None and rule.is_for_machines


def go_on_as_nobody() -> None:
    """The database that knows who asks is away: answer as to a stranger, in the language that is known without it."""
    if "_login_user" in g:  # where flask-login remembers whom it has found
        return
    g._login_user = NOBODY
    g.scope = Scope.nothing()
    g.language = choose_language("", request.cookies.get("language", ""), services().settings.core.language)
    set_language(g.language)


def _speak() -> None:
    g.scope = current_user.scope
    g.language = choose_language(
        current_user.language, request.cookies.get("language", ""), services().settings.core.language
    )
    set_language(g.language)


def _check_forgery() -> None:
    """Refuse unsafe requests without the token, unless a program authorises itself in each request."""
    is_by_token = current_user.is_authenticated and current_user.kind == "token"
    if _is_for_machines():
        return  # nothing here listens to a cookie
    if request.endpoint is not None and not is_by_token:
        if request.method not in SAFE and is_program() and current_user.is_anonymous:
            return  # nobody's cookie can be abused; the permission check answers 401
        csrf.protect()


def _check_permission() -> Response | None:
    if request.endpoint is None or g.rule is None or g.rule.permission is None:
        return None
    if g.rule.is_open_to_networks and current_user.is_anonymous and _is_near():
        g.scope = Scope.everything()
        return None
    if current_user.is_anonymous:
        return _ask_to_sign_in()
    if not current_user.can(g.rule.permission):
        abort(403)
    if current_user.must_change_password and not is_program() and not request.endpoint.startswith("account."):
        return redirect(url_for("account.password"))
    return None


def _is_near() -> bool:
    """True when the asker's address lies in the networks that read /metrics without a token."""
    networks = services().settings[DashboardsSettings].metrics_networks.split(",")
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    return any(address in ip_network(word.strip()) for word in networks if word.strip())


def _ask_to_sign_in() -> Response:
    if is_program():
        abort(401)
    target = url_for("sign_in.form")
    if request.method in SAFE and request.path != "/":
        target += "?" + urlencode({"next": request.full_path.rstrip("?")})
    if is_htmx():
        return Response(status=401, headers={"HX-Redirect": url_for("sign_in.form")})
    return redirect(target)


def _finish(response: Response) -> Response:
    """Commit what a successful request changed; anything else is rolled back."""
    work = g.get("session")
    if work is not None:
        response = _settle(work, response)
        _note_token_use()
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if request.endpoint != "assets.file":
        log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            request_id=g.get("request_id"),
            seconds=round(time.perf_counter() - g.started, 4) if "started" in g else None,
            who=current_user.actor,
        )
    return response


def _settle(work: Session, response: Response) -> Response:
    """Commit or roll back; when the database does not take the changes (a full disk), the answer says so."""
    if response.status_code >= 400:
        work.rollback()
        return response
    try:
        work.commit()
    except Exception as error:
        work.rollback()
        session.pop("_flashes", None)  # the view has told of a success that did not come
        return current_app.make_response(current_app.handle_user_exception(error))
    return response


def _note_token_use() -> None:
    """In a transaction of its own, after the request's: a reading request must not turn into a writing one."""
    token, now = g.get("api_token"), services().clock()
    if token is not None and (token.last_used_at is None or now - token.last_used_at >= timedelta(minutes=1)):
        try:
            with services().database.session() as own:
                touch_token(own, token, now)
        except Exception as error:  # who may read goes on reading while nothing can be written
            if refusal_of(error) is None:
                raise


def _close(_error: BaseException | None) -> None:
    work = g.pop("session", None)
    if work is not None:
        work.close()
