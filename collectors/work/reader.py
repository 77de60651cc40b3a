"""What the polling loop needs of a protocol that reads devices; collectors.work.snmp is the one there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from collectors.store.recordings import RecordingResult
from inventory import MonitoredDevice, PartSpec, SnmpCredential
from telemetry import Batch


@dataclass(frozen=True, slots=True)
class Subject:
    """A device to read now: where (numeric address), who asks."""

    device: MonitoredDevice
    address: str
    credential: SnmpCredential


@dataclass(frozen=True, slots=True)
class Packed:
    """A plan as bytes: its own, and the pieces it shares with others, by digest."""

    body: bytes
    pieces: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What a survey found. Without a `plan` the device could not be surveyed; `reason` says why.

    `packed` is the plan for the next run, None when it is not worth keeping. With a plan, a `reason` other than "ok" is
    a lasting defect of the device that its state goes on telling.
    """

    reason: str
    detail: str = ""
    plan: Any = None
    packed: Packed | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    parts: Sequence[PartSpec] = ()
    part_kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Polled:
    """What one reading by plan gave."""

    reason: str
    detail: str = ""
    batches: Sequence[Batch] = ()
    requests: int = 0
    seconds: float = 0.0
    timeouts: int = 0
    chunk: int = 0
    needs_survey: bool = False

    @property
    def is_answered(self) -> bool:
        """Whether the device answered at all."""
        return bool(self.batches)


class Reader(Protocol):
    """Surveys a device (what is it, what can be asked), and reads it by the plan that the survey made.

    `fingerprint` (at most 64 characters) changes when surveys would find something else in the same device.
    """

    fingerprint: str

    async def survey(self, subject: Subject) -> Surveyed:
        """Never raises for anything that the device or the network does."""

    async def poll(self, subject: Subject, plan: Any) -> Polled:
        """Never raises for anything that the device or the network does."""

    def unpack(self, device_id: int, packed: Packed) -> Any | None:
        """The plan that a survey of this device packed, or None when it cannot be used any more. Thread-safe."""

    async def explain(self, subject: Subject) -> tuple[str, str, str]:
        """(reason, detail, JSON text) of a full reading, as `app.py poll --json` prints it."""

    async def record(self, subject: Subject, told: Callable[[int], None]) -> RecordingResult:
        """Everything the device tells, scrubbed; `told` hears the number of variables so far."""

    def close(self) -> None:
        """Give up sockets."""
