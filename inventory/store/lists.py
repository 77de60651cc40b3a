"""Lists of records: filtered, sorted and cut into pages by the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from core import Base, Scope
from core import gettext as _
from inventory.folding import bare_mac, fold
from inventory.models import (
    Asset,
    CalendarEntry,
    Check,
    Credential,
    Device,
    Endpoint,
    Link,
    Part,
    Room,
    RoomUse,
    Service,
    Site,
    Unit,
)
from inventory.store.visibility import below, within

R = TypeVar("R", bound=Base)

PAGE_LIMIT = 500
WORD_LIMIT = 8


class UnknownFilter(ValueError):
    """The list knows no such filter or order; the text names those it knows."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What part of a list is wanted. `filters`: name to value or values; `sort`: a column, "-" before it for downwards.

    Besides a model's own columns, "unit_id" means the unit's whole branch.
    """

    text: str = ""
    filters: Mapping[str, Any] = field(default_factory=dict)
    sort: str = ""
    page: int = 1
    page_size: int = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """One page of a list, and how long the whole list is."""

    rows: Sequence[R]
    total: int
    page: int
    page_size: int

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // self.page_size))


# Per model: the columns to filter by, and those to sort by; the first of these is the usual order
_COLUMNS: dict[type[Any], tuple[tuple[str, ...], tuple[str, ...]]] = {
    Unit: (("kind", "parent_id", "code"), ("name", "code", "kind", "path")),
    Site: (("code",), ("name", "code", "address")),
    Room: (("site_id", "kind", "floor", "code"), ("name", "code", "kind", "floor", "seats")),
    Device: (
        ("site_id", "room_id", "kind", "vendor", "model", "firmware", "profile", "credential_id",
         "pjlink_credential_id", "is_monitored", "parent_device_id", "address", "code", "serial", "mac"),
        ("name", "code", "kind", "vendor", "model", "address", "serial", "firmware", "site_id", "id"),
    ),
    Link: (("site_id", "isp", "contract_number", "device_id"),
           ("name", "isp", "contract_number", "committed_down_bps", "monthly_cost", "starts_on", "ends_on")),
    Asset: (("site_id", "room_id", "device_id", "kind", "funding_source"),
            ("name", "code", "kind", "purchased_on", "cost", "warranty_until", "depreciation_years", "funding_source")),
    CalendarEntry: (("kind", "weekday"), ("name", "kind", "starts_on", "weekday")),
    Service: (("kind", "importance", "hours"), ("name", "kind", "importance", "target_percent", "id")),
    Check: (("device_id", "service_id", "kind", "is_enabled", "vantage"), ("target", "kind", "id")),
    Credential: (("kind",), ("name", "kind")),
    RoomUse: (("site_id", "room_id", "purpose", "source"), ("starts_at", "name", "purpose", "ends_at")),
    Endpoint: (("site_id", "room_id", "kind", "can_speak", "is_active", "code", "link_id"),
               ("name", "code", "kind", "seats", "contact")),
}


def list_records(session: Session, scope: Scope, model: type[R], query: ListQuery = ListQuery()) -> Page[R]:
    """One page of the records that the scope shows. Raises UnknownFilter."""
    where = [within(model, scope), *_conditions(session, model, query)]
    total = session.scalar(select(func.count()).select_from(model).where(*where)) or 0
    size = min(max(1, query.page_size), PAGE_LIMIT)
    page = min(max(1, query.page), max(1, -(-total // size)))
    chosen = _ordered(select(model).where(*where), model, query.sort).limit(size).offset((page - 1) * size)
    return Page(session.scalars(chosen).all(), total, page, size)


def names_of(session: Session, model: type[Any], ids: Iterable[int | None]) -> dict[int, str]:
    """Id to name of the records a list's rows point to. The rows themselves were chosen by scope already."""
    wanted = {i for i in ids if i is not None}
    if not wanted:
        return {}
    return dict(session.execute(select(model.id, model.name).where(model.id.in_(wanted))).all())


def distinct_values(session: Session, scope: Scope, model: type[Any], column: str, limit: int = 200) -> list[str]:
    """The values in use of one filter column, for a filter's list of choices."""
    if column not in _COLUMNS[model][0]:
        raise UnknownFilter(_unknown(column, _COLUMNS[model][0]))
    values = select(getattr(model, column)).where(within(model, scope)).distinct().limit(limit)
    return sorted(str(value) for value in session.scalars(values) if value not in (None, ""))


def text_condition(model: type[Any], text: str) -> ColumnElement[bool]:
    """The condition that a record holds every word of the text somewhere, without regard to accents and case."""
    words = fold(text).split()[:WORD_LIMIT]
    if not hasattr(model, "search_text"):
        shown = func.lower(model.target if model is Check else model.name)
        return and_(*(shown.contains(word, autoescape=True) for word in words))
    return and_(*(_has_word(model, word) for word in words))


def _has_word(model: type[Any], word: str) -> ColumnElement[bool]:
    has = model.search_text.contains(word, autoescape=True)
    bare = bare_mac(word)
    if model is Device and bare is not None and bare != word:
        return or_(has, model.search_text.contains(bare))
    return has


def _conditions(session: Session, model: type[Any], query: ListQuery) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [text_condition(model, query.text)] if query.text.strip() else []
    known = _COLUMNS[model][0]
    for name, value in query.filters.items():
        if name == "unit_id" and model not in (Check, Credential):
            path = session.scalar(select(Unit.path).where(Unit.id == value))
            where.append(below(model, path or "/none/"))
        elif name not in known:
            raise UnknownFilter(_unknown(name, (*known, "unit_id")))
        elif isinstance(value, (list, tuple, set, frozenset)):
            where.append(getattr(model, name).in_(value))
        else:
            where.append(getattr(model, name).is_(None) if value is None else getattr(model, name) == value)
    return where


def _ordered(chosen: Select[Any], model: type[Any], sort: str) -> Select[Any]:
    known = _COLUMNS[model][1]
    name = sort.removeprefix("-") or known[0]
    if name not in known:
        raise UnknownFilter(_unknown(name, known))
    column = getattr(model, "name_key" if name == "name" and hasattr(model, "name_key") else name)
    is_down = sort.startswith("-")
    order = [column.desc() if is_down else column.asc(), model.id.desc() if is_down else model.id.asc()]
    if getattr(column.property.columns[0], "nullable", False):
        order.insert(0, column.is_(None))  # what is not known stands last either way
    return chosen.order_by(*order)


def _unknown(name: str, known: Iterable[str]) -> str:
    return _("This list knows no %(name)s. It knows: %(known)s.", name=name[:50], known=", ".join(known))


def parts_of(session: Session, scope: Scope, device_id: int, *, with_vanished: bool = False) -> list[Part]:
    """A device's parts by kind and number; without those that are gone, unless asked for."""
    query = select(Part).where(Part.device_id == device_id, within(Part, scope))
    if not with_vanished:
        query = query.where(Part.vanished_at.is_(None))
    return list(session.scalars(query.order_by(Part.kind, Part.index, Part.key)))
