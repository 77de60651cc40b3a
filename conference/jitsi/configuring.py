"""What to put into the files of a Jitsi installation so that it fits a meeting system: text made from its settings.

Names of settings are those of reference.conf and of the Prosody modules (jitsi.md section 11). No secret stands in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from inventory import MeetingServer, MeetingSystem

TOKEN_WORD, RESERVATION_WORD, EVENT_WORD = "THE-TOKEN-SECRET", "THE-RESERVATION-SECRET", "THE-EVENT-SECRET"
BRIDGE_LIMIT, MAIN_LIMIT, VISITOR_LIMIT, JOINS = 200, 60, 500, 30


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """One file's lines. `name` is what the file is called."""

    name: str
    text: str


def config_files(system: MeetingSystem, servers: list[MeetingServer], base: str) -> list[ConfigFile]:
    """The files, in the order of setting up. `base`: EduNOC's address as the servers reach it, without a slash."""
    files = [ConfigFile("prosody.cfg.lua", _prosody(system, base)), ConfigFile("jicofo.conf", _jicofo(system))]
    bridges = [server for server in servers if server.kind == "jvb"]
    for bridge in bridges:
        files.append(ConfigFile(f"jvb.conf ({bridge.name})", _bridge(bridge.name)))
    if not bridges:
        files.append(ConfigFile("jvb.conf", _bridge("jvb-1")))
    if any(server.kind == "jibri" for server in servers):
        files.append(ConfigFile("jibri.conf", _recorder(base)))
    if system.stun_host:
        files.append(ConfigFile("turnserver.conf", _relay(system)))
    return files


def _prosody(system: MeetingSystem, base: str) -> str:
    muc = f"{system.muc_prefix}.{system.domain}"
    if system.algorithm.startswith("RS"):
        key = f'    asap_key_server = "{base}/asap"'
    else:
        key = f'    app_secret = "{TOKEN_WORD}"'
    return f"""-- For the whole server: kept apart from login tokens by a directory of its own
prosody_password_public_key_repo_url = "{base}/asap/system"

VirtualHost "{system.domain}"
    authentication = "token"
    app_id = "{system.app_id}"
    signature_algorithm = "{system.algorithm}"
{key}
    asap_accepted_issuers = {{ "{system.app_id}" }}
    asap_accepted_audiences = {{ "{system.audience}" }}
    allow_empty_token = false
    modules_enabled = {{ "reservations"; "muc_size"; "muc_census"; "muc_end_meeting"; "muc_kick_participant"; }}
    reservations_api_prefix = "{base}/jitsi"
    reservations_api_headers = {{ ["Authorization"] = "Bearer {RESERVATION_WORD}" }}
    reservations_enable_max_occupants = true

Component "{muc}" "muc"
    modules_enabled = {{ "token_verification"; "token_affiliation"; "frozen_nick"; "muc_rate_limit"; }}
    muc_rate_joins = {int(system.joins_per_second or JOINS)}
    muc_room_locking = false

Component "esync.{system.domain}" "event_sync_component"
    muc_component = "{muc}"
    api_prefix = "{base}/jitsi"
    api_headers = {{ ["Authorization"] = "Bearer {EVENT_WORD}" }}
    include_user_info = true
"""


def _jicofo(system: MeetingSystem) -> str:
    visitors = ""
    if system.has_visitors:
        visitors = f"""
  visitors {{
    enabled = true
    max-participants = {system.main_limit or MAIN_LIMIT}
    max-visitors-per-node = {system.vnode_limit or VISITOR_LIMIT}
  }}"""
    return f"""jicofo {{
  octo.enabled = true
  health.enabled = true
  conference.enable-auto-owner = false
  bridge {{
    selection-strategy = VisitorSelectionStrategy
    visitor-selection-strategy = RegionBasedBridgeSelectionStrategy
    participant-selection-strategy = RegionBasedBridgeSelectionStrategy
    topology-strategy = VisitorTopologyStrategy
    max-bridge-participants = {system.bridge_limit or BRIDGE_LIMIT}
    load-redistribution.enabled = true
    ice-failure-detection.enabled = true
  }}{visitors}
}}
"""


def _bridge(name: str) -> str:
    return f"""videobridge {{
  apis.rest.enabled = true
  relay {{ enabled = true, region = "tinh", relay-id = "{name}" }}
  load-management.conference-last-n-limits {{ 50 = 10, 90 = 5 }}
  loudest.route-loudest-only = true
}}
"""


def _recorder(base: str) -> str:
    return f"""jibri {{
  webhook.subscribers = [ "{base}/jibri" ]
}}
"""


def _relay(system: MeetingSystem) -> str:
    return f"""use-auth-secret
static-auth-secret=THE-RELAY-SECRET
realm={system.domain}
prometheus
"""
