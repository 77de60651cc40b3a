"""What stands at the other end of a channel, real and on loopback: a mail server, and an HTTP server."""

from __future__ import annotations

import email
import email.policy
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class MailDoor:
    """Keeps the mails it took; `answer` is what it says to the next ones."""

    answer: str = "250 taken"
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
            self.recipients.append(list(envelope.rcpt_tos))
        return self.answer


class _AnyPort(Controller):
    """aiosmtpd asks the port it was given; 0 has to be looked up."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_door() -> Iterator[MailDoor]:
    """A mail server on loopback."""
    door = MailDoor()
    controller = _AnyPort(door, hostname="127.0.0.1", port=0)
    controller.start()
    door.port = controller.port
    try:
        yield door
    finally:
        controller.stop()


@dataclass
class WebDoor:
    """Keeps the requests it took: (path, headers, JSON); `status` is what it answers to the next ones."""

    status: int = 200
    answer: dict[str, Any] = field(default_factory=lambda: {"ok": True, "result": {}})
    location: str = ""
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    port: int = 0
    hold: threading.Event | None = None  # answers only when set

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/s3cret-path"


@contextmanager
def web_door() -> Iterator[WebDoor]:
    """An HTTP server on loopback."""
    door = WebDoor()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802 - the library's name
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            door.bodies.append(body)
            door.requests.append((self.path, dict(self.headers), json.loads(body)))
            if door.hold is not None:
                door.hold.wait(10)
            content = json.dumps(door.answer).encode()
            self.send_response(door.status)
            if door.location:
                self.send_header("Location", door.location)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    door.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield door
    finally:
        if door.hold is not None:
            door.hold.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
