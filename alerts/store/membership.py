"""What is behind an incident: devices, sites or parts, as rows that come and leave."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, select, update

from alerts.finding import Finding
from alerts.labels import Labels
from alerts.message import one_line
from alerts.models import Incident, IncidentMember
from core import Session

_CHUNK = 500


def set_members(session: Session, incident: Incident, finding: Finding | None, labels: Labels, now: datetime) -> None:
    """Make the members those of the finding (None = nothing is left); who left keeps its row with the time."""
    wanted = _wanted(finding, labels) if finding is not None else {}
    chosen = select(IncidentMember.key, IncidentMember.left_at).where(IncidentMember.incident_id == incident.id)
    have: dict[str, datetime | None] = dict(session.execute(chosen).all())
    left = [
        key for key, left_at in have.items()
        if left_at is None and key not in wanted and (finding is None or not key.startswith("finding:"))
    ]
    back = [key for key, left_at in have.items() if left_at is not None and key in wanted]
    _mark(session, incident.id, left, now)
    _mark(session, incident.id, back, None)
    new = [
        {"incident_id": incident.id, "key": key, "joined_at": now, **values}
        for key, values in wanted.items() if key not in have
    ]
    if new:
        session.execute(insert(IncidentMember), new)
    if finding is not None:
        incident.behind_count = len(finding.devices - labels.services.keys())
        incident.sites_count = len(finding.sites)


def _wanted(finding: Finding, labels: Labels) -> dict[str, dict[str, object]]:
    if finding.parts:
        return {
            f"series:{series}": {"device_id": finding.device_id, "site_id": finding.site_id,
                                 "name": _part_name(finding, part, labels)[:255],
                                 "unit_path": finding.unit_path, "device_count": 1}
            for series, part in finding.parts
        }
    if finding.rule.outage in ("area", "own_network"):
        return _sites(finding, labels)
    found: dict[str, dict[str, object]] = {}
    for device_id in finding.devices:
        device = labels.devices.get(device_id)
        if device is not None:
            found[f"device:{device_id}"] = {
                "device_id": device_id, "site_id": device.site_id, "name": one_line(device.name, 255),
                "unit_path": labels.unit_path_of(device_id), "device_count": 1,
            }
    return found


def _part_name(finding: Finding, part: str, labels: Labels) -> str:
    """The part's key; of a service, which has no parts that people know, the check's name or its own."""
    service = labels.services.get(finding.device_id or 0)
    return part if service is None else labels.part_names.get((service.id, part), one_line(service.name, 255))


def _sites(finding: Finding, labels: Labels) -> dict[str, dict[str, object]]:
    counts: dict[int, int] = {}
    for device_id in finding.devices:
        device = labels.devices.get(device_id)
        if device is not None:
            counts[device.site_id] = counts.get(device.site_id, 0) + 1
    return {
        f"site:{site_id}": {
            "device_id": None, "site_id": site_id, "name": one_line(labels.sites[site_id].name, 255),
            "unit_path": labels.sites[site_id].unit_path, "device_count": count,
        }
        for site_id, count in counts.items() if site_id in labels.sites
    }


def _mark(session: Session, incident_id: int, keys: list[str], left_at: datetime | None) -> None:
    for start in range(0, len(keys), _CHUNK):
        session.execute(
            update(IncidentMember)
            .where(IncidentMember.incident_id == incident_id, IncidentMember.key.in_(keys[start : start + _CHUNK]))
            .values(left_at=left_at),
            execution_options={"synchronize_session": False},
        )


def add_folded_finding(
    session: Session, into_cause: str, finding: Finding, labels: Labels, now: datetime
) -> bool:
    """Note a finding behind the open incident of another cause; False when it stands there already."""
    incident_id = session.scalar(select(Incident.id).where(Incident.open_cause == into_cause))
    if incident_id is None:
        return False
    key = f"finding:{finding.cause}"[:300]
    known = select(func.count()).where(IncidentMember.incident_id == incident_id, IncidentMember.key == key)
    if session.scalar(known):
        _mark(session, incident_id, [key], None)
        return False
    service = labels.services.get(finding.device_id or 0)
    name = one_line(service.name, 255) if service else finding.rule.id
    session.execute(insert(IncidentMember), [{
        "incident_id": incident_id, "key": key, "device_id": finding.device_id, "site_id": finding.site_id,
        "unit_path": finding.unit_path, "name": name, "device_count": 0, "joined_at": now,
    }])
    return True


def leave_folded_finding(session: Session, into_cause: str, cause: str, now: datetime) -> None:
    """The folded finding is over; its row keeps the time."""
    incident_id = session.scalar(select(Incident.id).where(Incident.open_cause == into_cause))
    if incident_id is not None:
        _mark(session, incident_id, [f"finding:{cause}"[:300]], now)


def members_by_cause(session: Session, causes: list[str]) -> dict[str, set[str]]:
    """cause -> keys of what is behind its open incident now: to build the worker's memory after a start."""
    found: dict[str, set[str]] = {}
    for start in range(0, len(causes), _CHUNK):
        chosen = select(Incident.cause, IncidentMember.key).join(
            IncidentMember, IncidentMember.incident_id == Incident.id
        ).where(Incident.cause.in_(causes[start : start + _CHUNK]), Incident.is_cause_active,
                IncidentMember.left_at.is_(None))
        for cause, key in session.execute(chosen):
            found.setdefault(cause, set()).add(key)
    return found
