"""What Jicofo tells of itself: /stats and, in its place, /metrics. Pure."""

from __future__ import annotations

from collectors.jitsi.answers.exposition import read_metrics, totals
from collectors.jitsi.answers.values import Wanted, flag_of, mapping_of, read_object, take, text_of

PREFIX = "jitsi_jicofo_"

_STATS: tuple[Wanted, ...] = (
    ("meeting_conferences", ("conferences",), 1),
    ("meeting_participants", ("participants",), 1),
    ("meeting_visitors", ("visitors",), 1),
    ("meeting_largest_conference", ("largest_conference",), 1),
    ("jicofo_conferences_with_visitors", ("conferences_with_visitors",), 1),
)
_SELECTOR: tuple[Wanted, ...] = (
    ("jicofo_bridges", ("bridge_count",), 1),
    ("jicofo_bridges_operational", ("operational_bridge_count",), 1),
    ("jicofo_bridges_in_shutdown", ("in_shutdown_bridge_count",), 1),
    ("jicofo_bridges_lost_total", ("lost_bridges",), 1),
    ("jicofo_bridge_versions", ("bridge_version_count",), 1),
)
_TOLD_OF: tuple[Wanted, ...] = (
    ("jicofo_ice_failed_total", ("ice_failed",), 1),
    ("jicofo_restarts_requested_total", ("request_restart",), 1),
)
_MOVED: tuple[Wanted, ...] = (("jicofo_participants_moved_total", ("participants_moved",), 1),)
_RECORDERS: tuple[Wanted, ...] = (
    ("jicofo_recorders", ("count",), 1),
    ("jicofo_recorders_available", ("available",), 1),
)
_RECORDING: tuple[Wanted, ...] = (
    ("jicofo_recordings", ("recording_active",), 1),
    ("jicofo_live_streams", ("live_streaming_active",), 1),
)
_METRICS: tuple[Wanted, ...] = (
    ("meeting_conferences", ("conferences",), 1),
    ("meeting_participants", ("participants_current", "participants"), 1),
    ("meeting_visitors", ("visitors_current",), 1),
    ("meeting_largest_conference", ("largest_conference",), 1),
    ("jicofo_conferences_with_visitors", ("conferences_with_visitors",), 1),
    ("jicofo_bridges", ("bridge_selector_bridge_count",), 1),
    ("jicofo_bridges_operational", ("bridge_selector_bridge_count_operational",), 1),
    ("jicofo_bridges_in_shutdown", ("bridge_selector_bridge_count_in_shutdown",), 1),
    ("jicofo_bridge_versions", ("bridge_selector_bridge_version_count",), 1),
    ("jicofo_bridges_lost_total", ("bridge_selector_lost_bridges",), 1),
    ("jicofo_ice_failed_total", ("participants_ice_failed",), 1),
    ("jicofo_restarts_requested_total", ("participants_restart_requested",), 1),
    ("jicofo_participants_moved_total", ("participants_moved",), 1),
    ("jicofo_recorders_available", ("jibri_instances_available",), 1),
    ("jicofo_recorders", ("jibri_instances",), 1),
)


def read_focus_stats(body: bytes) -> tuple[dict[str, float], dict[str, str]]:
    """(metric -> value, facts) of /stats. Raises TryLater("bad_reply")."""
    told = read_object(body)
    found = take(_STATS, told)
    selector = mapping_of(told.get("bridge_selector"))
    found |= take(_SELECTOR, selector)
    found |= take(_TOLD_OF, mapping_of(told.get("participant_notifications")))
    found |= take(_MOVED, mapping_of(told.get("bridge_failures")))
    found |= take(_RECORDERS, mapping_of(told.get("jibri_detector")))
    found |= take(_RECORDING, mapping_of(told.get("jibri")))
    healthy = flag_of(told.get("healthy"))
    if healthy is not None:
        found["meeting_server_healthy"] = float(healthy)
    version = text_of(told.get("version"))
    return found, {"version": version} if version else {}


def read_focus_metrics(body: bytes) -> dict[str, float]:
    """Metric -> value of /metrics. Raises TryLater("bad_reply") for broken JSON."""
    return take(_METRICS, totals(read_metrics(body, PREFIX)))
