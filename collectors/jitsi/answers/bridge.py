"""What a bridge (JVB) tells: /colibri/stats of 2019 to 2026, /metrics in its place, one endpoint's debug. Pure.

Units differ between the two: bit_rate_* are kbit/s, octo_*_bitrate and the metrics' bit rates bit/s; rtt is ms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collectors.jitsi.answers.exposition import read_metrics, totals
from collectors.jitsi.answers.values import (
    Wanted,
    flag_of,
    mapping_of,
    number_of,
    read_object,
    take,
    text_of,
)

PREFIX = "jitsi_jvb_"
_KILO, _MILLI = 1000.0, 0.001

_STATS: tuple[Wanted, ...] = (
    ("jvb_stress_ratio", ("stress_level",), 1),
    ("jvb_participant_stress_ratio", ("average_participant_stress",), 1),
    ("meeting_conferences", ("conferences",), 1),
    ("meeting_participants", ("local_endpoints", "participants"), 1),
    ("meeting_visitors", ("visitors",), 1),
    ("meeting_largest_conference", ("largest_conference",), 1),
    ("jvb_relayed_endpoints", ("octo_endpoints",), 1),
    ("jvb_in_bits_per_second", ("bit_rate_download",), _KILO),
    ("jvb_out_bits_per_second", ("bit_rate_upload",), _KILO),
    ("jvb_in_packets_per_second", ("packet_rate_download",), 1),
    ("jvb_out_packets_per_second", ("packet_rate_upload",), 1),
    ("jvb_relay_in_bits_per_second", ("octo_receive_bitrate",), 1),
    ("jvb_relay_out_bits_per_second", ("octo_send_bitrate",), 1),
    ("jvb_in_loss_ratio", ("incoming_loss", "loss_rate_download"), 1),
    ("jvb_out_loss_ratio", ("outgoing_loss", "loss_rate_upload"), 1),
    ("jvb_rtt_seconds", ("rtt_aggregate",), _MILLI),
    ("jvb_high_loss_endpoints", ("endpoints_with_high_outgoing_loss",), 1),
    ("jvb_suspended_endpoints", ("endpoints_with_suspended_sources",), 1),
    ("jvb_silent_endpoints", ("num_eps_no_msg_transport_after_delay",), 1),
    ("jvb_ice_failed_total", ("total_ice_failed",), 1),
    ("jvb_ice_succeeded_total", ("total_ice_succeeded",), 1),
    ("jvb_dtls_failed_total", ("dtls_failed_endpoints",), 1),
    ("jvb_endpoints_disconnected_total", ("endpoints_disconnected",), 1),
    ("jvb_endpoints_reconnected_total", ("endpoints_reconnected",), 1),
    ("jvb_draining", ("drain",), 1),
    ("meeting_server_healthy", ("healthy",), 1),
)
_METRICS: tuple[Wanted, ...] = (
    ("jvb_stress_ratio", ("stress",), 1),
    ("meeting_conferences", ("conferences",), 1),
    ("meeting_participants", ("local_endpoints", "current_endpoints"), 1),
    ("meeting_visitors", ("current_visitors",), 1),
    ("meeting_largest_conference", ("largest_conference",), 1),
    ("jvb_in_bits_per_second", ("incoming_bitrate",), 1),
    ("jvb_out_bits_per_second", ("outgoing_bitrate",), 1),
    ("jvb_in_loss_ratio", ("incoming_loss_fraction",), 1),
    ("jvb_out_loss_ratio", ("outgoing_loss_fraction",), 1),
    ("jvb_rtt_seconds", ("average_rtt",), _MILLI),
    ("jvb_high_loss_endpoints", ("endpoints_with_high_outgoing_loss",), 1),
    ("jvb_ice_failed_total", ("ice_failed",), 1),
    ("jvb_ice_succeeded_total", ("ice_succeeded",), 1),
    ("jvb_dtls_failed_total", ("endpoints_dtls_failed",), 1),
    ("jvb_endpoints_disconnected_total", ("endpoints_disconnected",), 1),
    ("jvb_endpoints_reconnected_total", ("endpoints_reconnected",), 1),
    ("jvb_queue_dropped_packets_total", ("queue_dropped_packets",), 1),
    ("jvb_xmpp_disconnects_total", ("xmpp_disconnects",), 1),
    ("jvb_cpu_steal_ratio", ("cpu_steal",), 1),
    ("jvb_draining", ("drain_mode",), 1),
    ("meeting_server_healthy", ("healthy",), 1),
)


def read_stats(body: bytes) -> tuple[dict[str, float], dict[str, str]]:
    """(metric -> value, facts) of /colibri/stats. Raises TryLater("bad_reply")."""
    told = read_object(body)
    found = take(_STATS, told)
    ending = [flag for key in ("graceful_shutdown", "shutting_down") if (flag := flag_of(told.get(key))) is not None]
    if ending:
        found["jvb_shutting_down"] = float(any(ending))
    reached = [_reached(told, have, of) for have, of in (
        ("muc_clients_connected", "muc_clients_configured"), ("mucs_joined", "mucs_configured"))]
    known = [one for one in reached if one is not None]
    if known:
        found["jvb_xmpp_joined"] = float(all(known))
    facts = {"version": "version", "relay_id": "relay_id", "region": "region", "release": "release"}
    return found, {name: text for name, key in facts.items() if (text := text_of(told.get(key)))}


def _reached(told: Mapping[str, Any], have: str, of: str) -> bool | None:
    """Whether the bridge has joined as many rooms of its brewery as it was told to."""
    joined, wanted = number_of(told.get(have)), number_of(told.get(of))
    return None if joined is None or wanted is None else joined >= wanted


def read_bridge_metrics(body: bytes) -> dict[str, float]:
    """Metric -> value of /metrics. Raises TryLater("bad_reply") for broken JSON."""
    told = totals(read_metrics(body, PREFIX))
    found = take(_METRICS, told)
    ending = [told[key] for key in ("graceful_shutdown", "shutting_down") if key in told]
    if ending:
        found["jvb_shutting_down"] = float(any(ending))
    return found


@dataclass(frozen=True, slots=True)
class EndpointLook:
    """What a bridge knows of one connection; None where it says nothing. Ratios 0..1, seconds, bits a second.

    `loss_up` is what the bridge misses of the site's packets, `loss_down` what the site misses of the bridge's.
    """

    rtt_s: float | None = None
    loss_up: float | None = None
    loss_down: float | None = None
    down_estimate_bps: float | None = None
    ice_connected: bool | None = None
    ice_failed: bool | None = None
    dtls_connected: bool | None = None
    is_visitor: bool | None = None


def conference_of(body: bytes, room_jid: str, endpoint: str) -> str | None:
    """The bridge's id of the room's conference that holds this endpoint, from the short /debug; None: none does."""
    wanted = room_jid.lower()
    for key, told in mapping_of(read_object(body).get("conferences")).items():
        conference = mapping_of(told)
        if str(conference.get("name", "")).lower() == wanted and endpoint in mapping_of(conference.get("endpoints")):
            return key
    return None


def read_endpoint(body: bytes, conference: str, endpoint: str) -> EndpointLook | None:
    """One endpoint of /debug/<conference>/<endpoint>; None when the bridge holds no such one (it says "null" then)."""
    told = mapping_of(mapping_of(read_object(body).get("conferences")).get(conference))
    seen = mapping_of(mapping_of(told.get("endpoints")).get(endpoint))
    if not seen:
        return None
    stats = mapping_of(mapping_of(seen.get("transceiver")).get("endpoint_connection_stats"))
    allocator = mapping_of(mapping_of(seen.get("bitrate_controller")).get("bitrate_allocator"))
    ice, dtls = mapping_of(seen.get("ice_transport")), mapping_of(seen.get("dtls_transport"))
    rtt = number_of(stats.get("rtt"))
    return EndpointLook(
        rtt_s=None if rtt is None or rtt < 0 else rtt * _MILLI,
        loss_up=_loss(stats.get("incoming_loss_stats")), loss_down=_loss(stats.get("outgoing_loss_stats")),
        down_estimate_bps=number_of(allocator.get("bweBps")),
        ice_connected=flag_of(ice.get("iceConnected")), ice_failed=flag_of(ice.get("iceFailed")),
        dtls_connected=flag_of(dtls.get("is_connected")), is_visitor=flag_of(seen.get("visitor")),
    )


def _loss(told: object) -> float | None:
    lost, received = (number_of(mapping_of(told).get(key)) for key in ("packets_lost", "packets_received"))
    if lost is None or received is None or lost < 0 or lost + received <= 0:
        return None
    return lost / (lost + received)
