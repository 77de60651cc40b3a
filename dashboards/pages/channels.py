"""Alert channels and who gets what over them. Secrets are sealed and never shown again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from pydantic import SecretStr
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from alerts import (
    CHANNELS,
    SEVERITIES,
    SEVERITY_LABELS,
    AlertsSettings,
    Channel,
    ChannelProblem,
    Environment,
    Route,
    TestTarget,
    explain,
    list_channels,
    list_routes,
    save_channel,
    save_route,
    send_test,
    shown_settings,
)
from core import LANGUAGES, Deed, GiveUp, Permission, append_audit
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.registry import MenuItem, Page
from dashboards.store import delete_row, row_of
from dashboards.units import unit_code_of, unit_of_code
from inventory import DEVICE_KINDS, Unit

blueprint = Blueprint("channels", __name__, url_prefix="/admin/channels")
HOURS = (("always", _l("always")), ("teaching", _l("during teaching hours")), ("working", _l("during working hours")))


@dataclass(frozen=True, slots=True)
class Box:
    """One box of a channel's form."""

    name: str
    label: str
    kind: str
    value: Any
    choices: tuple[tuple[str, str], ...]
    is_secret: bool
    is_required: bool


@blueprint.get("")
@needs(Permission.MANAGE_CHANNELS)
def index() -> str:
    """Channels with their health, and the routes over each."""
    routes = list_routes(g.session)
    by_channel = {channel.id: [r for r in routes if r.channel_id == channel.id] for channel in list_channels(g.session)}
    return render_template(
        "admin/channels.html",
        channels=list_channels(g.session),
        routes=by_channel,
        kinds=CHANNELS,
        hours=dict(HOURS),
        severities=SEVERITY_LABELS,
    )


@blueprint.get("/new")
@needs(Permission.MANAGE_CHANNELS)
def new() -> str:
    """The form of a new channel of one kind."""
    kind = request.args.get("kind", "email")
    if kind not in CHANNELS:
        abort(404)
    return _channel_page(Channel(kind=kind, name="", is_enabled=True, per_minute=20, sealed=""), {}, "")


@blueprint.post("/new")
@needs(Permission.MANAGE_CHANNELS)
def create() -> tuple[str, int] | Response:
    """Seal and keep a channel."""
    kind = request.form.get("kind", "")
    if kind not in CHANNELS:
        abort(400)
    return _save(Channel(kind=kind, sealed="", name=""), "create")


@blueprint.get("/<int:channel_id>")
@needs(Permission.MANAGE_CHANNELS)
def edit(channel_id: int) -> str:
    """What may be shown of it."""
    channel = _found(Channel, channel_id)
    try:
        values = shown_settings(services().vault, channel)
        trouble = ""
    except GiveUp:
        values, trouble = {}, _("Its settings cannot be opened with this key file. Enter them again.")
    return _channel_page(channel, values, trouble)


@blueprint.post("/<int:channel_id>")
@needs(Permission.MANAGE_CHANNELS)
def change(channel_id: int) -> tuple[str, int] | Response:
    """Change it; secret boxes left empty keep their secret."""
    return _save(_found(Channel, channel_id), "update")


@blueprint.post("/<int:channel_id>/test")
@needs(Permission.MANAGE_CHANNELS, writes=False)
def test(channel_id: int) -> Response:
    """Send a test message now and tell how it went."""
    channel = _found(Channel, channel_id)
    settings = services().settings[AlertsSettings]
    environment = Environment(settings.send_timeout_s, settings.allow_private_webhooks)
    target = TestTarget(channel.id, request.form.get("recipient", "").strip(), g.language)
    verdict = send_test(services().database, services().vault, target, environment)
    if verdict.state == "sent":
        flash(_("Handed over. Look whether the message arrived."), "success")
    else:
        flash(
            _("It did not work: %(why)s", why=" ".join(w for w in (str(explain(verdict.reason)), verdict.detail) if w)),
            "danger",
        )
    return redirect(url_for("channels.index"))


@blueprint.post("/<int:channel_id>/delete")
@needs(Permission.MANAGE_CHANNELS)
def delete(channel_id: int) -> Response:
    """Delete a channel with its routes and its messages' history."""
    channel = _found(Channel, channel_id)
    delete_row(g.session, channel)
    _audit("channel.delete", channel.id, channel.name)
    flash(_("The channel “%(name)s” is deleted.", name=channel.name), "success")
    return redirect(url_for("channels.index"))


@blueprint.get("/<int:channel_id>/routes/new")
@needs(Permission.MANAGE_CHANNELS)
def new_route(channel_id: int) -> str:
    """The form of a new route."""
    return _route_page(
        _found(Channel, channel_id),
        Route(language="vi", min_severity="minor", hours="always", has_recovery=True, is_enabled=True),
        "",
    )


@blueprint.post("/<int:channel_id>/routes/new")
@needs(Permission.MANAGE_CHANNELS)
def create_route(channel_id: int) -> tuple[str, int] | Response:
    """Keep a route."""
    return _save_route(_found(Channel, channel_id), Route(channel_id=channel_id))


@blueprint.get("/routes/<int:route_id>")
@needs(Permission.MANAGE_CHANNELS)
def edit_route(route_id: int) -> str:
    """One route."""
    route = _found(Route, route_id)
    return _route_page(_found(Channel, route.channel_id), route, "")


@blueprint.post("/routes/<int:route_id>")
@needs(Permission.MANAGE_CHANNELS)
def change_route(route_id: int) -> tuple[str, int] | Response:
    """Change it."""
    route = _found(Route, route_id)
    return _save_route(_found(Channel, route.channel_id), route)


