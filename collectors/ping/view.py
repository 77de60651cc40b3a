"""Who is reachable, as others see it: an immutable snapshot, exchanged whole, so any thread may read without a lock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from collectors.ping.core import REASONS, STATES, UNKNOWN


@dataclass(frozen=True, slots=True)
class Reachability:
    """One device: state up | suspect | down | unknown, since when, for which reason; RTT in seconds or None."""

    state: str
    since: datetime
    reason: str
    rtt: float | None


@dataclass(frozen=True, slots=True)
class ReachabilitySnapshot:
    """Arrays of one length, sorted by device id. `state`, `reason` index STATES, REASONS; `since` is epoch seconds."""

    device: np.ndarray
    state: np.ndarray
    reason: np.ndarray
    since: np.ndarray
    rtt: np.ndarray
    loss: np.ndarray
    taken_at: float = 0.0

    @classmethod
    def empty(cls) -> "ReachabilitySnapshot":
        none = np.zeros(0)
        return cls(none.astype(np.int64), none.astype(np.int8), none.astype(np.int8), none, none, none)

    def row_of(self, device_id: int) -> int | None:
        """Row of a device, or None when it is not pinged."""
        row = int(np.searchsorted(self.device, device_id))
        return row if row < len(self.device) and self.device[row] == device_id else None

    def states_of(self, device_ids: np.ndarray) -> np.ndarray:
        """int8 states of many devices; UNKNOWN for those that are not pinged."""
        if not len(self.device):
            return np.full(len(device_ids), UNKNOWN, np.int8)
        rows = np.minimum(np.searchsorted(self.device, device_ids), len(self.device) - 1)
        return np.where(self.device[rows] == device_ids, self.state[rows], UNKNOWN).astype(np.int8)


class ReachabilityView:
    """The newest snapshot. The ping plane publishes; alerts and pages read."""

    def __init__(self) -> None:
        self._snapshot = ReachabilitySnapshot.empty()

    def publish(self, snapshot: ReachabilitySnapshot) -> None:
        """Replace the snapshot (one reference assignment: readers see the old or the new one, never a mixture)."""
        self._snapshot = snapshot

    @property
    def snapshot(self) -> ReachabilitySnapshot:
        return self._snapshot

    def of(self, device_id: int) -> Reachability | None:
        """State of one device, None when it is not pinged."""
        snapshot = self._snapshot
        row = snapshot.row_of(device_id)
        if row is None:
            return None
        rtt = float(snapshot.rtt[row])
        return Reachability(
            STATES[snapshot.state[row]],
            datetime.fromtimestamp(float(snapshot.since[row]), UTC),
            REASONS[snapshot.reason[row]],
            None if rtt != rtt else rtt,
        )

    def of_many(self, device_ids: Iterable[int]) -> dict[int, Reachability]:
        """States of the pinged ones among the devices."""
        return {one: found for one in device_ids if (found := self.of(one)) is not None}


def snapshot_of(
    device: np.ndarray, target: np.ndarray, columns: dict[str, np.ndarray], now: float
) -> ReachabilitySnapshot:
    """Spread the columns (state, reason, since, rtt, loss; a row a target) over the devices, sorted by id."""
    spread = {name: values[target] for name, values in columns.items()}
    return ReachabilitySnapshot(device=device, taken_at=now, **spread)
