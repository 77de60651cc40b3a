"""docs/telemetry.md names every setting, metric, reason and figure."""

from __future__ import annotations

from pathlib import Path

import pytest

from telemetry import DROP_REASONS, METRICS, OWN_METRICS, TelemetrySettings

TEXT = (Path(__file__).parents[2] / "docs" / "telemetry.md").read_text(encoding="utf-8")
SETTINGS = [TelemetrySettings.env_name(field) for field in TelemetrySettings.model_fields]
NAMES = [*METRICS, *DROP_REASONS, *OWN_METRICS, *SETTINGS]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_documented(name):
    assert f"| `{name}` |" in TEXT
