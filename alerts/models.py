"""What the alerts room remembers: incidents with their story, notifications, channels, routes, windows, overrides.

Rows of other rooms are named by id and copied by name, without a foreign key: an incident's history must
outlive the device it speaks of. Models are passive; the functions are in `alerts.store`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime

SEVERITIES = ("critical", "major", "minor", "info")  # worst first; the order is the sort order
INCIDENT_STATES = ("open", "acknowledged", "closed")
NOTIFICATION_STATES = ("queued", "sending", "sent", "failed", "digested")


class Incident(Base):
    """One problem, folded: what fired, what is behind it, who has it."""

    __tablename__ = "alerts_incident"
    __table_args__ = (
        Index("ix_alerts_incident_state_rank", "state", "severity_rank", "opened_at"),
        Index("ix_alerts_incident_cause_closed", "cause", "closed_at"),
        Index("ix_alerts_incident_unit_path", "unit_path"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cause: Mapped[str] = mapped_column(String(300))  # "device:7", "site:3", "area:isp:X", "cpu_busy:4711"
    # = cause while not closed, else None: the unique index allows one open incident a cause
    open_cause: Mapped[str | None] = mapped_column(String(300), unique=True)
    rule_id: Mapped[str] = mapped_column(String(80))
    severity: Mapped[str] = mapped_column(String(10))
    severity_rank: Mapped[int]  # 0 critical .. 3 info
    state: Mapped[str] = mapped_column(String(12), default="open")

    titles: Mapped[dict[str, str]] = mapped_column(JSON)  # language -> text, as rendered when it opened
    messages: Mapped[dict[str, str]] = mapped_column(JSON)
    next_steps: Mapped[dict[str, str]] = mapped_column(JSON)
    search_text: Mapped[str] = mapped_column(Text, default="")  # lower case: titles, names, codes

    unit_path: Mapped[str] = mapped_column(String(255), default="/")
    site_id: Mapped[int | None] = mapped_column(index=True)
    site_name: Mapped[str] = mapped_column(String(255), default="")
    device_id: Mapped[int | None] = mapped_column(index=True)
    device_name: Mapped[str] = mapped_column(String(255), default="")
    part: Mapped[str] = mapped_column(String(255), default="")
    series_id: Mapped[int | None]
    value: Mapped[float | None]  # in the unit of the rule's first metric, last seen while firing

    started_at: Mapped[datetime] = mapped_column(UTCDateTime)  # when the trouble began (first breach, ping verdict)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reopened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    returned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # cause gone, still held open (flapping)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    close_reason: Mapped[str] = mapped_column(String(40), default="")  # returned | person | folded | no_longer_watched
    announced_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # first message queued
    quiet_reason: Mapped[str] = mapped_column(String(60), default="")  # why no message so far

    owner_id: Mapped[int | None]
    owner_name: Mapped[str] = mapped_column(String(120), default="")
    acknowledged_by: Mapped[str] = mapped_column(String(120), default="")

    is_cause_active: Mapped[bool] = mapped_column(default=True)  # stays true when a person closed it too early
    is_unknown: Mapped[bool] = mapped_column(default=False)  # fired, then the data stopped
    is_flapping: Mapped[bool] = mapped_column(default=False)
    reopen_count: Mapped[int] = mapped_column(default=0)
    folded_into_id: Mapped[int | None] = mapped_column(ForeignKey("alerts_incident.id"), index=True)
    behind_count: Mapped[int] = mapped_column(default=0)  # devices folded into it now
    sites_count: Mapped[int] = mapped_column(default=0)


class IncidentMember(Base):
    """One device, site or finding folded into an incident: what is behind it."""

    __tablename__ = "alerts_incident_member"
    __table_args__ = (UniqueConstraint("incident_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("alerts_incident.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(300))  # "device:7", "site:3", "cpu_busy:4711"
    device_id: Mapped[int | None]
    site_id: Mapped[int | None]
    unit_path: Mapped[str] = mapped_column(String(255), default="/", index=True)  # who sees it
    name: Mapped[str] = mapped_column(String(255), default="")
    device_count: Mapped[int] = mapped_column(default=1)
    joined_at: Mapped[datetime] = mapped_column(UTCDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class IncidentEvent(Base):
    """One line of an incident's story."""

    __tablename__ = "alerts_incident_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("alerts_incident.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    kind: Mapped[str] = mapped_column(String(24))
    user_id: Mapped[int | None]
    user_name: Mapped[str] = mapped_column(String(120), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # e.g. the stages and their reasons


class Channel(Base):
    """A way to send: its kind (a key of CHANNELS) and sealed settings."""

    __tablename__ = "alerts_channel"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    sealed: Mapped[str] = mapped_column(Text)  # vault.seal(JSON of the kind's settings class)
    is_enabled: Mapped[bool] = mapped_column(default=True)
    per_minute: Mapped[int] = mapped_column(default=20)  # above it messages wait and merge into a digest
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_failed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_failure: Mapped[str] = mapped_column(String(200), default="")


class Route(Base):
    """Who gets what over which channel: unit, severity, device kind, rule, hours."""

    __tablename__ = "alerts_route"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("alerts_channel.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    recipient: Mapped[str] = mapped_column(String(255), default="")  # e-mail address, chat id, or ""
    language: Mapped[str] = mapped_column(String(5), default="vi")
    unit_path: Mapped[str] = mapped_column(String(255), default="/")  # prefix of the incident's unit path
    min_severity: Mapped[str] = mapped_column(String(10), default="minor")
    device_kinds: Mapped[list[str]] = mapped_column(JSON, default=list)  # empty = every kind
    rule_ids: Mapped[list[str]] = mapped_column(JSON, default=list)  # empty = every rule
    hours: Mapped[str] = mapped_column(String(10), default="always")  # always | teaching | working
    has_recovery: Mapped[bool] = mapped_column(default=True)
    is_enabled: Mapped[bool] = mapped_column(default=True)


class Notification(Base):
    """One message to one recipient, written before it is sent; the table is the queue."""

    __tablename__ = "alerts_notification"
    __table_args__ = (Index("ix_alerts_notification_queue", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    once: Mapped[str] = mapped_column(String(400), unique=True)  # incident, turn, kind, route: no message twice
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("alerts_incident.id", ondelete="CASCADE"), index=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("alerts_channel.id", ondelete="CASCADE"), index=True)
    route_id: Mapped[int | None]
    recipient: Mapped[str] = mapped_column(String(255), default="")
    language: Mapped[str] = mapped_column(String(5), default="vi")
    kind: Mapped[str] = mapped_column(String(12))  # opened | reopened | recovered | flapping | digest | test
    severity: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(400))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # machine form, for webhooks
    state: Mapped[str] = mapped_column(String(10), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(40), default="")  # the failure's machine word
    detail: Mapped[str] = mapped_column(String(400), default="")
    digest_id: Mapped[int | None]  # the digest this one was merged into


class _Window:
    """What a silence and a maintenance share: one target, a time span, a reason."""

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int | None]  # exactly one of device_id, site_id, unit_path is set
    site_id: Mapped[int | None]
    unit_path: Mapped[str | None] = mapped_column(String(255))
    rule_id: Mapped[str | None] = mapped_column(String(80))  # None = every rule
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(400))
    created_by: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Silence(_Window, Base):
    """No messages about a target for a while; incidents are still kept."""

    __tablename__ = "alerts_silence"


class Maintenance(_Window, Base):
    """Planned work: incidents during it are marked so and not announced."""

    __tablename__ = "alerts_maintenance"


class RuleOverride(Base):
    """Other numbers for a rule on one device, site or unit (all three None = everywhere)."""

    __tablename__ = "alerts_rule_override"

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[str] = mapped_column(String(80), index=True)
    device_id: Mapped[int | None]
    site_id: Mapped[int | None]
    unit_path: Mapped[str | None] = mapped_column(String(255))
    is_enabled: Mapped[bool] = mapped_column(default=True)
    threshold: Mapped[float | None]  # of the rule's first term
    clear: Mapped[float | None]
    for_s: Mapped[float | None]
    severity: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(400), default="")
    created_by: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class RuleMemory(Base):
    """Which series of a "was up before" rule have been seen good; one packed bit a series id."""

    __tablename__ = "alerts_rule_memory"

    rule_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    bits: Mapped[bytes] = mapped_column(LargeBinary)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
