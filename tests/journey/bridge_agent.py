"""The test's own SNMP agent for BRIDGE-MIB (RFC 4188) of a Linux bridge: net-snmp on Debian has none.

snmpd starts it as `pass_persist` in the bridge's network namespace; it reads `ip link` and `bridge fdb` there.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time

BASE = "1.3.6.1.2.1.17"
Row = tuple[str, str]


def told(*words: str) -> list[dict]:
    """What `ip -j` or `bridge -j` answers."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=5, check=False)
    return json.loads(done.stdout or "[]")


def table() -> dict[tuple[int, ...], Row]:
    """OID to (type, value): bridge address, ports, forwarding table with status learned (3) or self (4)."""
    links = {link["ifname"]: link for link in told("ip", "-j", "link")}
    bridge = next((link for link in links.values() if link["ifname"] == "br0"), None)
    if bridge is None:
        return {}
    ports = sorted(name for name, link in links.items() if link.get("master") == "br0")
    rows = {f"{BASE}.1.1.0": ("octet", bridge["address"].replace(":", " ")),
            f"{BASE}.1.2.0": ("integer", str(len(ports)))}
    number = {name: position for position, name in enumerate(ports, 1)}
    for name, port in number.items():
        rows[f"{BASE}.1.4.1.1.{port}"] = ("integer", str(port))
        rows[f"{BASE}.1.4.1.2.{port}"] = ("integer", str(links[name]["ifindex"]))
    for entry in told("bridge", "-j", "fdb", "show", "br", "br0"):
        if entry.get("ifname") not in number or entry["mac"].startswith(("33:33", "01:")):
            continue
        index = ".".join(str(int(byte, 16)) for byte in entry["mac"].split(":"))
        status = "4" if entry.get("state") == "permanent" else "3"
        rows[f"{BASE}.4.3.1.1.{index}"] = ("octet", entry["mac"].replace(":", " "))
        rows[f"{BASE}.4.3.1.2.{index}"] = ("integer", str(number[entry["ifname"]]))
        rows[f"{BASE}.4.3.1.3.{index}"] = ("integer", status)
    return {tuple(map(int, oid.split("."))): row for oid, row in rows.items()}


def fresh(kept: dict[str, object]) -> dict[tuple[int, ...], Row]:
    """The table, read at most once in two seconds: one question for a column asks for twenty rows."""
    now = time.monotonic()
    if "rows" not in kept or now - kept["at"] > 2:  # type: ignore[operator]
        kept.update(rows=table(), at=now)
    return kept["rows"]  # type: ignore[return-value]


def answer(verb: str, oid: str, rows: dict[tuple[int, ...], Row]) -> list[str]:
    """The three lines of a value, or NONE."""
    wanted = tuple(int(arc) for arc in oid.strip().strip(".").split(".") if arc)
    found = wanted if verb == "get" else min((one for one in rows if one > wanted), default=None)
    if found not in rows:
        return ["NONE"]
    kind, value = rows[found]
    return ["." + ".".join(map(str, found)), kind, value]


def main() -> None:
    """Serve until snmpd closes the pipe."""
    kept: dict[str, object] = {}
    for line in sys.stdin:
        word = line.strip().lower()
        if word == "ping":
            lines = ["PONG"]
        elif word in ("get", "getnext"):
            lines = answer(word, sys.stdin.readline(), fresh(kept))
        elif word == "set":
            sys.stdin.readline()
            sys.stdin.readline()
            lines = ["not-writable"]
        else:
            continue
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
