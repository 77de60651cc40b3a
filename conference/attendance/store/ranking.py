"""What is known of the endpoints of a scope over some months, for the ranking; the weights in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from conference.attendance.kpi.ranking import CAUSES, Rank, Record, default_weights, rank, read_weights
from conference.attendance.models import Attendance, KpiFormula, MeetingCount
from conference.live import LiveSpell
from conference.readiness import Readiness
from core import Scope
from inventory import Asset, Endpoint, Site, Unit, age_years

WEIGHTS = "ranking"


@dataclass(frozen=True, slots=True)
class RankLine:
    """A rank with the names of its endpoint."""

    rank: Rank
    name: str
    code: str
    site_id: int
    site_name: str
    unit_name: str


def weights_now(session: Session) -> dict[str, float]:
    """The weights in force."""
    content = session.scalar(
        select(KpiFormula.content).where(KpiFormula.word == WEIGHTS).order_by(KpiFormula.id.desc()).limit(1)
    )
    return read_weights(content) if content else default_weights()


def ranked(
    session: Session, scope: Scope, months: tuple[str, str], today: date, weights: dict[str, float]
) -> list[RankLine]:
    """The endpoints of the scope that met in the months, the one to upgrade first at the top."""
    chosen = (
        select(Endpoint.id, Endpoint.name, Endpoint.code, Site.id, Site.name, Unit.name,
               Endpoint.computer_id, Endpoint.codec_id, Endpoint.display_id)
        .join(Site, Site.id == Endpoint.site_id).join(Unit, Unit.id == Site.unit_id).where(Endpoint.is_active)
    )  # fmt: skip
    if scope.unit_path is not None:
        chosen = chosen.where(Unit.path.startswith(scope.unit_path, autoescape=True))
    places = {row[0]: row for row in session.execute(chosen)}
    ages = _ages(session, list(places.values()), today)
    found = {one: row for one, row in _records(session, months, ages).items() if one in places}
    return [
        RankLine(one, *places[one.record.endpoint_id][1:6]) for one in rank(list(found.values()), weights)
    ]


def _records(session: Session, months: tuple[str, str], ages: dict[int, float]) -> dict[int, Record]:
    inside = select(MeetingCount.meeting_id).where(MeetingCount.month >= months[0], MeetingCount.month <= months[1])
    counts = {row[0]: row[1:] for row in session.execute(
        select(Attendance.endpoint_id, func.count(func.distinct(Attendance.meeting_id)),
               func.sum(Attendance.seconds), func.sum(Attendance.scheduled_seconds), func.avg(Attendance.quality))
        .where(Attendance.meeting_id.in_(inside), Attendance.endpoint_id.is_not(None),
               Attendance.participant_id.is_not(None))
        .group_by(Attendance.endpoint_id)
    )}  # fmt: skip
    troubled: dict[int, dict[str, int]] = defaultdict(dict)
    # Several causes may be one factor: a meeting counts once for each
    factor = case(CAUSES, value=LiveSpell.cause, else_="")
    for endpoint_id, word, number in session.execute(
        select(LiveSpell.endpoint_id, factor, func.count(func.distinct(LiveSpell.meeting_id)))
        .where(LiveSpell.meeting_id.in_(inside), LiveSpell.cause.in_(tuple(CAUSES)))
        .group_by(LiveSpell.endpoint_id, factor)
    ):  # fmt: skip
        troubled[endpoint_id][word] = number
    judged = _judged(session, inside)
    return {
        one: Record(
            one, meetings, *judged.get(one, (0, 0, 0)), troubled.get(one, {}),
            100 * float(seconds) / float(scheduled) if scheduled else None, ages.get(one),
            float(mos) if mos is not None else None,
        )
        for one, (meetings, seconds, scheduled, mos) in counts.items()
    }  # fmt: skip


def _judged(session: Session, inside) -> dict[int, tuple[int, int, int]]:  # noqa: ANN001
    """Endpoint -> (meetings before which it was judged, not ready, at risk): by the last verdict before the start."""
    last = (
        select(Readiness.meeting_id, Readiness.endpoint_id, func.max(Readiness.at).label("at"))
        .join(MeetingCount, MeetingCount.meeting_id == Readiness.meeting_id)
        .where(Readiness.meeting_id.in_(inside), Readiness.at <= MeetingCount.starts_at, Readiness.state != "unknown")
        .group_by(Readiness.meeting_id, Readiness.endpoint_id).subquery()
    )  # fmt: skip
    rows = session.execute(
        select(Readiness.endpoint_id, func.count(func.distinct(Readiness.meeting_id)),
               func.count(func.distinct(case((Readiness.state == "not_ready", Readiness.meeting_id)))),
               func.count(func.distinct(case((Readiness.state == "risk", Readiness.meeting_id)))))
        .join(last, and_(last.c.meeting_id == Readiness.meeting_id, last.c.endpoint_id == Readiness.endpoint_id,
                         last.c.at == Readiness.at))
        .group_by(Readiness.endpoint_id)
    )  # fmt: skip
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _ages(session: Session, places: Sequence, today: date) -> dict[int, float]:
    """Years of the oldest of each endpoint's devices, by the books."""
    wanted = select(Asset.device_id, Asset.purchased_on)
    bought = session.execute(wanted.where(Asset.purchased_on.is_not(None), Asset.device_id.is_not(None)))
    by_device = dict(bought.all())
    found = {}
    for endpoint_id, *_names, computer, codec, display in places:
        days = [by_device[one] for one in (computer, codec, display) if one in by_device]
        years = age_years(min(days), today) if days else None
        if years is not None:
            found[endpoint_id] = years
    return found
