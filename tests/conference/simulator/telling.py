"""What the servers tell at the day's `now`: the payload files as templates, the scenario's state as their values."""

from __future__ import annotations

import re
from copy import deepcopy
from functools import cache
from typing import Any
from zlib import crc32

from tests.conference.payloads import json_payload, payload
from tests.conference.simulator.day import Day, OpenRoom
from tests.conference.simulator.plan import BridgeRestart, Outage, Stay

BUSY = "jvb_colibri_stats_busy_full_keys.json"
STAGE_KBPS, UP_KBPS = 1720.0, 310.0   # a site receives and sends this much (capacity_model_600.json: 720p, lastN 5)


@cache
def _template(name: str) -> Any:
    return json_payload(name)


def bridge_values(day: Day, bridge: str) -> dict[str, float | bool | str]:
    """A bridge's figures by the names of /colibri/stats."""
    stays, stress = day.on_bridge(bridge), day.stress(bridge)
    lines = [stay.seat.line(day.now) for stay in stays]
    rooms = [found for found in day.open.values() if any(one.bridge == bridge for one in found.stays)]
    count, visitors = len(stays), sum(one.is_visitor for one in stays)
    since = day.began[bridge]
    joined = sum(1 for at, name in day.joins if name == bridge and at >= since)
    elapsed = max(day.now - since, 0.0)

    def mean(values: list[float]) -> float:
        return round(sum(values) / count, 4) if count else 0

    return {
        "stress_level": stress, "conferences": len(rooms), "endpoints": sum(len(one.stays) for one in rooms),
        "participants": sum(len(one.stays) for one in rooms), "local_endpoints": count, "local_active_endpoints": count,
        "octo_endpoints": sum(len(one.stays) for one in rooms) - count, "octo_conferences": len(rooms),
        "visitors": visitors, "receive_only_endpoints": visitors,
        "largest_conference": max((len(one.stays) for one in rooms), default=0),
        "bit_rate_upload": round(STAGE_KBPS * count), "bit_rate_download": round(UP_KBPS * count),
        "packet_rate_upload": 160 * count, "packet_rate_download": 40 * count,
        "incoming_loss": mean([one.loss_up for one in lines]), "outgoing_loss": mean([one.loss_down for one in lines]),
        "overall_loss": mean([(one.loss_up + one.loss_down) / 2 for one in lines]),
        "rtt_aggregate": round(1000 * mean([one.rtt_s for one in lines]), 1),
        "endpoints_with_high_outgoing_loss": sum(one.loss_down > 0.1 for one in lines),
        "total_ice_succeeded": joined, "total_ice_failed": 0, "endpoints_ice_failed": 0, "total_participants": joined,
        "total_conference_seconds": round(elapsed), "total_bytes_sent": round(elapsed * STAGE_KBPS * 125 * count),
        "total_bytes_received": round(elapsed * UP_KBPS * 125 * count), "endpoints_disconnected": 0,
        "endpoints_reconnected": 0, "dtls_failed_endpoints": 0, "num_eps_no_msg_transport_after_delay": 0,
        "endpoints_with_suspended_sources": 0, "drain": bridge in day.drained, "healthy": True,
        "relay_id": bridge, "region": day.installation.region, "version": bridge_version(day, bridge),
        "mucs_configured": 1, "mucs_joined": 1, "muc_clients_configured": 1, "muc_clients_connected": 1,
        "octo_send_bitrate": 0.0, "octo_receive_bitrate": 0.0, "graceful_shutdown": False, "shutting_down": False,
    }


def bridge_version(day: Day, bridge: str) -> str:
    """The version a bridge runs."""
    return day.installation.versions.get(bridge, day.installation.version)


def bridge_stats(day: Day, bridge: str) -> dict[str, Any]:
    """/colibri/stats with the keys of the bridge's dialect."""
    base = dict(_template(day.installation.dialects.get(bridge, BUSY)))
    values = bridge_values(day, bridge)
    return {**base, **{key: value for key, value in values.items() if key in base}}


_METRIC_OF = {
    "stress": ("stress_level", 1), "current_endpoints": ("endpoints", 1), "local_endpoints": ("local_endpoints", 1),
    "current_visitors": ("visitors", 1), "conferences": ("conferences", 1), "healthy": ("healthy", 1),
    "largest_conference": ("largest_conference", 1), "incoming_bitrate": ("bit_rate_download", 1000),
    "outgoing_bitrate": ("bit_rate_upload", 1000), "incoming_loss_fraction": ("incoming_loss", 1),
    "outgoing_loss_fraction": ("outgoing_loss", 1), "average_rtt": ("rtt_aggregate", 1), "drain_mode": ("drain", 1),
    "endpoints_with_high_outgoing_loss": ("endpoints_with_high_outgoing_loss", 1),
    "endpoints_total": ("total_participants", 1), "ice_succeeded_total": ("total_ice_succeeded", 1),
    "ice_failed_total": ("total_ice_failed", 1), "endpoints_disconnected_total": ("endpoints_disconnected", 1),
    "endpoints_reconnected_total": ("endpoints_reconnected", 1),
    "endpoints_dtls_failed_total": ("dtls_failed_endpoints", 1),
    "graceful_shutdown": ("graceful_shutdown", 1), "shutting_down": ("shutting_down", 1),
}


