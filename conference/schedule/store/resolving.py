"""From what a draft names (branches, units, endpoints, people) to the participants of a meeting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, or_, select

from conference.schedule.drafts import ParticipantDraft, ScheduleProblem
from conference.schedule.words import BRANCH
from core import Scope, Session
from core import gettext as _
from inventory import Endpoint, Site, Unit


@dataclass(frozen=True, slots=True)
class Place:
    """An endpoint with what the schedule keeps of it."""

    endpoint_id: int
    unit_id: int
    name: str
    code: str
    email: str
    phone: str
    path: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Resolved:
    """A participant as it is written. `key` is the draft's; `subject` "" for a person, who gets a number later."""

    draft: ParticipantDraft
    key: str
    subject: str
    unit_id: int | None
    endpoint_id: int | None
    name: str
    email: str
    phone: str


def places(session: Session, *where: ColumnElement[bool]) -> list[Place]:
    """Endpoints with their unit, by name."""
    columns = (Endpoint.id, Site.unit_id, Endpoint.name, Endpoint.code, Endpoint.email, Endpoint.phone, Unit.path,
               Endpoint.is_active)  # fmt: skip
    chosen = select(*columns).join(Site, Site.id == Endpoint.site_id).join(Unit, Unit.id == Site.unit_id)
    return [Place(*row) for row in session.execute(chosen.where(*where).order_by(Endpoint.name_key, Endpoint.id))]


def branch_places(session: Session, paths: Collection[str]) -> list[Place]:
    """The endpoints in use of these units and of all below them."""
    if not paths:
        return []
    inside = or_(*(Unit.path.startswith(path, autoescape=True) for path in paths))
    return places(session, inside, Endpoint.is_active.is_(True))


def resolve(session: Session, scope: Scope, drafts: Sequence[ParticipantDraft]) -> list[Resolved]:
    """Everybody once, in the order of the draft; a branch becomes its endpoints. Raises ScheduleProblem.

    An endpoint that is named by itself keeps its own role and mode, whatever its branch says.
    """
    units = _units(session, scope, {one.unit_id for one in drafts if one.kind in ("unit", BRANCH) and one.unit_id})
    named = {one.endpoint_id for one in drafts if one.kind == "endpoint" and one.endpoint_id}
    by_id = {place.endpoint_id: place for place in places(session, Endpoint.id.in_(named))} if named else {}
    single = _single_places(session, [one.unit_id for one in drafts if one.kind == "unit" and one.unit_id])
    found: dict[str, Resolved] = {}
    for one in drafts:
        if one.kind == "person":
            found[one.key] = Resolved(one, one.key, "", one.unit_id, None, one.name.strip(), one.email.strip(),
                                      one.phone.strip())  # fmt: skip
        elif one.kind == "endpoint":
            place = by_id.get(one.endpoint_id or 0)
            if place is None or not scope.includes(place.path):
                raise _unknown(_("endpoint"), one.endpoint_id)
            _put(found, _of_place(one, place))
        else:
            unit = units.get(one.unit_id or 0)
            if unit is None:
                raise _unknown(_("unit"), one.unit_id)
            if one.kind == "unit":
                _put(found, _of_unit(one, unit, single.get(unit.id)))
    for one in drafts:
        if one.kind == BRANCH:
            for place in branch_places(session, [units[one.unit_id or 0].path]):
                whole = replace(one, kind="endpoint", endpoint_id=place.endpoint_id)
                found.setdefault(f"ep-{place.code}", _of_place(whole, place))
    return list(found.values())


def _put(found: dict[str, Resolved], one: Resolved) -> None:
    if one.subject in found:
        raise ScheduleProblem.of("participants", _("%(name)s stands in the list twice.", name=one.name))
    found[one.subject] = one


def _unknown(word: str, number: int | None) -> ScheduleProblem:
    return ScheduleProblem.of(
        "participants", _("There is no %(thing)s with the number %(number)s in your area.", thing=word, number=number)
    )


def _units(session: Session, scope: Scope, ids: Iterable[int]) -> dict[int, Unit]:
    wanted = set(ids)
    rows = session.scalars(select(Unit).where(Unit.id.in_(wanted))) if wanted else ()
    return {unit.id: unit for unit in rows if scope.includes(unit.path)}


def _single_places(session: Session, unit_ids: Collection[int]) -> dict[int, Place]:
    """Unit id to its endpoint, for units that have exactly one in use."""
    if not unit_ids:
        return {}
    grouped: defaultdict[int, list[Place]] = defaultdict(list)
    for place in places(session, Site.unit_id.in_(set(unit_ids)), Endpoint.is_active.is_(True)):
        grouped[place.unit_id].append(place)
    return {unit_id: found[0] for unit_id, found in grouped.items() if len(found) == 1}


def _of_place(draft: ParticipantDraft, place: Place) -> Resolved:
    return Resolved(draft, f"endpoint:{place.endpoint_id}", f"ep-{place.code}", place.unit_id, place.endpoint_id,
                    place.name, place.email, place.phone)  # fmt: skip


def _of_unit(draft: ParticipantDraft, unit: Unit, place: Place | None) -> Resolved:
    if place is None:
        return Resolved(draft, draft.key, f"unit-{unit.id}", unit.id, None, unit.name, unit.email, unit.phone)
    return Resolved(draft, draft.key, f"ep-{place.code}", unit.id, place.endpoint_id, unit.name,
                    place.email or unit.email, place.phone or unit.phone)  # fmt: skip
