"""Hands one message to one apprise service, and turns what apprise says into TryLater or GiveUp.

Apprise's own log lines may hold tokens and addresses: they are read here for their error codes and never passed on.
"""

from __future__ import annotations

import logging
import re
import warnings
from typing import Any

import apprise
from apprise.exception import AppriseException
from apprise.result import AppriseResultStatus

from core import GiveUp, TryLater

with warnings.catch_warnings():
    # its PGP support asks for a module of the standard library that is on its way out
    warnings.simplefilter("ignore", DeprecationWarning)
    from apprise.plugins.email import NotifyEmail
    from apprise.plugins.telegram import NotifyTelegram

# The first match decides. Codes are of SMTP (RFC 5321, RFC 4954) and HTTP (RFC 9110).
_SIGNS: tuple[tuple[re.Pattern[str], type[TryLater] | type[GiveUp], str], ...] = (
    (re.compile(r"\b(429|421|450|451|452)\b|too many requests", re.I), TryLater, "busy"),
    (re.compile(r"\b(535|534|530|401)\b|authenticat|unauthorized", re.I), GiveUp, "wrong_credential"),
    (re.compile(r"\b(55[0-9]|501|504|403|404|400|413)\b|refused:|bad request|forbidden|chat not found", re.I),
     GiveUp, "refused"),
    (re.compile(r"timed out|timeout", re.I), TryLater, "timeout"),
    (re.compile(r"connection refused|no route|unreachable|name or service|getaddrinfo|resolve|reset by peer|"
                r"connection error|connection unexpectedly closed|max retries", re.I), TryLater, "unreachable"),
    (re.compile(r"certificate|ssl", re.I), GiveUp, "bad_settings"),
    (re.compile(r"\b5\d\d\b"), TryLater, "server_error"),
)


__all__ = ["NotifyEmail", "NotifyTelegram", "build", "failure_of", "hand_over"]


def _silence_apprise() -> None:
    """Its log is read here at the finest level, for the mail server's codes, and goes nowhere else."""
    logger = logging.getLogger("apprise")
    logger.propagate = False
    logger.addHandler(logging.NullHandler())
    logger.setLevel(logging.DEBUG)
    # names the path of each request, and Telegram's holds the token
    logging.getLogger("urllib3.connectionpool").setLevel(logging.WARNING)


_silence_apprise()


def new_asset() -> apprise.AppriseAsset:
    """Apprise without files of its own, without a name but ours, following no redirects."""
    return apprise.AppriseAsset(
        app_id="EduNOC", app_desc="EduNOC", app_url="", storage_mode=apprise.PersistentStoreMode.MEMORY,
        http_redirects=False, allow_templates=False, pgp_autogen=False, pem_autogen=False, async_mode=False,
        default_service_retry=0, image_url_mask="", image_url_logo="",
    )


def build(plugin: type[Any], values: dict[str, Any], timeout_s: float) -> Any:
    """An apprise service from its arguments. Raises GiveUp("bad_settings")."""
    try:
        service = plugin(**values, cto=timeout_s, rto=timeout_s, asset=new_asset())
    except (AppriseException, TypeError, ValueError):
        raise GiveUp("bad_settings") from None
    if plugin is not NotifyEmail:
        # A logger outside the tree: these services log their address, token included.
        service.logger = logging.Logger("apprise of one message", logging.DEBUG)
    return service


def hand_over(service: Any, title: str, body: str, body_format: str, timeout_s: float) -> None:
    """Send; returns when the service took the message. Raises TryLater or GiveUp with a reason word."""
    sender = apprise.Apprise(asset=new_asset())
    sender.add(service)
    result = sender.notify(
        body=body, title=title, body_format=body_format, timeout=timeout_s, log_level=logging.DEBUG
    )
    if result:
        return
    if result.status is AppriseResultStatus.TIMEOUT:
        raise TryLater("timeout")
    said = "\n".join(entry.message for entry in result.logs())
    raise failure_of(said)


def failure_of(said: str) -> TryLater | GiveUp:
    """The failure that apprise's log lines speak of."""
    lines = [line for line in said.splitlines() if not _is_address_line(line)]
    text = "\n".join(lines)
    for sign, kind, reason in _SIGNS:
        if sign.search(text):
            return kind(reason)
    return TryLater("server_error")


def _is_address_line(line: str) -> bool:
    """Lines that quote what was sent: numbers in them are no codes."""
    return "POST URL" in line or "Payload" in line or "Login ID" in line
