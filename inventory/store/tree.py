"""The tree of units: paths kept right, branches opened one at a time, sums of what a branch holds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core import Scope
from core import gettext as _
from inventory.models import Asset, Device, Link, Room, Site, Unit
from inventory.problems import FieldProblem, InvalidInput
from inventory.store.visibility import below, within

PATH_LIMIT = 255  # the column's width: some 40 levels in a province of 100,000 units


@dataclass(frozen=True, slots=True)
class TreeNode:
    """One line of the tree of units. `sites` and `devices` count the whole branch."""

    id: int
    parent_id: int | None
    kind: str
    name: str
    code: str
    path: str
    has_children: bool
    sites: int
    devices: int


@dataclass(frozen=True, slots=True)
class Summary:
    """How much there is in a branch or at a site. `devices`: kind to number."""

    units: int = 0
    sites: int = 0
    rooms: int = 0
    links: int = 0
    assets: int = 0
    devices: Mapping[str, int] = field(default_factory=dict)

    @property
    def device_count(self) -> int:
        """All devices together."""
        return sum(self.devices.values())


def place_unit(session: Session, unit: Unit) -> None:
    """Give a new or moved unit its path, and all below it theirs. The circle was refused before."""
    above = session.scalar(select(Unit.path).where(Unit.id == unit.parent_id)) if unit.parent_id else "/"
    old, new = unit.path, f"{above}{unit.id}/"
    if old == new:
        return
    deepest = _longest_path(session, old) if old else 0
    _refuse_too_deep(len(new) + max(0, deepest - len(old)))
    unit.path = new
    session.flush()
    if old:
        session.execute(
            update(Unit)
            .where(Unit.path.startswith(old, autoescape=True), Unit.id != unit.id)
            .values(path=new + func.substr(Unit.path, len(old) + 1)),
            execution_options={"synchronize_session": False},
        )
        session.expire_all()


def _longest_path(session: Session, path: str) -> int:
    longest = func.max(func.length(Unit.path))
    return session.scalar(select(longest).where(Unit.path.startswith(path, autoescape=True))) or 0


def _refuse_too_deep(length: int) -> None:
    if length > PATH_LIMIT:
        message = _("The tree of units would be too deep here. Hang the unit further up.")
        raise InvalidInput([FieldProblem(None, "parent_id", message)])


def rebuild_paths(session: Session) -> None:
    """Set every path anew from the parents, after an import has changed many."""
    rows = session.execute(select(Unit.id, Unit.parent_id, Unit.path)).all()
    children: dict[int | None, list[int]] = defaultdict(list)
    for unit_id, parent_id, _path in rows:
        children[parent_id].append(unit_id)
    paths: dict[int, str] = {}
    waiting = [(unit_id, "/") for unit_id in children[None]]
    while waiting:
        unit_id, above = waiting.pop()
        paths[unit_id] = f"{above}{unit_id}/"
        waiting.extend((child, paths[unit_id]) for child in children[unit_id])
    _refuse_too_deep(max(map(len, paths.values()), default=0))
    changed = [{"id": i, "path": paths[i]} for i, _parent, path in rows if i in paths and paths[i] != path]
    if changed:
        session.execute(update(Unit), changed)


def unit_children(session: Session, scope: Scope, unit_id: int | None = None) -> list[TreeNode]:
    """The units directly below one, or the topmost ones that the scope shows, in counting order."""
    query = select(Unit).where(within(Unit, scope))
    if unit_id is not None:
        query = query.where(Unit.parent_id == unit_id)
    elif scope.unit_path is None:
        query = query.where(Unit.parent_id.is_(None))
    else:
        query = query.where(Unit.path == scope.unit_path)
    units = session.scalars(query.order_by(Unit.name_key, Unit.id)).all()
    if not units:
        return []
    ids = {unit.id for unit in units}
    inner = set(session.scalars(select(Unit.parent_id).where(Unit.parent_id.in_(ids)).distinct()))
    sites, devices = _branch_sums(session, units[0].path if len(units) == 1 else _above(units[0].path), ids)
    return [
        TreeNode(u.id, u.parent_id, u.kind, u.name, u.code, u.path, u.id in inner, sites[u.id], devices[u.id])
        for u in units
    ]


def _above(path: str) -> str:
    return path.rstrip("/").rpartition("/")[0] + "/"


def _branch_sums(session: Session, top: str, ids: set[int]) -> tuple[Counter[int], Counter[int]]:
    per_site = (
        select(Unit.path, func.count(Site.id.distinct()), func.count(Device.id))
        .join(Site, Site.unit_id == Unit.id)
        .outerjoin(Device, Device.site_id == Site.id)
        .where(Unit.path.startswith(top, autoescape=True))
        .group_by(Unit.id, Unit.path)
    )
    sites: Counter[int] = Counter()
    devices: Counter[int] = Counter()
    for path, site_count, device_count in session.execute(per_site):
        for unit_id in ids.intersection(int(part) for part in path.split("/") if part):
            sites[unit_id] += site_count
            devices[unit_id] += device_count
    return sites, devices


def ancestors(session: Session, unit: Unit) -> list[Unit]:
    """The units above one, the topmost first, for the line that says where one is."""
    ids = [int(part) for part in unit.path.split("/") if part][:-1]
    found = {u.id: u for u in session.scalars(select(Unit).where(Unit.id.in_(ids)))}
    return [found[unit_id] for unit_id in ids if unit_id in found]


def scope_of_unit(session: Session, unit_id: int | None) -> Scope:
    """The scope of somebody bound to a unit: its branch; nothing at all when the unit is gone."""
    if unit_id is None:
        return Scope.everything()
    path = session.scalar(select(Unit.path).where(Unit.id == unit_id))
    return Scope(path) if path else Scope.nothing()


def unit_paths_of_sites(session: Session) -> dict[int, str]:
    """Site id to the path of its unit, for all sites: what a worker needs to know whom something concerns."""
    return dict(session.execute(select(Site.id, Unit.path).join(Unit, Unit.id == Site.unit_id)).all())


def site_summary(session: Session, scope: Scope, site_id: int) -> Summary:
    """What stands at a site; zeros when the scope does not show it."""
    counts = {
        model: session.scalar(
            select(func.count()).select_from(model).where(model.site_id == site_id, within(model, scope))
        ) or 0
        for model in (Room, Link, Asset)
    }
    devices = session.execute(
        select(Device.kind, func.count()).where(Device.site_id == site_id, within(Device, scope)).group_by(Device.kind)
    )
    return Summary(sites=1, rooms=counts[Room], links=counts[Link], assets=counts[Asset], devices=dict(devices.all()))


def unit_summary(session: Session, scope: Scope, unit: Unit | None = None) -> Summary:
    """What a unit's branch holds, or all that the scope shows."""
    def where(model: type) -> list:
        return [within(model, scope)] + ([below(model, unit.path)] if unit is not None else [])

    counts = {
        model: session.scalar(select(func.count()).select_from(model).where(*where(model))) or 0
        for model in (Unit, Site, Room, Link, Asset)
    }
    devices = session.execute(select(Device.kind, func.count()).where(*where(Device)).group_by(Device.kind))
    return Summary(counts[Unit], counts[Site], counts[Room], counts[Link], counts[Asset], dict(devices.all()))
