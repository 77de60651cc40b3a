"""Inventory in the API: the same five routes for every kind of record, checked by inventory's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apiflask import APIBlueprint
from flask import g, request
from flask_login import current_user

from core import Deed, Permission, append_audit
from dashboards.access import needs
from dashboards.api.paging import PageOf, PageQuery, paged
from dashboards.api.shapes import record_shapes
from dashboards.gate import services
from inventory import (
    Asset,
    Check,
    Device,
    Endpoint,
    Link,
    ListQuery,
    Room,
    RoomUse,
    Service,
    Site,
    Unit,
    create_record,
    delete_record,
    get_record,
    list_records,
    update_record,
)

_OWN = frozenset({"q", "sort", "page", "per_page"})


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of record: its word, its word in addresses, its table and what it is for the reader of the document."""

    word: str
    plural: str
    model: type[Any]
    about: str


RESOURCES = (
    Resource("unit", "units", Unit, "Departments, communes, schools: a tree of any depth."),
    Resource("site", "sites", Site, "Places with a location."),
    Resource("room", "rooms", Room, "Rooms of sites."),
    Resource("device", "devices", Device, "What is measured."),
    Resource("link", "links", Link, "Internet lines and their contracts."),
    Resource("asset", "assets", Asset, "What is owned, with cost and warranty."),
    Resource("service", "services", Service, "What people use: portal, mail, e-office, and who answers for it."),
    Resource("room_use", "room-uses", RoomUse, "When a room is needed: examinations, meetings, lessons."),
    Resource("check", "checks", Check, "Looks at a page, a name, a mail server or a port; they speak for a service."),
    Resource("endpoint", "endpoints", Endpoint, "Rooms made ready to meet."),
)


def records_blueprint(resource: Resource) -> APIBlueprint:
    """The five routes of one kind."""
    blueprint = APIBlueprint(
        f"api_{resource.plural}",
        __name__,
        url_prefix=f"/api/v1/{resource.plural}",
        tag={"name": resource.plural, "description": resource.about},
    )
    read, new, change = record_shapes(resource.word, resource.model)
    _add_reading(blueprint, resource, read)
    _add_writing(blueprint, resource, (read, new, change))
    return blueprint


def _add_reading(blueprint: APIBlueprint, resource: Resource, read: type[Any]) -> None:
    @blueprint.get("")
    @needs(Permission.VIEW)
    @blueprint.input(PageQuery, location="query", arg_name="query")
    @blueprint.output(PageOf[read])
    @blueprint.doc(
        summary=f"List {resource.plural}",
        description="Any column of the record that can be filtered is an argument too; unit_id takes the whole branch.",
        responses=[400, 401, 403],
    )
    def index(query: PageQuery) -> Any:
        filters = {name: _plain(value) for name, value in request.args.items() if name not in _OWN}
        wanted = ListQuery(query.q, filters, query.sort, query.page, query.per_page)
        found = list_records(g.session, g.scope, resource.model, wanted)
        return paged(found.rows, found.total, found.page, found.page_size)

    @blueprint.get("/<int:record_id>")
    @needs(Permission.VIEW)
    @blueprint.output(read)
    @blueprint.doc(summary=f"Read one of the {resource.plural}", responses=[401, 403, 404])
    def one(record_id: int) -> Any:
        return get_record(g.session, g.scope, resource.model, record_id)


def _add_writing(blueprint: APIBlueprint, resource: Resource, shapes: tuple[type[Any], ...]) -> None:
    read, new, change = shapes

    @blueprint.post("")
    @needs(Permission.EDIT_INVENTORY)
    @blueprint.input(new, location="json", arg_name="body")
    @blueprint.output(read, status_code=201)
    @blueprint.doc(summary=f"Add one of the {resource.plural}", responses=[401, 403, 422])
    def create(body: Any) -> Any:
        raw = body.model_dump(exclude_unset=True)
        record = create_record(g.session, g.scope, resource.model, raw)
        _audit(resource, "create", record.id, raw)
        return record, 201, {"Location": f"{request.base_url}/{record.id}"}

    @blueprint.patch("/<int:record_id>")
    @needs(Permission.EDIT_INVENTORY)
    @blueprint.input(change, location="json", arg_name="body")
    @blueprint.output(read)
    @blueprint.doc(
        summary=f"Change one of the {resource.plural}",
        description="Only the fields given are changed.",
        responses=[401, 403, 404, 422],
    )
    def update(record_id: int, body: Any) -> Any:
        raw = body.model_dump(exclude_unset=True)
        record = update_record(g.session, g.scope, resource.model, record_id, raw)
        _audit(resource, "update", record_id, raw)
        return record

    @blueprint.delete("/<int:record_id>")
    @needs(Permission.EDIT_INVENTORY)
    @blueprint.output({}, status_code=204)
    @blueprint.doc(
        summary=f"Delete one of the {resource.plural}",
        description="All that hangs on it goes too.",
        responses=[401, 403, 404],
    )
    def delete(record_id: int) -> Any:
        gone = delete_record(g.session, g.scope, resource.model, record_id)
        _audit(resource, "delete", record_id, {"title": gone.title, "with": gone.counts})
        return "", 204


def _audit(resource: Resource, verb: str, record_id: int, detail: Mapping[str, Any]) -> None:
    deed = Deed(current_user.actor, f"{resource.word}.{verb}", resource.word, record_id, detail=detail)
    append_audit(g.session, deed, services().clock())


def _plain(value: str) -> Any:
    """A filter's value as the database compares it."""
    if value in ("true", "false"):
        return value == "true"
    return int(value) if value.isdecimal() and len(value) < 16 and (value == "0" or value[0] != "0") else value


BLUEPRINTS = tuple(records_blueprint(resource) for resource in RESOURCES)
