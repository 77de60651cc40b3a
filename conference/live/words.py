"""Words of a running meeting: states of an endpoint, its marks, kinds of notes, causes as titles and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel.numbers import format_decimal

from conference.live.causes import Cause
from core import N_, current_language, gettext, ngettext

# The life of an endpoint in a meeting (jitsi.md section 5.2), in its order
STATES: dict[str, str] = {
    "scheduled": N_("not there yet"),
    "waking": N_("computer is on, page not yet"),
    "kiosk_ready": N_("page is ready"),
    "joining": N_("is joining"),
    "in_main": N_("in, may speak"),
    "in_visitor": N_("in, listening"),
    "degraded": N_("in, but bad"),
    "lost": N_("lost"),
    "left": N_("left"),
}
IN = frozenset({"in_main", "in_visitor", "degraded"})
TROUBLED = frozenset({"degraded", "lost"})
GRADES: dict[str, str] = {"good": N_("good"), "degraded": N_("fair"), "bad": N_("poor"), "": N_("not known")}
MARKS: dict[str, str] = {
    "late": N_("late"),
    "muted": N_("muted"),
    "silent": N_("no sound"),
    "dark": N_("black picture"),
    "speaking": N_("speaks now"),
    "next": N_("speaks next"),
    "battery": N_("on battery"),
}
TITLES: dict[str, str] = {
    "power": N_("Power or site outage"),
    "computer": N_("The room's computer"),
    "lan": N_("The school's own network"),
    "wan": N_("Internet line"),
    "bridge": N_("Overloaded bridge"),
    "token": N_("Token or clock"),
    "udp": N_("Media port blocked"),
    "fallback": N_("Detour through a firewall"),
    "weak": N_("Computer too weak"),
    "device": N_("Camera or microphone"),
    "silent": N_("No sound"),
    "full": N_("Meeting is full"),
    "throttled": N_("Throttled address"),
    "line": N_("School cannot be reached"),
    "unheard": N_("Silent room, cause not known"),
    "dark": N_("Black picture"),
    "left": N_("Left the meeting"),
    "late": N_("Not joined yet"),
    "poor": N_("Poor quality, cause not known"),
}
SENTENCES: dict[tuple[str, str], str] = {
    ("power", "ups"): N_("No power at the school: its UPS runs on battery and the network does not answer."),
    ("power", "area"): N_("The school and its neighbours do not answer: a power cut or an outage of the area."),
    ("computer", ""): N_(
        "The school's network works, but the room's computer does not answer: off, hung or unplugged."
    ),
    ("lan", ""): N_("The room's own network (Wi-Fi or cable) loses %(loss)s %% on the way to the router."),
    ("wan", "loss"): N_("The line of %(isp)s loses %(loss)s %%."),
    ("wan", "rtt"): N_("The line of %(isp)s is slow: answers take %(rtt)s ms."),
    ("bridge", "stress"): N_("Bridge %(bridge)s is overloaded (load %(stress)s %%)."),
    ("bridge", "loss"): N_("Bridge %(bridge)s loses %(loss)s %%."),
    ("token", ""): N_("Its token was refused: expired, or the computer's clock is wrong. Let it join anew."),
    ("udp", ""): N_("The network blocks the media port (UDP 10000); it must go through TURN."),
    ("fallback", ""): N_("Media takes a detour (%(way)s) round a firewall: expect lower quality."),
    ("weak", ""): N_("The computer is too weak (processor at %(cpu)s %%): 360p or sound only."),
    ("device", "camera"): N_("The camera fails or may not be used."),
    ("device", "mic"): N_("The microphone fails or may not be used."),
    ("device", "speaker"): N_("The loudspeaker fails."),
    ("device", "display"): N_("The screen or projector is off."),
    ("device", ""): N_("A camera, microphone or other device fails."),
    ("silent", ""): N_("Unmuted, but nothing is heard for %(minutes)s minutes: wrong input or dead microphone."),
    ("full", ""): N_("The meeting took nobody more: its visitor servers are full."),
    ("throttled", ""): N_("The meeting server throttles the address that the school shares with others."),
    ("line", ""): N_("The school's router does not answer: the line of %(isp)s or its power."),
    ("unheard", ""): N_("Nothing is heard of the room, and nobody watches the school's network: call it."),
    ("dark", ""): N_("Its picture is black: camera covered, switched off or wrong."),
    ("left", ""): N_("It left the meeting by itself."),
    ("late", ""): N_("The room is ready but has not joined."),
    ("poor", ""): N_("Quality is poor; nothing measured explains it."),
}
ARGUMENTS = ("loss", "rtt", "isp", "bridge", "stress", "way", "cpu", "minutes")
NOTE_KINDS: dict[str, str] = {
    "began": N_("The meeting began"),
    "ended": N_("The meeting ended"),
    "mass_loss": N_("Many rooms lost at once"),
    "mass_return": N_("Many rooms came back"),
    "remark": N_("Remark"),
    "remedy": N_("Remedy"),
    "security": N_("Security"),
    "stream_began": N_("The live stream began"),
    "stream_ended": N_("The live stream ended"),
    "stream_failed": N_("The live stream does not run"),
    "recording_began": N_("Recording began"),
    "recording_ended": N_("Recording ended"),
    "recording_failed": N_("Recording does not run"),
}


def number_text(value: float, digits: int = 0) -> str:
    """A number as the language of the moment writes it: 6,3 or 6.3."""
    return format_decimal(round(value, digits), format="#,##0.#" if digits else "#,##0", locale=current_language())


def _shown(args: Mapping[str, Any]) -> dict[str, str]:
    shown = {name: str(value) for name, value in args.items()}
    for name in ("loss", "stress", "cpu"):
        if name in args:
            percent = float(args[name]) * 100
            shown[name] = number_text(percent, 1 if percent < 10 else 0)
    if "rtt" in args:
        shown["rtt"] = number_text(float(args["rtt"]))
    if "isp" in args:
        shown["isp"] = args["isp"] or gettext("an unnamed provider")
    return shown


def title_of(word: str) -> str:
    """The few words that head a group of this cause."""
    return gettext(TITLES[word]) if word in TITLES else word


def sentence_of(cause: Cause) -> str:
    """The one sentence that says why, in the language of the moment."""
    variant = str(cause.args.get("by") or cause.args.get("device") or "")
    text = SENTENCES.get((cause.word, variant)) or SENTENCES.get((cause.word, ""), "")
    shown = _shown(cause.args)
    if not text or any(f"%({name})s" in text and name not in shown for name in ARGUMENTS):
        return title_of(cause.word)
    return gettext(text, **shown) if "%" in text else gettext(text)


def group_sentence(cause: Cause, count: int) -> str:
    """The sentence of a cause that `count` endpoints share: the single one's, with how many are on it."""
    if cause.word == "power" and cause.args.get("by") == "area":
        return ngettext("A power cut or an outage of the area: %(num)d room is dark.",
                        "A power cut or an outage of the area: %(num)d rooms are dark.", count)  # fmt: skip
    if cause.word in ("wan", "line", "udp", "throttled") and cause.group:
        behind = ngettext("%(num)d room on the same line", "%(num)d rooms on the same line", count)
    elif cause.word == "bridge":
        behind = ngettext("%(num)d room on it", "%(num)d rooms on it", count)
    else:
        behind = ngettext("%(num)d room", "%(num)d rooms", count)
    return f"{sentence_of(cause).rstrip('.')}, {behind}"
