"""Many records at once, for spreadsheets: keys looked up and rows written by the hundred."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import case, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from core import Scope
from core import gettext as _
from inventory.models import CalendarEntry, Check, Credential, Device, Link, Room, Service, Site, Unit
from inventory.problems import FieldProblem, InvalidInput
from inventory.store.records import MODELS
from inventory.store.tree import rebuild_paths
from inventory.store.visibility import below, touch_inventory, within

_PARENTS = {"unit": "parent_id", "device": "parent_device_id"}
_DERIVED = ("name_key", "search_text")


def ids_by(
    session: Session, word: str, column: str, values: Iterable[str], scope: Scope | None = None
) -> dict[str, int]:
    """Value of a unique column to id. With a scope only what it shows; a credential's name may be known to all."""
    model = MODELS[word]
    key = getattr(model, column)
    query = select(key, model.id).where(key.in_(set(values)))
    if scope is not None and model is not Credential:
        query = query.where(within(model, scope))
    return dict(session.execute(query).all())


def ids_by_tuple(session: Session, word: str, columns: Sequence[str], keys: Iterable[tuple]) -> dict[tuple, int]:
    """Values of several columns to id. The first column narrows in the database, the rest is compared here."""
    wanted = set(keys)
    if not wanted:
        return {}
    model = MODELS[word]
    picked = [getattr(model, column) for column in columns]
    query = select(model.id, *picked).where(picked[0].in_({key[0] for key in wanted}))
    query = query.where(picked[-1].in_({key[-1] for key in wanted}))
    return {tuple(key): row_id for row_id, *key in session.execute(query) if tuple(key) in wanted}


def device_codes(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """Id to code, of those devices that have one."""
    query = select(Device.id, Device.code).where(Device.id.in_(set(ids)), Device.code.is_not(None))
    return dict(session.execute(query).all())


def addresses_of_sites(session: Session, site_ids: Iterable[int]) -> list[tuple[int, int, str, int, str, str | None]]:
    """(id, site, address, port, name, code) of the sites' devices that have an address."""
    query = select(Device.id, Device.site_id, Device.address, Device.snmp_port, Device.name, Device.code)
    return [tuple(row) for row in session.execute(query.where(Device.site_id.in_(set(site_ids)), Device.address != ""))]


def rows_by_id(
    session: Session, scope: Scope, word: str, ids: Iterable[int], columns: Sequence[str]
) -> dict[int, dict[str, Any]]:
    """Id to the values of the columns, of those records that the scope shows."""
    model = MODELS[word]
    query = select(model.id, *(getattr(model, column) for column in columns)).where(model.id.in_(set(ids)))
    return {
        row_id: dict(zip(columns, values, strict=True))
        for row_id, *values in session.execute(query.where(within(model, scope)))
    }


def parent_map(session: Session, word: str) -> dict[int, int]:
    """Id to the id above it, of all units or devices that have one."""
    model = MODELS[word]
    parent = getattr(model, _PARENTS[word])
    return dict(session.execute(select(model.id, parent).where(parent.is_not(None))).all())


def insert_rows(session: Session, word: str, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Write new records, all with the same fields; their ids in the same order."""
    model = MODELS[word]
    whole = [_with_derived(model, row) for row in rows]
    try:
        return list(session.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), whole))
    except IntegrityError as error:
        raise _overtaken() from error


def update_rows(session: Session, word: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write changed records. Each row has its id and all its fields."""
    model = MODELS[word]
    try:
        session.execute(update(model), [_with_derived(model, row) for row in rows])
    except IntegrityError as error:
        raise _overtaken() from error


def _overtaken() -> InvalidInput:
    """Somebody wrote the same code or name between the check and now; only PostgreSQL lets that happen."""
    message = _("Meanwhile somebody else changed the inventory. Nothing was written; import the file again.")
    return InvalidInput([FieldProblem(None, "", message)])


def _with_derived(model: type[Any], row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, **model.derived(row)} if hasattr(model, "derived") else dict(row)


def free_keys(session: Session, ids: Sequence[int]) -> None:
    """Take name and code off devices that are about to be renamed, so that two may exchange their names."""
    # \x01 stands in no checked name
    session.execute(update(Device), [{"id": i, "name": f"\x01{i}", "code": None} for i in ids])


def set_parents(session: Session, word: str, pairs: Sequence[tuple[int, int]]) -> None:
    """Hang records (first) on others (second)."""
    session.execute(update(MODELS[word]), [{"id": i, _PARENTS[word]: parent} for i, parent in pairs])


def finish_import(session: Session, word: str) -> None:
    """After rows were written past the ORM: paths, stale objects, the mark for the workers."""
    if word == "unit":
        rebuild_paths(session)
    session.expire_all()
    touch_inventory(session)


def export_rows(
    session: Session, scope: Scope, word: str, columns: Sequence[str], unit_path: str | None = None
) -> Iterator[dict[str, Any]]:
    """Every record that the scope shows, with the codes and names that stand for the ids of what it points to.

    A pointer `x_id` comes as text in the column `x_id`, as an import understands it.
    """
    model = MODELS[word]
    picked: dict[str, Any] = {name: getattr(model, name) for name in columns}
    joins: list[tuple[Any, Any]] = []
    for name, (target, shown) in _shown_as(model, picked).items():
        picked[name] = shown
        joins.extend(target)
    query = select(*(value.label(name) for name, value in picked.items())).select_from(model)
    for target, condition in joins:
        query = query.outerjoin(target, condition)
    query = query.where(within(model, scope))
    if unit_path is not None:
        query = query.where(below(model, unit_path))
    if model is Check:  # spreadsheets hold those of services
        query = query.where(Check.service_id.is_not(None))
    order = [picked[name] for name in ("unit_id", "site_id", "service_id") if name in picked]
    order += _own_order(model)
    result = session.execute(query.order_by(*order, model.id), execution_options={"yield_per": 1000})
    for row in result:
        yield dict(zip(picked, row, strict=True))


def _own_order(model: Any) -> list[Any]:
    if model is CalendarEntry:
        return [model.weekday, model.name]
    return [model.kind, model.target] if model is Check else [model.name_key]


def _shown_as(model: Any, picked: Mapping[str, Any]) -> dict[str, tuple[list[tuple[Any, Any]], Any]]:
    """Per pointer: the tables to join, and the column that is shown for it."""
    above, second = aliased(Unit), aliased(Credential)
    simple = {
        "unit_id": (Unit, Unit.code), "site_id": (Site, Site.code), "room_id": (Room, Room.code),
        "credential_id": (Credential, Credential.name), "parent_id": (above, above.code),
        "pjlink_credential_id": (second, second.name),
        "service_id": (Service, Service.name),
    }
    found = {
        name: ([(target, target.id == picked[name])], shown)
        for name, (target, shown) in simple.items() if name in picked
    }
    placed = {"device_id": Device, "parent_device_id": Device, "computer_id": Device, "codec_id": Device,
              "display_id": Device, "ups_id": Device, "link_id": Link}
    for name in [name for name in placed if name in picked]:
        device, site = aliased(placed[name]), aliased(Site)
        # As an import reads it: the name alone within the same site, otherwise with the site's code before it
        shown = case((device.site_id == model.site_id, device.name), else_=site.code + "/" + device.name)
        found[name] = ([(device, device.id == picked[name]), (site, site.id == device.site_id)], shown)
    return found
