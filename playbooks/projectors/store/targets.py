"""The projectors that a person or a schedule means, and what stands in the way of touching each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from core import Scope, Session
from inventory import CalendarView, Credential, Device, Occupation, Room, Site, Unit, calendar_views, occupations
from playbooks.projectors.refusing import Refusal, Rules, Target, refusal_of

MOST_TARGETS = 5000
MARGIN = timedelta(hours=3)
KINDS = ("projector",)


@dataclass(frozen=True, slots=True)
class Group:
    """Projectors of a unit's branch or a site, in rooms of one kind or in one room; all None means all there are."""

    unit_id: int | None = None
    site_id: int | None = None
    room_id: int | None = None
    room_kind: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """What stands around the targets: uses of rooms, and calendars (only where a schedule asks)."""

    uses: Mapping[int, Sequence[Occupation]] = field(default_factory=dict)
    calendars: Mapping[int, CalendarView] = field(default_factory=dict)

    def refusal(self, target: Target, rules: Rules, now: datetime) -> Refusal | None:
        """Why not this target now."""
        calendar = self.calendars.get(target.site_id)
        return refusal_of(target, rules, self.uses.get(target.site_id, ()), calendar, now)


def targets_of(session: Session, scope: Scope, device_ids: Collection[int]) -> list[Target]:
    """The projectors among these devices that the scope shows, by site and name; others are left out."""
    return _targets(session, scope, [Device.id.in_(list(device_ids)[:MOST_TARGETS])])


def targets_in(session: Session, scope: Scope, group: Group) -> list[Target]:
    """All projectors of a group."""
    where: list[ColumnElement[bool]] = []
    if group.unit_id is not None:
        path = session.scalar(select(Unit.path).where(Unit.id == group.unit_id)) or "/none/"
        where.append(Unit.path.startswith(path, autoescape=True))
    if group.site_id is not None:
        where.append(Device.site_id == group.site_id)
    if group.room_id is not None:
        where.append(Device.room_id == group.room_id)
    if group.room_kind:
        where.append(Room.kind == group.room_kind)
    return _targets(session, scope, where)


def _targets(session: Session, scope: Scope, where: Sequence[ColumnElement[bool]]) -> list[Target]:
    chosen = (
        select(
            Device.id, Device.name, Device.site_id, Site.name, Device.room_id, Device.address, Device.pjlink_port,
            Credential.kind, Device.pjlink_credential_id,
        )
        .join(Site, Site.id == Device.site_id)
        .join(Unit, Unit.id == Site.unit_id)
        .outerjoin(Room, Room.id == Device.room_id)
        .outerjoin(Credential, Credential.id == Device.credential_id)
        .where(Device.kind.in_(KINDS) | Device.pjlink_port.is_not(None), *where)
        .order_by(Site.name_key, Device.name_key, Device.id)
        .limit(MOST_TARGETS)
    )  # fmt: skip
    if scope.unit_path is not None:
        chosen = chosen.where(Unit.path.startswith(scope.unit_path, autoescape=True))
    return [
        Target(device_id, name, site_id, site_name, room_id, address,
               port is not None or kind == "pjlink" or second is not None)
        for device_id, name, site_id, site_name, room_id, address, port, kind, second in session.execute(chosen)
    ]


def way_of(
    session: Session, targets: Sequence[Target], now: datetime, timezone: str, is_scheduled: bool = False
) -> Way:
    """Look at the uses of the targets' rooms around now, and for a schedule at their calendars."""
    sites = {target.site_id for target in targets}
    uses = occupations(session, now, now + MARGIN, sites if len(sites) < 500 else None, timezone)
    return Way(uses, calendar_views(session, timezone) if is_scheduled else {})


@dataclass(frozen=True, slots=True)
class Preview:
    """What an order would do: to whom, and who is left out for what reason."""

    command: str
    argument: str
    accepted: Sequence[Target]
    refused: Sequence[tuple[Target, Refusal]]


def preview_order(
    session: Session, targets: Sequence[Target], command: tuple[str, str], rules: Rules, at: tuple[datetime, str]
) -> Preview:
    """Sort the targets; `command` is (word, argument), `at` is (now, time zone). Changes nothing."""
    now, timezone = at
    way = way_of(session, targets, now, timezone, rules.is_scheduled)
    judged = [(target, way.refusal(target, rules, now)) for target in targets]
    return Preview(
        *command,
        [target for target, why in judged if why is None],
        [(target, why) for target, why in judged if why is not None],
    )
