"""Services as workers and pages need them: their checks, what they need, and the starting list of usual systems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from core import Scope
from core import gettext as _
from inventory.folding import sort_key
from inventory.kinds import SERVICE_KINDS
from inventory.models import (
    Check,
    Device,
    Endpoint,
    Link,
    MeetingServer,
    Service,
    ServiceNeed,
    Unit,
    endpoint_number,
    meeting_server_number,
    service_number,
)
from inventory.problems import FieldProblem, InvalidInput
from inventory.store.records import create_record, get_record
from inventory.store.visibility import touch_inventory, within

# The usual systems of a department that is not "other"; mail and meetings matter most when something else is wrong
STARTING_LIST: tuple[str, ...] = tuple(kind for kind in SERVICE_KINDS if kind != "other")


class MonitoredCheck(NamedTuple):
    """What a worker needs to know to make one check. `address` is the device's, for targets without a host.

    `owner` is the number under which its samples are kept: the service's, or the device's.
    """

    id: int
    device_id: int | None
    service_id: int | None
    kind: str
    target: str
    expect: str
    expect_status: str
    security: str
    credential_id: int | None
    vantage: str
    interval_s: int
    timeout_s: float
    address: str
    site_id: int

    @property
    def owner(self) -> int:
        """The number of the service or device in telemetry."""
        return service_number(self.service_id) if self.service_id is not None else self.device_id or 0


class MonitoredService(NamedTuple):
    """What a worker needs to know to say whether a service works."""

    id: int
    name: str
    needed: str
    down_after: int


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a service needs: `kind` is device, link or service, `row_id` the row that says so."""

    row_id: int
    kind: str
    id: int
    name: str
    device_id: int | None = None  # the device itself, or the one that carries the line
    site_id: int | None = None


def monitored_checks(
    session: Session, shard: tuple[int, int] = (0, 1), vantage: str = "department"
) -> list[MonitoredCheck]:
    """Every enabled check to be made from this vantage, by id: those of services, and those of watched devices.

    Of `shard` (i, n) only those whose service, or else whose site falls to it: one worker judges a whole service.
    """
    own = [getattr(Check, name) for name in MonitoredCheck._fields[:12]]
    query = select(*own, func.coalesce(Device.address, ""), func.coalesce(Device.site_id, 0))
    query = query.outerjoin(Device, Device.id == Check.device_id).where(Check.is_enabled, Check.vantage == vantage)
    query = query.where(or_(Check.service_id.is_not(None), Device.is_monitored)).order_by(Check.id)
    if shard[1] > 1:
        query = query.where(func.coalesce(Check.service_id, Device.site_id) % shard[1] == shard[0])
    return list(map(MonitoredCheck._make, session.execute(query)))


def monitored_services(session: Session, shard: tuple[int, int] = (0, 1)) -> list[MonitoredService]:
    """Every service, by id; of `shard` (i, n) those that fall to it."""
    query = select(*(getattr(Service, name) for name in MonitoredService._fields)).order_by(Service.id)
    if shard[1] > 1:
        query = query.where(Service.id % shard[1] == shard[0])
    return list(map(MonitoredService._make, session.execute(query)))


def service_numbers(session: Session) -> set[int]:
    """The numbers in telemetry of all services there are."""
    return {service_number(one) for one in session.scalars(select(Service.id))}


def numbers_beside_devices(session: Session) -> set[int]:
    """The numbers in telemetry of everything that is no device: services, endpoints and meeting servers."""
    found = service_numbers(session)
    found.update(endpoint_number(one) for one in session.scalars(select(Endpoint.id)))
    found.update(meeting_server_number(one) for one in session.scalars(select(MeetingServer.id)))
    return found


def services_in(session: Session, scope: Scope) -> list[Service]:
    """The services that the scope shows, by name."""
    return list(session.scalars(select(Service).where(within(Service, scope)).order_by(Service.name_key, Service.id)))


def checks_of_services(session: Session, service_ids: Iterable[int]) -> dict[int, list[Check]]:
    """Service id to its checks; the services were chosen by scope already."""
    wanted = set(service_ids)
    found: dict[int, list[Check]] = {one: [] for one in wanted}
    for check in session.scalars(select(Check).where(Check.service_id.in_(wanted)).order_by(Check.kind, Check.id)):
        found[check.service_id or 0].append(check)
    return found


