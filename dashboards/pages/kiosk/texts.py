"""The texts of the kiosk's script, translated: it shows nothing that does not stand here."""

from __future__ import annotations

from conference import kiosk
from core import N_
from core import gettext as _

TEXTS: dict[str, str] = {
    "no_meeting": N_("No meeting is planned for the next two weeks."),
    "next": N_("Next meeting"),
    "running": N_("The meeting is running"),
    "starts_in": N_("Starts in {time}"),
    "joins_at": N_("This room joins by itself at {time}."),
    "joining": N_("Joining “{title}”…"),
    "failed": N_("Could not join: {why} Trying again in {seconds} s."),
    "left": N_("The room has left the meeting. It joins again in {seconds} s."),
    "left_asked": N_("The centre asked the room to leave the meeting."),
    "kicked": N_("The room was removed from the meeting by its chair."),
    "stay_out": N_("Stay out"),
    "join_now": N_("Join now"),
    "offline": N_("No connection to the centre since {time}. The meeting goes on as long as the line carries it."),
    "no_script": N_("The meeting system does not answer."),
    "no_answer": N_("The meeting did not open within 45 seconds."),
    "lost": N_("The connection to the meeting was lost."),
    "not_paired": N_("This computer is not paired any more. Ask the centre for a new code."),
    "insecure": N_("This page must be opened by https://. Without it the browser gives no camera and no microphone."),
    "denied": N_("The browser does not allow camera and microphone. Click the lock beside the address and allow both."),
    "check": N_("Check the devices"),
    "tone": N_("Play a test tone"),
    "full": N_("Full screen"),
    "sound_heard": N_("Sound is heard"),
    "speak": N_("Speak a sentence"),
    "tone_heard": N_("The microphone hears the speaker"),
    "tone_not_heard": N_("The microphone does not hear the speaker: turn it up, or check the cable"),
    "unmute_ask": N_("The centre asks you to open the microphone."),
    "yes": N_("Open it"),
    "no": N_("Not now"),
    "nobody": N_("nobody in the room answered"),
    "refused": N_("the room said no"),
    "close": N_("Close"),
    "from_centre": N_("From the centre"),
    "ready": N_("Ready"),
    "not_ready": N_("Not ready yet"),
    "checking": N_("Checking"),
    "default_device": N_("As the computer chooses"),
    "unknown_verb": N_("this page does not know the command"),
    "not_in_meeting": N_("not in a meeting"),
    "no_device": N_("there is no such device"),
    "not_supported": N_("the meeting system does not offer this"),
    "day_today": N_("today"),
    "day_tomorrow": N_("tomorrow"),
    "in_meeting": N_("In the meeting"),
    "visitor": N_("listening"),
    "muted": N_("microphone off"),
    "live": N_("microphone on"),
}


def texts() -> dict[str, str]:
    """All of them in the language of the page, with the names and conditions of devices."""
    found = {name: _(text) for name, text in TEXTS.items()}
    found |= {f"device_{name}": _(text) for name, text in kiosk.DEVICES.items()}
    return found | {f"is_{name}": _(text) for name, text in kiosk.CONDITIONS.items()}
