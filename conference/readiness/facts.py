"""What is known of one endpoint before a meeting. None and "" mean: not known. Holds no logic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

UP, DOWN = "up", "down"


@dataclass(frozen=True, slots=True)
class Facts:
    """Ratios 0..1, seconds, bits per second, dBFS.

    `gateway`: the school's router as the NOC sees it, since `gateway_since`; `neighbours_down` the schools around that
    are dark with it. `loss`, `rtt_s` are of the line now (kiosk's own measure, else ping); `hour_loss` what one hour in
    ten of the last weeks lost at the meeting's hour. `path`: step ("stun", "udp", "turn") to its reason ("ok"), as the
    endpoint itself measured. `rehearsal`: "passed", "failed", "absent". `came` of the last `held` meetings.
    """

    endpoint_id: int
    kind: str = "kiosk"
    is_speaker: bool = False
    seen_at: datetime | None = None
    devices: Mapping[str, str] = field(default_factory=dict)
    silence_s: float | None = None
    sound_dbfs: float | None = None
    luma: float | None = None
    cpu: float | None = None
    clock_offset_s: float | None = None
    is_on_battery: bool | None = None
    gateway: str = ""
    gateway_since: datetime | None = None
    neighbours_down: int = 0
    ups_on_battery: bool | None = None
    ups_runtime_s: float | None = None
    incident: str = ""
    loss: float | None = None
    rtt_s: float | None = None
    lan_loss: float | None = None
    hour_loss: float | None = None
    need_bps: float | None = None
    have_bps: float | None = None
    path: Mapping[str, str] = field(default_factory=dict)
    transport: str = ""
    projector: str = ""
    codec: str = ""
    rehearsal: str = ""
    rehearsed_at: datetime | None = None
    came: int = 0
    held: int = 0
    reply: str = ""
    has_contact: bool = True
    is_excused: bool = False
