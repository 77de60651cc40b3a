"""Work that a worker does on request: read a device now, search a network. Written as a row, answered in the row."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import abort, g, json, request, url_for
from flask_login import current_user

from collectors import (
    CollectorSettings,
    DiscoveryOrder,
    PollRequest,
    TargetError,
    discovery_runs,
    expand,
    finds_of,
    get_discovery,
    get_poll_request,
    request_poll,
    seal_communities,
    start_discovery,
)
from core import Deed, Permission, Secret, append_audit
from dashboards.access import needs
from dashboards.api.shapes import DiscoveryFindShape, DiscoveryOrderShape, DiscoveryRunShape, PollShape
from dashboards.gate import services
from inventory import Credential, Device, Site, get_record

blueprint = APIBlueprint(
    "api_jobs",
    __name__,
    url_prefix="/api/v1",
    tag={"name": "jobs", "description": "Read a device now; search a network for devices."},
)


@blueprint.post("/devices/<int:device_id>/poll")
@needs(Permission.POLL)
@blueprint.output(PollShape, status_code=202)
@blueprint.doc(
    summary="Read a device now",
    description="Answers at once; follow Location until done_at is set.",
    responses=[401, 403, 404],
)
def poll(device_id: int) -> Any:
    """Put a reading into the queue, or join the one that waits."""
    get_record(g.session, g.scope, Device, device_id)
    wish = request_poll(g.session, device_id, current_user.actor, services().clock())
    return _poll_shape(wish), 202, {"Location": url_for("api_jobs.polled", request_id=wish.id)}


@blueprint.get("/polls/<int:request_id>")
@needs(Permission.VIEW)
@blueprint.output(PollShape)
@blueprint.doc(summary="See how a reading went", responses=[401, 403, 404])
def polled(request_id: int) -> Any:
    """The reading, when it is there."""
    wish = get_poll_request(g.session, request_id)
    if wish is None:
        abort(404)
    get_record(g.session, g.scope, Device, wish.device_id)
    return _poll_shape(wish)


def _poll_shape(wish: PollRequest) -> dict[str, Any]:
    names = ("id", "device_id", "requested_at", "done_at", "reason", "detail")
    return {**{name: getattr(wish, name) for name in names}, "result": json.loads(wish.result) if wish.result else None}


@blueprint.get("/discoveries")
@needs(Permission.DISCOVER)
@blueprint.output(list[DiscoveryRunShape])
@blueprint.doc(summary="List the newest searches", responses=[401, 403])
def searches() -> Any:
    """The newest searches first."""
    return list(discovery_runs(g.session))


@blueprint.post("/discoveries")
@needs(Permission.DISCOVER)
@blueprint.input(DiscoveryOrderShape, location="json", arg_name="body")
@blueprint.output(DiscoveryRunShape, status_code=202)
@blueprint.doc(
    summary="Search a network for devices",
    description="Answers at once; follow Location.",
    responses=[401, 403, 404, 422],
)
def search(body: DiscoveryOrderShape) -> Any:
    """Put a search into the queue."""
    try:
        expand(body.targets, services().settings[CollectorSettings].discovery_addresses, body.port)
    except TargetError as error:
        abort(422, str(error))
    if body.site_id is not None:
        get_record(g.session, g.scope, Site, body.site_id)
    for credential_id in body.credential_ids:
        get_record(g.session, g.scope, Credential, credential_id)
    sealed = seal_communities(services().vault, [Secret(text) for text in body.communities])
    order = DiscoveryOrder(body.targets, body.port, body.site_id, tuple(body.credential_ids), sealed)
    run = start_discovery(g.session, order, current_user.actor, services().clock())
    deed = Deed(current_user.actor, "discovery.start", "discovery", run.id, body.targets)
    append_audit(g.session, deed, services().clock())
    return run, 202, {"Location": f"{request.base_url}/{run.id}"}


@blueprint.get("/discoveries/<int:run_id>")
@needs(Permission.DISCOVER)
@blueprint.output(DiscoveryRunShape)
@blueprint.doc(summary="See how far a search is", responses=[401, 403, 404])
def progress(run_id: int) -> Any:
    """State and progress."""
    run = get_discovery(g.session, run_id)
    if run is None:
        abort(404)
    return run


@blueprint.get("/discoveries/<int:run_id>/finds")
@needs(Permission.DISCOVER)
@blueprint.output(list[DiscoveryFindShape])
@blueprint.doc(summary="List what a search found", responses=[401, 403, 404])
def finds(run_id: int) -> Any:
    """In the order of finding."""
    if get_discovery(g.session, run_id) is None:
        abort(404)
    return list(finds_of(g.session, run_id))
