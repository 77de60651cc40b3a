"""Settings of conference: how meetings are booked, watched and counted."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from core import Section


class ConferenceSettings(Section):
    """Table [conference] of the settings file, EDUNOC_CONFERENCE_... in the environment."""

    section: ClassVar[str] = "conference"

    approval_from: int = Field(
        100, ge=0, le=10000, description="Meetings with this many endpoints or more need approval (0: all do)"
    )
    live_loss_ratio: float = Field(
        0.02, gt=0, le=1, description="Share of lost packets from which a network, a line or a bridge is the cause"
    )
    live_rtt_jump: float = Field(
        3.0, ge=1.2, le=50, description="A line is the cause when its answers take this many times the meeting's median"
    )
    live_bridge_stress: float = Field(0.8, gt=0, le=2, description="Load of a bridge from which it is overloaded")
    live_bridge_sites: int = Field(
        5, ge=2, le=1000, description="Bad endpoints on one bridge from which the bridge may be the cause"
    )
    live_group_sites: int = Field(
        3, ge=2, le=1000, description="Sites of one provider with the same trouble that are shown as one cause"
    )
    live_cpu_ratio: float = Field(
        0.9, gt=0, le=1, description="Processor load from which a room's computer is too weak"
    )
    live_silence_dbfs: float = Field(
        -60.0, ge=-120, le=0, description="Level in dBFS below which a microphone is silent"
    )
    live_silence_s: int = Field(120, ge=10, le=3600, description="Seconds of silence that count as a dead microphone")
    live_heartbeat_s: int = Field(
        35, ge=15, le=600, description="Seconds without a heartbeat in a meeting after which an endpoint is lost"
    )
    live_mass_loss: int = Field(
        10, ge=2, le=1000, description="Endpoints lost within a minute that are noted as one event of the meeting"
    )
    attendance_late_minutes: int = Field(
        5, ge=0, le=120, description="Minutes after the start from which somebody who comes is late"
    )
    attendance_early_minutes: int = Field(
        5, ge=0, le=120, description="Minutes before the end until which somebody who goes has left early"
    )
    attendance_disagreement_minutes: int = Field(
        2, ge=0, le=120, description="Minutes by which the server's and the kiosk's count may differ without a remark"
    )
