"""Settings of the inventory."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from core import Section


class InventorySettings(Section):
    """How large a spreadsheet may be."""

    section: ClassVar[str] = "inventory"

    import_max_megabytes: int = Field(20, ge=1, le=500, description="Largest spreadsheet file that is read")
    projector_lamp_hours: int = Field(
        4000, ge=100, le=100_000, description="Hours a projector's lamp lasts, where its model has no other"
    )
    projector_filter_hours: int = Field(
        1000, ge=50, le=100_000, description="Hours a projector's filter lasts, where its model has no other"
    )
    import_max_rows: int = Field(100_000, ge=10, le=1_000_000, description="Most rows that one spreadsheet may have")
    topology_pause_s: int = Field(
        600, ge=10, le=86_400,
        description="Least seconds between two drawings of a site's network when only MAC addresses changed; a"
        " neighbour that came or went counts at once",
    )
    topology_keep_days: int = Field(
        7, ge=1, le=365, description="Days for which a cable that is no longer seen stays on a site's network"
    )
    sightings_keep_days: int = Field(
        180, ge=1, le=3_650, description="Days for which EduNOC remembers where a MAC address was"
    )
