"""Which records a person's scope includes, as conditions of a query, and the mark that tells of edits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, select, true, update
from sqlalchemy.orm import Session

from core import Scope
from inventory.models import (
    AddressSighting,
    Asset,
    CalendarEntry,
    Check,
    Credential,
    Device,
    Endpoint,
    Fact,
    FactChange,
    InventoryStamp,
    Link,
    MacSighting,
    Neighbour,
    OwnMac,
    Part,
    Room,
    RoomUse,
    Service,
    ServiceNeed,
    Site,
    Unit,
)

_OF_UNIT = (Site, CalendarEntry, Service)
_OF_SITE = (Room, Device, Link, Asset, RoomUse, Endpoint)
_OF_DEVICE = (Part, Fact, FactChange, Neighbour, MacSighting, AddressSighting, OwnMac)


def within(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    """The condition that a record lies in the scope. Credentials belong to the department alone."""
    if scope.unit_path is None:
        return true()
    if model is Credential:
        return false()
    return below(model, scope.unit_path)


def below(model: type[Any], path: str) -> ColumnElement[bool]:
    """The condition that a record belongs to the unit with this path or one below it."""
    in_tree = Unit.path.startswith(path, autoescape=True)
    if model is Unit:
        return in_tree
    units = select(Unit.id).where(in_tree)
    if model in _OF_UNIT:
        return model.unit_id.in_(units)
    sites = select(Site.id).where(Site.unit_id.in_(units))
    if model in _OF_SITE:
        return model.site_id.in_(sites)
    devices = select(Device.id).where(Device.site_id.in_(sites))
    if model in _OF_DEVICE:
        return model.device_id.in_(devices)
    services = select(Service.id).where(Service.unit_id.in_(units))
    if model is ServiceNeed:
        return model.service_id.in_(services)
    if model is Check:  # a check belongs to its service, and only without one to its device
        alone = model.service_id.is_(None) & model.device_id.in_(devices)
        return model.service_id.in_(services) | alone
    raise TypeError(f"{model.__name__} belongs to no unit")


def inventory_version(session: Session) -> int:
    """A number that grows with every edit of units, sites, devices, credentials, checks or the calendar."""
    return session.scalar(select(InventoryStamp.version).where(InventoryStamp.id == 1)) or 0


def touch_inventory(session: Session) -> None:
    """Tell the workers that something they read was edited. Every store function that edits does so itself."""
    changed = session.execute(
        update(InventoryStamp).where(InventoryStamp.id == 1).values(version=InventoryStamp.version + 1),
        execution_options={"synchronize_session": False},
    )
    if changed.rowcount == 0:
        session.add(InventoryStamp(id=1, version=1))
        session.flush()
