"""What a kiosk can be asked to do: words, previews, arguments, the way back, and when a command is refused. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from conference.kiosk.words import IN_MEETING, REJOINING
from core import N_

# Outside a meeting a page is heard of each 60 s (30 s by its plan): after three it is not there
GONE_AFTER = timedelta(seconds=190)
HEIGHTS = (180, 360, 720)
MESSAGE_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing to ask for. `argument` is what it needs: "" (nothing), percent, height, text or label (with `device`,
    the list it is chosen from); `undo` the verb that takes it back, with the argument that the page reported as
    `before`, if it needs one; `is_in_meeting` says that it makes sense in a meeting only."""

    word: str
    label: str
    preview: str
    icon: str
    undo: str = ""
    argument: str = ""
    device: str = ""
    is_in_meeting: bool = False
    lasts: timedelta = timedelta(minutes=3)


KIOSK_VERBS: dict[str, Verb] = {verb.word: verb for verb in (
    Verb("reload", N_("Reload the page"),
         N_("The page loads anew. A meeting is left for some ten seconds and joined again by itself."), "refresh"),
    Verb("rejoin", N_("Join again"),
         N_("The meeting is left and joined again with a fresh token; some five seconds without picture and sound."),
         "login"),
    Verb("leave", N_("Leave the meeting"),
         N_("The endpoint leaves the meeting and stays out until somebody asks it to join again."), "logout",
         undo="rejoin", is_in_meeting=True),
    Verb("mute", N_("Mute the microphone"), N_("The room is not heard any more."), "microphone-off", undo="unmute",
         is_in_meeting=True),
    Verb("unmute", N_("Ask to unmute"),
         N_("The room is asked on its screen; the microphone opens when somebody there agrees."), "microphone",
         undo="mute", is_in_meeting=True),
    Verb("camera_off", N_("Camera off"), N_("The room is not seen any more."), "video-off", undo="camera_on",
         is_in_meeting=True),
    Verb("camera_on", N_("Camera on"), N_("The room is seen again."), "video", undo="camera_off", is_in_meeting=True),
    Verb("set_volume", N_("Set the volume"),
         N_("How loud the room hears the meeting. The computer's own volume is not touched."), "volume",
         undo="set_volume", argument="percent", is_in_meeting=True),
    Verb("choose_camera", N_("Choose the camera"), N_("The picture comes from another camera, now and from then on."),
         "camera", undo="choose_camera", argument="label", device="camera"),
    Verb("choose_microphone", N_("Choose the microphone"),
         N_("The sound comes from another microphone, now and from then on."), "microphone", undo="choose_microphone",
         argument="label", device="mic"),
    Verb("choose_speaker", N_("Choose the speaker"), N_("The room hears by another speaker, now and from then on."),
         "speakerphone", undo="choose_speaker", argument="label", device="speaker"),
    Verb("audio_only_on", N_("Sound only"),
         N_("No pictures are received or sent: for a line that carries sound alone."), "headphones",
         undo="audio_only_off", is_in_meeting=True),
    Verb("audio_only_off", N_("Sound and picture"), N_("Pictures are received and sent again."), "photo",
         undo="audio_only_on", is_in_meeting=True),
    Verb("video_quality", N_("Set the picture's size"),
         N_("The largest picture that is received: 180 for a bad line, 720 for a good one."), "ruler",
         undo="video_quality", argument="height", is_in_meeting=True),
    Verb("show_message", N_("Show a message"), N_("The text stands on the room's screen until somebody closes it."),
         "message", argument="text", lasts=timedelta(minutes=10)),
    Verb("run_device_check", N_("Check the devices"),
         N_("Camera, microphone and speaker are tried; the result comes with the next heartbeat."), "checks"),
    Verb("play_tone", N_("Play the test tone"), N_("A tone sounds in the room for two seconds."), "volume"),
)}

# Why a command is not given
WHY_NOT: dict[str, str] = {
    "not_a_kiosk": N_("This endpoint has no kiosk page: telephone the room."),
    "not_paired": N_("No browser is paired with this endpoint. Make a pairing code first."),
    "never_seen": N_("The kiosk page was never opened here. Ask the room to open it."),
    "not_there": N_("The kiosk page is not open now. Telephone the room: switch the computer on and open the page."),
    "not_in_meeting": N_("The endpoint is in no meeting now."),
    "same_waits": N_("The same command waits already."),
    "no_such_device": N_("The room has no such device any more. Choose one of the list."),
}


class VerbProblem(ValueError):
    """A verb or an argument that cannot be; the text says what to enter."""


def checked(word: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a verb in their usual form. Raises VerbProblem."""
    verb = KIOSK_VERBS.get(word)
    if verb is None:
        raise VerbProblem(N_("Choose what to do."))
    value = arguments.get("value")
    if not verb.argument:
        return {}
    if verb.argument in ("percent", "height"):
        text = str(value).strip() if value is not None else ""
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else -1
        if verb.argument == "height" and number not in HEIGHTS:
            raise VerbProblem(N_("Choose 180, 360 or 720."))
        if not 0 <= number <= (100 if verb.argument == "percent" else max(HEIGHTS)):
            raise VerbProblem(N_("Enter a number from 0 to 100."))
        return {"value": number}
    text = " ".join(str(value or "").split())
    if not text or len(text) > (MESSAGE_LIMIT if verb.argument == "text" else 200):
        raise VerbProblem(N_("Enter a text of at most 300 characters.") if verb.argument == "text"
                          else N_("Choose a device of the list."))
    return {"value": text}


def is_there(at: datetime | None, now: datetime) -> bool:
    """Whether a page that was heard of then is open now."""
    return at is not None and now - at <= GONE_AFTER


def why_not(verb: Verb, at: datetime | None, state: str, now: datetime) -> str:
    """Why a kiosk heard of then, in that state, is not asked: a word of WHY_NOT; "" when it is."""
    if at is None:
        return "never_seen"
    if not is_there(at, now):
        return "not_there"
    return "not_in_meeting" if verb.is_in_meeting and state not in (IN_MEETING, REJOINING) else ""


def way_back(word: str, before: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """(verb, arguments) that take a command back; None when nothing does."""
    verb = KIOSK_VERBS.get(word)
    if verb is None or not verb.undo:
        return None
    if not KIOSK_VERBS[verb.undo].argument:
        return verb.undo, {}
    try:
        return verb.undo, checked(verb.undo, before)
    except VerbProblem:
        return None
