"""What can be done from here for an endpoint in trouble: each remedy's causes, conditions, limit and way back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from conference.kiosk import KIOSK_VERBS
from conference.live.board import EndpointNow
from core import N_, gettext
from playbooks import meetings

TRIES_WITHIN = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Remedy:
    """A remedy. `by` is kiosk or server; `verb` a word of kiosk.KIOSK_VERBS or playbooks.meetings.VERBS; `causes` of
    live.CAUSES that it is for; `most` tries for one endpoint within half an hour; `choice` what a person must choose.
    """

    word: str
    by: str
    verb: str
    causes: tuple[str, ...]
    most: int
    arguments: Mapping[str, Any] = field(default_factory=dict)
    choice: str = ""

    @property
    def title(self) -> str:
        """What the button says."""
        found = KIOSK_VERBS[self.verb].label if self.by == "kiosk" else meetings.VERBS[self.verb].title
        return gettext(TITLES.get(self.word, found))

    @property
    def preview(self) -> str:
        """What it does to one room."""
        found = KIOSK_VERBS[self.verb].preview if self.by == "kiosk" else meetings.VERBS[self.verb].preview
        return gettext(found)

    @property
    def icon(self) -> str:
        """Its icon."""
        return KIOSK_VERBS[self.verb].icon if self.by == "kiosk" else meetings.VERBS[self.verb].icon

    @property
    def has_undo(self) -> bool:
        """Whether it can be taken back once it was done."""
        return bool(KIOSK_VERBS[self.verb].undo if self.by == "kiosk" else meetings.VERBS[self.verb].undo)


TITLES = {"small_picture": N_("Picture at 360p"), "tiny_picture": N_("Picture at 180p")}
REMEDIES: dict[str, Remedy] = {one.word: one for one in (
    Remedy("rejoin", "kiosk", "rejoin", ("token", "late", "left", "poor", "udp", "throttled", "full"), 3),
    Remedy("small_picture", "kiosk", "video_quality", ("wan", "lan", "weak", "fallback"), 2, {"value": 360}),
    Remedy("audio_only", "kiosk", "audio_only_on", ("wan", "lan", "weak"), 2),
    Remedy("reload", "kiosk", "reload", ("poor", "dark", "device"), 2),
    Remedy("microphone", "kiosk", "choose_microphone", ("silent",), 4, choice="mic"),
    Remedy("camera", "kiosk", "choose_camera", ("dark",), 4, choice="camera"),
    Remedy("check", "kiosk", "run_device_check", ("device", "silent", "dark"), 4),
    Remedy("unmute", "kiosk", "unmute", (), 6),
    Remedy("mute", "kiosk", "mute", (), 20),
    Remedy("message", "kiosk", "show_message", (), 10, choice="text"),
    Remedy("move", "server", "move_endpoint", ("bridge",), 2),
    Remedy("remove", "server", "kick", (), 5),
)}
# Why a remedy is not offered for an endpoint now
WHY_NOT: dict[str, str] = {
    "not_heard": N_("Its page is not heard of now: telephone the room."),
    "not_in": N_("It is not in the meeting."),
    "no_connection": N_("Its connection is not known to the meeting server now."),
    "too_often": N_("Tried often enough without success: telephone the room."),
    "no_server": N_("The meeting has no meeting system."),
}
_NEEDS_NO_MEETING = frozenset(
    {"rejoin", "reload", "run_device_check", "show_message", "choose_microphone", "choose_camera"}
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A remedy for one endpoint now: whether its cause suggests it, how often it was tried, and why it is not offered
    ("" when it is)."""

    remedy: Remedy
    is_suggested: bool
    tries: int = 0
    refusal: str = ""

    @property
    def why_not(self) -> str:
        """The refusal in words."""
        return gettext(WHY_NOT[self.refusal]) if self.refusal else ""


def refusal_of(remedy: Remedy, row: EndpointNow, tries: int, has_system: bool = True) -> str:
    """Why a remedy is not for this endpoint now, a word of WHY_NOT; "" when it is."""
    if tries >= remedy.most:
        return "too_often"
    if remedy.by == "server":
        if not has_system:
            return "no_server"
        return "" if row.connection and row.is_in else "no_connection"
    if not row.is_heard:
        return "not_heard"
    return "not_in" if remedy.verb not in _NEEDS_NO_MEETING and not row.is_in else ""


def offers(row: EndpointNow, tries: Mapping[str, int], has_system: bool = True) -> list[Offer]:
    """Every remedy for one endpoint, those that its cause suggests first. `tries` by verb."""
    cause = row.cause.word if row.cause is not None else ""
    found = [
        Offer(one, cause in one.causes, tries.get(one.verb, 0),
              refusal_of(one, row, tries.get(one.verb, 0), has_system))
        for one in REMEDIES.values()
    ]  # fmt: skip
    return sorted(found, key=lambda offer: not offer.is_suggested)


def suggested_for(cause: str) -> list[Remedy]:
    """The remedies for a group with this cause, the mildest first."""
    return [one for one in REMEDIES.values() if cause in one.causes and not one.choice]
