"""What people do to an incident: take it, give it back, speak of it, give it to somebody, close it, open it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from alerts.models import Incident, IncidentEvent
from core import Session, User, gettext

MAX_COMMENT = 4000


class IncidentError(ValueError):
    """Something that cannot be done to this incident now; the text says why."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a line of the story says beside its kind."""

    text: str = ""
    user: User | None = None
    data: dict[str, Any] = field(default_factory=dict)


def add_event(session: Session, incident_id: int, kind: str, now: datetime, note: Note = Note()) -> IncidentEvent:
    """Write one line of an incident's story."""
    event = IncidentEvent(
        incident_id=incident_id, kind=kind, at=now, text=note.text[:MAX_COMMENT], data=note.data,
        user_id=note.user.id if note.user else None, user_name=_name(note.user),
    )
    session.add(event)
    return event


def _name(user: User | None) -> str:
    return (user.full_name or user.username)[:120] if user else ""


def acknowledge(session: Session, incident_id: int, user: User, now: datetime, text: str = "") -> Incident:
    """Say "I have it": no more messages about its standing. Who acknowledges owns it, if nobody does."""
    incident = _get(session, incident_id)
    if incident.state == "closed":
        raise IncidentError(gettext("The incident is closed already."))
    incident.state, incident.acknowledged_at, incident.acknowledged_by = "acknowledged", now, _name(user)
    if incident.owner_id is None:
        incident.owner_id, incident.owner_name = user.id, _name(user)
    add_event(session, incident_id, "acknowledged", now, Note(text, user))
    return incident


def release(session: Session, incident_id: int, user: User, now: datetime, text: str = "") -> Incident:
    """Take back an acknowledgement: the incident is open again. Who owned it by taking it owns it no more."""
    incident = _get(session, incident_id)
    if incident.state == "closed":
        raise IncidentError(gettext("The incident is closed already."))
    if incident.state != "acknowledged":
        raise IncidentError(gettext("Nobody has taken the incident."))
    if incident.owner_id == user.id or incident.owner_name == incident.acknowledged_by:
        incident.owner_id, incident.owner_name = None, ""
    incident.state, incident.acknowledged_at, incident.acknowledged_by = "open", None, ""
    add_event(session, incident_id, "released", now, Note(text, user))
    return incident


def comment(session: Session, incident_id: int, user: User, text: str, now: datetime) -> Incident:
    """Write a remark into the story."""
    incident = _get(session, incident_id)
    if not text.strip():
        raise IncidentError(gettext("The comment is empty."))
    add_event(session, incident_id, "commented", now, Note(text.strip(), user))
    return incident


def assign(session: Session, incident_id: int, user: User, owner: User | None, now: datetime) -> Incident:
    """Give the incident to somebody, or to nobody."""
    incident = _get(session, incident_id)
    incident.owner_id, incident.owner_name = (owner.id, _name(owner)) if owner else (None, "")
    add_event(session, incident_id, "assigned", now, Note(_name(owner), user))
    return incident


def close(session: Session, incident_id: int, user: User, now: datetime, text: str = "") -> Incident:
    """Close by hand. If the trouble still stands, it must end before it can begin anew."""
    incident = _get(session, incident_id)
    if incident.state == "closed":
        raise IncidentError(gettext("The incident is closed already."))
    incident.state, incident.closed_at, incident.close_reason, incident.open_cause = "closed", now, "person", None
    add_event(session, incident_id, "closed", now, Note(text, user, {"reason": "person"}))
    return incident


def reopen(session: Session, incident_id: int, user: User, now: datetime, text: str = "") -> Incident:
    """Open a closed incident again, unless a newer one is open for the same cause."""
    incident = _get(session, incident_id)
    if incident.state != "closed":
        raise IncidentError(gettext("The incident is open already."))
    if incident.folded_into_id is not None:
        raise IncidentError(gettext("The incident is part of a larger one."))
    newer = session.scalar(select(Incident.id).where(Incident.open_cause == incident.cause))
    if newer is not None:
        raise IncidentError(gettext("Incident #%(number)d is open for the same cause.", number=newer))
    incident.state, incident.closed_at, incident.close_reason = "open", None, ""
    incident.open_cause, incident.reopened_at = incident.cause, now
    # When the cause is gone (is_cause_active False), it stays open until a person closes it.
    add_event(session, incident_id, "reopened", now, Note(text, user))
    return incident


def _get(session: Session, incident_id: int) -> Incident:
    incident = session.get(Incident, incident_id)
    if incident is None:
        raise IncidentError(gettext("There is no such incident."))
    return incident
