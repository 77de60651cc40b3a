"""How a device is, in one sentence, with the reason and what to do next. Pure: what is known goes in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import Incident
from collectors import PollState, Reachability, explain
from core import gettext as _
from dashboards.language import duration
from inventory import Device

# Reasons of a reading that call for nobody: the reading itself succeeded
_REMARKS = frozenset({"ok", "renamed", "renumbered", "rebooted", "clock_jump", "loop", "too_slow", "empty"})
_WELL = frozenset({"ok", "rebooted"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """State and sentence; `since` is when it became so; `incident` explains it where there is one."""

    state: str
    sentence: str
    advice: str = ""
    detail: str = ""
    since: datetime | None = None
    incident: Incident | None = None


_FRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the verdict rests on. `newest_at` is the moment of the newest value read from the device."""

    device: Device
    state: str
    reach: Reachability | None
    poll: PollState | None
    incident: Incident | None
    newest_at: datetime | None
    works_until: datetime | None
    works_reason: str
    language: str
    now: datetime


def judge(evidence: Evidence) -> Verdict:
    """The sentence for this state."""
    return {
        "unwatched": _unwatched,
        "maintenance": _maintenance,
        "down": _down,
        "attention": _attention,
        "good": _good,
    }.get(evidence.state, _unknown)(evidence)


def _unwatched(evidence: Evidence) -> Verdict:
    if not evidence.device.address:
        told = explain("no_address")
        return Verdict("unknown", told.message, told.advice)
    return Verdict(
        "unknown",
        _("Nobody watches this device: watching is switched off."),
        _("To watch it, edit the device and switch watching on."),
    )


def _maintenance(evidence: Evidence) -> Verdict:
    return Verdict("maintenance", _("Maintenance is going on here. Messages are held back."), evidence.works_reason)


def _down(evidence: Evidence) -> Verdict:
    incident, reach = evidence.incident, evidence.reach
    since = reach.since if reach else None
    if incident is not None and incident.device_id != evidence.device.id:
        return Verdict(
            "down",
            _("Cannot be reached, together with others: %(title)s", title=title_of(incident, evidence.language)),
            _("Repair the cause first; this device will probably come back with it."),
            since=since,
            incident=incident,
        )
    told = explain(reach.reason if reach and reach.reason != "ok" else "no_answer")
    advice = next_step_of(incident, evidence.language) if incident else ""
    return Verdict("down", told.message, advice or told.advice, since=since, incident=incident)


def _attention(evidence: Evidence) -> Verdict:
    poll, reach, incident = evidence.poll, evidence.reach, evidence.incident
    if reach is not None and reach.state == "suspect":
        return Verdict(
            "attention",
            _("The last pings were lost; EduNOC is looking closer right now."),
            _("Wait some seconds; the state is decided within half a minute."),
            since=reach.since,
            incident=incident,
        )
    if incident is not None:
        return Verdict(
            "attention",
            title_of(incident, evidence.language),
            next_step_of(incident, evidence.language),
            since=incident.started_at,
            incident=incident,
        )
    if poll is not None and poll.reason not in _REMARKS:
        told = explain(poll.reason)
        return Verdict(
            "attention",
            _("Answers ping but cannot be read by SNMP. %(why)s", why=told.message),
            told.advice,
            poll.detail,
            since=poll.since,
        )
    return Verdict("attention", _("Answers ping but its last reading failed."), _("Press “Poll now” to see why."))


def _good(evidence: Evidence) -> Verdict:
    poll, reach, device = evidence.poll, evidence.reach, evidence.device
    if poll is not None and poll.reason not in _WELL:
        told = explain(poll.reason)
        return Verdict(
            "good", _("Works. Remark: %(what)s", what=told.message), told.advice, poll.detail, since=poll.since
        )
    since = reach.since if reach else None
    if device.credential_id is None and not _is_fresh(evidence):  # PJLink and agents need no SNMP credential
        return Verdict(
            "good",
            _("Answers ping. It is watched by ping alone."),
            _("To see ports, load and sensors, edit the device and choose an SNMP credential."),
            since=since,
        )
    if evidence.newest_at is None:
        return Verdict("good", _("Answers ping; it has not been read yet."), since=since)
    return Verdict("good", _("Works: answers ping and was read without trouble."), since=since)


def _is_fresh(evidence: Evidence) -> bool:
    return evidence.newest_at is not None and evidence.now - evidence.newest_at < _FRESH


def _unknown(evidence: Evidence) -> Verdict:
    reach, poll, newest = evidence.reach, evidence.poll, evidence.newest_at
    if reach is not None and reach.reason not in ("ok", "not_asked_yet"):
        told = explain(reach.reason)
        return Verdict("unknown", told.message, told.advice, since=reach.since)
    if newest is not None and evidence.now - newest > timedelta(seconds=3 * evidence.device.interval_s):
        old = duration(evidence.now - newest)
        return Verdict(
            "unknown",
            _("No news for %(span)s. What stands below is that old.", span=old),
            _("Check that EduNOC's collector runs."),
            since=newest,
        )
    if poll is not None and poll.reason not in _REMARKS:
        told = explain(poll.reason)
        return Verdict("unknown", told.message, told.advice, poll.detail, since=poll.since)
    return Verdict(
        "unknown",
        _("Nothing has been heard of this device yet."),
        _("It is asked for the first time within a minute. If this stays, press “Poll now”."),
    )


def title_of(incident: Incident, language: str) -> str:
    """An incident's title in a language; in any it has, when not in this one."""
    return _in(incident.titles, language) or incident.cause


def message_of(incident: Incident, language: str) -> str:
    """An incident's message."""
    return _in(incident.messages, language)


def next_step_of(incident: Incident, language: str) -> str:
    """What to do next, as the rule says."""
    return _in(incident.next_steps, language)


def _in(texts: dict[str, str] | None, language: str) -> str:
    texts = texts or {}
    return texts.get(language) or texts.get("vi") or next(iter(texts.values()), "")
