"""E-mail by SMTP, as plain text and HTML in one message."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from alerts.channels import through_apprise
from alerts.channels.kind import ChannelKind, ChannelSettings, Delivery, Environment
from core import N_, GiveUp, LazyText, lazy_gettext

# What stands between the angle brackets of RFC 5322, without quoted local parts: no blank, no control, no list
_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\\\"\x00-\x1f\x7f]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*\Z")
_MODES = {"none": "insecure", "starttls": "starttls", "tls": "ssl"}


class EmailSettings(ChannelSettings):
    """A mail server and the sender's address."""

    server: str = Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:-]+$", title=N_("Mail server"))
    port: int = Field(587, ge=1, le=65535, title=N_("Port"))
    security: Literal["none", "starttls", "tls"] = Field("starttls", title=N_("Encryption"))
    user: str = Field("", max_length=254, title=N_("User name"))
    password: SecretStr = Field(SecretStr(""), title=N_("Password"))
    sender: str = Field(max_length=254, title=N_("Sender's address"))
    sender_name: str = Field("EduNOC", max_length=80, pattern=r"^[^\x00-\x1f\x7f<>\"]*$", title=N_("Sender's name"))

    @field_validator("sender")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if not _ADDRESS.match(value):
            raise ValueError("is not an e-mail address")
        return value


def recipient_problem(recipient: str) -> LazyText | None:
    """What is wrong with a recipient, or None."""
    return None if _ADDRESS.match(recipient) else lazy_gettext("This is not an e-mail address.")


def hand_over(settings: ChannelSettings, delivery: Delivery, environment: Environment) -> None:
    """Give the message to the mail server. Raises TryLater or GiveUp."""
    assert isinstance(settings, EmailSettings)
    if recipient_problem(delivery.recipient) is not None:
        raise GiveUp("refused")
    service = through_apprise.build(
        through_apprise.NotifyEmail,
        {
            "secure": settings.security != "none",
            "host": settings.sender.rpartition("@")[2], "smtp_host": settings.server, "port": settings.port,
            "secure_mode": _MODES[settings.security],
            "user": settings.user or None, "password": settings.password.get_secret_value() or None,
            "from_addr": f"{settings.sender_name} <{settings.sender}>", "targets": [delivery.recipient],
            "format": "html",
            # Mail programs join what belongs together, and drop what arrives twice, by these (RFC 5322, RFC 3834).
            "headers": {"X-EduNOC-Message": delivery.id, "Auto-Submitted": "auto-generated"},
        },
        environment.timeout_s,
    )
    # apprise fits these in by the domain of known providers; what the settings say counts
    service.smtp_host, service.port = settings.server, settings.port
    through_apprise.hand_over(service, delivery.subject, delivery.html, "html", environment.timeout_s)


KIND = ChannelKind(
    key="email", label=lazy_gettext("E-mail"), settings=EmailSettings, hand_over=hand_over,
    recipient_label=lazy_gettext("E-mail address"), recipient_problem=recipient_problem,
)
