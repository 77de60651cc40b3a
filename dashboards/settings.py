"""Settings of the pages and the API."""

from __future__ import annotations

from ipaddress import ip_network
from typing import ClassVar

from pydantic import Field, field_validator

from core import Section


class DashboardsSettings(Section):
    """The table `[dashboards]` of the settings file."""

    section: ClassVar[str] = "dashboards"

    is_https: bool = Field(
        False, description="Pages are reached by HTTPS through a proxy in front: cookies then travel by HTTPS only"
    )
    proxies: int = Field(
        0, ge=0, le=5, description="Number of trusted proxies in front that set X-Forwarded-For and X-Forwarded-Proto"
    )
    threads: int = Field(8, ge=2, le=64, description="Threads that answer pages and API requests")
    session_hours: int = Field(12, ge=1, le=720, description="Hours after which a person signs in again")
    sign_in_attempts: int = Field(
        10, ge=3, le=100, description="Wrong or right sign-ins allowed in five minutes from one address for one name"
    )
    upload_mib: int = Field(20, ge=1, le=200, description="Largest file or request body that is taken, in MiB")
    metrics_networks: str = Field(
        "127.0.0.1/32,::1/128",
        description="Networks that may read /metrics without a token, separated by commas; empty asks everyone for one",
    )
    tile_url: str = Field("", description="Address pattern of a map tile server; empty draws the map without tiles")

    @field_validator("metrics_networks")
    @classmethod
    def _networks_parse(cls, value: str) -> str:
        for word in filter(None, (part.strip() for part in value.split(","))):
            ip_network(word)
        return value
