"""Between a record and what a person types to mean it: code, name, "site code/name" of a device. Never its number."""

from __future__ import annotations

from typing import Any

from core import Scope, Session
from core import gettext as _
from dashboards.pages.inventory.kinds import MODELS
from inventory import (
    Credential,
    Device,
    Link,
    ListQuery,
    NotFound,
    Room,
    Service,
    Site,
    Unit,
    get_record,
    list_records,
    sort_key,
)

BETWEEN = " · "
SUGGESTED = 12


class NoSuchRecord(ValueError):
    """What was typed means no record, or several; the text says what to enter instead."""


def text_of(session: Session, refers: str, record_id: int | None) -> str:
    """What a form shows for a pointer; "" for none. What points to it was chosen by scope already."""
    record = session.get(MODELS[refers], record_id) if record_id is not None else None
    return "" if record is None else label(session, record)


def label(session: Session, record: Any) -> str:
    """A record as the suggestions name it; `meant` takes it back."""
    if isinstance(record, Credential):
        return record.name
    if isinstance(record, (Device, Link)):
        site = session.get(Site, record.site_id)
        return f"{site.code}/{record.name}" if site is not None else record.name
    if isinstance(record, Service):
        unit = session.get(Unit, record.unit_id)
        return f"{unit.code}/{record.name}" if unit is not None else record.name
    return f"{record.code}{BETWEEN}{record.name}"


def suggestions(session: Session, scope: Scope, refers: str, text: str, site_id: int | None) -> list[str]:
    """The first records that fit what has been typed so far."""
    words = text.split(BETWEEN)[-1] if refers not in ("device", "link", "service") else text.rpartition("/")[2]
    filters = {"site_id": site_id} if site_id is not None and refers in ("room", "device") else {}
    query = ListQuery(words[:100], filters, page_size=SUGGESTED)
    return [label(session, record) for record in list_records(session, scope, MODELS[refers], query).rows]


def meant(session: Session, scope: Scope, refers: str, text: str, site_id: int | None) -> int:
    """The record that a text means. Raises NoSuchRecord."""
    if refers == "device":
        return _device(session, scope, text, site_id)
    if refers == "link":
        return _placed(session, scope, Link, text) or _by_name(session, scope, Link, text, {})
    if refers == "service":
        return _service(session, scope, text)
    if refers == "room" and site_id is None:
        raise NoSuchRecord(_("Choose the site first, then a room of it."))
    model = MODELS[refers]
    within = {"site_id": site_id} if model is Room else {}
    for code in dict.fromkeys((text, text.split(BETWEEN)[0].strip())):
        found = list_records(session, scope, model, ListQuery(filters={**within, "code": code[:200]}, page_size=1)).rows
        if found:
            return found[0].id
    return _by_name(session, scope, model, text, within)


def _placed(session: Session, scope: Scope, model: type[Any], text: str) -> int | None:
    """What "site code/name" means; None when it is not written so."""
    code, slash, name = text.partition("/")
    sites = list_records(session, scope, Site, ListQuery(filters={"code": code.strip()}, page_size=1)).rows
    return _by_name(session, scope, model, name.strip(), {"site_id": sites[0].id}) if slash and sites else None


def _device(session: Session, scope: Scope, text: str, site_id: int | None) -> int:
    placed = _placed(session, scope, Device, text)
    if placed is not None:
        return placed
    found = list_records(session, scope, Device, ListQuery(filters={"code": text}, page_size=1)).rows
    if found:
        return found[0].id
    return _by_name(session, scope, Device, text, {"site_id": site_id} if site_id is not None else {})


def _service(session: Session, scope: Scope, text: str) -> int:
    """A service by its name alone, or behind its unit's code."""
    code, slash, name = text.partition("/")
    if slash:
        units = list_records(session, scope, Unit, ListQuery(filters={"code": code.strip()}, page_size=1)).rows
        rows = list_records(session, scope, Service, ListQuery(name[:200], page_size=200)).rows if units else ()
        same = [row for row in rows if row.unit_id == units[0].id and sort_key(row.name) == sort_key(name)]
        if same:
            return same[0].id
    return _by_name(session, scope, Service, text, {})


def _by_name(session: Session, scope: Scope, model: type[Any], text: str, filters: dict[str, Any]) -> int:
    rows = list_records(session, scope, model, ListQuery(text[:200], filters, page_size=200)).rows
    same = [row for row in rows if sort_key(row.name) == sort_key(text)]
    if len(same) == 1:
        return same[0].id
    if same:
        raise NoSuchRecord(_("Several have this name. Choose one of the suggestions, which begin with the code."))
    raise NoSuchRecord(_("Nothing here has this code or name. Type a part of it and choose one of the suggestions."))


def is_visible(session: Session, scope: Scope, refers: str, record_id: int) -> bool:
    """True when the scope shows the record."""
    try:
        get_record(session, scope, MODELS[refers], record_id)
    except NotFound:
        return False
    return True
