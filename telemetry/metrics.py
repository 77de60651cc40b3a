"""The one table of metrics: charts, rules, documents, stores and /metrics read name, unit and meaning from here.

Names follow OpenMetrics: base units, `_total` for counters, `_ratio` for 0..1. A metric's number is stored with every
series: numbers are never changed and never used again. A new family of devices adds a group with numbers of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from core import N_, gettext

MetricKind = Literal["gauge", "counter", "state"]
METRIC_LIMIT = 1 << 14  # a metric's number takes 14 bits of a packed series key


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that can be measured.

    A counter arrives as the device's running total and is kept as its rate per second; `unit` is the unit of the total.
    A state is a small whole number whose meaning is told by `meaning`.
    """

    id: int
    name: str
    unit: str
    kind: MetricKind
    meaning: str

    @property
    def label(self) -> str:
        """The meaning in the language of the moment."""
        return gettext(self.meaning)

    @property
    def stored_unit(self) -> str:
        """The unit of the stored value: that of the metric, per second for a counter."""
        return f"{self.unit}/s" if self.kind == "counter" else self.unit


_GAUGE, _COUNTER, _STATE = "gauge", "counter", "state"

# (number, name, unit, kind, meaning)
_REACH = (
    (1, "device_up", "", _STATE, N_("Device answers: 1 yes, 0 no")),
    (2, "snmp_up", "", _STATE, N_("SNMP answers: 1 yes, 0 no")),
    (3, "ping_rtt_seconds", "seconds", _GAUGE, N_("Round-trip time of a ping")),
    (4, "ping_jitter_seconds", "seconds", _GAUGE, N_("Jitter: mean difference of neighbouring round-trip times")),
    (5, "ping_loss_ratio", "ratio", _GAUGE, N_("Share of pings lost")),
    (6, "ping_rtt_min_seconds", "seconds", _GAUGE, N_("Shortest round-trip time of a round of pings")),
    (7, "ping_rtt_max_seconds", "seconds", _GAUGE, N_("Longest round-trip time of a round of pings")),
    (8, "poll_seconds", "seconds", _GAUGE, N_("Time that reading the device took")),
    (9, "poll_requests", "", _GAUGE, N_("Requests that reading the device took")),
    (10, "poll_timeouts", "", _GAUGE, N_("Requests without an answer during one reading")),
    (11, "uptime_seconds", "seconds", _GAUGE, N_("Time since the device started")),
    (12, "agent_uptime_seconds", "seconds", _GAUGE, N_("Time since the device's SNMP agent started")),
)
_CHECKS = (
    (20, "check_up", "", _STATE, N_("Service check succeeds: 1 yes, 0 no")),
    (21, "check_seconds", "seconds", _GAUGE, N_("Time that a service check took")),
    (22, "check_http_status", "", _STATE, N_("Status code of the HTTP answer")),
    (23, "check_bytes", "bytes", _GAUGE, N_("Size of the service's answer")),
    (24, "check_dns_seconds", "seconds", _GAUGE, N_("Time to resolve the service's name")),
    (25, "check_connect_seconds", "seconds", _GAUGE, N_("Time to connect to the service")),
    (26, "check_first_byte_seconds", "seconds", _GAUGE, N_("Time until the service's first byte")),
    (27, "certificate_remaining_seconds", "seconds", _GAUGE, N_("Time until the certificate expires")),
    (28, "certificate_valid", "", _STATE, N_("Certificate is valid: 1 yes, 0 no")),
    (29, "service_up", "", _STATE, N_("Service works: 1 yes, 0 no")),
    (30, "check_tls_seconds", "seconds", _GAUGE, N_("Time of the TLS handshake")),
    (31, "certificate_trusted", "", _STATE, N_("Certificate is vouched for: 1 yes, 0 no")),
    (32, "certificate_name_matches", "", _STATE, N_("Certificate is for the asked name: 1 yes, 0 no")),
    (33, "tls_version", "", _STATE, N_("TLS version agreed on: 10, 11, 12 or 13 for 1.0 to 1.3")),
    (34, "tls_weak_offered", "", _STATE, N_("Server still takes TLS 1.0 or 1.1: 1 yes, 0 no")),
    (35, "dns_answer_expected", "", _STATE, N_("DNS gives the expected answer: 1 yes, 0 no")),
    (36, "dns_answers", "", _GAUGE, N_("Answers that DNS gave")),
    (37, "starttls_offered", "", _STATE, N_("Mail or directory server offers STARTTLS: 1 yes, 0 no")),
)
_INTERFACES = (
    (40, "if_oper_up", "", _STATE, N_("Port works: 1 yes, 0 no")),
    (41, "if_admin_up", "", _STATE, N_("Port is switched on by its administrator: 1 yes, 0 no")),
    (42, "if_speed_bits_per_second", "bits/s", _GAUGE, N_("Speed of the port")),
    (43, "if_in_octets_total", "bytes", _COUNTER, N_("Bytes received")),
    (44, "if_out_octets_total", "bytes", _COUNTER, N_("Bytes sent")),
    (45, "if_in_ucast_packets_total", "packets", _COUNTER, N_("Unicast packets received")),
    (46, "if_out_ucast_packets_total", "packets", _COUNTER, N_("Unicast packets sent")),
    (47, "if_in_multicast_packets_total", "packets", _COUNTER, N_("Multicast packets received")),
    (48, "if_out_multicast_packets_total", "packets", _COUNTER, N_("Multicast packets sent")),
    (49, "if_in_broadcast_packets_total", "packets", _COUNTER, N_("Broadcast packets received")),
    (50, "if_out_broadcast_packets_total", "packets", _COUNTER, N_("Broadcast packets sent")),
    (51, "if_in_errors_total", "packets", _COUNTER, N_("Packets received with errors")),
    (52, "if_out_errors_total", "packets", _COUNTER, N_("Packets not sent because of errors")),
    (53, "if_in_discards_total", "packets", _COUNTER, N_("Packets received and thrown away")),
    (54, "if_out_discards_total", "packets", _COUNTER, N_("Packets thrown away instead of sent")),
    (55, "if_in_used_ratio", "ratio", _GAUGE, N_("Share of the port's speed in use, receiving")),
    (56, "if_out_used_ratio", "ratio", _GAUGE, N_("Share of the port's speed in use, sending")),
    (57, "if_fcs_errors_total", "packets", _COUNTER, N_("Frames with a wrong checksum")),
    (58, "if_late_collisions_total", "packets", _COUNTER, N_("Late collisions")),
    (59, "if_duplex", "", _STATE, N_("Duplex: 1 unknown, 2 half, 3 full")),
    (60, "if_unknown_protocol_packets_total", "packets", _COUNTER, N_("Packets of an unknown protocol")),
    (61, "if_rx_power_dbm", "dBm", _GAUGE, N_("Optical power received")),
    (62, "if_tx_power_dbm", "dBm", _GAUGE, N_("Optical power sent")),
    (63, "if_last_change_seconds", "seconds", _GAUGE, N_("Device uptime when the port last changed state")),
)
_HOST = (
    (80, "cpu_used_ratio", "ratio", _GAUGE, N_("Share of processor time in use")),
    (81, "load1", "", _GAUGE, N_("Load average over 1 minute")),
    (82, "load5", "", _GAUGE, N_("Load average over 5 minutes")),
    (83, "load15", "", _GAUGE, N_("Load average over 15 minutes")),
    (84, "memory_used_ratio", "ratio", _GAUGE, N_("Share of memory in use")),
    (85, "memory_used_bytes", "bytes", _GAUGE, N_("Memory in use")),
    (86, "memory_size_bytes", "bytes", _GAUGE, N_("Size of memory")),
    (87, "memory_available_bytes", "bytes", _GAUGE, N_("Memory available")),
    (88, "swap_used_ratio", "ratio", _GAUGE, N_("Share of swap space in use")),
    (89, "swap_size_bytes", "bytes", _GAUGE, N_("Size of swap space")),
    (90, "storage_used_ratio", "ratio", _GAUGE, N_("Share of storage in use")),
    (91, "storage_used_bytes", "bytes", _GAUGE, N_("Storage in use")),
    (92, "storage_size_bytes", "bytes", _GAUGE, N_("Size of storage")),
    (93, "processes", "", _GAUGE, N_("Number of processes")),
    (94, "users", "", _GAUGE, N_("Number of signed-in users")),
    (95, "cpu_seconds_total", "seconds", _COUNTER, N_("Processor time used")),
    (96, "context_switches_total", "", _COUNTER, N_("Context switches")),
    (97, "interrupts_total", "", _COUNTER, N_("Interrupts")),
    (98, "disk_read_bytes_total", "bytes", _COUNTER, N_("Bytes read from disk")),
    (99, "disk_written_bytes_total", "bytes", _COUNTER, N_("Bytes written to disk")),
    (100, "disk_busy_ratio", "ratio", _GAUGE, N_("Share of time the disk is busy")),
    (101, "disk_health", "", _STATE, N_("Disk health: 1 good, 0 bad")),
    (102, "sessions", "", _GAUGE, N_("Open sessions or connections")),
)
_SENSORS = (
    (120, "temperature_celsius", "celsius", _GAUGE, N_("Temperature")),
    (121, "fan_speed_rpm", "rpm", _GAUGE, N_("Fan speed")),
    (122, "voltage_volts", "volts", _GAUGE, N_("Voltage")),
    (123, "current_amperes", "amperes", _GAUGE, N_("Electric current")),
    (124, "power_watts", "watts", _GAUGE, N_("Electric power")),
    (125, "frequency_hertz", "hertz", _GAUGE, N_("Frequency")),
    (126, "humidity_ratio", "ratio", _GAUGE, N_("Relative humidity")),
    (127, "fan_ok", "", _STATE, N_("Fan is in order: 1 yes, 0 no")),
    (128, "power_supply_ok", "", _STATE, N_("Power supply is in order: 1 yes, 0 no")),
    (129, "sensor_ok", "", _STATE, N_("Sensor reports an orderly state: 1 yes, 0 no")),
    (130, "sensor_value", "", _GAUGE, N_("Reading of a sensor in its own unit")),
    (131, "poe_power_watts", "watts", _GAUGE, N_("Power delivered over Ethernet")),
    (132, "poe_budget_watts", "watts", _GAUGE, N_("Power available for delivery over Ethernet")),
    (133, "airflow_cubic_meters_per_second", "m3/s", _GAUGE, N_("Air flow")),
    (134, "water_detected", "", _STATE, N_("Water detected: 1 yes, 0 no")),
    (135, "smoke_detected", "", _STATE, N_("Smoke detected: 1 yes, 0 no")),
    (136, "door_open", "", _STATE, N_("Door is open: 1 yes, 0 no")),
    (137, "energy_joules_total", "joules", _COUNTER, N_("Energy used")),
    (138, "disk_bad_sectors", "", _GAUGE, N_("Bad sectors of the disk")),
    (139, "raid_ok", "", _STATE, N_("RAID group is whole: 1 yes, 0 no")),
    (140, "contact_closed", "", _STATE, N_("Contact is closed: 1 yes, 0 no")),
    (141, "camera_online", "", _STATE, N_("Camera or recorder is online: 1 yes, 0 no")),
)
_UPS = (
    (160, "ups_on_battery", "", _STATE, N_("UPS runs on battery: 1 yes, 0 no")),
    (161, "ups_battery_status", "", _STATE, N_("Battery: 1 unknown, 2 normal, 3 low, 4 depleted")),
    (162, "ups_charge_ratio", "ratio", _GAUGE, N_("Charge of the battery")),
    (163, "ups_load_ratio", "ratio", _GAUGE, N_("Load of the UPS")),
    (164, "ups_runtime_seconds", "seconds", _GAUGE, N_("Time the battery will last")),
    (165, "ups_seconds_on_battery", "seconds", _GAUGE, N_("Time on battery so far")),
    (166, "ups_input_volts", "volts", _GAUGE, N_("Input voltage")),
    (167, "ups_output_volts", "volts", _GAUGE, N_("Output voltage")),
    (168, "ups_input_hertz", "hertz", _GAUGE, N_("Input frequency")),
    (169, "ups_output_hertz", "hertz", _GAUGE, N_("Output frequency")),
    (170, "ups_output_amperes", "amperes", _GAUGE, N_("Output current")),
    (171, "ups_output_watts", "watts", _GAUGE, N_("Output power")),
    (172, "ups_battery_volts", "volts", _GAUGE, N_("Battery voltage")),
    (173, "ups_battery_celsius", "celsius", _GAUGE, N_("Battery temperature")),
    (174, "ups_output_source", "", _STATE, N_("Output source as RFC 1628: 3 mains, 4 bypass, 5 battery")),
    (175, "ups_battery_replace", "", _STATE, N_("Battery needs to be replaced: 1 yes, 0 no")),
    (176, "ups_alarms", "", _GAUGE, N_("Alarms present on the UPS")),
    (177, "ups_self_test_ok", "", _STATE, N_("Last self-test of the UPS: 1 passed, 0 failed")),
)
_WIFI = (
    (200, "wifi_clients", "", _GAUGE, N_("Wi-Fi clients")),
    (201, "wifi_channel_busy_ratio", "ratio", _GAUGE, N_("Share of time the Wi-Fi channel is busy")),
    (202, "wifi_channel", "", _STATE, N_("Wi-Fi channel number")),
    (203, "wifi_noise_dbm", "dBm", _GAUGE, N_("Wi-Fi noise floor")),
    (204, "wifi_signal_dbm", "dBm", _GAUGE, N_("Wi-Fi signal")),
    (205, "wifi_tx_power_dbm", "dBm", _GAUGE, N_("Wi-Fi transmit power")),
    (206, "wifi_access_points", "", _GAUGE, N_("Access points of the controller")),
    (207, "wifi_access_point_up", "", _STATE, N_("Access point is joined to its controller: 1 yes, 0 no")),
    (208, "wifi_retries_total", "packets", _COUNTER, N_("Wi-Fi frames sent again")),
    (209, "wifi_radio_up", "", _STATE, N_("Wi-Fi radio is on: 1 yes, 0 no")),
    (210, "wifi_quality_ratio", "ratio", _GAUGE, N_("Wi-Fi connection quality")),
    (211, "lte_rsrp_dbm", "dBm", _GAUGE, N_("LTE signal power (RSRP)")),
    (212, "lte_sinr_db", "dB", _GAUGE, N_("LTE signal to noise (SINR)")),
    (213, "wifi_receive_busy_ratio", "ratio", _GAUGE, N_("Share of time the Wi-Fi radio receives")),
    (214, "wifi_transmit_busy_ratio", "ratio", _GAUGE, N_("Share of time the Wi-Fi radio sends")),
    (215, "wifi_interference_ratio", "ratio", _GAUGE, N_("Share of time the Wi-Fi channel is taken by others")),
    (216, "wifi_snr_db", "dB", _GAUGE, N_("Wi-Fi signal to noise")),
    (217, "wifi_access_points_down", "", _GAUGE, N_("Access points that are away from their controller")),
    (218, "wifi_errors_total", "packets", _COUNTER, N_("Wi-Fi frames with errors")),
    (219, "wifi_capacity_ratio", "ratio", _GAUGE, N_("Share of the Wi-Fi link's best speed")),
    (220, "lte_rssi_dbm", "dBm", _GAUGE, N_("LTE received power (RSSI)")),
    (221, "lte_rsrq_db", "dB", _GAUGE, N_("LTE signal quality (RSRQ)")),
)
_PRINTERS = (
    (230, "printer_supply_ratio", "ratio", _GAUGE, N_("Rest of a printer's supply")),
    (231, "printer_pages_total", "pages", _COUNTER, N_("Pages printed")),
    (232, "printer_status", "", _STATE, N_("Printer: 1 other, 3 idle, 4 printing, 5 warming up")),
    (233, "printer_tray_ratio", "ratio", _GAUGE, N_("Filling of a paper tray")),
    (234, "printer_alerts", "", _GAUGE, N_("Alerts present on the printer")),
    (235, "printer_alerts_critical", "", _GAUGE, N_("Critical alerts present on the printer")),
    (236, "printer_error", "", _STATE, N_("Printer reports this fault: 1 yes, 0 no")),
    (237, "printer_supply_present", "", _STATE, N_("Printer's supply: 1 some left, 0 empty")),
    (238, "printer_tray_present", "", _STATE, N_("Paper tray: 1 some paper, 0 empty")),
)
_PROJECTORS = (
    (250, "projector_power", "", _STATE, N_("Projector: 0 off, 1 on, 2 cooling, 3 warming up")),
    (251, "projector_lamp_seconds", "seconds", _GAUGE, N_("Lamp's hours of use, in seconds")),
    (252, "projector_filter_seconds", "seconds", _GAUGE, N_("Filter's hours of use, in seconds")),
    (253, "projector_error", "", _STATE, N_("Projector error: 0 none, 1 warning, 2 error")),
    (254, "projector_input", "", _STATE, N_("Input chosen on the projector")),
    (255, "projector_muted", "", _STATE, N_("Projector picture is muted: 1 yes, 0 no")),
    (256, "projector_answers", "", _STATE, N_("Projector over PJLink: 0 silent, 1 answers, 2 asleep")),
    (257, "projector_left_on", "", _STATE, N_("Projector is on though nobody uses the room: 1 yes, 0 no")),
    (258, "projector_sound_muted", "", _STATE, N_("Projector sound is muted: 1 yes, 0 no")),
    (259, "projector_frozen", "", _STATE, N_("Projector picture is frozen: 1 yes, 0 no")),
    (260, "projector_signal", "", _STATE, N_("A picture comes into the projector: 1 yes, 0 no")),
    (261, "projector_lamp_used_ratio", "ratio", _GAUGE, N_("Share of the lamp's life that is used up")),
    (262, "projector_filter_used_ratio", "ratio", _GAUGE, N_("Share of the filter's life that is used up")),
)
_NETWORK = (
    (270, "vpn_tunnels", "", _GAUGE, N_("VPN tunnels that are up")),
    (271, "dhcp_leases", "", _GAUGE, N_("Addresses leased by DHCP")),
    (272, "dhcp_used_ratio", "ratio", _GAUGE, N_("Share of DHCP addresses in use")),
    (273, "fdb_entries", "", _GAUGE, N_("Addresses in the forwarding table")),
    (274, "arp_entries", "", _GAUGE, N_("Addresses in the ARP table")),
    (275, "stp_topology_changes_total", "", _COUNTER, N_("Spanning tree changes")),
    (276, "bgp_peers_up", "", _GAUGE, N_("BGP neighbours that are up")),
    (277, "stack_members", "", _GAUGE, N_("Members of the switch stack")),
    (278, "certificate_days", "days", _GAUGE, N_("Days until the device's certificate expires")),
    (280, "wan_link_up", "", _STATE, N_("Internet path passes its health check: 1 yes, 0 no")),
    (281, "wan_latency_seconds", "seconds", _GAUGE, N_("Delay of an Internet path, measured by the router")),
    (282, "wan_jitter_seconds", "seconds", _GAUGE, N_("Jitter of an Internet path, measured by the router")),
    (283, "wan_loss_ratio", "ratio", _GAUGE, N_("Share of packets lost on an Internet path, measured by the router")),
    (284, "vpn_tunnel_up", "", _STATE, N_("VPN tunnel is up: 1 yes, 0 no")),
    (285, "ha_in_sync", "", _STATE, N_("Member of a cluster is in step with the others: 1 yes, 0 no")),
    (286, "managed_device_up", "", _STATE, N_("Device managed by this one is connected: 1 yes, 0 no")),
    (287, "poe_state", "", _STATE, N_("Power over Ethernet on the port: 1 off, 2 searching, 3 delivering, 4 fault")),
    (288, "poe_used_watts", "watts", _GAUGE, N_("Power delivered over Ethernet by all ports")),
    (289, "stack_member_ok", "", _STATE, N_("Member of the switch stack is in order: 1 yes, 0 no")),
    (290, "vpn_users", "", _GAUGE, N_("Users connected by VPN")),
    (291, "queue_drops_total", "packets", _COUNTER, N_("Packets dropped by a bandwidth limit")),
)
_MEETING_SERVERS = (
    (600, "meeting_server_up", "", _STATE, N_("Meeting server answers: 1 yes, 0 no")),
    (601, "meeting_server_seconds", "seconds", _GAUGE, N_("Time that a look at the meeting server took")),
    (602, "meeting_server_healthy", "", _STATE, N_("Meeting server says that it is well: 1 yes, 0 no")),
    (603, "meeting_server_used_ratio", "ratio", _GAUGE, N_("Share of the meeting server's network card in use")),
    (604, "meeting_conferences", "", _GAUGE, N_("Meetings on the server")),
    (605, "meeting_participants", "", _GAUGE, N_("People in meetings on the server")),
    (606, "meeting_visitors", "", _GAUGE, N_("Of these, visitors who only listen")),
    (607, "meeting_largest_conference", "", _GAUGE, N_("People in the largest meeting on the server")),
    (610, "jvb_stress_ratio", "ratio", _GAUGE, N_("Stress of the bridge; from 80 % it is overloaded")),
    (611, "jvb_participant_stress_ratio", "ratio", _GAUGE, N_("Stress that one participant puts on the bridge")),
    (612, "jvb_in_bits_per_second", "bits/s", _GAUGE, N_("Bit rate that the bridge receives")),
    (613, "jvb_out_bits_per_second", "bits/s", _GAUGE, N_("Bit rate that the bridge sends")),
    (614, "jvb_in_packets_per_second", "packets/s", _GAUGE, N_("Packets that the bridge receives each second")),
    (615, "jvb_out_packets_per_second", "packets/s", _GAUGE, N_("Packets that the bridge sends each second")),
    (616, "jvb_relay_in_bits_per_second", "bits/s", _GAUGE, N_("Bit rate received from other bridges")),
    (617, "jvb_relay_out_bits_per_second", "bits/s", _GAUGE, N_("Bit rate sent to other bridges")),
    (618, "jvb_in_loss_ratio", "ratio", _GAUGE, N_("Share of packets lost on the way to the bridge")),
    (619, "jvb_out_loss_ratio", "ratio", _GAUGE, N_("Share of packets lost on the way from the bridge")),
    (620, "jvb_rtt_seconds", "seconds", _GAUGE, N_("Mean round-trip time between the bridge and the rooms")),
    (621, "jvb_relayed_endpoints", "", _GAUGE, N_("Participants whose media come over another bridge")),
    (622, "jvb_high_loss_endpoints", "", _GAUGE, N_("Participants who lose more than 10 % from the bridge")),
    (623, "jvb_suspended_endpoints", "", _GAUGE, N_("Participants whose video was held back for lack of bandwidth")),
    (624, "jvb_silent_endpoints", "", _GAUGE, N_("Participants without a message channel to the bridge")),
    (625, "jvb_ice_failed_total", "", _COUNTER, N_("Connections of media that failed (ICE)")),
    (626, "jvb_ice_succeeded_total", "", _COUNTER, N_("Connections of media that succeeded (ICE)")),
    (627, "jvb_dtls_failed_total", "", _COUNTER, N_("Encrypted handshakes of media that failed (DTLS)")),
    (628, "jvb_endpoints_disconnected_total", "", _COUNTER, N_("Participants who lost their connection to the bridge")),
    (629, "jvb_endpoints_reconnected_total", "", _COUNTER, N_("Participants who came back after losing the bridge")),
    (630, "jvb_draining", "", _STATE, N_("Bridge takes no new participants (drain): 1 yes, 0 no")),
    (631, "jvb_shutting_down", "", _STATE, N_("Server is shutting down: 1 yes, 0 no")),
    (632, "jvb_xmpp_joined", "", _STATE, N_("Bridge has joined its room of bridges over XMPP: 1 yes, 0 no")),
    (633, "jvb_queue_dropped_packets_total", "packets", _COUNTER, N_("Packets dropped from full queues of the bridge")),
    (634, "jvb_xmpp_disconnects_total", "", _COUNTER, N_("Times the bridge lost XMPP")),
    (635, "jvb_cpu_steal_ratio", "ratio", _GAUGE, N_("Share of processor time that the host took from the bridge")),
    (640, "jicofo_bridges", "", _GAUGE, N_("Bridges that Jicofo knows")),
    (641, "jicofo_bridges_operational", "", _GAUGE, N_("Bridges that Jicofo can use")),
    (642, "jicofo_bridges_in_shutdown", "", _GAUGE, N_("Bridges that are shutting down, as Jicofo sees it")),
    (643, "jicofo_bridge_versions", "", _GAUGE, N_("Different versions among the bridges")),
    (644, "jicofo_bridges_lost_total", "", _COUNTER, N_("Bridges that Jicofo lost")),
    (645, "jicofo_conferences_with_visitors", "", _GAUGE, N_("Meetings with visitors")),
    (646, "jicofo_ice_failed_total", "", _COUNTER, N_("Failed media connections that participants told Jicofo of")),
    (647, "jicofo_restarts_requested_total", "", _COUNTER, N_("Restarts of media that participants asked for")),
    (648, "jicofo_participants_moved_total", "", _COUNTER, N_("Participants moved to another bridge")),
    (649, "jicofo_recorders", "", _GAUGE, N_("Recorders that Jicofo knows")),
    (650, "jicofo_recorders_available", "", _GAUGE, N_("Recorders that are free")),
    (651, "jicofo_recordings", "", _GAUGE, N_("Recordings that run")),
    (652, "jicofo_live_streams", "", _GAUGE, N_("Live streams that run")),
    (655, "prosody_leaked_rooms", "", _GAUGE, N_("Rooms in Prosody with nobody really in them")),
    (656, "prosody_cpu_seconds_total", "seconds", _COUNTER, N_("Processor time of Prosody; it can use one core only")),
    (657, "prosody_memory_bytes", "bytes", _GAUGE, N_("Memory of Prosody")),
    (660, "jibri_state", "", _STATE, N_("Recorder: 0 idle, 1 busy, 2 expired")),
    (661, "jibri_free", "", _STATE, N_("Recorder can start a recording now: 1 yes, 0 no")),
    (664, "jigasi_stress_ratio", "ratio", _GAUGE, N_("Stress of the SIP gateway")),
    (665, "jigasi_failed_calls_total", "", _COUNTER, N_("Calls of the SIP gateway that failed to connect")),
    (666, "jigasi_dropped_calls_total", "", _COUNTER, N_("Calls of the SIP gateway that lost their media")),
    (670, "turn_allocations", "", _GAUGE, N_("Connections that run through the TURN server")),
    (671, "turn_received_bytes_total", "bytes", _COUNTER, N_("Bytes received by finished TURN connections")),
    (672, "turn_sent_bytes_total", "bytes", _COUNTER, N_("Bytes sent by finished TURN connections")),
    (673, "turn_unauthenticated_total", "", _COUNTER, N_("Requests that TURN refused for lack of a valid credential")),
    (674, "turn_dropped_packets_total", "packets", _COUNTER, N_("Packets that the TURN server dropped")),
    (675, "stun_requests_total", "", _COUNTER, N_("STUN questions")),
    (676, "stun_errors_total", "", _COUNTER, N_("STUN questions answered with an error")),
)
_MEDIA = (
    (760, "media_rtt_seconds", "seconds", _GAUGE, N_("Round-trip time to the STUN server or reflector")),
    (761, "media_tries", "", _GAUGE, N_("Requests until the STUN server answered")),
    (762, "media_loss_ratio", "ratio", _GAUGE, N_("Share of a UDP train lost, there and back")),
    (763, "media_loss_up_ratio", "ratio", _GAUGE, N_("Share of a UDP train lost on the way there")),
    (764, "media_loss_down_ratio", "ratio", _GAUGE, N_("Share of a UDP train lost on the way back")),
    (765, "media_jitter_up_seconds", "seconds", _GAUGE, N_("Jitter of a UDP train on the way there (RFC 3550)")),
    (766, "media_jitter_down_seconds", "seconds", _GAUGE, N_("Jitter of a UDP train on the way back (RFC 3550)")),
    (767, "turn_allocate_seconds", "seconds", _GAUGE, N_("Time until the relay gave a place")),
    (768, "sip_status", "", _STATE, N_("Status code of the codec's answer to OPTIONS")),
    (769, "sip_in_call", "", _STATE, N_("Codec is in a call: 1 yes, 0 no")),
    (770, "sip_seconds", "seconds", _GAUGE, N_("Time until the codec answered")),
)
_ENDPOINTS = (
    (700, "endpoint_quality_ratio", "ratio", _GAUGE, N_("Jitsi's own figure of an endpoint's connection")),
    (701, "endpoint_rtt_seconds", "seconds", _GAUGE, N_("Round-trip time from an endpoint to its bridge")),
    (702, "endpoint_loss_down_ratio", "ratio", _GAUGE, N_("Packets lost on the way to an endpoint")),
    (703, "endpoint_loss_up_ratio", "ratio", _GAUGE, N_("Packets lost on the way from an endpoint")),
    (704, "endpoint_jitter_seconds", "seconds", _GAUGE, N_("Jitter of an endpoint's media")),
    (705, "endpoint_down_bits_per_second", "bit/s", _GAUGE, N_("Media that an endpoint receives")),
    (706, "endpoint_up_bits_per_second", "bit/s", _GAUGE, N_("Media that an endpoint sends")),
    (707, "endpoint_bandwidth_estimate_bits_per_second", "bit/s", _GAUGE,
     N_("What an endpoint could receive, as the browser estimates it")),
    (708, "endpoint_cpu_used_ratio", "ratio", _GAUGE, N_("Load of an endpoint's processor")),
    (709, "endpoint_memory_used_ratio", "ratio", _GAUGE, N_("Memory used on an endpoint's computer")),
    (710, "endpoint_gateway_loss_ratio", "ratio", _GAUGE, N_("Packets lost between an endpoint and its router")),
    (711, "endpoint_gateway_rtt_seconds", "seconds", _GAUGE, N_("Round-trip time from an endpoint to its router")),
    (712, "endpoint_wan_loss_ratio", "ratio", _GAUGE, N_("Packets lost between an endpoint and the centre")),
    (713, "endpoint_wan_rtt_seconds", "seconds", _GAUGE, N_("Round-trip time from an endpoint to the centre")),
    (714, "endpoint_sound_dbfs", "dB", _GAUGE, N_("Sound at an endpoint's microphone, below full scale")),
    (715, "endpoint_silence_seconds", "seconds", _GAUGE, N_("Time since sound was heard at an endpoint")),
    (716, "endpoint_picture_luma_ratio", "ratio", _GAUGE, N_("Brightness of an endpoint's picture: 0 is black")),
    (717, "endpoint_in_meeting", "", _STATE, N_("Endpoint is in a meeting: 1 yes, 0 no")),
    (718, "endpoint_mos", "", _GAUGE, N_("Speech quality at an endpoint, estimated from delay and loss: 1 to 5")),
    (719, "endpoint_clock_offset_seconds", "seconds", _GAUGE, N_("How far an endpoint's clock is ahead of ours")),
    (720, "endpoint_dns_seconds", "seconds", _GAUGE, N_("Time to resolve a name at an endpoint")),
    (721, "endpoint_on_battery", "", _STATE, N_("Endpoint's computer runs on battery: 1 yes, 0 no")),
    (722, "endpoint_devices_ok", "", _STATE, N_("Endpoint's camera, microphone and speaker are there: 1 yes, 0 no")),
)
GROUPS = (
    _REACH, _CHECKS, _INTERFACES, _HOST, _SENSORS, _UPS, _WIFI, _PRINTERS, _PROJECTORS, _NETWORK,
    _ENDPOINTS, _MEETING_SERVERS, _MEDIA,
)

# Numbers from here on belong to metrics that came in by line protocol and stand in the database, not in this table.
FOREIGN_FROM = 2048

METRICS: MappingProxyType[str, Metric] = MappingProxyType(
    {row[1]: Metric(*row) for group in GROUPS for row in group}  # type: ignore[arg-type]
)
METRIC_BY_ID: MappingProxyType[int, Metric] = MappingProxyType({metric.id: metric for metric in METRICS.values()})
