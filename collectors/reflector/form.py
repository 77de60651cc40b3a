"""What stands in the datagrams of a UDP train, on both sides."""

from __future__ import annotations

import struct

MAGIC = b"EDR1"
HELLO, TICKET, CAR, ECHO = range(1, 5)
HEAD = struct.Struct("!4sB3xI16sQ")  # magic, kind, number, ticket, sender's microseconds
TAIL = struct.Struct("!QI")          # of an echo: reflector's microseconds, cars seen so far
