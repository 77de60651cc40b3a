"""Settings of the collectors: pace of ping and polls, how many at once, how far discovery goes."""

from __future__ import annotations

import ipaddress
from typing import ClassVar

from pydantic import Field, field_validator

from core import Section


class CollectorSettings(Section):
    """Table [collectors] of the settings file, EDUNOC_COLLECTORS_... in the environment."""

    section: ClassVar[str] = "collectors"

    is_ping_on: bool = Field(True, description="Whether this machine asks devices by ping")
    ping_interval_s: float = Field(10.0, ge=1, le=300, description="Seconds between two pings of a device")
    ping_timeout_s: float = Field(1.5, ge=0.1, le=5, description="Seconds after which a ping counts as lost")
    ping_quick_packets: int = Field(
        5, ge=1, le=20, description="Pings, one a second, that must all be lost before a suspect is down"
    )
    ping_packets_per_second: int = Field(
        5000, ge=10, le=100_000, description="Most pings sent in one second, so that neither line nor buffers overflow"
    )
    ping_anchors: str = Field(
        "", description="IP addresses, separated by commas, whose answers prove that our own line works"
    )
    polls_at_once: int = Field(100, ge=1, le=5000, description="Most devices read over SNMP at the same time")
    polls_at_once_per_site: int = Field(4, ge=1, le=100, description="Most devices of one site read at the same time")
    longest_interval_s: int = Field(
        1800, ge=60, le=86400, description="Longest time between two readings of a device that stays silent"
    )
    survey_hours: float = Field(24.0, ge=0.1, le=720, description="Hours after which a device is surveyed anew")
    topology_interval_s: int = Field(
        1800, ge=60, le=86400, description="Seconds between two readings of forwarding tables, ARP and neighbours"
    )
    topology_at_once: int = Field(
        8, ge=1, le=200, description="Most devices whose forwarding tables are read at the same time"
    )
    topology_rows: int = Field(
        50_000, ge=1000, le=1_000_000, description="Most rows that are read of one forwarding or ARP table"
    )
    checks_at_once: int = Field(50, ge=1, le=1000, description="Most checks of services made at the same time")
    projectors_at_once: int = Field(40, ge=1, le=1000, description="Most projectors read over PJLink at the same time")
    projector_rest_s: int = Field(
        900, ge=60, le=7200, description="Seconds between two readings of a projector outside of teaching hours"
    )
    projector_notice_port: int = Field(
        4352, ge=0, le=65535, description="UDP port that hears projectors tell of themselves; 0 hears none"
    )
    check_ca_file: str = Field(
        "", description="PEM file of certificate authorities that checks trust beside those of the system"
    )
    meeting_certificate_file: str = Field(
        "", description="PEM file with the client certificate and key for the management proxies of meeting servers"
    )
    reload_s: float = Field(3.0, ge=0.2, le=300, description="Seconds until a change of the inventory takes effect")
    save_states_s: float = Field(
        120.0, ge=1, le=3600, description="Seconds within which an unchanged state of reading is written down"
    )
    discovery_addresses: int = Field(4096, ge=1, le=65536, description="Most addresses that one discovery may ask")
    discovery_at_once: int = Field(64, ge=1, le=1000, description="Most addresses identified at the same time")

    @field_validator("ping_anchors")
    @classmethod
    def _only_addresses(cls, value: str) -> str:
        wrong = [one for one in _words(value) if not _is_ip_address(one)]
        if wrong:
            raise ValueError(f"not an IP address: {', '.join(wrong)}")
        return value

    @property
    def anchors(self) -> tuple[str, ...]:
        """`ping_anchors` one by one."""
        return tuple(_words(self.ping_anchors))


def _words(text: str) -> list[str]:
    return [word for word in text.replace(",", " ").split() if word]


def _is_ip_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
