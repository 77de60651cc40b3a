"""Making, changing and deleting one record of any subject: checked field by field, within the scope of who does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import Base, Scope
from core import gettext as _
from inventory import subjects
from inventory.fields import Subject, Trouble, Values, check_fields, check_rules
from inventory.models import (
    Asset,
    CalendarEntry,
    Check,
    Credential,
    Device,
    Endpoint,
    Fact,
    Link,
    Part,
    Room,
    RoomUse,
    Service,
    ServiceNeed,
    Site,
    Unit,
)
from inventory.problems import FieldProblem, InvalidInput, NotFound
from inventory.store.tree import place_unit
from inventory.store.visibility import touch_inventory, within

R = TypeVar("R", bound=Base)

MODELS: dict[str, type[Any]] = {
    "unit": Unit, "site": Site, "room": Room, "device": Device, "link": Link, "asset": Asset,
    "calendar": CalendarEntry, "check": Check, "credential": Credential, "room_use": RoomUse, "service": Service,
    "endpoint": Endpoint,
}
WORDS = {model: word for word, model in MODELS.items()}

# What must not be there twice, and the field at which to say so
UNIQUE: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    "unit": ((("code",), "code"),),
    "site": ((("code",), "code"),),
    "room": ((("site_id", "code"), "code"),),
    "device": ((("code",), "code"), (("site_id", "name"), "name")),
    "link": ((("site_id", "name"), "name"),),
    "asset": ((("code",), "code"),),
    "calendar": ((("unit_id", "kind", "weekday", "name"), "name"),),
    "service": ((("unit_id", "name"), "name"),),
    "check": ((("device_id", "kind", "target"), "target"), (("service_id", "kind", "target"), "target")),
    "room_use": ((("site_id", "room_id", "starts_at", "name"), "name"),),
    "endpoint": ((("code",), "code"),),
}


def get_record(session: Session, scope: Scope, model: type[R], record_id: int) -> R:
    """The record. Raises NotFound when there is none, or none in the scope."""
    key: Any = model.id  # type: ignore[attr-defined]
    record = session.scalar(select(model).where(key == record_id, within(model, scope)))
    if record is None:
        raise NotFound(_("There is no such record. It may have been deleted, or it belongs to another unit."))
    return record


def create_record(session: Session, scope: Scope, model: type[R], raw: Mapping[str, Any]) -> R:
    """Make a record from a form or JSON: field name to text or value. Raises InvalidInput with every problem."""
    subject = subjects.SUBJECTS[WORDS[model]]
    values, troubles = check_fields(subject, raw, is_new=True)
    troubles = troubles or check_rules(subject, values)  # rules make no sense of half a record
    _refuse(troubles + _check(session, scope, subject, values, (None, set(values))))
    record = model(**values)
    with _saving(session, subject):
        session.add(record)
        session.flush()
        if isinstance(record, Unit):
            place_unit(session, record)
    touch_inventory(session)
    return record


def update_record(session: Session, scope: Scope, model: type[R], record_id: int, raw: Mapping[str, Any]) -> R:
    """Change the given fields of a record, the others stay. Raises NotFound, InvalidInput."""
    subject = subjects.SUBJECTS[WORDS[model]]
    record = get_record(session, scope, model, record_id)
    values, troubles = check_fields(subject, raw, is_new=False)
    if "site_id" in values and "room_id" not in raw and values["site_id"] != getattr(record, "site_id", None):
        values |= {"room_id": None} if hasattr(record, "room_id") else {}  # a room does not move along
    whole = {field.name: getattr(record, field.name) for field in subject.fields} | values
    troubles = troubles or check_rules(subject, whole)
    changed = {name for name, value in values.items() if getattr(record, name) != value}
    _refuse(troubles + _check(session, scope, subject, whole, (record_id, changed)))
    is_moved = isinstance(record, Unit) and record.parent_id != whole["parent_id"]
    with _saving(session, subject):
        for name in values:
            setattr(record, name, whole[name])  # the rules may have put a value into its usual form
        session.flush()
        if is_moved:
            place_unit(session, record)
    touch_inventory(session)
    return record


@dataclass(frozen=True, slots=True)
class DeletePreview:
    """What goes with a record when it is deleted. `counts`: word to number, only what there is.

    `unlinked` counts what stays but loses its pointer to the record.
    """

    word: str
    record_id: int
    title: str
    counts: dict[str, int]
    unlinked: dict[str, int]


def preview_delete(session: Session, scope: Scope, model: type[R], record_id: int) -> DeletePreview:
    """Count what hangs on a record. Raises NotFound."""
    record: Any = get_record(session, scope, model, record_id)
    counts, unlinked = _hanging(session, record)
    title = record.name if hasattr(record, "name") else record.target
    return DeletePreview(WORDS[model], record_id, title, counts, unlinked)


def delete_record(
    session: Session, scope: Scope, model: type[R], record_id: int, expected: DeletePreview | None = None
) -> DeletePreview:
    """Delete a record and all that hangs on it. Raises NotFound.

    With `expected` (what the person was shown) it raises InvalidInput when more would go by now than was shown.
    """
    found = preview_delete(session, scope, model, record_id)
    if expected is not None and any(n > expected.counts.get(word, 0) for word, n in found.counts.items()):
        message = _("Meanwhile more was added below this. Look again before deleting.")
        raise InvalidInput([FieldProblem(None, "", message)])
    session.execute(delete(model).where(model.id == record_id))  # type: ignore[attr-defined]
    session.expire_all()
    touch_inventory(session)
    return found


def _hanging(session: Session, record: Any) -> tuple[dict[str, int], dict[str, int]]:
    going: dict[str, Any] = {}
    losing: dict[str, Any] = {}
    sites = None
    if isinstance(record, Unit):
        units = select(Unit.id).where(Unit.path.startswith(record.path, autoescape=True))
        sites = select(Site.id).where(Site.unit_id.in_(units))
        going["unit"] = (Unit, Unit.id.in_(units) & (Unit.id != record.id))
        going["site"] = (Site, Site.unit_id.in_(units))
        going["calendar"] = (CalendarEntry, CalendarEntry.unit_id.in_(units))
        going["service"] = (Service, Service.unit_id.in_(units))
    elif isinstance(record, Site):
        sites = select(Site.id).where(Site.id == record.id)
    elif isinstance(record, (Room, Credential)):
        losing["device"] = (Device, Device.room_id == record.id)
        if isinstance(record, Credential):
            uses = (Device.credential_id == record.id) | (Device.pjlink_credential_id == record.id)
            losing["device"] = (Device, uses)
            losing["check"] = (Check, Check.credential_id == record.id)
        if isinstance(record, Room):
            losing["asset"] = (Asset, Asset.room_id == record.id)
            losing["endpoint"] = (Endpoint, Endpoint.room_id == record.id)
            going["room_use"] = (RoomUse, RoomUse.room_id == record.id)
    elif isinstance(record, Service):
        going["check"] = (Check, Check.service_id == record.id)
        losing["service"] = (ServiceNeed, ServiceNeed.needed_id == record.id)
    devices = None
    if sites is not None:
        devices = select(Device.id).where(Device.site_id.in_(sites))
        going |= {word: (m, m.site_id.in_(sites)) for word, m in
                  (("room", Room), ("device", Device), ("link", Link), ("asset", Asset), ("room_use", RoomUse),
                   ("endpoint", Endpoint))}
    elif isinstance(record, Device):
        devices = select(Device.id).where(Device.id == record.id)
        losing["device"] = (Device, Device.parent_device_id == record.id)
        losing |= {"link": (Link, Link.device_id == record.id), "asset": (Asset, Asset.device_id == record.id)}
    if devices is not None:
        going |= {word: (m, m.device_id.in_(devices)) for word, m in (("part", Part), ("fact", Fact), ("check", Check))}
    return _counted(session, going), _counted(session, losing)


def _counted(session: Session, questions: Mapping[str, Any]) -> dict[str, int]:
    counts = {
        word: session.scalar(select(func.count()).select_from(model).where(where)) or 0
        for word, (model, where) in questions.items()
    }
    return {word: n for word, n in counts.items() if n}


def _refuse(troubles: list[Trouble]) -> None:
    if troubles:
        raise InvalidInput(FieldProblem(None, name, message) for name, message in troubles)


@contextmanager
def _saving(session: Session, subject: Subject) -> Iterator[None]:
    """All that is written inside, or nothing. The changes are made inside too: a savepoint flushes what was before."""
    try:
        with session.begin_nested():
            yield
    except IntegrityError as error:
        # Another writer was quicker since the check; only PostgreSQL lets that happen
        field = UNIQUE[subject.word][0][1]
        raise InvalidInput([FieldProblem(None, field, taken_message(subject.word, field))]) from error


def _check(
    session: Session, scope: Scope, subject: Subject, values: Values, own: tuple[int | None, set[str]]
) -> list[Trouble]:
    """What is wrong with a whole record. `own`: its id (None for a new one) and the names of the fields that change."""
    own_id, changed = own
    troubles = _check_pointers(session, scope, subject, {n: v for n, v in values.items() if n in changed})
    troubles += _check_room(session, values) if changed & {"room_id", "site_id"} else []
    for names, field in UNIQUE[subject.word]:
        if any(values.get(name) in (None, "") for name in names):
            continue
        model = MODELS[subject.word]
        taken = select(model.id).where(*(getattr(model, name) == values[name] for name in names))
        if own_id is not None:
            taken = taken.where(model.id != own_id)
        if session.scalar(taken.limit(1)) is not None:
            troubles.append((field, taken_message(subject.word, field)))
    if own_id is not None:
        troubles += _check_circle(session, subject.word, values, own_id)
    return troubles


def taken_message(word: str, field: str) -> str:
    """The text for something that is there already."""
    if field == "code":
        return _("This code is used already. Choose another one, or change the record that has it.")
    if word == "check":
        return _("This service or device has the same check already.")
    return _("This name is used already at the same place. Choose another one.")


def _check_pointers(session: Session, scope: Scope, subject: Subject, values: Values) -> list[Trouble]:
    troubles: list[Trouble] = []
    for field in subject.fields:
        target = values.get(field.name)
        if not field.refers or target is None:
            continue
        model = MODELS[field.refers]
        # Which credential a device has may be seen and kept by school staff, its content may not
        where = within(model, scope) if model is not Credential else model.id > 0
        if session.scalar(select(model.id).where(model.id == target, where)) is None:
            troubles.append((field.name, _("There is no such record. It may have been deleted; choose another one.")))
        elif field.name == "pjlink_credential_id" and not _is_pjlink(session, target):
            troubles.append((field.name, _("This credential is of another kind. Choose one of the kind PJLink.")))
    if subject.word == "unit" and values.get("parent_id", 0) is None and scope.unit_path is not None:
        troubles.append(("parent_id", _("Choose the unit above; only the department makes topmost units.")))
    return troubles


def _is_pjlink(session: Session, credential_id: int) -> bool:
    return session.scalar(select(Credential.kind).where(Credential.id == credential_id)) == "pjlink"


def _check_room(session: Session, values: Values) -> list[Trouble]:
    room_id = values.get("room_id")
    site_id = session.scalar(select(Room.site_id).where(Room.id == room_id)) if room_id is not None else None
    if site_id is None or site_id == values.get("site_id"):  # a room that is not there was reported already
        return []
    return [("room_id", _("This room belongs to another site. Choose a room of the same site."))]


def _check_circle(session: Session, word: str, values: Values, own_id: int) -> list[Trouble]:
    name = {"unit": "parent_id", "device": "parent_device_id"}.get(word)
    if name is None:
        return []
    model, seen = MODELS[word], {own_id}
    above = values.get(name)
    while above is not None:
        if above in seen:
            return [(name, _("This would hang on itself in a circle. Choose another one."))]
        seen.add(above)
        above = session.scalar(select(getattr(model, name)).where(model.id == above))
    return []
