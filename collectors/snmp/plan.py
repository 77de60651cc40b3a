"""The compiled plan of one device: a shared template, and the series that its outputs feed. 18,000 fit in memory."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from collectors.snmp.oids import encode_oid
from collectors.snmp.template import Output, Row, Template, build_template
from collectors.snmp.wire import OBJECT_ID, question, tlv
from telemetry import Batch

H = TypeVar("H", bound=Hashable)

SYS_UPTIME = "1.3.6.1.2.1.1.3.0"
SYS_NAME = "1.3.6.1.2.1.1.5.0"
IF_NUMBER = "1.3.6.1.2.1.2.1.0"
IF_TABLE_LAST_CHANGE = "1.3.6.1.2.1.31.1.5.0"
WATCHED = (SYS_NAME, IF_NUMBER, IF_TABLE_LAST_CHANGE)
_UPTIME_QUESTION = question(SYS_UPTIME)
UPTIME_NAME = tlv(OBJECT_ID, encode_oid(SYS_UPTIME))


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the port names stand that were seen at the survey, to notice renumbering; shared between like devices."""

    oids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PollPlan:
    """What one device is asked and where its samples go: `series` int32[m] stands beside the template's outputs.

    `is_port` bool[m] marks outputs that hang on an ifIndex. `watched` are the scalars asked once a poll to notice that
    the device was renamed or renumbered; `has_uptime` whether sysUpTime can be asked with every request.
    """

    template: Template
    series: np.ndarray
    is_port: np.ndarray
    profile: str = ""
    sysname: str = ""
    has_uptime: bool = True
    watched: tuple[str, ...] = ()
    ports: Ports = Ports()

    def __len__(self) -> int:
        return len(self.template)

    def lead(self, has_uptime: bool, watched: tuple[str, ...]) -> bytes:
        """What stands before the rows of a request, encoded."""
        if not watched:
            return _UPTIME_QUESTION if has_uptime else b""
        return (_UPTIME_QUESTION if has_uptime else b"") + b"".join(map(question, watched))


@dataclass(frozen=True, slots=True)
class Dropped:
    """A reading that was not turned into a sample, and why."""

    oid: str
    value: object
    reason: str


@dataclass(frozen=True, slots=True)
class Timing:
    """What a reading took."""

    requests: int = 0
    seconds: float = 0.0
    timeouts: int = 0


@dataclass(frozen=True, slots=True)
class PollResult:
    """The outcome of one poll. `reason` is a word of reasons.REASONS: "ok", why nothing came, or what is remarkable.

    `batches` is empty when nothing came; usually one, several when the poll took so long that one uptime does not do.
    `needs_survey` says that the plan no longer fits the device. `dropped` holds what was not told before.
    """

    reason: str
    detail: str = ""
    batches: tuple[Batch, ...] = ()
    timing: Timing = Timing()
    dropped: tuple[Dropped, ...] = ()
    needs_survey: bool = False
    sysname: str = ""
    chunk: int = 0

    @property
    def is_answered(self) -> bool:
        """Whether the device answered at all: what snmp_up says."""
        return bool(self.batches)

    @property
    def batch(self) -> Batch | None:
        """The only or first batch."""
        return self.batches[0] if self.batches else None


class TemplateCache:
    """Templates and other shared parts by content: devices that are alike hold the same objects. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._templates: dict[tuple[tuple[Row, ...], tuple[Output, ...]], Template] = {}
        self._shared: dict[Hashable, object] = {}
        self._flags: dict[tuple[bool, ...], np.ndarray] = {}

    def template(self, rows: tuple[Row, ...], outputs: tuple[Output, ...]) -> Template:
        """The one template of these rows and outputs."""
        key = (rows, outputs)
        with self._lock:
            found = self._templates.get(key)
            if found is None:
                found = self._templates[key] = build_template(rows, outputs)
            return found

    def share(self, value: H) -> H:
        """The first object equal to `value`."""
        with self._lock:
            return self._shared.setdefault(value, value)  # type: ignore[return-value]

    def flags(self, values: tuple[bool, ...]) -> np.ndarray:
        """bool[n], one array for equal contents; do not write into it."""
        with self._lock:
            found = self._flags.get(values)
            if found is None:
                found = self._flags[values] = np.array(values, dtype=bool)
            return found

    def __len__(self) -> int:
        return len(self._templates)
