"""What is read of a recording, in the form of the golden files beside them.

Usage: python -m tests.collectors.profiles.golden NAME... writes the golden files of these profiles' recordings. Compare
every value with the MIB before you keep one: a golden file says what is right, not what happens to come out.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from collectors.snmp import Patience
from deploy.demo.replay import ReplayAgent, read_recording
from tests.collectors.snmp.agents import read

FIXTURES = Path(__file__).parent / "fixtures"
RECORDINGS = {path.stem: path for path in sorted(FIXTURES.rglob("*.snmprec"))}


async def read_golden(path: Path) -> dict[str, Any]:
    """The reading of a recording."""
    reading = await read(ReplayAgent(read_recording(path)), patience=Patience(timeout_s=1.0))
    found = reading.as_json()
    return {
        "profile": found["profile"],
        "facts": {key: text for key, text in found["facts"].items() if text},
        "interfaces": found["interfaces"],
        "samples": [f"{s['metric']} {s['part'] or '-'} = {s['value']:g} {s['unit']}".strip() for s in found["samples"]],
        "dropped": [f"{d['oid']} = {d['value']}: {d['reason']}" for d in found["dropped"]],
    }


def main(names: list[str]) -> None:
    """Write the golden files of the recordings named."""
    for name in names:
        path = RECORDINGS[name]
        text = json.dumps(asyncio.run(read_golden(path)), indent=1, ensure_ascii=False)
        path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
        sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
