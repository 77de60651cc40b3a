"""Settings of telemetry: where samples go and how long they stay."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, SecretStr

from core import Section


class TelemetrySettings(Section):
    """Table [telemetry] of the settings file, EDUNOC_TELEMETRY_... in the environment."""

    section: ClassVar[str] = "telemetry"

    store: Literal["duckdb", "influx", "victoria"] = Field(
        "duckdb", description="Where samples are kept: in the data folder, in InfluxDB 2 or in VictoriaMetrics"
    )
    url: str = Field("", description="Address of InfluxDB or VictoriaMetrics, such as http://127.0.0.1:8428")
    token: SecretStr = Field(SecretStr(""), description="Token for InfluxDB, or for VictoriaMetrics behind a proxy")
    org: str = Field("edunoc", description="Organisation in InfluxDB")
    bucket: str = Field("edunoc", description="Bucket in InfluxDB")
    timeout_s: float = Field(10.0, gt=0, le=300, description="Seconds to wait for InfluxDB or VictoriaMetrics")
    raw_days: int = Field(7, ge=1, le=3660, description="Days that single samples are kept")
    five_minute_days: int = Field(32, ge=1, le=3660, description="Days that 5-minute values are kept")
    hour_days: int = Field(1100, ge=1, le=36600, description="Days that 1-hour values are kept")
    memory_mb: int = Field(384, ge=64, le=65536, description="Memory that the embedded store may use, in MiB")
    threads: int = Field(2, ge=1, le=64, description="Processor threads that the embedded store may use")
    min_free_mb: int = Field(
        256, ge=0, le=1048576, description="Free disk space, in MiB, below which no more samples are written"
    )
    pending_samples: int = Field(
        2_000_000, ge=10_000, le=100_000_000, description="Samples held in memory while the store cannot take them"
    )
    event_days: int = Field(400, ge=1, le=36600, description="Days that events are kept")
