"""The routes of discovery: order a search, watch it, accept or ignore what it found."""

from __future__ import annotations

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from collectors import (
    DiscoveryRun,
    accept_all,
    accept_find,
    cancel_discovery,
    connected_networks,
    discovery_runs,
    explain,
    finds_of,
    get_discovery,
    ignore_find,
    restore_find,
    start_discovery,
)
from core import Deed, Permission, append_audit, ngettext
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.pages.discovery.ordering import chosen_site, offered_sites, order_of, search_form
from dashboards.registry import MenuItem, Page
from inventory import DEVICE_KINDS, InvalidInput, NotFound

blueprint = Blueprint("discovery", __name__, url_prefix="/discovery")
RUNNING = ("waiting", "running")


@blueprint.get("")
@needs(Permission.DISCOVER)
def start() -> str:
    """The form, and the searches made before."""
    return render_template(
        "discovery/start.html", form=search_form(g.session, g.scope, services()), runs=discovery_runs(g.session),
        networks=connected_networks(),
    )


@blueprint.post("")
@needs(Permission.DISCOVER)
def order() -> tuple[str, int] | Response:
    """Put the search into the queue; a worker takes it within a second."""
    form, now = search_form(g.session, g.scope, services()), services().clock()
    if not form.validate():
        return render_template("discovery/start.html", form=form, runs=discovery_runs(g.session), networks=()), 422
    run = start_discovery(g.session, order_of(form, services()), current_user.actor, now)
    _audit("discovery.start", run.id, run.targets[:200])
    return redirect(url_for("discovery.show", run_id=run.id), 303)


@blueprint.get("/<int:run_id>")
@needs(Permission.DISCOVER)
def show(run_id: int) -> str:
    """One search: how far it is and what it found."""
    return render_template("discovery/show.html", **_shown(_run(run_id)))


@blueprint.get("/<int:run_id>/part")
@needs(Permission.DISCOVER)
def part(run_id: int) -> str:
    """Progress and finds, for the refresh while the search runs."""
    return render_template("discovery/found.html", **_shown(_run(run_id)))


@blueprint.post("/<int:run_id>/cancel")
@needs(Permission.DISCOVER)
def cancel(run_id: int) -> Response:
    """Stop the search; what was found stays."""
    if cancel_discovery(g.session, _run(run_id).id, services().clock()):
        _audit("discovery.cancel", run_id, "")
    return redirect(url_for("discovery.show", run_id=run_id), 303)


@blueprint.post("/<int:run_id>/accept")
@needs(Permission.EDIT_INVENTORY)
def accept(run_id: int) -> tuple[str, int] | Response:
    """Make devices of one find, or of all that were identified."""
    run, wanted = _run(run_id), request.form.get("find", "")
    try:
        site_id, names = _accept(run, wanted)
    except (InvalidInput, NotFound) as error:
        problems = [one.message for one in error.problems] if isinstance(error, InvalidInput) else [str(error)]
        g.session.rollback()
        return render_template("discovery/show.html", **_shown(_run(run_id)), problems=problems), 422
    _audit("discovery.accept", run_id, ", ".join(names)[:500])
    told = ngettext("%(num)d device is watched from now on.", "%(num)d devices are watched from now on.", len(names))
    flash(told, "success")
    return redirect(url_for("discovery.show", run_id=run_id, site=site_id), 303)


@blueprint.post("/<int:run_id>/finds/<int:find_id>/<any(ignore, restore):verb>")
@needs(Permission.EDIT_INVENTORY)
def put_aside(run_id: int, find_id: int, verb: str) -> Response:
    """Leave a find alone, or take it back."""
    _run(run_id)
    if {"ignore": ignore_find, "restore": restore_find}[verb](g.session, find_id):
        _audit(f"discovery.{verb}", find_id, "")
    return redirect(url_for("discovery.show", run_id=run_id), 303)


def _run(run_id: int) -> DiscoveryRun:
    run = get_discovery(g.session, run_id)
    if run is None:
        abort(404)
    return run


def _accept(run: DiscoveryRun, wanted: str) -> tuple[int, list[str]]:
    """(the site, names of the devices made)"""
    now, vault = services().clock(), services().vault
    site_id = chosen_site(g.session, g.scope, request.form.get("site", ""), request.form.get("new_site", ""))
    finds = finds_of(g.session, run.id, "found")
    if wanted == "all":
        return site_id, [device.name for device in accept_all(g.session, vault, g.scope, finds, site_id, now)]
    if wanted not in {str(find.id) for find in finds}:
        raise NotFound(_("This find is gone. Search again."))
    return site_id, [accept_find(g.session, vault, g.scope, int(wanted), site_id, now).name]


def _shown(run: DiscoveryRun) -> dict[str, object]:
    finds = finds_of(g.session, run.id)
    open_finds = [find for find in finds if find.state == "found" and find.device_id is None]
    sites = offered_sites(g.session, g.scope)
    # The site chosen last stays chosen; the only one there is needs no choosing
    only = str(sites[0][0]) if len(sites) == 1 else ""
    return {
        "chosen_site": request.values.get("site", only), "sites": sites,
        "run": run, "is_running": run.state in RUNNING, "finds": finds,
        "open_finds": open_finds, "waiting": [find for find in open_finds if find.reason == "ok"],
        "explain": explain, "kinds": DEVICE_KINDS,
    }


def _audit(action: str, target: int, summary: str) -> None:
    append_audit(g.session, Deed(current_user.actor, action, "discovery", target, summary), services().clock())


page = Page(
    blueprint, menu=(MenuItem("inventory", "discovery.start", _l("Discover"), "radar-2", Permission.DISCOVER, 60),)
)
