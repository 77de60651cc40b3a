"""Writes what the pipeline decided: incidents, their story, what is behind them, and the queue of messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, or_, select, update

from alerts.finding import Finding
from alerts.labels import Labels
from alerts.message import Letter, one_line, render, texts_of
from alerts.models import Incident, Notification
from alerts.pipeline import Action, Case, Known
from alerts.rule import SEVERITY_RANK
from alerts.store.handling import Note, add_event
from alerts.store.membership import set_members
from core import Session
from inventory import fold


@dataclass(frozen=True, slots=True)
class Writer:
    """What writing needs beside the case."""

    labels: Labels
    now: datetime
    public_url: str = ""
    timezone: str = "Asia/Ho_Chi_Minh"


def known_incidents(session: Session, causes: Iterable[str], reopen_after: datetime) -> dict[str, Known]:
    """By cause: each incident that is open or whose cause still stands; for `causes` also the newest just closed."""
    found: dict[str, Known] = {}
    standing = select(Incident).where(or_(Incident.closed_at.is_(None), Incident.is_cause_active))
    for incident in session.scalars(standing.order_by(Incident.closed_at.is_(None), Incident.id)):
        found[incident.cause] = _known(incident)
    missing = [cause for cause in causes if cause not in found]
    for start in range(0, len(missing), 500):
        recent = select(Incident).where(
            Incident.cause.in_(missing[start : start + 500]), Incident.closed_at >= reopen_after
        )
        for incident in session.scalars(recent.order_by(Incident.closed_at)):
            found[incident.cause] = _known(incident)
    return found


def _known(incident: Incident) -> Known:
    return Known(
        id=incident.id, cause=incident.cause, rule_id=incident.rule_id, state=incident.state,
        device_id=incident.device_id, site_id=incident.site_id, unit_path=incident.unit_path,
        started_at=incident.started_at, is_cause_active=incident.is_cause_active, is_flapping=incident.is_flapping,
        is_unknown=incident.is_unknown, reopen_count=incident.reopen_count, close_reason=incident.close_reason,
        opened_at=incident.opened_at, closed_at=incident.closed_at, returned_at=incident.returned_at,
        announced_at=incident.announced_at, quiet_reason=incident.quiet_reason,
    )


def record_case(session: Session, case: Case, writer: Writer) -> int | None:
    """Carry out what the pipeline decided on one case; the incident's id, None when there is nothing to do."""
    if case.action is Action.OPEN:
        incident = _open(session, case, writer)
    elif case.known is None or case.action is Action.NONE:
        return None
    else:
        incident = session.get_one(Incident, case.known.id)
        _CARRY_OUT[case.action](session, incident, case, writer)
    if case.routes and not case.quiet_reason and case.message:
        _queue(session, incident, case, writer)
    return incident.id


def _open(session: Session, case: Case, writer: Writer) -> Incident:
    finding = case.finding
    device = writer.labels.named(finding.device_id)
    site = writer.labels.sites.get(finding.site_id or 0)
    incident = Incident(
        cause=finding.cause, open_cause=finding.cause, rule_id=finding.rule.id,
        severity=finding.rule.severity, severity_rank=finding.rank, state="open", unit_path=finding.unit_path,
        site_id=finding.site_id, site_name=one_line(site.name, 255) if site else "",
        device_id=finding.device_id, device_name=one_line(device.name, 255) if device else "",
        part=finding.part[:255], series_id=finding.series, value=finding.value,
        started_at=min(datetime.fromtimestamp(finding.since, UTC), writer.now), opened_at=writer.now,
        quiet_reason=case.quiet_reason, is_unknown=finding.is_unknown, titles={}, messages={}, next_steps={},
    )
    write_texts(incident, finding, writer.labels)
    session.add(incident)
    session.flush()
    set_members(session, incident, finding, writer.labels, writer.now)
    add_event(session, incident.id, "opened", writer.now, Note(data=_stages(case)))
    return incident


def write_texts(incident: Incident, finding: Finding, labels: Labels) -> None:
    """Render title, message and next step anew, and what a search finds."""
    texts = texts_of(finding, labels)
    incident.titles, incident.messages, incident.next_steps = texts["titles"], texts["messages"], texts["next_steps"]
    device = labels.named(finding.device_id)
    site = labels.sites.get(finding.site_id or 0)
    words = [*texts["titles"].values(), incident.device_name, incident.site_name, finding.group, finding.part]
    words += [device.address] if device else []
    words += [site.code, site.unit_name] if site else []
    incident.search_text = fold(" ".join(words))[:4000]


def _stages(case: Case) -> dict[str, list[list[str]]]:
    """The answers of all stages, as the story keeps them: [stage, act, reason, detail]."""
    return {"stages": [[stage, answer.act.value, answer.reason, answer.detail] for stage, answer in case.answers]}


def _reopen(session: Session, incident: Incident, case: Case, writer: Writer) -> None:
    incident.state, incident.open_cause, incident.is_cause_active = "open", incident.cause, True
    incident.reopened_at, incident.closed_at, incident.close_reason = writer.now, None, ""
    incident.returned_at = incident.acknowledged_at = None
    incident.reopen_count += 1
    incident.is_flapping = case.is_flapping
    incident.value, incident.is_unknown = case.finding.value, False
    incident.quiet_reason = case.quiet_reason
    set_members(session, incident, case.finding, writer.labels, writer.now)
    kind = "flapping" if case.is_flapping else "reopened"
    add_event(session, incident.id, kind, writer.now, Note(data=_stages(case)))


