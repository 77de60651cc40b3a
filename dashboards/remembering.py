"""Lists come back as they were left: a list's last filter, order and page size are kept in the person's session.

The address stays the truth. Only an address that asks for nothing leads to what was asked last; `?clear=1` forgets.
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Flask, Response, g, redirect, request, session
from flask_login import current_user

KEY = "lists"
MOST_LISTS = 6  # they travel in the session's cookie, which holds 4 kB
LONGEST = 200
_ALWAYS = ("q", "sort", "dir", "per")


def install_remembering(app: Flask) -> None:
    """Hang the hooks on the application, after the gate's."""
    app.before_request(_recall)
    app.after_request(_keep)


def _is_refresh() -> bool:
    """A part that asks for itself again on its own (app.js): nobody chose anything."""
    return request.headers.get("X-Refresh") == "1"


def _is_page() -> bool:
    return request.method == "GET" and current_user.is_authenticated and current_user.kind == "user"


def _recall() -> Response | None:
    if not _is_page() or _is_refresh():
        return None
    if request.args.get("clear") == "1":
        _forget()
        return redirect(request.path)
    # A list that empties its own filter asks by htmx: that is a choice, too
    if request.query_string or request.headers.get("HX-Request") == "true":
        return None
    kept = session.get(KEY, {}).get(request.path)
    return redirect(f"{request.path}?{kept}") if kept else None


def _keep(response: Response) -> Response:
    query = g.get("list_query")
    if query is None or not _is_page() or _is_refresh() or response.status_code != 200 or query.format:
        return response
    wanted = {*_ALWAYS, *query.filters}
    asked = urlencode([(name, value) for name, value in request.args.items() if value and name in wanted])
    if asked and len(asked) <= LONGEST:
        others = {path: kept for path, kept in session.get(KEY, {}).items() if path != request.path}
        newest = [*others.items(), (request.path, asked)][-MOST_LISTS:]
        if session.get(KEY, {}).get(request.path) != asked:
            session[KEY] = dict(newest)
    elif not asked:
        _forget()
    return response


def _forget() -> None:
    kept = session.get(KEY, {})
    if request.path in kept:
        session[KEY] = {path: asked for path, asked in kept.items() if path != request.path}
