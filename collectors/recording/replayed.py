"""A recording as a conversation in memory, and the golden file: what is read of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, cast

from collectors.profiles import ProfileSet
from collectors.recording.variable import Variable
from collectors.snmp import DeviceReading, Patience, Poller, Target, community, read_device, wire
from collectors.snmp.session import Answer, Counts, Cursor
from collectors.snmp.session import Variable as Pair


class RecordedSession:
    """Answers as the device did; `variables` in order."""

    has_bulk = True

    def __init__(self, variables: Sequence[Variable]) -> None:
        self.counts = Counts()
        self._oids = [one.oid for one in variables]
        self._values = [wire.value_of(one.tag, one.body) for one in variables]

    async def get(self, oids: Sequence[str], timeout_s: float) -> Answer:
        self.counts.requests += 1
        return Answer(0, 0, [(oid, self._value(oid)) for oid in oids])

    def _value(self, oid: str) -> wire.Value | None:
        arcs = tuple(map(int, oid.split(".")))
        at = bisect_right(self._oids, arcs) - 1
        return self._values[at] if at >= 0 and self._oids[at] == arcs else None

    def cursor(self, root: str) -> Cursor:
        return _RecordedCursor(self, root)

    def following(self, after: tuple[int, ...], count: int) -> list[tuple[tuple[int, ...], wire.Value | None]]:
        """Up to `count` variables behind an OID."""
        self.counts.requests += 1
        at = bisect_right(self._oids, after)
        return list(zip(self._oids[at : at + count], self._values[at : at + count], strict=True))

    def close(self) -> None:
        return


class _RecordedCursor:
    def __init__(self, session: RecordedSession, root: str) -> None:
        self._session, self._last = session, tuple(map(int, root.split(".")))

    async def more(self, repetitions: int, timeout_s: float) -> list[Pair]:
        found = self._session.following(self._last, max(1, repetitions))
        if found:
            self._last = found[-1][0]
        return [(".".join(map(str, oid)), value) for oid, value in found]


class _RecordedPoller:
    def __init__(self, variables: Sequence[Variable]) -> None:
        self._variables = variables

    async def open_session(self, *_: object) -> RecordedSession:
        return RecordedSession(self._variables)


async def read_recorded(variables: Sequence[Variable], profiles: ProfileSet) -> DeviceReading:
    """The reading of a recording, by the way that a device is read."""
    poller = cast(Poller, _RecordedPoller(variables))
    return await read_device(Target("127.0.0.1"), community(), Patience(), profiles, poller)


def golden(reading: DeviceReading) -> dict[str, Any]:
    """What a reading must give, in the form of the golden files: a test compares it."""
    found = reading.as_json()
    return {
        "profile": found["profile"],
        "facts": {key: text for key, text in found["facts"].items() if text},
        "interfaces": found["interfaces"],
        "samples": [f"{s['metric']} {s['part'] or '-'} = {s['value']:g} {s['unit']}".strip() for s in found["samples"]],
        "dropped": [f"{d['oid']} = {d['value']}: {d['reason']}" for d in found["dropped"]],
    }