def bridge_metrics(day: Day, bridge: str) -> str:
    """/metrics of a bridge."""
    values = bridge_values(day, bridge)
    told = {f"jitsi_jvb_{name}": float(values[key]) * factor for name, (key, factor) in _METRIC_OF.items()}
    return fill(payload("jvb_metrics_sample.txt"), told)


def fill(text: str, values: dict[str, float]) -> str:
    """A sample of exposition text with these values in the place of its own."""
    def line(one: str) -> str:
        name = re.split(r"[ {]", one, maxsplit=1)[0]
        return f"{one.rpartition(' ')[0]} {values[name]}" if name in values else one

    return "\n".join(map(line, text.splitlines())) + "\n"


def bridge_debug(day: Day, bridge: str) -> dict[str, Any]:
    """The short /debug of a bridge."""
    found = deepcopy(_template("jvb_debug_short.json"))
    (sample,) = found["conferences"].values()
    found["conferences"] = {}
    for one in day.open.values():
        here = {stay.endpoint: _stats_id(stay) for stay in one.stays if stay.bridge == bridge}
        if here:
            key, name = conference_id(one), day.installation.room_jid(one.room.node)
            found["conferences"][key] = {**sample, "id": key, "name": name, "endpoints": here}
    return {**found, "drain": bridge in day.drained, "time": round(day.now * 1000),
            "load_management": {**found["load_management"], "stress": str(day.stress(bridge))}}


def endpoint_debug(day: Day, bridge: str, conference: str, endpoint: str) -> dict[str, Any]:
    """/debug/<conference>/<endpoint>; of a conference that is none, the string "null"."""
    found = deepcopy(_template("jvb_debug_endpoint_full_trimmed.json"))
    (sample,) = found["conferences"].values()
    (whole,) = sample["endpoints"].values()
    room = next((one for one in day.open.values() if conference_id(one) == conference), None)
    if room is None:
        return {**found, "conferences": {conference: "null"}}
    stay = next((one for one in room.stays if one.endpoint == endpoint and one.bridge == bridge), None)
    told: object = "null"
    if stay is not None:
        line = stay.seat.line(day.now)
        told = deepcopy(whole)
        told["visitor"], told["stats_id"] = stay.is_visitor, _stats_id(stay)
        told["transceiver"]["endpoint_connection_stats"] = {
            "rtt": line.rtt_s * 1000, "incoming_loss_stats": _lost(line.loss_up),
            "outgoing_loss_stats": _lost(line.loss_down),
        }
    return {**found, "conferences": {conference: {
        **sample, "id": conference, "name": day.installation.room_jid(room.room.node), "endpoints": {endpoint: told}}}}


def _lost(ratio: float) -> dict[str, int]:
    return {"packets_lost": round(10_000 * ratio), "packets_received": 10_000 - round(10_000 * ratio)}


def conference_id(found: OpenRoom) -> str:
    """A bridge's id of a conference: 16 hex characters."""
    return f"{crc32(found.room.node.encode()):08x}{int(found.created):08x}"


def _stats_id(stay: Stay) -> str:
    return f"Site-{stay.endpoint[:4]}-Ab3"


def focus_stats(day: Day) -> dict[str, Any]:
    """/stats of Jicofo."""
    found = deepcopy(_template("jicofo_stats.json"))
    sizes = [len(one.stays) for one in day.open.values()]
    visitors = [sum(stay.is_visitor for stay in one.stays) for one in day.open.values()]
    kinds = (BridgeRestart, Outage)
    away = sum(any(day.fault_at(kind, one) for kind in kinds) for one in day.installation.bridges)
    bridges = len(day.installation.bridges)
    found |= {
        "conferences": len(sizes), "participants": sum(sizes), "visitors": sum(visitors),
        "largest_conference": max(sizes, default=0), "conferences_with_visitors": sum(map(bool, visitors)),
        "total_participants": len(day.joins), "version": "1.1-1200",
    }
    found["bridge_selector"] |= {
        "bridge_count": bridges, "operational_bridge_count": bridges - away, "lost_bridges": away,
        "bridge_version_count": len({bridge_version(day, one) for one in day.installation.bridges}),
    }
    recorders = day.installation.recorders
    found["jibri_detector"] = {"count": len(recorders), "available": len(recorders) - len(day.recording)}
    found["jibri"]["recording_active"] = len(day.recording)
    return found


