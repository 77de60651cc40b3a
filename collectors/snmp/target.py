"""Where a device answers and how patiently it is asked; who asks is a third record, inventory's credential.

Also what a poller remembers of a device between two readings.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from core import Secret
from inventory import SnmpCredential

UDP_PORT = 161
SAFE_REPLY_BYTES = 1_400  # devices.md section 5: fragments are dropped by many school firewalls and VPNs
START_CHUNK = 16
MAX_CHUNK = 128


@dataclass(frozen=True, slots=True)
class Target:
    """An address (not a name: see `channel.resolve`) and UDP port."""

    host: str
    port: int = UDP_PORT

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds. Waits grow by half with every retry; `spacing_s` is a rest before each request.

    `budget_s` bounds a whole poll, `survey_s` a whole survey, `table_s` one table of a survey.
    """

    timeout_s: float = 1.5
    retries: int = 2
    spacing_s: float = 0.0
    budget_s: float = 30.0
    survey_s: float = 120.0
    table_s: float = 30.0
    max_reply_bytes: int = SAFE_REPLY_BYTES

    def wait(self, attempt: int, rtt_s: float = 0.0) -> float:
        """Seconds to wait for the answer of this attempt (0 is the first) of a device that is known to take `rtt_s`."""
        return max(self.timeout_s * 1.5**attempt, min(rtt_s * 1.5, self.longest_s))

    @property
    def longest_s(self) -> float:
        """The waits of all attempts together."""
        return sum(self.timeout_s * 1.5**attempt for attempt in range(self.retries + 1))


def community(text: str = "public", version: str = "2c") -> SnmpCredential:
    """A credential of v1 or v2c."""
    return SnmpCredential(version=version, community=Secret(text))


@dataclass(slots=True)
class DeviceState:
    """Mutable memory of one device: what its last readings taught. Kept by whoever polls; starts empty."""

    chunk: int = START_CHUNK
    ceiling: int = MAX_CHUNK  # larger questions failed here; raised again after a while
    calm_polls: int = 0
    rtt_s: float = 0.0  # how long this device was seen to take; waits are never shorter
    is_bare: bool = False  # bears one variable a request: sysUpTime cannot stand beside it
    skip: set[int] = field(default_factory=set)  # rows that a v1 agent refuses
    polls: int = 0
    uptime: float = 0.0  # sysUpTime of the last reading, seconds, wraps added
    wraps: int = 0
    seen_at: float = 0.0  # wall clock of the last reading
    seen_mono: float = 0.0  # monotonic clock of the last reading
    table_change: float = -1.0
    if_number: float = -1.0
    port_values: int = 0  # how many values of ports the last whole reading gave
    late_s: float = 0.0  # how late an answer came after all tries were over
    engine_id: bytes = b""
    sysname: str | None = None
    told: set[int] = field(default_factory=set)  # outputs whose unusable value was told already
    count_rest: int = 0  # polls to leave out before rows are counted again
    grown: tuple[object, object] | None = None  # template and readings of the last poll, to tell what grew
