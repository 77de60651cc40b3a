"""The options with which the kiosk page opens Jitsi's IFrame API. Pure; names as in the handbook (configuration)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from conference.capacity import Quality
from conference.schedule import Manners
from inventory import MeetingSystem

# What a room needs and nothing that could change the meeting for others
BUTTONS = ("microphone", "camera", "raisehand", "tileview", "settings", "hangup")
CODECS = {"vp9": "VP9", "vp8": "VP8", "h264": "H264", "av1": "AV1"}
STATS_MS = 10_000
MUTED_FROM = 10  # the eleventh and later come in muted, whatever they ask for


@dataclass(frozen=True, slots=True)
class Place:
    """Where Jitsi's script is loaded from and its pages are shown: `script` is the whole address, `origin` what may
    be framed, `domain` what the IFrame API calls the installation."""

    script: str
    origin: str
    domain: str
    is_plain: bool  # http: only for a test on this machine


def place_of(system: MeetingSystem) -> Place | None:
    """None when the installation's address makes no sense: the page then names the system instead of loading it."""
    parts = urlsplit(system.public_url)
    if parts.scheme not in ("http", "https") or not parts.netloc or any(c in parts.netloc for c in "@;, '\""):
        return None
    origin = f"{parts.scheme}://{parts.netloc}"
    path = parts.path.rstrip("/")
    return Place(f"{origin}{path}/external_api.js", origin, f"{parts.netloc}{path}", parts.scheme == "http")


def room_name(system: MeetingSystem, room: str) -> str:
    """The room as the IFrame API wants it: the tenant is a folder before it."""
    return f"{system.tenant}/{room}" if system.tenant else room


def join_options(system: MeetingSystem, room: str, name: str, manners: Manners, quality: Quality) -> dict[str, Any]:
    """Everything but the token, the devices (the page knows them) and the frame to draw in."""
    height = quality.lines
    preferred = [CODECS[quality.codec], *(name for name in ("VP9", "VP8", "H264") if name != CODECS[quality.codec])]
    return {
        "roomName": room_name(system, room),
        "lang": "vi",
        "userInfo": {"displayName": name},
        "configOverwrite": {
            "prejoinConfig": {"enabled": False},
            "startWithAudioMuted": manners.audio_muted,
            "startWithVideoMuted": manners.video_muted,
            "startAudioMuted": MUTED_FROM,
            "resolution": height,
            "constraints": {"video": {"height": {"ideal": height, "max": height, "min": 180}}},
            "channelLastN": quality.last_n,
            "p2p": {"enabled": False},
            "disableDeepLinking": True,
            "enableNoAudioDetection": True,
            "enableNoisyMicDetection": False,
            "disableSelfView": manners.is_hidden,
            "pcStatsInterval": STATS_MS,
            "toolbarButtons": list(BUTTONS),
            "disabledSounds": ["PARTICIPANT_JOINED_SOUND", "PARTICIPANT_LEFT_SOUND"],
            "videoQuality": {"codecPreferenceOrder": preferred},
            "gatherStats": True,
        },
    }
