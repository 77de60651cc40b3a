"""Silences and maintenance: quiet about a device, site or unit for a while, with a reason that others can read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from alerts import (
    AlertsSettings,
    Maintenance,
    Silence,
    WindowProblem,
    add_window,
    cancel_window,
    list_windows,
    load_rules,
)
from core import Deed, Permission, append_audit
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.registry import MenuItem, Page
from dashboards.store import row_of
from dashboards.units import unit_of_code
from inventory import Device, ListQuery, NotFound, Site, Unit, get_record, list_records, names_of

blueprint = Blueprint("windows", __name__, url_prefix="/silences")
KINDS: dict[str, type[Any]] = {"silence": Silence, "maintenance": Maintenance}
LOCAL = "%Y-%m-%dT%H:%M"


@blueprint.get("")
@needs(Permission.SILENCE)
def index() -> str:
    """What is quiet now or will be, and what was."""
    now = services().clock()
    windows = [(kind, one) for kind, model in KINDS.items() for one in list_windows(g.session, model) if _is_ours(one)]
    is_over = [one.ends_at <= now or one.cancelled_at is not None for _kind, one in windows]
    present = [pair for pair, over in zip(windows, is_over, strict=True) if not over]
    past = [pair for pair, over in zip(windows, is_over, strict=True) if over][:100]
    return render_template("admin/windows.html", present=present, past=past, names=_names(present + past))


@blueprint.get("/new")
@needs(Permission.SILENCE)
def new() -> str:
    """The form; `device`, `site` or `unit` in the address fill in the target."""
    kind = request.args.get("kind", "silence")
    if kind not in KINDS:
        abort(404)
    return _form_page(kind, {name: request.args.get(name, "") for name in ("target", "code", "rule_id")}, "")


@blueprint.post("/new")
@needs(Permission.SILENCE)
def create() -> tuple[str, int] | Response:
    """Keep it."""
    form, kind = request.form.to_dict(), request.form.get("kind", "")
    if kind not in KINDS:
        abort(400)
    try:
        window = add_window(g.session, _window(kind, form))
    except WindowProblem as error:
        return _form_page(kind, form, str(error)), 422
    _audit(f"{kind}.create", window, {"reason": window.reason, "until": window.ends_at.isoformat()})
    flash(_("Saved. It counts from the next judging on."), "success")
    return redirect(url_for("windows.index"))


@blueprint.post("/<any(silence, maintenance):kind>/<int:window_id>/end")
@needs(Permission.SILENCE)
def end(kind: str, window_id: int) -> Response:
    """End it now."""
    window = row_of(g.session, KINDS[kind], window_id)
    if window is None or not _is_ours(window):
        abort(404)
    cancel_window(g.session, window, services().clock())
    _audit(f"{kind}.end", window, {})
    flash(_("Ended. What still stands is announced at the next judging."), "success")
    return redirect(url_for("windows.index"))


def _window(kind: str, form: dict[str, str]) -> Any:
    target, code = form.get("target", "site"), form.get("code", "").strip()
    device = site = unit = None
    if target == "device":
        device = _one(Device, code)
    elif target == "site":
        site = _one(Site, code)
    else:
        unit = row_of(g.session, Unit, unit_of_code(g.session, code) or 0)
    if device is None and site is None and (unit is None or not g.scope.includes(unit.path)):
        raise WindowProblem(_("There is nothing with this code or name. Look for it with the search (Ctrl K)."))
    return KINDS[kind](
        device_id=device.id if device else None,
        site_id=site.id if site else None,
        unit_path=unit.path if unit else None,
        rule_id=form.get("rule_id") or None,
        starts_at=_moment(form.get("starts_at", "")),
        ends_at=_moment(form.get("ends_at", "")),
        reason=form.get("reason", "").strip()[:400],
        created_by=current_user.full_name[:120],
        created_at=services().clock(),
    )


def _one(model: type[Any], word: str) -> Any:
    """The one record in the scope with this code, number or whole name."""
    if not word:
        return None
    found = list_records(g.session, g.scope, model, ListQuery(filters={"code": word}, page_size=2)).rows
    if not found:
        found = [
            r
            for r in list_records(g.session, g.scope, model, ListQuery(text=word)).rows
            if r.name.casefold() == word.casefold()
        ]
    return found[0] if len(found) == 1 else None


def _moment(text: str) -> datetime:
    """A time as the browser sends it, in the zone of the house."""
    try:
        return (
            datetime.strptime(text, LOCAL).replace(tzinfo=ZoneInfo(services().settings.core.timezone)).astimezone(UTC)
        )
    except ValueError:
        raise WindowProblem(_("Enter the beginning and the end.")) from None


def _is_ours(window: Any) -> bool:
    """True when the target lies in the scope."""
    if g.scope.is_everything:
        return True
    if window.unit_path:
        return g.scope.includes(window.unit_path)
    model, number = (Device, window.device_id) if window.device_id else (Site, window.site_id)
    try:
        get_record(g.session, g.scope, model, number)
    except NotFound:
        return False
    return True


def _names(windows: list[tuple[str, Any]]) -> dict[int, str]:
    """id(window) to the name of its target."""
    devices = names_of(g.session, Device, (one.device_id for _kind, one in windows))
    sites = names_of(g.session, Site, (one.site_id for _kind, one in windows))
    units = names_of(g.session, Unit, (_unit_id(one) for _kind, one in windows))
    return {
        id(one): devices.get(one.device_id) or sites.get(one.site_id) or units.get(_unit_id(one) or 0) or _("deleted")
        for _kind, one in windows
    }


def _unit_id(window: Any) -> int | None:
    last = (window.unit_path or "").strip("/").split("/")[-1]
    return int(last) if last.isdecimal() else None


def _form_page(kind: str, values: dict[str, str], problem: str) -> str:
    now = services().clock().astimezone(ZoneInfo(services().settings.core.timezone))
    values.setdefault("starts_at", now.strftime(LOCAL))
    rules = load_rules(services().settings[AlertsSettings].rules_dir)
    choices = [("", _("all rules")), *((rule.id, rule.titles.get(g.language, rule.id)) for rule in rules)]
    return render_template("admin/window.html", kind=kind, values=values, problem=problem, rules=choices)


def _audit(action: str, window: Any, detail: dict[str, str]) -> None:
    deed = Deed(current_user.actor, action, action.split(".")[0], window.id, window.reason, detail)
    append_audit(g.session, deed, services().clock())


page = Page(
    blueprint,
    menu=(MenuItem("alerting", "windows.index", _l("Silence and maintenance"), "bell-off", Permission.SILENCE, 10),),
)
