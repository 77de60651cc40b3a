"""What the kiosk page may load: itself, and from each meeting installation just one script and its frames."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response

from conference import kiosk

POLICY = (
    "default-src 'none'; script-src 'self'{scripts}; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; media-src 'self' blob:; frame-src 'self'{frames}; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'"
)
# What Jitsi's frame is lent; the first two are the page's own device check
LENT = ("camera", "microphone", "autoplay", "display-capture", "speaker-selection", "screen-wake-lock", "fullscreen",
        "compute-pressure")


def allow(response: Response, places: Sequence[kiosk.Place]) -> Response:
    """Set the headers; those of every other page are stricter."""
    origins = list(dict.fromkeys(place.origin for place in places))
    scripts = "".join(f" {place.script}" for place in places)
    frames = "".join(f" {origin}" for origin in origins)
    lent = "".join(f' "{origin}"' for origin in origins)
    response.headers["Content-Security-Policy"] = POLICY.format(scripts=scripts, frames=frames)
    response.headers["Permissions-Policy"] = ", ".join(f"{name}=(self{lent})" for name in LENT)
    return response
