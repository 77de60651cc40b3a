"""What the replay agent can do wrong on demand, one field for each kind of trouble a poller must survive."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.demo.replay import ber

_MAX_UDP = 65_000


@dataclass(frozen=True, slots=True)
class Faults:
    """All off by default."""

    is_silent: bool = False  # never answers: looks like a wrong community or a dead host
    drop_ratio: float = 0.0  # share of requests left unanswered
    late_s: float = 0.0  # every answer comes so many seconds late
    truncate_to: int = 0  # answers cut to so many bytes
    is_malformed: bool = False  # lengths inside the answer do not add up
    is_garbage: bool = False  # the answer is no SNMP at all
    loops_at: int = 0  # GETNEXT past this variable jumps back
    wrong_type: bool = False  # counters and gauges answered as text
    max_varbinds: int = 0  # more in one request: tooBig (GET) or a short answer (GETBULK)
    max_bytes: int = _MAX_UDP  # same, by size
    no_bulk: bool = False  # GETBULK is not known: no answer
    wrong_request_id: bool = False  # answers to a question nobody asked

    @property
    def spoils(self) -> bool:
        return bool(self.truncate_to or self.is_malformed or self.is_garbage or self.wrong_request_id)


NO_FAULTS = Faults()


def spoil(reply: bytes, faults: Faults) -> bytes:
    """The reply as a broken device or path would deliver it."""
    if faults.is_garbage:
        return b"\x30\x84\xff\xff\xff\xff" + b"<html>not SNMP</html>"
    if faults.wrong_request_id:
        _, at, _ = ber.read(reply, 0)
        _, at = ber.integer_at(reply, at)
        _, _, at = ber.read(reply, at)
        _, at, _ = ber.read(reply, at)
        _, body, end = ber.read(reply, at)
        return reply[:body] + bytes(byte ^ 0x15 for byte in reply[body:end]) + reply[end:]
    if faults.is_malformed:
        middle = len(reply) // 2
        return reply[:middle] + b"\xff\xff\xff\xff" + reply[middle + 4 :]
    return reply[: faults.truncate_to] if faults.truncate_to else reply
