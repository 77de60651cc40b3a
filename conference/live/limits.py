"""The thresholds of a running meeting as one record, read from the settings. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass

from conference.settings import ConferenceSettings


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds (jitsi.md sections 8.1 and 9 call them starting values). Ratios are 0..1, times seconds or ms."""

    silent_in_s: float = 35.0       # heartbeats come each 10 s in a meeting: three missed, and some network
    silent_out_s: float = 150.0     # and each 60 s outside
    loss: float = 0.02
    rtt_jump: float = 3.0           # times the meeting's own median
    rtt_floor_ms: float = 150.0     # a jump below it hurts nobody
    stress: float = 0.8
    bridge_sites: int = 5
    group_sites: int = 3
    cpu: float = 0.9
    silence_dbfs: float = -60.0
    silence_s: float = 120.0
    dark_luma: float = 0.04
    mass_loss: int = 10

    @classmethod
    def of(cls, settings: ConferenceSettings) -> Limits:
        """As the settings say."""
        return cls(
            loss=settings.live_loss_ratio, rtt_jump=settings.live_rtt_jump, stress=settings.live_bridge_stress,
            bridge_sites=settings.live_bridge_sites, group_sites=settings.live_group_sites,
            cpu=settings.live_cpu_ratio, silence_dbfs=settings.live_silence_dbfs,
            silence_s=float(settings.live_silence_s), silent_in_s=float(settings.live_heartbeat_s),
            mass_loss=settings.live_mass_loss,
        )  # fmt: skip
