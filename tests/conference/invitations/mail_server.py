"""A real mail server on loopback, with STARTTLS and sign-in, whose moods the tests choose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.collectors.checks.authority import Authority
from tests.conference.invitations.post_office import parsed


@dataclass
class MailServer:
    """Keeps what it took. `refuses`: recipient -> answer to RCPT; `breaks_after`: mails until it hangs up once."""

    password: str = "mot-mat-khau-thu"
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    answer: str = "250 taken"
    breaks_after: int | None = None
    connections: int = 0

    def calm_down(self) -> None:
        """As it was at the start."""
        self.mails, self.recipients, self.refuses = [], [], {}
        self.answer, self.breaks_after, self.connections = "250 taken", None, 0

    async def handle_EHLO(self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]):  # noqa: N802
        session.host_name = hostname
        self.connections += session.ssl is None
        return responses

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.breaks_after is not None and len(self.mails) >= self.breaks_after:
            self.breaks_after = None
            server.transport.abort()
            return "421 gone"
        if self.answer.startswith("250"):
            self.mails.append(parsed(envelope.content))
            self.recipients += envelope.rcpt_tos
        return self.answer


class _AnyPort(Controller):
    """aiosmtpd asks the port it was given; 0 has to be looked up. It asks in clear, whatever the server demands."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(authority: Authority) -> Iterator[MailServer]:
    """The server, until the block ends."""
    door = MailServer()

    def sign_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        return AuthResult(success=given.password == door.password.encode(), handled=False)

    controller = _AnyPort(
        door, hostname="127.0.0.1", port=0, tls_context=authority.server("good"), authenticator=sign_in,
        require_starttls=False, auth_required=False)
    controller.start()
    door.port = controller.port
    try:
        yield door
    finally:
        controller.stop()
