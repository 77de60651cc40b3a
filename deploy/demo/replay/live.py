"""Moves the counters, gauges and uptime of a recording so that a demonstration has something to draw.

Rates are invented from the OID, repeatable from run to run; the day is a school's: busy in lessons, quiet at night.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from deploy.demo.replay import ber
from deploy.demo.replay.recording import Variable

_OCTETS = frozenset({
    (1, 3, 6, 1, 2, 1, 2, 2, 1, 10), (1, 3, 6, 1, 2, 1, 2, 2, 1, 16),
    (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6), (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 10),
})  # fmt: skip
_PROCESSOR = (1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 2)
_SYS_UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
_ERRORS = frozenset((1, 3, 6, 1, 2, 1, 2, 2, 1, column) for column in (13, 14, 19, 20))
_DAY_S = 86_400

Moving = dict[int, Callable[[float], bytes]]


@dataclass(frozen=True, slots=True)
class Motion:
    """`seed` sets one device apart from another with the same recording; `utc_offset_s` places its day."""

    seed: str = ""
    mean_bytes_per_s: float = 200_000.0
    utc_offset_s: int = 7 * 3600

    def start(self, variables: Sequence[Variable], now: float) -> Moving:
        """Index of each moving variable and the function that gives its wire body at a time (epoch seconds)."""
        return {i: move for i, variable in enumerate(variables) if (move := self._mover(variable, now)) is not None}

    def _mover(self, variable: Variable, start: float) -> Callable[[float], bytes] | None:
        value = int.from_bytes(variable.body, "big", signed=True)
        share = self._share(variable.oid)
        if variable.oid == _SYS_UPTIME:
            return lambda now: _counter(value + (now - start) * 100, 32)
        if variable.tag in (ber.COUNTER32, ber.COUNTER64):
            if variable.oid[:-1] in _ERRORS:
                return None
            bits = 32 if variable.tag == ber.COUNTER32 else 64
            scale = self.mean_bytes_per_s if variable.oid[:-1] in _OCTETS else self.mean_bytes_per_s / 700
            rate = scale * share * 2 if value else 0.0
            return (lambda now: _counter(value + rate * self._busy(start, now), bits)) if rate else None
        if variable.oid[:-1] == _PROCESSOR:
            return lambda now: ber.integer_body(int(min(97, 4 + 40 * share * (1 + math.sin(now / 97 + share * 6)))))
        return None

    def _share(self, oid: ber.Oid) -> float:
        digest = hashlib.blake2b(f"{self.seed}/{oid}".encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big") / 2**32

    def _busy(self, start: float, now: float) -> float:
        """Seconds of full load between start and now: load is 1 - cos over the local day, so its integral is exact."""

        def integral(at: float) -> float:
            turn = 2 * math.pi * (at + self.utc_offset_s) / _DAY_S
            return at - math.sin(turn) * _DAY_S / (2 * math.pi)

        return max(0.0, integral(now) - integral(start))


def _counter(value: float, bits: int) -> bytes:
    return ber.integer_body(int(value) % (1 << bits))
