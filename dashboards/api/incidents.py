"""Incidents in the API: read, take, speak of, close."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import abort, g
from flask_login import current_user
from pydantic import BaseModel, Field

from alerts import (
    Incident,
    IncidentFilter,
    acknowledge,
    close,
    comment,
    get_incident,
    list_incidents,
    release,
    story,
)
from core import Deed, Permission, User, append_audit
from core import gettext as _
from dashboards.access import needs
from dashboards.api.paging import PageOf, paged
from dashboards.api.shapes import IncidentShape, IncidentStoryShape, Remark
from dashboards.gate import services

blueprint = APIBlueprint(
    "api_incidents",
    __name__,
    url_prefix="/api/v1/incidents",
    tag={"name": "incidents", "description": "Problems, folded: one an outage."},
)


class IncidentQuery(BaseModel):
    """Which incidents."""

    q: str = Field("", max_length=200, description="Words that must occur")
    state: str = Field("open,acknowledged", description="States, separated by commas; empty: all")
    severity: str = Field("", description="critical, major, minor or info")
    site_id: int | None = None
    device_id: int | None = None
    rule_id: str = ""
    page: int = Field(1, ge=1, le=1_000_000)
    per_page: int = Field(50, ge=1, le=500)


@blueprint.get("")
@needs(Permission.VIEW)
@blueprint.input(IncidentQuery, location="query", arg_name="query")
@blueprint.output(PageOf[IncidentShape])
@blueprint.doc(summary="List incidents", description="Worst first.", responses=[401, 403])
def index(query: IncidentQuery) -> Any:
    """Incidents of the scope, worst first."""
    wanted = IncidentFilter(
        states=tuple(word for word in query.state.split(",") if word),
        severity=query.severity,
        site_id=query.site_id,
        device_id=query.device_id,
        rule_id=query.rule_id,
        text=query.q,
    )
    found = list_incidents(g.session, g.scope, wanted, query.page, query.per_page)
    return paged([_shape(one) for one in found.rows], found.total, found.page, found.per_page)


@blueprint.get("/<int:incident_id>")
@needs(Permission.VIEW)
@blueprint.output(IncidentStoryShape)
@blueprint.doc(summary="Read an incident with its story", responses=[401, 403, 404])
def one(incident_id: int) -> Any:
    """One incident, what happened and what to do."""
    return _whole(_found(incident_id))


@blueprint.post("/<int:incident_id>/acknowledge")
@needs(Permission.HANDLE_INCIDENTS)
@blueprint.input(Remark, location="json", arg_name="body")
@blueprint.output(IncidentStoryShape)
@blueprint.doc(summary="Take an incident", responses=[401, 403, 404, 409, 422])
def take(incident_id: int, body: Remark) -> Any:
    """Say "I have it"."""
    _found(incident_id)
    return _done("acknowledge", acknowledge(g.session, incident_id, _person(), services().clock(), body.text))


@blueprint.post("/<int:incident_id>/release")
@needs(Permission.HANDLE_INCIDENTS)
@blueprint.input(Remark, location="json", arg_name="body")
@blueprint.output(IncidentStoryShape)
@blueprint.doc(summary="Give an incident back", responses=[401, 403, 404, 409, 422])
def give_back(incident_id: int, body: Remark) -> Any:
    """Take back the acknowledgement: it waits again for somebody."""
    _found(incident_id)
    return _done("release", release(g.session, incident_id, _person(), services().clock(), body.text))


@blueprint.post("/<int:incident_id>/comment")
@needs(Permission.HANDLE_INCIDENTS)
@blueprint.input(Remark, location="json", arg_name="body")
@blueprint.output(IncidentStoryShape)
@blueprint.doc(summary="Write a remark into the story", responses=[401, 403, 404, 409, 422])
def remark(incident_id: int, body: Remark) -> Any:
    """Add a remark."""
    _found(incident_id)
    return _done("comment", comment(g.session, incident_id, _person(), body.text, services().clock()))


@blueprint.post("/<int:incident_id>/close")
@needs(Permission.HANDLE_INCIDENTS)
@blueprint.input(Remark, location="json", arg_name="body")
@blueprint.output(IncidentStoryShape)
@blueprint.doc(summary="Close an incident by hand", responses=[401, 403, 404, 409, 422])
def end(incident_id: int, body: Remark) -> Any:
    """Close it; the trouble must end before it can begin anew."""
    _found(incident_id)
    return _done("close", close(g.session, incident_id, _person(), services().clock(), body.text))


def _person() -> User:
    """Who acts. A program acts in its own name only where a person stands behind it."""
    if current_user.user is None:
        abort(403, _("Incidents are handled by people: sign in as a user for this."))
    return current_user.user


def _found(incident_id: int) -> Incident:
    incident = get_incident(g.session, g.scope, incident_id)
    if incident is None:
        abort(404)
    return incident


def _done(verb: str, incident: Incident) -> dict[str, Any]:
    append_audit(g.session, Deed(current_user.actor, f"incident.{verb}", "incident", incident.id), services().clock())
    return _whole(incident)


def _text(texts: dict[str, str] | None) -> str:
    return (texts or {}).get(g.language) or next(iter((texts or {}).values()), "")


def _shape(incident: Incident) -> dict[str, Any]:
    names = (name for name in IncidentShape.model_fields if name != "title")
    return {**{name: getattr(incident, name) for name in names}, "title": _text(incident.titles)}


def _whole(incident: Incident) -> dict[str, Any]:
    return {
        **_shape(incident),
        "message": _text(incident.messages),
        "next_step": _text(incident.next_steps),
        "story": story(g.session, incident.id),
    }
