"""What people do to incidents from the pages, each deed audited in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts import (
    Incident,
    IncidentError,
    Silence,
    WindowProblem,
    acknowledge,
    add_window,
    assign,
    cancel_window,
    close,
    comment,
    get_incident,
    release,
    reopen,
)
from core import Deed, LazyText, Scope, Session, User, append_audit
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.pages.incidents.store import get_silence, people_for

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Hand:
    """Who acts, where, when."""

    session: Session
    scope: Scope
    user: User
    now: datetime

    def note(self, action: str, incident: Incident, summary: str) -> None:
        """Write the audit."""
        append_audit(self.session, Deed(self.user.username, action, "incident", incident.id, summary), self.now)


class Refused(ValueError):
    """The deed cannot be done; the text says why, in the language of the moment."""


def _only_own(hand: Hand, incident: Incident) -> None:
    if not hand.scope.includes(incident.unit_path):
        raise Refused(_("This incident reaches beyond your unit, so the department handles it. You can comment on it."))


def take(hand: Hand, incident: Incident, text: str = "") -> None:
    """Acknowledge."""
    _only_own(hand, incident)
    if incident.state == "closed":
        raise Refused(_("The incident is closed already."))
    acknowledge(hand.session, incident.id, hand.user, hand.now, text)
    hand.note("incident.acknowledge", incident, _("Took incident #%(id)s", id=incident.id))


def give_back(hand: Hand, incident: Incident, text: str = "") -> None:
    """Take back an acknowledgement."""
    _only_own(hand, incident)
    try:
        release(hand.session, incident.id, hand.user, hand.now, text)
    except IncidentError as problem:
        raise Refused(str(problem)) from None
    hand.note("incident.release", incident, _("Gave back incident #%(id)s", id=incident.id))


def take_many(hand: Hand, ids: Sequence[int]) -> list[int]:
    """Acknowledge all of these that are open and in the scope; which these were."""
    return _each(hand, ids, "open", take)


def give_back_many(hand: Hand, ids: Sequence[int]) -> list[int]:
    """Take back the acknowledgement of all of these that are taken and in the scope; which these were."""
    return _each(hand, ids, "acknowledged", give_back)


def _each(hand: Hand, ids: Sequence[int], state: str, deed: Callable[[Hand, Incident], None]) -> list[int]:
    done = []
    for incident_id in list(dict.fromkeys(ids))[:MOST_AT_ONCE]:
        incident = get_incident(hand.session, hand.scope, incident_id)
        if incident is not None and incident.state == state and hand.scope.includes(incident.unit_path):
            deed(hand, incident)
            done.append(incident_id)
    return done


def say(hand: Hand, incident: Incident, text: str) -> None:
    """Comment."""
    if not text.strip():
        raise Refused(_("Write something first."))
    comment(hand.session, incident.id, hand.user, text, hand.now)
    hand.note("incident.comment", incident, _("Commented on incident #%(id)s", id=incident.id))


def give(hand: Hand, incident: Incident, owner_id: int | None) -> None:
    """Assign to somebody who may handle it, or to nobody."""
    _only_own(hand, incident)
    owner = next((one for one in people_for(hand.session, incident) if one.id == owner_id), None)
    if owner_id is not None and owner is None:
        raise Refused(_("This person cannot handle this incident."))
    assign(hand.session, incident.id, hand.user, owner, hand.now)
    name = (owner.full_name or owner.username) if owner else _("nobody")
    hand.note("incident.assign", incident, _("Gave incident #%(id)s to %(name)s", id=incident.id, name=name))


def end(hand: Hand, incident: Incident, text: str = "") -> None:
    """Close by hand."""
    _only_own(hand, incident)
    if incident.state == "closed":
        raise Refused(_("The incident is closed already."))
    close(hand.session, incident.id, hand.user, hand.now, text)
    hand.note("incident.close", incident, _("Closed incident #%(id)s", id=incident.id))


def undo_of(hand: Hand, incident: Incident, word: str) -> tuple[str, dict[str, str]] | None:
    """What takes back this deed, asked before it is done: (word of the deed, its values). None: it cannot be."""
    if word == "acknowledge" and incident.state == "open":
        return "release", {}
    if word == "assign":
        return "assign", {"owner": str(incident.owner_id or "")}
    if word == "close":
        is_own = incident.state == "acknowledged" and incident.acknowledged_by in (
            hand.user.full_name, hand.user.username,
        )
        return "reopen", {"taken": "1"} if is_own else {}
    return None


def open_again(hand: Hand, incident: Incident, text: str = "", is_taken: bool = False) -> None:
    """Take back a closing; `is_taken` when it was one's own before."""
    _only_own(hand, incident)
    if incident.state != "closed":
        raise Refused(_("The incident is open already."))
    try:
        reopen(hand.session, incident.id, hand.user, hand.now, text)
    except IncidentError:
        raise Refused(
            _(
                "It cannot be opened again: a newer incident of the same cause is open, or it became part of a"
                " larger one."
            )
        ) from None
    hand.note("incident.reopen", incident, _("Opened incident #%(id)s again", id=incident.id))
    if is_taken:
        take(hand, incident)


# How long a silence lasts: word -> (label, span); "morning" ends at 07:00 of the next day
SPANS: dict[str, tuple[LazyText, timedelta | None]] = {
    "1h": (_l("1 hour"), timedelta(hours=1)),
    "4h": (_l("4 hours"), timedelta(hours=4)),
    "morning": (_l("until 07:00 tomorrow"), None),
    "3d": (_l("3 days"), timedelta(days=3)),
    "7d": (_l("7 days"), timedelta(days=7)),
}


def silence_end(word: str, now: datetime, zone: str) -> datetime:
    """When a silence of this span ends."""
    span = SPANS.get(word, SPANS["1h"])[1]
    if span is not None:
        return now + span
    local = now.astimezone(ZoneInfo(zone)) + timedelta(days=1)
    return local.replace(hour=7, minute=0, second=0, microsecond=0).astimezone(now.tzinfo)


def hush(hand: Hand, incident: Incident, wanted: tuple[str, str, str], zone: str) -> Silence:
    """Silence the incident's device, site or unit. `wanted` is (target, span, reason)."""
    _only_own(hand, incident)
    target, span, reason = wanted
    silence = Silence(
        starts_at=hand.now,
        ends_at=silence_end(span, hand.now, zone),
        reason=reason.strip()[:400],
        created_by=hand.user.full_name or hand.user.username,
        created_at=hand.now,
        device_id=None,
        site_id=None,
        unit_path=None,
        rule_id=None,
    )
    if target == "device" and incident.device_id is not None:
        silence.device_id = incident.device_id
    elif target == "site" and incident.site_id is not None:
        silence.site_id = incident.site_id
    elif target == "unit" and hand.scope.includes(incident.unit_path):
        silence.unit_path = incident.unit_path
    try:
        add_window(hand.session, silence)
    except WindowProblem as problem:
        raise Refused(str(problem)) from None
    hand.note(
        "silence.create", incident, _("Silenced from incident #%(id)s: %(why)s", id=incident.id, why=silence.reason)
    )
    return silence


def unhush(hand: Hand, incident: Incident, silence_id: int) -> None:
    """End a silence early."""
    _only_own(hand, incident)
    silence = get_silence(hand.session, silence_id)
    if silence is None:
        raise Refused(_("This silence has ended already."))
    cancel_window(hand.session, silence, hand.now)
    hand.note("silence.cancel", incident, _("Ended silence #%(id)s", id=silence.id))
