"""A JSON document posted to an address of your own, signed with a shared secret.

Sent with httpx and not with apprise: the connection goes to the very address that was checked (`address_guard`),
and apprise would resolve the name a second time.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from urllib.parse import urlsplit

import httpx
from pydantic import Field, SecretStr, field_validator

from alerts.channels.address_guard import check_url
from alerts.channels.kind import ChannelKind, ChannelSettings, Delivery, Environment
from core import N_, GiveUp, TryLater, lazy_gettext

# httpx tells each request's address at INFO, and the address is a secret here
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

SIGNATURE_HEADER = "X-EduNOC-Signature"  # "sha256=" + HMAC-SHA256 of the body, hexadecimal


class WebhookSettings(ChannelSettings):
    """Where to post. The address is a secret: chat services put their key into it."""

    url: SecretStr = Field(title=N_("Address"))
    secret: SecretStr = Field(SecretStr(""), title=N_("Shared secret for the signature"))
    bearer_token: SecretStr = Field(SecretStr(""), title=N_("Bearer token"))

    @field_validator("url")
    @classmethod
    def _is_url(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > 2000 or url != url.strip():
            raise ValueError("must begin with https:// or http://")
        return value

    @field_validator("bearer_token")
    @classmethod
    def _fits_a_header(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().isascii() or any(c <= " " for c in value.get_secret_value()):
            raise ValueError("must be plain letters, digits and signs")
        return value


def hand_over(settings: ChannelSettings, delivery: Delivery, environment: Environment) -> None:
    """Post the message. Raises TryLater or GiveUp."""
    assert isinstance(settings, WebhookSettings)
    url = settings.url.get_secret_value()
    host, port, address = check_url(url, environment.allow_private_webhooks)
    body = json.dumps(_document(delivery), ensure_ascii=False, sort_keys=True).encode()
    headers = {
        "Host": httpx.URL(url).netloc.decode("ascii"), "Content-Type": "application/json",
        "User-Agent": "EduNOC", "Idempotency-Key": delivery.id,
    }
    if settings.secret.get_secret_value():
        digest = hmac.new(settings.secret.get_secret_value().encode(), body, hashlib.sha256).hexdigest()
        headers[SIGNATURE_HEADER] = f"sha256={digest}"
    if settings.bearer_token.get_secret_value():
        headers["Authorization"] = f"Bearer {settings.bearer_token.get_secret_value()}"
    pinned = httpx.URL(url).copy_with(host=address, port=port)
    try:
        with httpx.Client(timeout=environment.timeout_s, follow_redirects=False, trust_env=False) as client:
            request = client.build_request(
                "POST", pinned, content=body, headers=headers, extensions={"sni_hostname": host}
            )
            # The answer's body is of no interest and may be endless: only its head is read.
            answer = client.send(request, stream=True)
            answer.close()
    except httpx.TimeoutException:
        raise TryLater("timeout") from None
    except httpx.HTTPError:
        raise TryLater("unreachable") from None
    except (httpx.InvalidURL, ValueError):
        raise GiveUp("bad_settings") from None
    _judge(answer)


def _document(delivery: Delivery) -> dict[str, object]:
    return {
        "id": delivery.id, "kind": delivery.kind, "severity": delivery.severity, "subject": delivery.subject,
        "text": delivery.text, "incident": delivery.data,
    }


def _judge(answer: httpx.Response) -> None:
    status = answer.status_code
    if 200 <= status < 300:
        return
    if status in (408, 425, 429):
        raise TryLater("busy")
    if status >= 500:
        raise TryLater("server_error", f"HTTP {status}")
    raise GiveUp("wrong_credential" if status in (401, 403) else "refused", f"HTTP {status}")


KIND = ChannelKind(key="webhook", label=lazy_gettext("Webhook"), settings=WebhookSettings, hand_over=hand_over)