def _announce(session: Session, incident: Incident, case: Case, writer: Writer) -> None:
    if case.quiet_reason and case.quiet_reason != incident.quiet_reason:
        incident.quiet_reason = case.quiet_reason
        add_event(session, incident.id, "quiet", writer.now, Note(data=_stages(case)))
    elif not case.quiet_reason:
        add_event(session, incident.id, "announced", writer.now, Note(data=_stages(case)))


def _close(session: Session, incident: Incident, case: Case, writer: Writer) -> None:
    incident.state, incident.closed_at, incident.open_cause = "closed", writer.now, None
    incident.close_reason, incident.is_cause_active = case.end_reason, False
    incident.is_flapping, incident.returned_at = False, None
    set_members(session, incident, None, writer.labels, writer.now)
    data: dict[str, object] = {**_stages(case), "reason": case.end_reason}
    data["seconds"] = round((writer.now - incident.started_at).total_seconds())
    add_event(session, incident.id, "closed", writer.now, Note(data=data))


def _mark_returned(session: Session, incident: Incident, case: Case, writer: Writer) -> None:
    if incident.returned_at is None:
        incident.returned_at = writer.now
        add_event(session, incident.id, "returned", writer.now, Note(data=_stages(case)))


def _forget(session: Session, incident: Incident, case: Case, writer: Writer) -> None:
    incident.is_cause_active = False
    set_members(session, incident, None, writer.labels, writer.now)


_CARRY_OUT = {
    Action.REOPEN: _reopen, Action.ANNOUNCE: _announce, Action.CLOSE: _close,
    Action.MARK_RETURNED: _mark_returned, Action.FORGET: _forget,
}


def fold_incident(session: Session, incident_id: int, into_id: int, now: datetime) -> None:
    """An open incident proved to be part of another: it ends quietly and points to it."""
    incident = session.get_one(Incident, incident_id)
    incident.folded_into_id, incident.is_cause_active = into_id, False
    if incident.state != "closed":
        incident.state, incident.closed_at, incident.close_reason, incident.open_cause = "closed", now, "folded", None
        add_event(session, incident_id, "folded", now, Note(data={"into": into_id}))
    add_event(session, into_id, "took_in", now, Note(incident.titles.get("vi", ""), data={"incident": incident_id}))


def refresh_standing(session: Session, finding: Finding, known: Known, writer: Writer, is_larger: bool) -> None:
    """The finding of an open incident changed: its value, what is behind it, whether its data still comes."""
    incident = session.get_one(Incident, known.id)
    incident.is_cause_active = True
    incident.value = finding.value if finding.value is not None else incident.value
    if known.returned_at is not None:
        incident.returned_at = None
        add_event(session, known.id, "again", writer.now)
    if known.is_unknown != finding.is_unknown:
        incident.is_unknown = finding.is_unknown
        add_event(session, known.id, "unknown" if finding.is_unknown else "known", writer.now)
    set_members(session, incident, finding, writer.labels, writer.now)
    if is_larger:
        write_texts(incident, finding, writer.labels)
    rank = SEVERITY_RANK[finding.rule.severity]
    if rank != incident.severity_rank:
        incident.severity, incident.severity_rank = finding.rule.severity, rank
        add_event(session, known.id, "severity", writer.now, Note(data={"severity": finding.rule.severity}))


def _queue(session: Session, incident: Incident, case: Case, writer: Writer) -> None:
    if incident.announced_at is None and case.message != "recovered":
        incident.announced_at, incident.quiet_reason = writer.now, ""
    letter = Letter(
        incident_id=incident.id, kind=case.message, severity=incident.severity, titles=incident.titles,
        messages=incident.messages, next_steps=incident.next_steps, site_name=incident.site_name,
        started_at=incident.started_at, ended_at=writer.now if case.message == "recovered" else None,
    )
    told: set[tuple[int, str]] = set()
    for route in case.routes:
        if (route.channel_id, route.recipient) in told:
            continue
        told.add((route.channel_id, route.recipient))
        rendered = render(letter, route.language, writer.public_url, writer.timezone)
        session.add(Notification(
            once=f"{incident.id}:{incident.reopen_count}:{case.message}:{route.channel_id}:{route.recipient}",
            incident_id=incident.id, channel_id=route.channel_id, route_id=route.id, recipient=route.recipient,
            language=route.language, kind=case.message, severity=incident.severity, subject=rendered.subject,
            text=rendered.text, html=rendered.html, data=_machine_form(incident, case.message),
            created_at=writer.now, due_at=writer.now,
        ))


def _machine_form(incident: Incident, kind: str) -> dict[str, object]:
    """The incident for programs; names are those of the API."""
    return {
        "id": incident.id, "event": kind, "rule": incident.rule_id, "severity": incident.severity,
        "state": incident.state, "titles": incident.titles, "messages": incident.messages,
        "site": {"id": incident.site_id, "name": incident.site_name},
        "device": {"id": incident.device_id, "name": incident.device_name}, "part": incident.part,
        "value": incident.value, "behind": incident.behind_count, "sites": incident.sites_count,
        "started_at": incident.started_at.isoformat(),
        "closed_at": incident.closed_at.isoformat() if incident.closed_at else None,
    }


def prune_closed(session: Session, now: datetime, days: int) -> int:
    """Delete incidents closed longer ago than `days`, with their story, 500 at most; how many went."""
    old = select(Incident.id).where(Incident.closed_at < now - timedelta(days=days), ~Incident.is_cause_active)
    ids = list(session.scalars(old.order_by(Incident.closed_at).limit(500)))
    plainly = {"synchronize_session": False}
    # those that were folded into one of them stay, if they are younger
    folded = update(Incident).where(Incident.folded_into_id.in_(ids)).values(folded_into_id=None)
    session.execute(folded, execution_options=plainly)
    session.execute(delete(Incident).where(Incident.id.in_(ids)), execution_options=plainly)
    return len(ids)
