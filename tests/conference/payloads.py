"""The payloads of Jitsi's servers that stand beside the project, with their origins in SOURCES.md there."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAYLOADS = Path(os.environ.get("EDUNOC_REFERENCE") or ROOT.parent / "shared" / "reference") / "jitsi_payloads"


def payload(name: str) -> str:
    """The text of one payload file."""
    return (PAYLOADS / name).read_text(encoding="utf-8")


def json_payload(name: str) -> Any:
    """One payload file, parsed."""
    return json.loads(payload(name))