@blueprint.post("/routes/<int:route_id>/delete")
@needs(Permission.MANAGE_CHANNELS)
def delete_route(route_id: int) -> Response:
    """Delete a route; the channel stays."""
    route = _found(Route, route_id)
    delete_row(g.session, route)
    _audit("route.delete", route_id, route.name or route.recipient)
    flash(_("Deleted."), "success")
    return redirect(url_for("channels.index"))


def _save(channel: Channel, verb: str) -> tuple[str, int] | Response:
    form = request.form
    channel.name = form.get("name", "").strip()[:120]
    channel.is_enabled = form.get("is_enabled") == "true"
    channel.per_minute = (
        min(max(int(form.get("per_minute") or "20"), 1), 600) if form.get("per_minute", "20").isdecimal() else 20
    )
    values = settings_from(channel.kind, form)
    problem = _("Give the channel a name of its own.") if not channel.name or _is_taken(channel) else ""
    try:
        if not problem:
            save_channel(g.session, services().vault, channel, values, services().clock())
    except ChannelProblem as error:
        problem = str(error)
    if problem:
        shown = {name: value for name, value in values.items() if name not in CHANNELS[channel.kind].secret_fields()}
        return _channel_page(channel, shown, problem), 422
    _audit(f"channel.{verb}", channel.id, channel.name)
    flash(_("Saved. Send a test message to be sure."), "success")
    return redirect(url_for("channels.index"))


def _is_taken(channel: Channel) -> bool:
    return any(other.name == channel.name and other is not channel for other in list_channels(g.session))


def settings_from(kind: str, form: MultiDict[str, str]) -> dict[str, Any]:
    """The boxes of a kind as values; an empty box takes the default."""
    values: dict[str, Any] = {}
    for name, field in CHANNELS[kind].settings.model_fields.items():
        given = form.get(name, "").strip()
        if field.annotation is bool:
            values[name] = given == "true"
        elif given:
            values[name] = given
    return values


def boxes_of(kind: str, values: dict[str, Any]) -> list[Box]:
    """The boxes of a kind's form, made from its settings class."""
    secrets, boxes = CHANNELS[kind].secret_fields(), []
    for name, field in CHANNELS[kind].settings.model_fields.items():
        choices = tuple((word, word) for word in getattr(field.annotation, "__args__", ()) if isinstance(word, str))
        default = "" if field.is_required() or isinstance(field.default, SecretStr) else field.default
        is_secret = name in secrets
        shape = (
            "password"
            if is_secret
            else "checkbox"
            if field.annotation is bool
            else "select"
            if choices
            else "number"
            if field.annotation is int
            else "text"
        )
        value = "" if is_secret else values.get(name, "" if default is None else default)
        boxes.append(
            Box(name, _(field.title) if field.title else name, shape, value, choices, is_secret, field.is_required())
        )
    return boxes


def _channel_page(channel: Channel, values: dict[str, Any], problem: str) -> str:
    kind = CHANNELS[channel.kind]
    return render_template(
        "admin/channel.html",
        channel=channel,
        kind=kind,
        boxes=boxes_of(channel.kind, values),
        problem=problem,
        route_count=len(list_routes(g.session, channel.id)) if channel.id else 0,
    )


def _save_route(channel: Channel, route: Route) -> tuple[str, int] | Response:
    form = request.form
    unit = row_of(g.session, Unit, unit_of_code(g.session, form.get("unit_code")) or 0)
    route.name, route.recipient = form.get("name", "").strip()[:120], form.get("recipient", "").strip()[:255]
    route.language, route.min_severity = form.get("language", "vi"), form.get("min_severity", "minor")
    route.hours, route.device_kinds = form.get("hours", "always"), form.getlist("device_kinds")
    route.has_recovery, route.is_enabled = form.get("has_recovery") == "true", form.get("is_enabled") == "true"
    problem = (
        _("There is no unit with this code. Look for it under Units.")
        if form.get("unit_code", "").strip() and unit is None
        else ""
    )
    route.unit_path = unit.path if unit is not None else "/"
    route.rule_ids = route.rule_ids or []
    try:
        if not problem:
            save_route(g.session, route)
    except ChannelProblem as error:
        problem = str(error)
    if problem:
        return _route_page(channel, route, problem), 422
    _audit("route.save", route.id, f"{channel.name}: {route.name or route.recipient}")
    flash(_("Saved."), "success")
    return redirect(url_for("channels.index"))


def _route_page(channel: Channel, route: Route, problem: str) -> str:
    path = (route.unit_path or "/").strip("/")
    unit_code = request.form.get("unit_code") or (unit_code_of(g.session, int(path.split("/")[-1])) if path else "")
    return render_template(
        "admin/route.html",
        channel=channel,
        route=route,
        kind=CHANNELS[channel.kind],
        problem=problem,
        unit_code=unit_code,
        hours=HOURS,
        severities=[(word, _(SEVERITY_LABELS[word])) for word in SEVERITIES],
        languages=LANGUAGES.items(),
        device_kinds=[(word, _(label)) for word, label in DEVICE_KINDS.items()],
    )


def _found(model: type[Any], number: int) -> Any:
    row = row_of(g.session, model, number)
    if row is None:
        abort(404)
    return row


def _audit(action: str, number: int, name: str) -> None:
    append_audit(g.session, Deed(current_user.actor, action, action.split(".")[0], number, name), services().clock())


page = Page(
    blueprint, menu=(MenuItem("alerting", "channels.index", _l("Channels"), "send", Permission.MANAGE_CHANNELS, 30),)
)
