"""The ways a message leaves EduNOC. One module a way, with its settings class; the centre never learns a way's name."""

from __future__ import annotations

from alerts.channels import email, telegram, webhook
from alerts.channels.kind import ChannelKind, ChannelSettings, Delivery, Environment, by_key

CHANNELS: dict[str, ChannelKind] = by_key(email.KIND, telegram.KIND, webhook.KIND)

__all__ = ["CHANNELS", "ChannelKind", "ChannelSettings", "Delivery", "Environment"]
