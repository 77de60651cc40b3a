"""Tables of what meetings are held with: endpoints (rooms made ready to meet), meeting systems and their servers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, UTCDateTime
from inventory.models.searchable import Searchable

# Samples of endpoints and meeting servers are kept under numbers of their own, as those of services are
ENDPOINTS_FROM = 1 << 22
MEETING_SERVERS_FROM = (1 << 22) + (1 << 21)


class Endpoint(Searchable, Base):
    """A room made ready to meet (điểm cầu): what stands in it, its line, and whom to telephone.

    `code` names it in tokens, heartbeats and spreadsheets ("site-0412"). `kind` is a word of ENDPOINT_KINDS. The device
    columns point to the inventory's devices where these are watched; `link_id` is the line it meets over.
    """

    __tablename__ = "inventory_endpoint"
    __table_args__ = (
        Index("ix_inventory_endpoint_site", "site_id"),
        {"sqlite_autoincrement": True},  # samples of a removed endpoint must not become another's
    )
    SEARCHED = ("name", "code")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id", ondelete="CASCADE"))
    room_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_room.id", ondelete="SET NULL"), default=None, index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(16), default="kiosk")
    computer_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_device.id", ondelete="SET NULL"), default=None
    )
    codec_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_device.id", ondelete="SET NULL"), default=None)
    display_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_device.id", ondelete="SET NULL"), default=None)
    ups_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_device.id", ondelete="SET NULL"), default=None)
    link_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_link.id", ondelete="SET NULL"), default=None)
    sip_uri: Mapped[str] = mapped_column(String(200), default="")   # hardware codecs: sip:user@host[:port]
    camera: Mapped[str] = mapped_column(String(200), default="")    # model or label, as people know it
    microphone: Mapped[str] = mapped_column(String(200), default="")
    speaker: Mapped[str] = mapped_column(String(200), default="")
    seats: Mapped[int | None] = mapped_column(Integer, default=None)
    can_speak: Mapped[bool] = mapped_column(Boolean, default=True)  # False: fit to listen only
    contact: Mapped[str] = mapped_column(String(200), default="")   # a role
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    notes: Mapped[str] = mapped_column(Text, default="")


class MeetingSystem(Searchable, Base):
    """One installation that holds meetings. `provider` is a word of MEETING_PROVIDERS; secrets are sealed JSON.

    `sealed` holds: token secret or private key, system (control) key, webhook secrets, TURN secret. `proofs` is what
    servers may be shown or checked against without a key file: public keys with their kid and how long the old ones are
    served, SHA-256 of the webhook secrets. Limits are those of the installation (jitsi.md sections 6 and 11), None: the
    figure of the capacity data holds.
    """

    __tablename__ = "inventory_meeting_system"
    SEARCHED = ("name", "domain")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    provider: Mapped[str] = mapped_column(String(16), default="jitsi")
    public_url: Mapped[str] = mapped_column(String(300))                   # https://meet.example.edu.vn
    domain: Mapped[str] = mapped_column(String(200))                       # XMPP virtual host
    muc_prefix: Mapped[str] = mapped_column(String(64), default="muc")     # muc or conference
    tenant: Mapped[str] = mapped_column(String(64), default="")
    app_id: Mapped[str] = mapped_column(String(100), default="edunoc")     # iss
    audience: Mapped[str] = mapped_column(String(100), default="jitsi")    # aud
    algorithm: Mapped[str] = mapped_column(String(8), default="RS256")     # HS256/384/512, RS256/384/512
    key_id: Mapped[str] = mapped_column(String(100), default="")           # kid of login tokens
    system_key_id: Mapped[str] = mapped_column(String(100), default="")    # kid of control tokens
    sealed: Mapped[str] = mapped_column(Text, default="")
    proofs: Mapped[str] = mapped_column(Text, default="{}")
    server_networks: Mapped[str] = mapped_column(Text, default="")         # who may ask keys and send events: CIDRs
    has_visitors: Mapped[bool] = mapped_column(Boolean, default=True)
    main_limit: Mapped[int | None] = mapped_column(Integer, default=None)      # then visitors
    vnode_count: Mapped[int | None] = mapped_column(Integer, default=None)
    vnode_limit: Mapped[int | None] = mapped_column(Integer, default=None)
    bridge_limit: Mapped[int | None] = mapped_column(Integer, default=None)    # max-bridge-participants
    joins_per_second: Mapped[float | None] = mapped_column(Float, default=None)
    trunk_bps: Mapped[int | None] = mapped_column(BigInteger, default=None)
    stun_host: Mapped[str] = mapped_column(String(200), default="")        # host[:port], default port 3478
    turn_tls_host: Mapped[str] = mapped_column(String(200), default="")    # host[:port], default port 5349
    reflector: Mapped[str] = mapped_column(String(200), default="")        # host:port of the UDP reflector
    is_enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    notes: Mapped[str] = mapped_column(Text, default="")


class MeetingServer(Base):
    """One server program of an installation: a bridge, Jicofo, Prosody, Jibri, Jigasi or coturn.

    `name` is what the others call it (a bridge's relay-id, "jvb-1"); `url` where its own interface answers
    ("http://10.0.0.5:8080"); `device_id` the machine it runs on, when the inventory knows it. `told` is the JSON that
    it sent by itself last (Jibri's webhook).
    """

    __tablename__ = "inventory_meeting_server"
    __table_args__ = (UniqueConstraint("system_id", "kind", "name"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    system_id: Mapped[int] = mapped_column(ForeignKey("inventory_meeting_system.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(String(300))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_device.id", ondelete="SET NULL"), default=None)
    capacity_bps: Mapped[int | None] = mapped_column(BigInteger, default=None)  # the network card; None: 1 Gbit/s
    is_enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    told: Mapped[str] = mapped_column(Text, default="")
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)


def endpoint_number(endpoint_id: int) -> int:
    """The number under which telemetry and alerts know an endpoint."""
    return ENDPOINTS_FROM + endpoint_id


def endpoint_of_number(number: int | None) -> int | None:
    """The endpoint behind a number of telemetry, None when it is another thing's."""
    return number - ENDPOINTS_FROM if number is not None and ENDPOINTS_FROM < number <= MEETING_SERVERS_FROM else None


def meeting_server_number(server_id: int) -> int:
    """The number under which telemetry and alerts know a meeting server."""
    return MEETING_SERVERS_FROM + server_id


def meeting_server_of_number(number: int | None) -> int | None:
    """The meeting server behind a number of telemetry, None when it is another thing's."""
    return number - MEETING_SERVERS_FROM if number is not None and number > MEETING_SERVERS_FROM else None
