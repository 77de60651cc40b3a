"""Hands many mails to a mail server over one connection. One recipient's refusal is that mail's failure alone."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterable
from email.message import EmailMessage

from conference.invitations.post.account import Account, tls_context
from core import GiveUp, OutsideFailure, TryLater

Told = Callable[[int, OutsideFailure | None], None]


def send_all(
    account: Account, mails: Iterable[tuple[int, str, EmailMessage]], told: Told
) -> None:
    """Send (number, recipient, mail) one after another; `told` hears of each what came of it, at once.

    When the connection is lost, a new one is tried once for the mail it was lost at; what is left after that is
    TryLater. Raises TryLater or GiveUp when no mail could be tried at all.
    """
    waiting = list(mails)
    if not waiting:
        return
    server = _connected(account)
    try:
        for place, (number, recipient, mail) in enumerate(waiting):
            try:
                told(number, _sent(server, recipient, mail))
            except (smtplib.SMTPServerDisconnected, OSError) as lost:
                _quit(server)
                again = _again(account)
                if again is None:
                    for other, _recipient, _mail in waiting[place:]:
                        told(other, failure_of(lost))
                    return
                server = again
                try:
                    told(number, _sent(server, recipient, mail))
                except (smtplib.SMTPServerDisconnected, OSError) as second:
                    told(number, failure_of(second))
    finally:
        _quit(server)


def _again(account: Account) -> smtplib.SMTP | None:
    try:
        return _connected(account)
    except OutsideFailure:
        return None


def _connected(account: Account) -> smtplib.SMTP:
    context = tls_context(account)
    try:
        server: smtplib.SMTP
        if account.security == "tls":
            server = smtplib.SMTP_SSL(account.server, account.port, timeout=account.timeout_s, context=context)
        else:
            server = smtplib.SMTP(account.server, account.port, timeout=account.timeout_s)
    except (smtplib.SMTPException, OSError) as error:
        raise failure_of(error) from None
    try:
        if account.security == "starttls":
            server.starttls(context=context)
        if account.user:
            server.login(account.user, account.password.get_secret_value())
    except (smtplib.SMTPException, OSError) as error:
        _quit(server)
        raise failure_of(error) from None
    return server


def _sent(server: smtplib.SMTP, recipient: str, mail: EmailMessage) -> OutsideFailure | None:
    try:
        server.send_message(mail, to_addrs=[recipient])
    except smtplib.SMTPServerDisconnected:
        raise
    except smtplib.SMTPException as error:
        return failure_of(error)
    return None


def _quit(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def failure_of(error: Exception) -> OutsideFailure:
    """What a failure means. 4yz may pass, 5yz will not (RFC 5321 section 4.2.1); a server's own text is not kept:
    it may quote addresses and worse."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return GiveUp("wrong_credential", str(error.smtp_code)) if error.smtp_code >= 500 else TryLater("busy")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return GiveUp("no_encryption")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _text in error.recipients.values()]
        return _by_code(codes[0] if codes else 550)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return TryLater("unreachable")
    if isinstance(error, smtplib.SMTPResponseException):
        return _by_code(error.smtp_code)
    if isinstance(error, ssl.SSLCertVerificationError):
        return GiveUp("untrusted")
    if isinstance(error, TimeoutError):
        return TryLater("timeout")
    if isinstance(error, OSError):
        return TryLater("unreachable")
    return TryLater("server_error", type(error).__name__)


def _by_code(code: int) -> OutsideFailure:
    if 400 <= code < 500:
        return TryLater("busy", str(code))
    return GiveUp("refused", str(code)) if 500 <= code < 600 else TryLater("server_error", str(code))