def needs_of(session: Session, service_ids: Iterable[int]) -> dict[int, list[Need]]:
    """Service id to what it needs: devices, then lines, then services."""
    wanted = set(service_ids)
    found: dict[int, list[Need]] = {one: [] for one in wanted}
    chosen = select(ServiceNeed.service_id, ServiceNeed.id).where(ServiceNeed.service_id.in_(wanted))
    devices = chosen.add_columns(Device.id, Device.name, Device.id, Device.site_id).join(
        Device, Device.id == ServiceNeed.device_id)
    links = chosen.add_columns(Link.id, Link.name, Link.device_id, Link.site_id).join(
        Link, Link.id == ServiceNeed.link_id)
    services = chosen.add_columns(Service.id, Service.name).join(Service, Service.id == ServiceNeed.needed_id)
    for kind, query in (("device", devices), ("link", links), ("service", services)):
        for service_id, row_id, *rest in session.execute(query.order_by(ServiceNeed.id)):
            found[service_id].append(Need(row_id, kind, *rest))
    return found


def needed_devices(session: Session) -> dict[int, tuple[frozenset[int], frozenset[int]]]:
    """Service id -> (devices without which it does not work, services without which it does not), at any remove."""
    devices: dict[int, set[int]] = {}
    services: dict[int, set[int]] = {}
    for one in session.scalars(select(Service.id)):
        devices[one], services[one] = set(), set()
    query = select(ServiceNeed.service_id, func.coalesce(ServiceNeed.device_id, Link.device_id), ServiceNeed.needed_id)
    for service_id, device_id, needed_id in session.execute(query.outerjoin(Link, Link.id == ServiceNeed.link_id)):
        if device_id is not None:
            devices[service_id].add(device_id)
        if needed_id is not None:
            services[service_id].add(needed_id)
    return {
        one: (frozenset().union(*(devices[s] for s in (one, *below))), frozenset(below))
        for one, below in ((one, _reached(services, one)) for one in devices)
    }


def _reached(edges: Mapping[int, set[int]], start: int) -> set[int]:
    seen: set[int] = set()
    todo = list(edges.get(start, ()))
    while todo:
        one = todo.pop()
        if one not in seen and one != start:
            seen.add(one)
            todo.extend(edges.get(one, ()))
    return seen


def add_need(session: Session, scope: Scope, service_id: int, kind: str, needed: int) -> ServiceNeed:
    """Note that a service needs a device, line or service. Raises NotFound, InvalidInput (twice, or in a ring)."""
    get_record(session, scope, Service, service_id)
    model = {"device": Device, "link": Link, "service": Service}[kind]
    get_record(session, scope, model, needed)
    name = {"device": "device_id", "link": "link_id", "service": "needed_id"}[kind]
    column = getattr(ServiceNeed, name)
    if session.scalar(select(ServiceNeed.id).where(ServiceNeed.service_id == service_id, column == needed)):
        raise InvalidInput([FieldProblem(None, kind, _("This stands here already."))])
    if kind == "service" and (needed == service_id or service_id in _reached(_service_edges(session), needed)):
        message = _("This would hang on itself in a circle. Choose another one.")
        raise InvalidInput([FieldProblem(None, kind, message)])
    row = ServiceNeed(service_id=service_id, **{name: needed})
    session.add(row)
    session.flush()
    touch_inventory(session)
    return row


def remove_need(session: Session, scope: Scope, service_id: int, row_id: int) -> None:
    """A service does not need this any more. Raises NotFound when the service is not there."""
    get_record(session, scope, Service, service_id)
    session.execute(delete(ServiceNeed).where(ServiceNeed.id == row_id, ServiceNeed.service_id == service_id))
    touch_inventory(session)


def _service_edges(session: Session) -> dict[int, set[int]]:
    edges: dict[int, set[int]] = {}
    query = select(ServiceNeed.service_id, ServiceNeed.needed_id).where(ServiceNeed.needed_id.is_not(None))
    for service_id, needed_id in session.execute(query):
        edges.setdefault(service_id, set()).add(needed_id)
    return edges


def missing_kinds(session: Session, scope: Scope) -> list[str]:
    """The kinds of the starting list for which the scope has no service yet, in their order."""
    there = set(session.scalars(select(Service.kind).where(within(Service, scope)).distinct()))
    return [kind for kind in STARTING_LIST if kind not in there]


def add_usual_services(session: Session, scope: Scope, unit_id: int, kinds: Sequence[str]) -> list[Service]:
    """Make the chosen systems of the starting list for a unit, without addresses, but none whose name is there.

    Raises NotFound, InvalidInput.
    """
    get_record(session, scope, Unit, unit_id)
    taken = {sort_key(name) for name in session.scalars(select(Service.name).where(Service.unit_id == unit_id))}
    made = []
    for kind in (one for one in STARTING_LIST if one in kinds):
        name = _(SERVICE_KINDS[kind])
        if sort_key(name) not in taken:
            importance = "critical" if kind in ("portal", "eoffice", "mail") else "normal"
            raw = {"unit_id": unit_id, "name": name, "kind": kind, "importance": importance}
            made.append(create_record(session, scope, Service, raw))
    return made
