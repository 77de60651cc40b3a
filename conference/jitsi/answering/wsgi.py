"""The doors as a WSGI application of their own: a few lines, no framework, no database. For `app.py reservations`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

import structlog

from conference.jitsi.answering.desk import Desk
from conference.jitsi.answering.doors import BODY_LIMIT, Answer, Call, answer_call
from core import Clock, use_language

log = structlog.get_logger(__name__)
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def make_machine_app(desk: Desk, clock: Clock, language: str) -> WsgiApp:
    """The application. `language` is that of the messages which Prosody shows to people."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with use_language(language):
            try:
                answer = answer_call(desk, _call(environ), clock().timestamp())
            except Exception:
                log.exception("an answer to a meeting server failed")
                answer = Answer(500, b'{"message": "EduNOC failed to answer.", "reason": "defect"}')
        line = f"{answer.status} {HTTPStatus(answer.status).phrase}"
        start_response(line, [("Content-Type", answer.media), ("Content-Length", str(len(answer.body))),
                              ("Cache-Control", "no-store")])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]

    return serve


def _call(environ: dict[str, Any]) -> Call:
    length = environ.get("CONTENT_LENGTH") or "0"
    size = int(length) if length.isdecimal() else 0
    return Call(
        environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""), environ.get("REMOTE_ADDR", ""),
        environ.get("HTTP_AUTHORIZATION", ""), environ["wsgi.input"].read(min(size, BODY_LIMIT + 1)),
    )
