"""How services stand, written and read; every function takes the Session first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from collectors.services.models import CheckAnswer, ServiceOutage, ServiceRequest, ServiceState
from collectors.services.standing import Verdict
from core import Session
from inventory import Check, Service

DETAIL_LIMIT = 500
FACT_LIMIT = 500
# After so long a request is answered by nobody: the worker is away
REQUEST_LASTS = timedelta(minutes=2)


def service_states(session: Session, service_ids: Iterable[int] | None = None) -> dict[int, ServiceState]:
    """How services stand, of those named (the caller knows that they may be seen), or of all."""
    chosen = select(ServiceState)
    if service_ids is not None:
        chosen = chosen.where(ServiceState.service_id.in_(list(service_ids)))
    return {state.service_id: state for state in session.scalars(chosen)}


def save_verdict(session: Session, service_id: int, verdict: Verdict, now: datetime) -> None:
    """Write down how a service stands since `now`, and begin or end its outage. Nothing when it was removed."""
    if session.get(Service, service_id) is None:
        return
    state = session.get(ServiceState, service_id)
    if state is None:
        state = ServiceState(service_id=service_id, since=now)
        session.add(state)
    elif state.is_up is not verdict.is_up:
        state.since = now
    state.is_up, state.check_id = verdict.is_up, verdict.check_id
    state.reason, state.detail = verdict.reason[:32], verdict.detail[:DETAIL_LIMIT]
    lasting = session.scalar(
        select(ServiceOutage).where(ServiceOutage.service_id == service_id, ServiceOutage.ended_at.is_(None))
    )
    if verdict.is_up is True and lasting is not None:
        lasting.ended_at = now
    elif verdict.is_up is False and lasting is None:
        session.add(ServiceOutage(
            service_id=service_id, started_at=now, reason=state.reason, detail=state.detail))


def save_answers(session: Session, answers: Mapping[int, tuple[datetime, Mapping[str, str]]]) -> None:
    """Write what checks were told: check id -> (when, facts). Checks that were removed are left out."""
    alive = set(session.scalars(select(Check.id).where(Check.id.in_(list(answers)))))
    for check_id, (at, facts) in answers.items():
        if check_id in alive:
            plain = {name: text[:FACT_LIMIT] for name, text in facts.items()}
            session.merge(CheckAnswer(check_id=check_id, at=at, facts=json.dumps(plain, ensure_ascii=False)))


def check_answers(session: Session, check_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Check id -> what it was told last."""
    found: dict[int, dict[str, str]] = {}
    for row in session.scalars(select(CheckAnswer).where(CheckAnswer.check_id.in_(list(check_ids)))):
        try:
            facts = json.loads(row.facts)
        except ValueError:
            continue
        found[row.check_id] = {str(name): str(text) for name, text in facts.items()} if isinstance(facts, dict) else {}
    return found


def outages_between(
    session: Session, service_ids: Iterable[int], start: datetime, end: datetime
) -> dict[int, list[ServiceOutage]]:
    """Service id -> its outages that touch this time, oldest first."""
    wanted = list(service_ids)
    found: dict[int, list[ServiceOutage]] = {one: [] for one in wanted}
    touching = or_(ServiceOutage.ended_at.is_(None), ServiceOutage.ended_at > start)
    chosen = select(ServiceOutage).where(ServiceOutage.service_id.in_(wanted), ServiceOutage.started_at < end, touching)
    for outage in session.scalars(chosen.order_by(ServiceOutage.started_at, ServiceOutage.id)):
        found[outage.service_id].append(outage)
    return found


def request_checks(session: Session, service_id: int, requested_by: str, now: datetime) -> ServiceRequest:
    """Ask for a service's checks now. One that is open already is returned instead of a second."""
    open_one = session.scalar(
        select(ServiceRequest).where(
            ServiceRequest.service_id == service_id, ServiceRequest.done_at.is_(None),
            ServiceRequest.requested_at > now - REQUEST_LASTS,
        ).limit(1)
    )
    if open_one is not None:
        return open_one
    request = ServiceRequest(service_id=service_id, requested_by=requested_by[:100], requested_at=now)
    session.add(request)
    session.flush()
    return request


def open_service_requests(session: Session, now: datetime) -> list[tuple[int, int]]:
    """(request, service) of what is asked for and not done. What nobody could answer in time holds up nothing newer."""
    chosen = select(ServiceRequest.id, ServiceRequest.service_id).where(
        ServiceRequest.done_at.is_(None), ServiceRequest.requested_at > now - REQUEST_LASTS
    )
    return [(row[0], row[1]) for row in session.execute(chosen.order_by(ServiceRequest.id).limit(100))]


def finish_service_requests(session: Session, request_ids: Iterable[int], now: datetime) -> None:
    """These were taken up; what is older than a week goes."""
    ids = list(request_ids)
    session.execute(update(ServiceRequest).where(ServiceRequest.id.in_(ids)).values(done_at=now))
    session.execute(delete(ServiceRequest).where(ServiceRequest.requested_at < now - timedelta(days=7)))


def latest_service_request(session: Session, service_id: int) -> ServiceRequest | None:
    """The newest request for a service, or None."""
    chosen = select(ServiceRequest).where(ServiceRequest.service_id == service_id)
    return session.scalar(chosen.order_by(ServiceRequest.id.desc()).limit(1))
