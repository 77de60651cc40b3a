"""How states, marks and bridges of a running meeting are shown: icon, colour and word in one table each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conference import live
from core import LazyText, gettext
from core import lazy_gettext as _l
from dashboards.words import Word

STATE_WORDS: dict[str, Word] = {
    "scheduled": Word("unknown", "circle-dashed", _l("not there yet")),
    "waking": Word("info", "power", _l("computer is on, page not yet")),
    "kiosk_ready": Word("info", "device-desktop", _l("page is ready")),
    "joining": Word("info", "login", _l("is joining")),
    "in_main": Word("good", "microphone", _l("in, may speak")),
    "in_visitor": Word("good", "eye", _l("in, listening")),
    "degraded": Word("attention", "alert-triangle", _l("in, but bad")),
    "lost": Word("down", "network-off", _l("lost")),
    "left": Word("idle", "logout", _l("left")),
}
MARK_WORDS: dict[str, tuple[str, LazyText]] = {
    "late": ("clock", _l("late")),
    "muted": ("bell-off", _l("muted")),
    "silent": ("microphone", _l("no sound")),
    "dark": ("eye-off", _l("black picture")),
    "speaking": ("speakerphone", _l("speaks now")),
    "next": ("chevron-right", _l("speaks next")),
    "battery": ("battery", _l("on battery")),
}
QUALITY_WORDS: dict[str, Word] = {
    "good": Word("good", "circle-check", _l("good")),
    "degraded": Word("attention", "alert-triangle", _l("fair")),
    "bad": Word("down", "circle-x", _l("poor")),
    "": Word("unknown", "help-circle", _l("not known")),
}
NOTE_ICONS: dict[str, tuple[str, str]] = {
    "began": ("player-play", "good"), "ended": ("check", "info"), "mass_loss": ("network-off", "down"),
    "mass_return": ("checks", "good"), "remark": ("notes", "info"), "remedy": ("wand", "info"),
    "security": ("shield-lock", "attention"), "joined": ("login", "good"), "left": ("logout", "idle"),
    "spell": ("alert-triangle", "attention"), "order": ("server", "info"), "command": ("device-desktop", "info"),
    "incident": ("alert-octagon", "attention"), "lost": ("network-off", "down"),
    "stream_began": ("broadcast", "good"), "stream_ended": ("broadcast", "info"),
    "stream_failed": ("broadcast", "down"), "recording_began": ("video", "good"),
    "recording_ended": ("video", "info"), "recording_failed": ("video", "down"),
}  # fmt: skip


TONE_ICONS = {"down": "circle-x", "attention": "alert-triangle", "minor": "alert-circle", "info": "info-circle",
              "unknown": "circle-dashed", "idle": "minus", "good": "circle-check"}  # fmt: skip
COUNTS = (
    ("in", "good", "circle-check", _l("in the meeting")), ("lost", "down", "network-off", _l("lost")),
    ("late", "attention", "clock", _l("late")), ("degraded", "attention", "alert-triangle", _l("bad")),
    ("silent", "attention", "microphone", _l("no sound")), ("dark", "attention", "eye-off", _l("black picture")),
    ("muted", "idle", "bell-off", _l("muted")),
    ("ready", "info", "device-desktop", _l("page is ready")),
)  # fmt: skip


AIR_ICONS = {
    "not_planned": "minus", "not_yet": "clock", "starting": "refresh", "running": "circle-check",
    "stopped": "player-pause", "failed": "circle-x", "none_free": "circle-x", "unhealthy": "alert-triangle",
    "unknown": "help-circle",
}  # fmt: skip
AIR_DEEDS = {"stream": ("start_stream", "stop_stream"), "recording": ("start_recording", "stop_recording")}


def air_deed(one: live.Airing) -> str:
    """The verb that can be ordered now: stop what runs, start what a recorder is there for; "" for neither."""
    start, stop = AIR_DEEDS[one.kind]
    if one.state == "running":
        return stop
    is_useless = one.why in ("early", "never", "over", "few", "none", "busy")
    return "" if one.state == "starting" or is_useless else start


def script_words() -> dict[str, Any]:
    """The words that the board's script shows, in the language of the moment."""
    return {
        "states": {name: [one.icon, str(one.label)] for name, one in STATE_WORDS.items()},
        "marks": {name: [icon, str(label)] for name, (icon, label) in MARK_WORDS.items()},
        "tones": TONE_ICONS,
        "texts": {
            "counts": [[name, tone, icon, str(label)] for name, tone, icon, label in COUNTS],
            "all": gettext("of"), "now": gettext("Now"), "next": gettext("Next"), "nobody": gettext("the chair"),
            "notready": gettext("is not in yet!"), "well": gettext("No endpoint is in trouble."),
            "rest": gettext("Without trouble"), "remedy": gettext("Remedy"), "incident": gettext("Incident"),
            "show": gettext("Show only these"), "all_again": gettext("Show all"),
            "forecast": gettext("when all are in"),
            "here": gettext("of this meeting"), "no_bridges": gettext("The meeting's system has no bridge entered."),
            "updated": gettext("Figures of %(s)s s ago", s="{s}"), "stale": gettext("Old figures: %(s)s s", s="{s}"),
            "source": gettext("The meeting server was last heard of %(s)s s ago; the rooms tell of themselves.",
                              s="{s}"),
            "deaf": gettext("No room at all was heard of for %(s)s s: EduNOC or its line was away. So it was then.",
                            s="{s}"),
            "chosen": gettext("Remedy for %(n)s", n="{n}"), "nothing": gettext("Nothing fits the filter"),
            "choose": gettext("Choose"), "since": gettext("since %(at)s, %(min)s min", at="{at}", min="{min}"),
        },
    }  # fmt: skip


def figure_text(figures: Mapping[str, float]) -> str:
    """The few figures of a row in words: "loses 6 % · 220 ms"."""
    parts = []
    if "loss" in figures:
        parts.append(gettext("loses %(loss)s %%", loss=round(figures["loss"] * 100)))
    if "rtt" in figures:
        parts.append(f"{round(figures['rtt'])} ms")
    return " · ".join(parts)


def bridge_load(bridge: live.BridgeNow, most: float = 0.8) -> tuple[str, str]:
    """(tone, words) of a bridge's load now."""
    if bridge.is_healthy is False:
        return "down", gettext("not healthy")
    if bridge.stress is None:
        return "unknown", gettext("load not known")
    load = gettext("load %(load)s %%", load=round(bridge.stress * 100))
    if bridge.is_draining:
        return "maintenance", gettext("%(load)s, takes nobody new", load=load)
    if bridge.stress >= most:
        return "down", load
    return ("attention" if (bridge.forecast or 0) >= most else "good"), load
