"""Tables of the collectors: how the last reading of each device went, the queues of work, what discovery found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime


class PollState(Base):
    """How reading a device goes. `reason` is a word of collectors.REASONS; `since` is when it became so.

    `repeats` counts readings with this reason since then; `missed` the readings that fell out altogether.
    """

    __tablename__ = "collectors_poll_state"

    device_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_device.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    last_poll_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_ok_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    last_survey_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    reason: Mapped[str] = mapped_column(String(32), index=True)
    detail: Mapped[str] = mapped_column(String(500), default="")
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    repeats: Mapped[int] = mapped_column(Integer, default=0)
    requests: Mapped[int] = mapped_column(Integer, default=0)
    seconds: Mapped[float] = mapped_column(Float, default=0.0)
    timeouts: Mapped[int] = mapped_column(Integer, default=0)
    chunk: Mapped[int] = mapped_column(Integer, default=0)  # varbinds a request that this device takes
    missed: Mapped[int] = mapped_column(Integer, default=0)


class KeptPlan(Base):
    """The compiled plan of a device's last survey, so that a restart polls at once.

    `wish` digests where and as whom the device was surveyed, `profiles` the profile files of then; `reason` and
    `detail` are the lasting defect that the survey found. `pieces` names rows of PlanPiece, divided by blanks.
    """

    __tablename__ = "collectors_kept_plan"

    device_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_device.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    wish: Mapped[str] = mapped_column(String(64))
    profiles: Mapped[str] = mapped_column(String(64))
    surveyed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(32), default="ok")
    detail: Mapped[str] = mapped_column(String(500), default="")
    pieces: Mapped[str] = mapped_column(String(200))
    body: Mapped[bytes] = mapped_column(LargeBinary)


class PlanPiece(Base):
    """What the plans of like devices share, kept once under its digest."""

    __tablename__ = "collectors_plan_piece"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class NetworkState(Base):
    """How reading a device's layer-2 tables went last. `reason` and `detail` also tell what a limit left out."""

    __tablename__ = "collectors_network_state"

    device_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_device.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    last_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_ok_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    reason: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(String(500), default="")
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    requests: Mapped[int] = mapped_column(Integer, default=0)
    timeouts: Mapped[int] = mapped_column(Integer, default=0)
    seconds: Mapped[float] = mapped_column(Float, default=0.0)
    fdb_entries: Mapped[int] = mapped_column(Integer, default=0)
    neighbours: Mapped[int] = mapped_column(Integer, default=0)


class CheckState(Base):
    """How an HTTP or TCP check went last, and since when it goes so."""

    __tablename__ = "collectors_check_state"

    check_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_check.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    last_at: Mapped[datetime] = mapped_column(UTCDateTime)
    is_ok: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(String(500), default="")
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    seconds: Mapped[float] = mapped_column(Float, default=0.0)


class PollRequest(Base):
    """A person's wish to read one device now. `result` is JSON as `app.py poll --json` prints it."""

    __tablename__ = "collectors_poll_request"
    __table_args__ = (
        Index("ix_collectors_poll_request_open", "done_at", "requested_at"),
        Index("ix_collectors_poll_request_device_id", "device_id", "requested_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id", ondelete="CASCADE"))
    requested_by: Mapped[str] = mapped_column(String(100))
    requested_at: Mapped[datetime] = mapped_column(UTCDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    reason: Mapped[str] = mapped_column(String(32), default="")
    detail: Mapped[str] = mapped_column(String(500), default="")
    result: Mapped[str] = mapped_column(Text, default="")


class DeviceRecording(Base):
    """A person's wish to record a device, and what came of it: `body` is a ZIP of the scrubbed recording, its golden
    file and the texts that remained (`kept`, JSON list). `variables` is the progress while it is made."""

    __tablename__ = "collectors_recording"
    __table_args__ = (Index("ix_collectors_recording_device_id", "device_id", "requested_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id", ondelete="CASCADE"))
    requested_by: Mapped[str] = mapped_column(String(100))
    requested_at: Mapped[datetime] = mapped_column(UTCDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    variables: Mapped[int] = mapped_column(Integer, default=0)
    replaced: Mapped[int] = mapped_column(Integer, default=0)
    reason: Mapped[str] = mapped_column(String(32), default="")
    detail: Mapped[str] = mapped_column(String(500), default="")
    name: Mapped[str] = mapped_column(String(64), default="")
    kept: Mapped[str] = mapped_column(Text, default="[]")
    body: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)


class DiscoveryRun(Base):
    """One search for devices. `state` is waiting, running, done, cancelled or failed.

    `sealed` holds the communities that were typed in (JSON list, each sealed); the numbers are the progress.
    """

    __tablename__ = "collectors_discovery_run"
    __table_args__ = (Index("ix_collectors_discovery_run_state", "state", "requested_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    targets: Mapped[str] = mapped_column(Text)
    port: Mapped[int] = mapped_column(Integer, default=161)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_site.id", ondelete="SET NULL"), default=None)
    credential_ids: Mapped[str] = mapped_column(
        Text, default="[]"
    )  # JSON list, tried in this order after the typed ones
    sealed: Mapped[str] = mapped_column(Text, default="")
    requested_by: Mapped[str] = mapped_column(String(100))
    requested_at: Mapped[datetime] = mapped_column(UTCDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    is_cancelled: Mapped[bool] = mapped_column(Boolean, default=False)
    reason: Mapped[str] = mapped_column(String(32), default="")
    detail: Mapped[str] = mapped_column(String(500), default="")
    total: Mapped[int] = mapped_column(Integer, default=0)
    asked: Mapped[int] = mapped_column(Integer, default=0)
    answered: Mapped[int] = mapped_column(Integer, default=0)
    identified: Mapped[int] = mapped_column(Integer, default=0)


class DiscoveryFind(Base):
    """An address that answered. `state` is found, accepted or ignored; `device_id` the device it is or became.

    `sealed` is the credential that worked, when it was typed in and not one of the inventory.
    """

    __tablename__ = "collectors_discovery_find"
    __table_args__ = (Index("ix_collectors_discovery_find_run_id", "run_id", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("collectors_discovery_run.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(253))
    port: Mapped[int] = mapped_column(Integer, default=161)
    state: Mapped[str] = mapped_column(String(16), default="found")
    reason: Mapped[str] = mapped_column(String(32), default="")  # how identifying it ended
    rtt_s: Mapped[float | None] = mapped_column(Float, default=None)
    name: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[str] = mapped_column(String(32), default="other")
    vendor: Mapped[str] = mapped_column(String(100), default="")
    model: Mapped[str] = mapped_column(String(200), default="")
    profile: Mapped[str] = mapped_column(String(100), default="")
    facts: Mapped[str] = mapped_column(Text, default="{}")
    credential_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_credential.id", ondelete="SET NULL"), default=None
    )
    sealed: Mapped[str] = mapped_column(Text, default="")
    device_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_device.id", ondelete="SET NULL"), default=None)
    found_at: Mapped[datetime] = mapped_column(UTCDateTime)
