"""The story of an incident as a list of lines: what happened, why a message went out or did not. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts import IncidentEvent, Notification
from alerts import explain as explain_stage
from core import LazyText
from core import gettext as _
from core import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage of the pipeline answered. `act` go lets it pass; quiet, hold, fold and stop do not."""

    name: LazyText | str
    act: str
    sentence: str
    detail: str

    @property
    def tone(self) -> str:
        """good lets it pass."""
        return "good" if self.act == "go" else "attention"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the story."""

    at: datetime
    icon: str
    tone: str
    title: str
    who: str = ""
    text: str = ""
    stages: Sequence[Stage] = ()


STAGES: dict[str, LazyText] = {
    "reachability": _l("Reachability"),
    "fold": _l("Folding"),
    "maintenance": _l("Maintenance"),
    "calendar": _l("Calendar"),
    "silence": _l("Silence"),
    "dedupe": _l("Repetition"),
    "route": _l("Recipients"),
    "send": _l("Sending"),
    "remember": _l("Story"),
}

# kind of event: (icon, tone, sentence)
KINDS: dict[str, tuple[str, str, LazyText]] = {
    "opened": ("alert-circle", "down", _l("The incident began")),
    "reopened": ("refresh", "down", _l("It came back")),
    "flapping": ("activity", "attention", _l("It comes and goes")),
    "announced": ("send", "info", _l("Messages were queued")),
    "quiet": ("bell-off", "unknown", _l("No message went out")),
    "returned": ("circle-check", "good", _l("The trouble is gone; the incident is held open for a while")),
    "again": ("activity", "attention", _l("The trouble is there again")),
    "unknown": ("question-mark", "unknown", _l("No data comes any more")),
    "known": ("check", "info", _l("Data comes again")),
    "severity": ("alert-triangle", "attention", _l("The severity changed")),
    "folded": ("stack-2", "info", _l("It became part of a larger incident")),
    "took_in": ("stack-2", "info", _l("Another incident became part of this one")),
    "acknowledged": ("user-check", "info", _l("Taken")),
    "released": ("arrow-back-up", "attention", _l("Given back")),
    "commented": ("message", "info", _l("Comment")),
    "assigned": ("user", "info", _l("Given to")),
    "closed": ("checks", "good", _l("Closed")),
    "notification": ("mail", "info", _l("Message")),
}
CLOSE_REASONS: dict[str, LazyText] = {
    "returned": _l("everything answers again"),
    "person": _l("closed by a person"),
    "folded": _l("part of a larger incident"),
    "no_longer_watched": _l("no longer watched"),
    "data_lost": _l("no data for a long time"),
}
MESSAGE_STATES: dict[str, tuple[str, LazyText]] = {
    "queued": ("unknown", _l("waiting")),
    "sending": ("info", _l("being sent")),
    "sent": ("good", _l("sent")),
    "failed": ("down", _l("failed")),
    "digested": ("info", _l("merged with others")),
}
MESSAGE_KINDS: dict[str, LazyText] = {
    "opened": _l("about the beginning"),
    "reopened": _l("about its return"),
    "recovered": _l("about the end"),
    "flapping": _l("about coming and going"),
    "digest": _l("digest of many"),
    "test": _l("test"),
}


def lines_of(events: Sequence[IncidentEvent]) -> list[Line]:
    """The story, newest first."""
    return [_line(event) for event in reversed(events)]


def _line(event: IncidentEvent) -> Line:
    icon, tone, sentence = KINDS.get(event.kind, ("info-circle", "info", _l("Note")))
    data: Mapping[str, Any] = event.data if isinstance(event.data, dict) else {}
    text = event.text
    if event.kind == "closed":
        why = CLOSE_REASONS.get(str(data.get("reason", "")))
        text = " – ".join(part for part in (str(why) if why else "", text) if part)
    elif event.kind == "notification":
        state = str(data.get("state", ""))
        tone, label = MESSAGE_STATES.get(state, ("info", _l("waiting")))
        place = " · ".join(str(data[name]) for name in ("channel", "recipient") if data.get(name))
        why = explain_stage(str(data["reason"])) if data.get("reason") else ""
        text = f"{place}: {label}. {why}".strip()
    elif event.kind == "assigned" and not text:
        text = _("nobody")
    return Line(event.at, icon, tone, str(sentence), event.user_name, text, stages_of(data))


def stages_of(data: Mapping[str, Any]) -> list[Stage]:
    """The answers of the pipeline's stages kept in an event: rows of [stage, act, reason, detail]."""
    rows = data.get("stages")
    found = []
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, list) and len(row) >= 3:
            name, act, reason = (str(word) for word in row[:3])
            detail = str(row[3]) if len(row) > 3 and row[3] else ""
            found.append(Stage(STAGES.get(name, name), act, explain_stage(reason), detail))
    return found


def latest_stages(events: Sequence[IncidentEvent]) -> list[Stage]:
    """Why people were told or not, at the last time it was decided."""
    for event in reversed(events):
        found = stages_of(event.data if isinstance(event.data, dict) else {})
        if found:
            return found
    return []


@dataclass(frozen=True, slots=True)
class Message:
    """A message to somebody and how it went."""

    recipient: str
    channel: str
    kind: LazyText | str
    tone: str
    state: LazyText | str
    why: str
    detail: str
    at: datetime
    attempts: int


def messages_of(rows: Sequence[Notification], channels: Mapping[int, str]) -> list[Message]:
    """The messages about an incident, the newest first."""
    found = []
    for row in reversed(rows):
        tone, state = MESSAGE_STATES.get(row.state, ("unknown", row.state))
        found.append(
            Message(
                row.recipient,
                channels.get(row.channel_id, ""),
                MESSAGE_KINDS.get(row.kind, row.kind),
                tone,
                state,
                explain_stage(row.reason) if row.reason and row.state != "sent" else "",
                row.detail,
                row.done_at or row.created_at,
                row.attempts,
            )
        )
    return found
