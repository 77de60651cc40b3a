"""Telegram by a bot's token; the recipient is a chat's number or a channel's @name."""

from __future__ import annotations

import re

from pydantic import Field, SecretStr, field_validator

from alerts.channels import through_apprise
from alerts.channels.address_guard import check_url
from alerts.channels.kind import ChannelKind, ChannelSettings, Delivery, Environment
from core import N_, GiveUp, LazyText, lazy_gettext

OFFICIAL_API = "https://api.telegram.org"
_CHAT = re.compile(r"(-?[0-9]{1,20}|@[A-Za-z0-9_]{4,64})\Z")
_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{20,100}\Z")
MAX_TEXT = 3900  # the API takes 4,096 characters after its own escaping


class TelegramSettings(ChannelSettings):
    """A bot."""

    token: SecretStr = Field(title=N_("Bot token"))
    api_url: str = Field(OFFICIAL_API, max_length=200, pattern=r"^https?://[^\s@]+$",
                         title=N_("Address of the Bot API"))

    @field_validator("token")
    @classmethod
    def _is_token(cls, value: SecretStr) -> SecretStr:
        if not _TOKEN.match(value.get_secret_value()):
            raise ValueError("is not a bot token")
        return value


def recipient_problem(recipient: str) -> LazyText | None:
    """What is wrong with a recipient, or None."""
    return None if _CHAT.match(recipient) else lazy_gettext("Write the chat's number, or the channel's @name.")


def hand_over(settings: ChannelSettings, delivery: Delivery, environment: Environment) -> None:
    """Give the message to the Bot API. Raises TryLater or GiveUp."""
    assert isinstance(settings, TelegramSettings)
    if recipient_problem(delivery.recipient) is not None:
        raise GiveUp("refused")
    if settings.api_url != OFFICIAL_API:
        check_url(settings.api_url, environment.allow_private_webhooks)
    service = through_apprise.build(
        through_apprise.NotifyTelegram,
        {
            "bot_token": settings.token.get_secret_value(), "targets": [delivery.recipient],
            "detect_owner": False, "include_image": False, "preview": False, "format": "text",
        },
        environment.timeout_s,
    )
    service.notify_url = f"{settings.api_url.rstrip('/')}/bot"
    through_apprise.hand_over(service, delivery.subject, delivery.text[:MAX_TEXT], "text", environment.timeout_s)


KIND = ChannelKind(
    key="telegram", label=lazy_gettext("Telegram"), settings=TelegramSettings, hand_over=hand_over,
    recipient_label=lazy_gettext("Chat number or @channel"), recipient_problem=recipient_problem,
)
