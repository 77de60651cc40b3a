"""How an endpoint is, in one word, from its kiosk's newest heartbeat. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from conference import kiosk
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.pages.endpoints.store import EndpointLine
from dashboards.words import Word
from inventory import Endpoint

LONG = timedelta(days=7)
# Worst first
STATES: dict[str, Word] = {
    "devices": Word("down", "circle-x", _l("device trouble")),
    "lost": Word("down", "network-off", _l("lost during a meeting")),
    "cannot": Word("down", "login", _l("cannot join")),
    "long": Word("attention", "alert-triangle", _l("not seen for long")),
    "unpaired": Word("attention", "link", _l("not paired")),
    "never": Word("unknown", "help-circle", _l("never seen")),
    "off": Word("idle", "power", _l("page closed")),
    "ready": Word("good", "circle-check", _l("ready")),
    "in_meeting": Word("good", "video", _l("in a meeting")),
    "codec": Word("info", "video", _l("hardware codec")),
    "manual": Word("idle", "user", _l("handled by people")),
    "unused": Word("idle", "minus", _l("not in use")),
}
RANK = {word: number for number, word in enumerate(STATES)}


def state_of(
    endpoint: Endpoint | EndpointLine, now_there: kiosk.KioskNow, now: datetime, is_meeting: bool = False
) -> str:
    """The word. `is_meeting`: a meeting of the endpoint runs, so that a closed page is a loss."""
    if not endpoint.is_active:
        return "unused"
    if endpoint.kind != "kiosk":
        return endpoint.kind
    if not now_there.is_paired and not now_there.is_there(now):
        return "unpaired"
    if now_there.at is None:
        return "never"
    if not now_there.is_there(now):
        return "lost" if is_meeting else "long" if now - now_there.at > LONG else "off"
    if broken(now_there.devices):
        return "devices"
    if now_there.state == "rejoining" and now_there.payload.get("problem"):
        return "cannot"
    return "in_meeting" if now_there.state == "in_meeting" else "ready"


def broken(devices: Mapping[str, str]) -> list[str]:
    """The devices that do not work, in their order."""
    return [name for name in kiosk.DEVICES if devices.get(name) in kiosk.BROKEN]


def why(state: str, now_there: kiosk.KioskNow) -> str:
    """What is behind the word, in a sentence with what to do; "" where the word says all."""
    if state == "devices":
        devices = now_there.devices
        told = "; ".join(f"{_(kiosk.DEVICES[one])}: {_(kiosk.CONDITIONS[devices[one]])}" for one in broken(devices))
        return _("%(devices)s. See that it is plugged in and switched on, then press “Check the devices”.",
                 devices=told)
    return {
        "cannot": str(now_there.payload.get("problem", "")),
        "lost": _("The page is closed or the line is down while a meeting runs. Telephone the room."),
        "long": _("Ask the room to switch the computer on and to open the page."),
        "unpaired": _("Make a pairing code and enter it at the room's computer."),
        "never": _("The computer was paired but was not heard of. Open the page there."),
        "off": _("The computer is off or the page is closed: no fault outside of meetings."),
    }.get(state, "")
