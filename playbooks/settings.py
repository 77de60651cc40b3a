"""Settings of playbooks: how changes are paced."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from core import Section


class PlaybooksSettings(Section):
    """Table [playbooks] of the settings file, EDUNOC_PLAYBOOKS_... in the environment."""

    section: ClassVar[str] = "playbooks"

    projectors_at_once: int = Field(20, ge=1, le=500, description="Most projectors that commands talk to at one time")
    projector_lead_minutes: int = Field(
        15, ge=0, le=120, description="Minutes before an examination or meeting in which no projector is switched off"
    )
    projector_cooling_s: int = Field(
        90, ge=5, le=600, description="Seconds after switching off until EduNOC looks again whether it stayed off"
    )
    meeting_order_patience_minutes: int = Field(
        3, ge=1, le=60, description="Minutes after which an order to a meeting server is given up"
    )
    recorder_domain: str = Field(
        "", description="XMPP domain that recorders (Jibri) sign in at; empty: recorder. and the system's domain"
    )
    recorder_user: str = Field("recorder", description="User that recorders (Jibri) sign in with")
    recorder_password: SecretStr = Field(SecretStr(""), description="Password that recorders (Jibri) sign in with")
    projector_patience_minutes: int = Field(
        10, ge=1, le=120, description="Minutes after which a person's command that could not be carried out is given up"
    )
