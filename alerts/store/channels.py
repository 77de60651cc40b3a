"""Channels and routes: kept sealed, checked by their kind, read by the sender and the route stage."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select, update

from alerts.channels import CHANNELS, ChannelSettings
from alerts.models import Channel, Route
from alerts.pipeline import RouteView
from alerts.rule import SEVERITY_RANK
from core import LANGUAGES, GiveUp, SealError, Session, Vault, gettext
from inventory import DEVICE_KINDS

HOURS = ("always", "teaching", "working")


class ChannelProblem(ValueError):
    """A channel or route cannot be saved; the text says which field and why, without any value."""


def save_channel(
    session: Session, vault: Vault, channel: Channel, values: Mapping[str, Any], now: datetime
) -> Channel:
    """Check and seal the settings of a new or known channel. An empty secret keeps the one that is stored."""
    kind = CHANNELS.get(channel.kind)
    if kind is None:
        raise ChannelProblem(gettext("There is no such kind of channel."))
    merged = dict(values)
    if channel.sealed:
        stored = json.loads(vault.unseal(channel.sealed).reveal())
        merged |= {name: stored.get(name, "") for name in kind.secret_fields() if not merged.get(name)}
    try:
        settings = kind.read_settings(merged)
    except GiveUp as failure:
        raise ChannelProblem(failure.detail) from None
    channel.sealed = vault.seal(json.dumps(_plain(settings), ensure_ascii=False))
    if channel.id is None:
        channel.created_at = now
        session.add(channel)
    session.flush()
    return channel


def forget_secrets(session: Session) -> int:
    """Empty and switch off every channel whose settings a lost key sealed; answers how many there were."""
    emptied = session.execute(update(Channel).where(Channel.sealed != "").values(sealed="", is_enabled=False))
    return emptied.rowcount


def _plain(settings: ChannelSettings) -> dict[str, Any]:
    values = dict(settings)
    return {name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in values.items()}


def open_settings(vault: Vault, kind: str, sealed: str) -> ChannelSettings:
    """The settings of a channel. Raises GiveUp("bad_settings") when they cannot be opened or are out of date."""
    known = CHANNELS.get(kind)
    if known is None:
        raise GiveUp("bad_settings")
    try:
        return known.read_settings(json.loads(vault.unseal(sealed).reveal()))
    except (SealError, ValueError):
        raise GiveUp("bad_settings") from None


def shown_settings(vault: Vault, channel: Channel) -> dict[str, Any]:
    """The settings without their secrets, for the form."""
    settings = open_settings(vault, channel.kind, channel.sealed)
    return {name: value for name, value in dict(settings).items() if not isinstance(value, SecretStr)}


def save_route(session: Session, route: Route) -> Route:
    """Check and keep a route. Raises ChannelProblem."""
    channel = session.get(Channel, route.channel_id)
    if channel is None:
        raise ChannelProblem(gettext("Choose a channel."))
    kind = CHANNELS[channel.kind]
    if kind.recipient_label is not None and (problem := kind.recipient_problem(route.recipient)) is not None:
        raise ChannelProblem(str(problem))
    checks = (
        (route.language in LANGUAGES, gettext("Choose a language.")),
        (route.min_severity in SEVERITY_RANK, gettext("Choose a severity.")),
        (route.hours in HOURS, gettext("Choose the hours.")),
        (set(route.device_kinds) <= set(DEVICE_KINDS), gettext("There is no such kind of device.")),
        (route.unit_path.startswith("/") and route.unit_path.endswith("/"), gettext("Choose a unit.")),
    )
    for is_good, text in checks:
        if not is_good:
            raise ChannelProblem(text)
    session.add(route)
    session.flush()
    return route


def list_channels(session: Session) -> list[Channel]:
    """All channels by name."""
    return list(session.scalars(select(Channel).order_by(Channel.name)))


def list_routes(session: Session, channel_id: int | None = None) -> list[Route]:
    """All routes, or those of one channel."""
    chosen = select(Route).order_by(Route.id)
    return list(session.scalars(chosen if channel_id is None else chosen.where(Route.channel_id == channel_id)))


def route_views(session: Session) -> tuple[RouteView, ...]:
    """The routes in force: switched on, over channels that are switched on."""
    chosen = select(Route).join(Channel, Channel.id == Route.channel_id).where(Route.is_enabled, Channel.is_enabled)
    return tuple(
        RouteView(
            id=route.id, channel_id=route.channel_id, recipient=route.recipient, language=route.language,
            unit_path=route.unit_path, min_rank=SEVERITY_RANK[route.min_severity],
            device_kinds=frozenset(route.device_kinds), rule_ids=frozenset(route.rule_ids), hours=route.hours,
            has_recovery=route.has_recovery,
        )
        for route in session.scalars(chosen.order_by(Route.id))
    )


@dataclass(frozen=True, slots=True)
class TestTarget:
    """Where a test message goes."""

    __test__ = False  # not a test class, whatever its name

    channel_id: int
    recipient: str = ""
    language: str = "vi"
