"""Tables of telemetry: the names behind series numbers, and the append-only events. Samples are in a sample store."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime

_LONG_ID = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts by itself only in INTEGER columns


class PartName(Base):
    """The name of a part, once for all devices that have a part of this name. Numbers are dense from 0."""

    __tablename__ = "telemetry_part_name"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text, unique=True)


class ForeignMetric(Base):
    """A metric that came in by line protocol and is not in the table of metrics. Numbers from FOREIGN_FROM on."""

    __tablename__ = "telemetry_foreign_metric"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200), unique=True)


class SeriesRange(Base):
    """Series `first` .. `first + count - 1`, made together for one device.

    `keys` is count little-endian int64: part number << 22 | metric number << 8 | counter width. One row for some
    hundred series: 2.4 million series load in a second. A retired range keeps its row with device_id 0 and no keys, so
    that its numbers are never given to another series.
    """

    __tablename__ = "telemetry_series_range"

    first: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(Integer)
    device_id: Mapped[int] = mapped_column(Integer, index=True)
    keys: Mapped[bytes] = mapped_column(LargeBinary)


class Event(Base):
    """Something that happened: a syslog line, a trap, a change. Rows are added and, when old, removed."""

    __tablename__ = "telemetry_event"
    __table_args__ = (
        Index("ix_telemetry_event_device_id_happened_at", "device_id", "happened_at"),
        Index("ix_telemetry_event_kind_happened_at", "kind", "happened_at"),
    )

    id: Mapped[int] = mapped_column(_LONG_ID, primary_key=True)
    happened_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    source: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(64))
    device_id: Mapped[int | None] = mapped_column(Integer, default=None)
    text: Mapped[str] = mapped_column(Text, default="")
    raw: Mapped[str] = mapped_column(Text, default="{}")
