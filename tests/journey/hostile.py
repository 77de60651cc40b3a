"""Text that was made to do harm: what a device calls itself, and what stands in a spreadsheet."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Mapping

from tests.collectors.snmp.agents import agent_of, switch
from tests.journey.parts import ROOT

SCRIPT = "<script>window.hurt=1</script><img src=x onerror=window.hurt=1>"
FORMULA = "=HYPERLINK(\"http://192.0.2.1\",\"x\")"
# Colours, a window title, the cursor sent home, and C1's one-byte form of CSI
ESCAPES = b"\x1b[31mred\x1b]0;owned\x07\x1b[2J\x9b5m"
SYS_NAME = SCRIPT.encode() + ESCAPES + b"\x00\xff\xfe"
SYS_DESCR = ESCAPES + SCRIPT.encode() + b"D" * 10_240
PORT_NAME = b"<b>Gi0/1</b>" + ESCAPES
PORT_ALIAS = FORMULA.encode() + ESCAPES + SCRIPT.encode()


def hostile_agent():
    """A switch whose every text is hostile."""
    kept = [line for line in switch().splitlines() if line.split("|")[0] not in (
        "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.31.1.1.1.1.1")]  # fmt: skip
    texts = {"1.3.6.1.2.1.1.1.0": SYS_DESCR, "1.3.6.1.2.1.1.5.0": SYS_NAME, "1.3.6.1.2.1.1.6.0": SYS_NAME,
             "1.3.6.1.2.1.31.1.1.1.1.1": PORT_NAME, "1.3.6.1.2.1.31.1.1.1.18.1": PORT_ALIAS}  # fmt: skip
    return agent_of("\n".join([*kept, *(f"{oid}|4x|{value.hex()}" for oid, value in texts.items())]))


def on_terminal(environ: Mapping[str, str], *words: str, deadline_s: float = 30) -> bytes:
    """What `app.py` with these words writes to a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "app.py", *words], cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb", "COLUMNS": "200", **environ},
    )
    os.close(theirs)
    seen, end = b"", time.monotonic() + deadline_s
    try:
        while time.monotonic() < end:
            if not select.select([ours], [], [], 0.2)[0]:
                continue
            try:
                data = os.read(ours, 65_536)
            except OSError:  # EIO: the other end is closed
                break
            if not data:
                break
            seen += data
        process.wait(5)
    finally:
        process.kill()
        process.wait(5)
        os.close(ours)
    return seen


def controls_in(text: str) -> set[str]:
    """Control characters that a terminal would obey; line breaks and tabs are none."""
    return {one for one in text if (ord(one) < 32 and one not in "\r\n\t") or 0x7F <= ord(one) < 0xA0}
