"""Tables of core: people, tokens, the audit chain and EduNOC's own marks. Passive: they read no clock, send nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.access import Permission, Role, permissions_of
from core.database import Base, UTCDateTime


class Mark(Base):
    """One fact that EduNOC remembers about this database, such as the fingerprint of its key file."""

    __tablename__ = "core_mark"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class User(Base):
    """Somebody who signs in. `unit_id` is the unit whose subtree a member of school staff sees."""

    __tablename__ = "core_user"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    full_name: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    role: Mapped[str] = mapped_column(String(32))
    unit_id: Mapped[int | None] = mapped_column(Integer, default=None, index=True)
    password_hash: Mapped[str] = mapped_column(String(256))
    # Changes with the password and on "sign out everywhere": a session that carries another one is refused
    session_stamp: Mapped[str] = mapped_column(String(32))
    is_enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False)
    language: Mapped[str] = mapped_column(String(8), default="")
    theme: Mapped[str] = mapped_column(String(8), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)

    def can(self, permission: Permission) -> bool:
        """True when the user's role has the permission."""
        return self.is_enabled and permission in permissions_of(Role(self.role))


class ApiToken(Base):
    """A token of a program. Only its SHA-256 is kept; it has the rights of its role and the scope of its unit."""

    __tablename__ = "core_api_token"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    permissions: Mapped[str] = mapped_column(Text)  # words of Permission, separated by blanks
    unit_id: Mapped[int | None] = mapped_column(Integer, default=None, index=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"), default=None)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=None)

    def can(self, permission: Permission) -> bool:
        """True when the token was given the permission."""
        return permission.value in self.permissions.split()


class AuditEntry(Base):
    """One change by somebody. `digest` covers the entry and the digest before it: nothing is taken out unseen."""

    __tablename__ = "core_audit"
    __table_args__ = (Index("ix_core_audit_target", "target_kind", "target_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    actor: Mapped[str] = mapped_column(String(100), index=True)
    action: Mapped[str] = mapped_column(String(64), index=True)
    target_kind: Mapped[str] = mapped_column(String(32))
    target_id: Mapped[str] = mapped_column(String(64))
    summary: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)  # JSON, keys sorted
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
