"""The words of a Wi-Fi diagnosis' tone, worst first."""

from __future__ import annotations

from core import lazy_gettext as _l
from dashboards.words import Word

WIFI_STATES: dict[str, Word] = {
    "down": Word("down", "wifi-off", _l("bad")),
    "attention": Word("attention", "alert-triangle", _l("needs attention")),
    "unknown": Word("unknown", "help-circle", _l("unknown")),
    "info": Word("info", "info-circle", _l("could be better")),
    "good": Word("good", "circle-check", _l("good")),
}
WORST_FIRST = {tone: place for place, tone in enumerate(WIFI_STATES)}
# The rules whose incidents are the history of a school's Wi-Fi
WIFI_RULES = frozenset({"access_point_left", "wifi_jammed", "wifi_crowded", "wifi_crowded_point"})