def focus_metrics(day: Day) -> str:
    """/metrics of Jicofo."""
    stats = focus_stats(day)
    selector = stats["bridge_selector"]
    told = {
        "conferences": stats["conferences"], "conferences_with_visitors": stats["conferences_with_visitors"],
        "participants_current": stats["participants"], "visitors_current": stats["visitors"],
        "largest_conference": stats["largest_conference"],
        "jibri_instances_available": stats["jibri_detector"]["available"],
        "bridge_selector_bridge_count": selector["bridge_count"],
        "bridge_selector_bridge_count_operational": selector["operational_bridge_count"],
        "bridge_selector_bridge_version_count": selector["bridge_version_count"],
    }
    values = {f"jitsi_jicofo_{name}": float(one) for name, one in told.items()}
    return fill(payload("jicofo_metrics_sample.txt"), values)


def conference(day: Day, found: OpenRoom) -> dict[str, Any]:
    """/debug/conference/<room>: main participants and visitors, each with its bridge. Who is in a breakout room is
    not here."""
    sample, jid = _template("jicofo_debug_conference_trimmed.json"), day.installation.room_jid(found.room.node)
    member, invited = sample["chat_room"]["members"]["a3b2c1d0"], sample["participants"]["14f01c40"]
    manager = sample["colibri_session_manager"]
    placed, session = manager["participants"]["14f01c40"], manager["sessions"]["jvb-1"]
    here = [one for one in found.stays if not one.breakout_at(day.now)]
    members, participants, colibri, by_bridge = {}, {}, {}, {}
    for stay in here:
        key, name = stay.endpoint, _stats_id(stay)
        home = day.installation.room_jid(found.room.node, stay.vnode) if stay.is_visitor else jid
        if not stay.is_visitor:
            members[key] = {**member, "occupant_jid": f"{jid}/{key}", "stats_id": name, "role": "PARTICIPANT",
                            "jid": f"{stay.uuid}@{day.installation.domain}/{stay.uuid[-8:]}"}
        participants[key] = {**invited, "id": key, "stats_id": name,
                             "jingle_session": {**invited["jingle_session"], "remoteJid": f"{home}/{key}"}}
        colibri[key] = {**placed, "id": key, "stats_id": name, "bridge": stay.bridge, "visitor": stay.is_visitor}
        by_bridge.setdefault(stay.bridge, []).append(key)
    sessions = {
        bridge: {**session, "participants": keys, "bridge": {
            **session["bridge"], "relay-id": bridge, "stress": day.stress(bridge), "endpoints": len(keys),
            "corrected-stress": day.stress(bridge), "overloaded": day.stress(bridge) >= 0.8,
            "version": bridge_version(day, bridge), "drain": bridge in day.drained}}
        for bridge, keys in by_bridge.items()
    }
    visitors = sum(one.is_visitor for one in here)
    chat = {**sample["chat_room"], "room_jid": jid, "my_occupant_jid": f"{jid}/focus", "members": members,
            "participants": [one.seat.subject for one in here if not one.is_visitor], "visitors_live": visitors > 0}
    return {**sample, "name": jid, "chat_room": chat, "participants": participants, "visitor_count": visitors,
            "participant_count": len(here),
            "colibri_session_manager": {**manager, "participants": colibri, "sessions": sessions}}


def census(day: Day) -> dict[str, Any]:
    """/room-census of Prosody: visitors are not in it, breakout rooms neither."""
    (sample,) = _template("prosody_room_census.json")["room_census"]
    return {"room_census": [
        {**sample, "room_name": day.installation.room_jid(one.room.node), "created_time": round(one.created * 1000),
         "participants": sum(not stay.breakout_at(day.now) for stay in one.mains)}
        for one in day.open.values()
    ]}


def recorder(day: Day, name: str) -> dict[str, Any]:
    """Jibri's health."""
    return _template("jibri_health.json")["busy" if name in day.recording else "idle"]


def turn_metrics(day: Day) -> str:
    """coturn: each tenth connection comes over it."""
    count = sum(len(one.stays) for one in day.open.values())
    return fill(payload("coturn_metrics_sample.txt"), {"turn_total_allocations": float(count // 10)})


def gateway_stats() -> dict[str, Any]:
    """Jigasi."""
    return dict(_template("jigasi_about_stats.json"))
