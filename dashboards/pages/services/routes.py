"""The routes of services: list, page, charts, "check now", what a service needs, the starting list."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from collectors import latest_service_request, request_checks
from core import Deed, Permission, Scope, Session, append_audit
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.charting import Line, chart_answer, marks_of, read_span, span_times
from dashboards.gate import services
from dashboards.listing import Listing, export, read_list_query
from dashboards.pages.devices.verdict import title_of
from dashboards.pages.inventory.pointers import NoSuchRecord, meant
from dashboards.pages.services import months as monthly
from dashboards.pages.services import page
from dashboards.pages.services.listing import COLUMNS, FILTERS, Row, export_rows, find, heads, month_cells
from dashboards.pages.services.reading import ServiceView, look
from dashboards.pages.services.store import units_of
from dashboards.registry import Hit
from dashboards.store import incidents_between
from dashboards.words import STATUS
from inventory import (
    CHECK_KINDS,
    SERVICE_HOURS,
    SERVICE_IMPORTANCES,
    SERVICE_KINDS,
    STARTING_LIST,
    InvalidInput,
    ListQuery,
    NotFound,
    Service,
    Unit,
    add_need,
    add_usual_services,
    get_record,
    list_records,
    missing_kinds,
    remove_need,
    service_number,
    services_in,
)

blueprint = Blueprint("services", __name__)
HISTORY_MONTHS = 12
CHARTS = {"check_seconds": _l("Response time"), "service_up": _l("Up and down")}
WORDS = {
    "kinds": SERVICE_KINDS, "check_kinds": CHECK_KINDS, "importances": SERVICE_IMPORTANCES, "hours": SERVICE_HOURS,
    "status": STATUS, "title_of": title_of, "facts_of": page.facts_of,
}


def _desk() -> monthly.Desk:
    running = services()
    return monthly.Desk(g.session, running, running.clock(), running.settings.core.timezone)


def _views(found: Sequence[Service]) -> list[ServiceView]:
    desk = _desk()
    return page.with_maintenance(look(g.session, desk.running, found, desk.now), monthly.in_maintenance(desk, found))


def _service(service_id: int) -> Service:
    try:
        return get_record(g.session, g.scope, Service, service_id)
    except NotFound:
        abort(404)


@blueprint.get("/services")
@needs(Permission.VIEW)
def index() -> str | Response:
    """All services, worst first."""
    query = read_list_query(request.args, COLUMNS, FILTERS, "state")
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    desk, known = _desk(), services_in(g.session, g.scope)
    months = monthly.months_back(desk.now, desk.timezone, 2)
    counted = monthly.availability_of(desk, known, months)
    units = units_of(g.session, (service.unit_id for service in known))
    rows = [
        Row(view, units.get(view.service.unit_id), *(counted.get((view.service.id, month.name)) for month in months))
        for view in _views(known)
    ]
    found = find(rows, query)
    if query.format:
        return export("services", heads(months), export_rows(found.rows), query.format)
    cut = found.rows[query.offset : query.offset + query.limit]
    return render_template(
        "services/index.html", listing=Listing("services", COLUMNS, cut, len(found.rows), query), counts=found.counts,
        has_services=bool(known), missing=missing_kinds(g.session, g.scope) if known else list(STARTING_LIST),
        state_choices=[(word, str(STATUS[word].label)) for word, _count in found.counts],
        kind_choices=[(word, _(SERVICE_KINDS[word])) for word in SERVICE_KINDS if word in {s.kind for s in known}],
        months=months, **WORDS,
    )


@blueprint.get("/services/<int:service_id>")
@needs(Permission.VIEW)
def show(service_id: int) -> str | Response:
    """One service; its months as a spreadsheet with ?format=."""
    service, desk = _service(service_id), _desk()
    months = monthly.months_back(desk.now, desk.timezone, HISTORY_MONTHS)
    history = monthly.by_service(monthly.availability_of(desk, [service], months), service_id, months)
    if request.args.get("format") in ("csv", "xlsx"):
        if not current_user.can(Permission.EXPORT):
            abort(403)
        names = [_("Month"), _("Available (%)"), _("Minutes down"), _("Minutes unknown"), _("Outages")]
        rows = ([month.name, *month_cells(one)] for month, one in history)
        return export(f"service-{service_id}", names, rows, request.args["format"])
    return render_template(
        "services/show.html", sight=page.sight_of(desk, g.scope, _views([service])[0]), service=service,
        unit=units_of(g.session, [service.unit_id]).get(service.unit_id), history=page.known_months(history),
        present=history[0][1], before=history[1][1], charts=_charts(service_id), errors={}, texts={},
        waiting=_is_waiting(service_id), **WORDS,
    )


@blueprint.get("/services/<int:service_id>/now")
@needs(Permission.VIEW)
def now(service_id: int) -> str:
    """The checks of a service and how it stands, for the refresh."""
    service = _service(service_id)
    return render_template(
        "services/now.html", sight=page.sight_of(_desk(), g.scope, _views([service])[0]), service=service,
        waiting=_is_waiting(service_id), **WORDS,
    )


def _is_waiting(service_id: int) -> bool:
    """Whether answers are on their way: the page then looks each two seconds."""
    asked = latest_service_request(g.session, service_id)
    return asked is not None and page.is_waiting(asked, services().clock())


def _charts(service_id: int) -> dict[str, str]:
    return {name: str(title) for name, title in CHARTS.items() if _lines(service_id, name)}


def _lines(service_id: int, metric: str) -> list[Line]:
    return page.lines_of(g.session, services().registry, service_id, metric)


@blueprint.get("/services/<int:service_id>/chart/<any(check_seconds, service_up):word>")
@needs(Permission.VIEW)
def chart(service_id: int, word: str) -> Response:
    """The samples of one chart."""
    _service(service_id)
    lines = _lines(service_id, word)
    if not lines:
        abort(404)
    span = read_span(request.args, services().clock())
    stood = incidents_between(g.session, [service_number(service_id)], *span_times(span))
    return chart_answer(services(), lines, span, marks_of(stood, g.language))


@blueprint.post("/services/<int:service_id>/check")
@needs(Permission.POLL)
def check_now(service_id: int) -> AnyResponse:
    """Ask for all checks of the service now; the answers come onto its page."""
    service, moment = _service(service_id), services().clock()
    request_checks(g.session, service_id, current_user.actor, moment)
    text = _("Asked to check %(name)s now", name=service.name)
    append_audit(g.session, Deed(current_user.actor, "service.check", "service", service_id, text), moment)
    return redirect(url_for("services.show", service_id=service_id))


@blueprint.post("/services/<int:service_id>/needs")
@needs(Permission.EDIT_INVENTORY)
def need(service_id: int) -> AnyResponse | tuple[str, int]:
    """Note what the service needs: a device, a line or another service, named as suggestions name it."""
    service, kind = _service(service_id), request.form.get("kind", "")
    if kind not in ("device", "link", "service"):
        abort(400)
    text = request.form.get(kind, "").strip()[:300]
    try:
        if not text:
            raise NoSuchRecord(_("This must not be empty."))
        row = add_need(g.session, g.scope, service_id, kind, meant(g.session, g.scope, kind, text, None))
    except (NoSuchRecord, InvalidInput, NotFound) as problem:
        flash(_("“%(text)s” was not added. %(why)s", text=text, why=str(problem)), "danger")
        return redirect(url_for("services.show", service_id=service_id) + "#needs")
    deed = Deed(current_user.actor, "service.need", "service", service_id, service.name, {kind: text, "row": row.id})
    append_audit(g.session, deed, services().clock())
    return redirect(url_for("services.show", service_id=service_id) + "#needs")


@blueprint.post("/services/<int:service_id>/needs/<int:row_id>/remove")
@needs(Permission.EDIT_INVENTORY)
def forget_need(service_id: int, row_id: int) -> AnyResponse:
    """The service does not need this any more."""
    service = _service(service_id)
    remove_need(g.session, g.scope, service_id, row_id)
    deed = Deed(current_user.actor, "service.need", "service", service_id, service.name, {"removed": row_id})
    append_audit(g.session, deed, services().clock())
    return redirect(url_for("services.show", service_id=service_id) + "#needs")


@blueprint.get("/services/usual")
@needs(Permission.EDIT_INVENTORY)
def usual() -> str:
    """The usual systems, to be chosen; nothing is made yet."""
    return _usual({}, list(missing_kinds(g.session, g.scope)))


@blueprint.post("/services/usual")
@needs(Permission.EDIT_INVENTORY)
def add_usual() -> AnyResponse | tuple[str, int]:
    """Make the chosen ones."""
    chosen = [kind for kind in request.form.getlist("kind") if kind in STARTING_LIST]
    text = request.form.get("unit_id", "").strip()[:300]
    if not chosen:
        return _usual({"kind": _("Choose at least one.")}, chosen, text), 422
    try:
        unit_id = meant(g.session, g.scope, "unit", text, None) if text else 0
        made = add_usual_services(g.session, g.scope, unit_id, chosen)
    except (NoSuchRecord, NotFound):
        return _usual({"unit_id": _("Choose the office that answers for these systems.")}, chosen, text), 422
    except InvalidInput as problem:
        return _usual({"unit_id": str(problem)}, chosen, text), 422
    deed = Deed(current_user.actor, "service.create", "service", None, ", ".join(one.name for one in made)[:200])
    append_audit(g.session, deed, services().clock())
    flash(_("%(n)d services were added. Open each one and enter its addresses.", n=len(made)), "success")
    return redirect(url_for("services.index"))


def _usual(errors: dict[str, str], chosen: Sequence[str], unit: str = "") -> str:
    top = list_records(g.session, g.scope, Unit, ListQuery(sort="path", page_size=1)).rows
    shown = unit or (f"{top[0].code} · {top[0].name}" if top else "")
    return render_template(
        "services/usual.html", missing=missing_kinds(g.session, g.scope), chosen=chosen, errors=errors, unit=shown,
        kinds=SERVICE_KINDS, has_units=bool(top),
    )


def find_services(session: Session, scope: Scope, text: str, limit: int) -> Sequence[Hit]:
    """Services whose name holds the text."""
    found = list_records(session, scope, Service, ListQuery(text[:100], page_size=limit)).rows
    return [
        Hit(one.name, _(SERVICE_KINDS.get(one.kind, "")), url_for("services.show", service_id=one.id),
            "activity-heartbeat")
        for one in found
    ]
