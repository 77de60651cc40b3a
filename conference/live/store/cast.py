"""Who belongs to a meeting and what stands around them: kept until the meeting or the inventory changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from conference.schedule import AgendaItem, Meeting, Participant
from core import Session
from inventory import Device, Endpoint, Link, MeetingServer, Site, Unit, inventory_version

ENTRY_KINDS = ("router", "firewall")
KEPT_FOR = timedelta(seconds=60)  # participants may change without the meeting's row changing
MOST = 60


@dataclass(frozen=True, slots=True)
class Part:
    """One endpoint of a meeting, with what is around it. Device ids are None where nothing is known."""

    endpoint_id: int
    participant_id: int
    name: str
    code: str
    kind: str
    subject: str
    role: str
    mode: str
    is_required: bool
    is_excused: bool
    site_id: int
    site_name: str
    unit_path: str
    place: str
    isp: str
    contact: str
    phone: str
    computer_id: int | None
    ups_ids: tuple[int, ...] = ()
    gateway_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the agenda, as moments."""

    title: str
    begins_at: datetime
    ends_at: datetime
    participant_id: int | None


@dataclass(frozen=True, slots=True)
class Server:
    """A server of the meeting's system."""

    id: int
    kind: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Cast:
    """The meeting's endpoints in the order of its list, its agenda and servers, and every known subject."""

    meeting_id: int
    parts: tuple[Part, ...]
    agenda: tuple[Item, ...]
    servers: tuple[Server, ...]
    subjects: frozenset[str]
    by_subject: dict[str, int] = field(default_factory=dict)


class CastCache:
    """Casts by meeting; any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, tuple[tuple[object, ...], datetime, Cast]] = OrderedDict()

    def get(self, session: Session, meeting: Meeting, now: datetime) -> Cast:
        """The cast as of the newest edit this session sees."""
        stamp = (meeting.updated_at, meeting.starts_at, inventory_version(session))
        with self._lock:
            kept = self._kept.get(meeting.id)
        if kept is not None and kept[0] == stamp and timedelta() <= now - kept[1] < KEPT_FOR:
            return kept[2]
        cast = load_cast(session, meeting)
        with self._lock:
            self._kept[meeting.id] = (stamp, now, cast)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return cast


def load_cast(session: Session, meeting: Meeting) -> Cast:
    """Read it: six statements whatever the meeting's size."""
    columns = (
        Endpoint.id, Participant.id, Endpoint.name, Endpoint.code, Endpoint.kind, Participant.subject,
        Participant.role, Participant.mode, Participant.is_required, Participant.excused_at, Endpoint.site_id,
        Site.name, Unit.path, Unit.name, Endpoint.link_id, Endpoint.contact, Endpoint.phone, Endpoint.computer_id,
        Endpoint.ups_id, Unit.parent_id,
    )  # fmt: skip
    chosen = (
        select(*columns)
        .join(Participant, Participant.endpoint_id == Endpoint.id)
        .join(Site, Site.id == Endpoint.site_id)
        .join(Unit, Unit.id == Site.unit_id)
        .where(Participant.meeting_id == meeting.id)
        .order_by(Participant.position, Participant.id)
    )
    rows = session.execute(chosen).all()
    site_ids = {row[10] for row in rows}
    isps, own = _lines(session, site_ids)
    around = _around(session, site_ids)
    parts = []
    for row in rows:
        ups = (row[18],) if row[18] else tuple(around.get((row[10], "ups"), ()))
        gateways = tuple(one for kind in ENTRY_KINDS for one in around.get((row[10], kind), ()))
        parts.append(Part(
            row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], bool(row[8]), row[9] is not None,
            row[10], row[11], row[12], _place(row[12]), own.get(row[14] or 0) or isps.get(row[10], ""), row[15],
            row[16], row[17], ups, gateways,
        ))  # fmt: skip
    subjects = session.execute(
        select(Participant.subject, Participant.endpoint_id).where(Participant.meeting_id == meeting.id)
    ).all()
    return Cast(
        meeting.id, tuple(parts), tuple(_agenda(session, meeting)), tuple(_servers(session, meeting)),
        frozenset(subject for subject, _endpoint in subjects),
        {subject: endpoint_id for subject, endpoint_id in subjects if endpoint_id is not None},
    )  # fmt: skip


def _place(path: str) -> str:
    """The unit above a school: its commune; a school right below the top has the top."""
    parent = path.rstrip("/").rpartition("/")[0] + "/"
    return parent if parent != "/" else path


def _lines(session: Session, site_ids: set[int]) -> tuple[dict[int, str], dict[int, str]]:
    """(site -> the provider of its first line, line -> its provider)."""
    by_site: dict[int, str] = {}
    by_link: dict[int, str] = {}
    for link_id, site_id, isp in session.execute(select(Link.id, Link.site_id, Link.isp).order_by(Link.id)):
        if site_id in site_ids:
            by_site.setdefault(site_id, isp)
            by_link[link_id] = isp
    return by_site, by_link


def _around(session: Session, site_ids: set[int]) -> dict[tuple[int, str], list[int]]:
    found: dict[tuple[int, str], list[int]] = {}
    chosen = select(Device.id, Device.site_id, Device.kind).where(Device.kind.in_((*ENTRY_KINDS, "ups")))
    for device_id, site_id, kind in session.execute(chosen):
        if site_id in site_ids:
            found.setdefault((site_id, kind), []).append(device_id)
    return found


def _agenda(session: Session, meeting: Meeting) -> list[Item]:
    chosen = select(AgendaItem).where(AgendaItem.meeting_id == meeting.id)
    items = []
    for item in session.scalars(chosen.order_by(AgendaItem.offset_minutes, AgendaItem.position)):
        begins = meeting.starts_at + timedelta(minutes=item.offset_minutes)
        items.append(Item(item.title, begins, begins + timedelta(minutes=item.minutes), item.participant_id))
    return items


def _servers(session: Session, meeting: Meeting) -> list[Server]:
    chosen = select(MeetingServer).where(MeetingServer.system_id == meeting.system_id, MeetingServer.is_enabled)
    return [Server(one.id, one.kind, one.name, one.url)
            for one in session.scalars(chosen.order_by(MeetingServer.kind, MeetingServer.name))]  # fmt: skip
