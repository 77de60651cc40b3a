"""Security signals of a running meeting: strangers, one name twice, refused tokens. Pure; findings, no judgement."""

from __future__ import annotations

from datetime import datetime, timedelta

from conference.live.board import Finding
from conference.live.store.cast import Cast
from conference.live.store.reading import Evidence
from core import N_, gettext

TOKEN_WORDS = ("token", "jwt", "not-allowed", "not allowed", "passwordrequired", "authentication", "expired")
SETTLED = timedelta(seconds=60)  # a dropped connection's "left" may come that late, after it has joined anew
FINDINGS: dict[str, str] = {
    "stranger": N_("“%(name)s” is in the room and on no list of this meeting."),
    "twice": N_("“%(name)s” is in the room from two connections at once."),
    "moved": N_("The room's page changed its network address from %(old)s to %(new)s."),
    "token": N_("“%(name)s” tried to join with a token that was refused."),
    "unnamed": N_("%(count)s connections in the room belong to nobody that EduNOC can name."),
}


def findings_of(cast: Cast, evidence: Evidence, now: datetime) -> tuple[Finding, ...]:
    """What the security desk should see, each subject once a word."""
    found: dict[tuple[str, str], Finding] = {}
    seen: dict[str, set[str]] = {}
    for stay in evidence.stays:
        name = stay.display_name or stay.subject or stay.connection
        if stay.subject not in cast.subjects:
            key = stay.subject or stay.connection
            found.setdefault(("stranger", key), Finding("stranger", key, None, (("name", name),)))
        if stay.subject and now - stay.since > SETTLED:
            seen.setdefault(stay.subject, set()).add(stay.connection)
            if len(seen[stay.subject]) > 1:
                owner = cast.by_subject.get(stay.subject)
                found["twice", stay.subject] = Finding("twice", stay.subject, owner, (("name", name),))
    for part in cast.parts:
        beat = evidence.beats.get(part.endpoint_id)
        is_fresh = beat is not None and now - beat.at < timedelta(minutes=10) and not beat.is_in
        errors = f"{beat.errors if beat else ''} {evidence.errors.get(part.endpoint_id, '')}"
        if is_fresh and any(word in errors for word in TOKEN_WORDS):
            found["token", part.subject] = Finding("token", part.subject, part.endpoint_id, (("name", part.name),))
    return tuple(found.values())


def moved(part_name: str, endpoint_id: int, old: str, new: str) -> Finding:
    """A kiosk whose heartbeats come from another address than before."""
    return Finding("moved", f"{part_name} {new}", endpoint_id, (("old", old), ("new", new)))


def finding_sentence(finding: Finding) -> str:
    """The finding in the language of the moment."""
    return gettext(FINDINGS[finding.word], **dict(finding.values))
