"""Measures the way to a meeting system from the network namespace it is started in: step -> reason, for each line.

Started by test_ways.py: a process belongs to one namespace, a thread of the tests cannot change into another.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from conference.readiness import step
from conference.readiness.store.ways import Way
from core import Secret


def main(port: str, tls_port: str, reflector: str, secret: str, ca_file: str) -> None:
    """Measure all five steps."""
    host, key = "localhost", Secret(secret)
    ways = [
        Way("stun", "stun", "stun", f"{host}:{port}"),
        Way("turn_udp", "turn_udp", "turn", f"turn:{host}:{port}", key),
        Way("turn_tcp", "turn_tcp", "turn", f"turn:{host}:{port}?transport=tcp", key),
        Way("turn_tls", "turn_tls", "turn", f"turns:{host}:{tls_port}", key),
        Way("udp", "udp", "udp", f"{host}:{reflector}"),
    ]
    step.TIMEOUT_S = 2.5
    for _line in sys.stdin:
        found = asyncio.run(step.measure(ways, time.time(), ca_file))
        told = {one: reason for one, (_step, reason, _detail, _seconds) in found.items()}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
