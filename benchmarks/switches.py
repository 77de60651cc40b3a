"""Fake 52-port switches for the polling benchmark, in a process of their own so that their work is not counted.

Usage: python -m benchmarks.switches FIRST_PORT COUNT
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from deploy.demo.replay import Motion, ReplayAgent, ReplayServer, Variable, in_order, parse_snmprec

PORTS = 52
# 9 columns of 52 ports are the 468 variables of one reading
IF_COLUMNS = {2: ("4", "GigabitEthernet0/{i}"), 3: ("2", "6"), 5: ("66", "1000000000"), 7: ("2", "1"), 8: ("2", "1"),
              13: ("65", "{e}"), 14: ("65", "{e}"), 19: ("65", "0"), 20: ("65", "{e}")}  # fmt: skip
IFX_COLUMNS = {1: ("4", "Gi0/{i}"), 6: ("70", "{b}00123456789"), 10: ("70", "{b}0987654321"), 15: ("66", "1000")}


def switch(name: str) -> list[Variable]:
    """One switch: system group, ifTable, ifXTable."""
    return in_order(parse_snmprec("\n".join(_lines(name)).encode()))


def _lines(name: str) -> Iterator[str]:
    yield from (
        "1.3.6.1.2.1.1.1.0|4|Switch of the benchmark", "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.52",
        "1.3.6.1.2.1.1.3.0|67|123456789", f"1.3.6.1.2.1.1.5.0|4|{name}", f"1.3.6.1.2.1.2.1.0|2|{PORTS}",
    )  # fmt: skip
    for i in range(1, PORTS + 1):
        values = {"i": i, "e": i * 3, "b": i}
        for column, (tag, form) in IF_COLUMNS.items():
            yield f"1.3.6.1.2.1.2.2.1.{column}.{i}|{tag}|{form.format(**values)}"
        for column, (tag, form) in IFX_COLUMNS.items():
            yield f"1.3.6.1.2.1.31.1.1.1.{column}.{i}|{tag}|{form.format(**values)}"


def main() -> None:
    """Serve until the process is ended; says "ready" when all ports are open."""
    first, count = int(sys.argv[1]), int(sys.argv[2])
    agents = {
        ("127.0.0.1", first + n): ReplayAgent(switch(f"switch-{n}"), motion=Motion(seed=str(n))) for n in range(count)
    }
    server = ReplayServer(agents)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
