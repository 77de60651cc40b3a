"""Settings of conference: how meetings are booked, watched and counted."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, SecretStr, field_validator

from core import Section


class ConferenceSettings(Section):
    """Table [conference] of the settings file, EDUNOC_CONFERENCE_... in the environment."""

    section: ClassVar[str] = "conference"

    approval_from: int = Field(
        100, ge=0, le=10000, description="Meetings with this many endpoints or more need approval (0: all do)"
    )
    live_loss_ratio: float = Field(
        0.02, gt=0, le=1, description="Share of lost packets from which a network, a line or a bridge is the cause"
    )
    live_rtt_jump: float = Field(
        3.0, ge=1.2, le=50, description="A line is the cause when its answers take this many times the meeting's median"
    )
    live_bridge_stress: float = Field(0.8, gt=0, le=2, description="Load of a bridge from which it is overloaded")
    live_bridge_sites: int = Field(
        5, ge=2, le=1000, description="Bad endpoints on one bridge from which the bridge may be the cause"
    )
    live_group_sites: int = Field(
        3, ge=2, le=1000, description="Sites of one provider with the same trouble that are shown as one cause"
    )
    live_cpu_ratio: float = Field(
        0.9, gt=0, le=1, description="Processor load from which a room's computer is too weak"
    )
    live_silence_dbfs: float = Field(
        -60.0, ge=-120, le=0, description="Level in dBFS below which a microphone is silent"
    )
    live_silence_s: int = Field(120, ge=10, le=3600, description="Seconds of silence that count as a dead microphone")
    live_heartbeat_s: int = Field(
        35, ge=15, le=600, description="Seconds without a heartbeat in a meeting after which an endpoint is lost"
    )
    live_mass_loss: int = Field(
        10, ge=2, le=1000, description="Endpoints lost within a minute that are noted as one event of the meeting"
    )
    attendance_late_minutes: int = Field(
        5, ge=0, le=120, description="Minutes after the start from which somebody who comes is late"
    )
    attendance_early_minutes: int = Field(
        5, ge=0, le=120, description="Minutes before the end until which somebody who goes has left early"
    )
    attendance_disagreement_minutes: int = Field(
        2, ge=0, le=120, description="Minutes by which the server's and the kiosk's count may differ without a remark"
    )
    answer_host: str = Field("127.0.0.1", description="Address on which `app.py reservations` answers meeting servers")
    answer_port: int = Field(8091, ge=0, le=65535, description="Port of `app.py reservations`; 0 takes any free one")
    mail_server: str = Field("", max_length=253, description="Mail server for invitations; empty: none are sent")
    mail_port: int = Field(587, ge=1, le=65535, description="Port of the mail server: 587, 465 with tls")
    mail_security: Literal["none", "starttls", "tls"] = Field(
        "starttls", description="Encryption to the mail server; none only inside one machine"
    )
    mail_user: str = Field("", max_length=254, description="User name at the mail server; empty: no sign-in")
    mail_password: SecretStr = Field(SecretStr(""), description="Password at the mail server")
    mail_sender: str = Field("", max_length=254, description="Address from which invitations come, and answers go to")
    mail_sender_name: str = Field("EduNOC", max_length=80, description="Name beside the sender's address")
    mail_ca_file: str = Field("", description="PEM file of an authority of your own, for mail server and mailbox")
    mail_timeout_s: float = Field(20.0, ge=1, le=300, description="Longest wait for the mail server or mailbox")
    invitation_delay_s: int = Field(
        60, ge=0, le=3600, description="Seconds after the last change of a meeting before invitations leave"
    )
    reminder_minutes: str = Field(
        "1440,60", max_length=60, description="Minutes before a meeting at which people are reminded; empty: never"
    )
    replies_server: str = Field("", max_length=253, description="IMAP server of the mailbox that gets the answers")
    replies_port: int = Field(993, ge=1, le=65535, description="Port of the IMAP server: 993, 143 with starttls")
    replies_security: Literal["none", "starttls", "tls"] = Field("tls", description="Encryption to the IMAP server")
    replies_user: str = Field("", max_length=254, description="User name of the mailbox")
    replies_password: SecretStr = Field(SecretStr(""), description="Password of the mailbox")
    replies_folder: str = Field("INBOX", min_length=1, max_length=200, description="Folder in which answers arrive")

    keep_evidence_days: int = Field(
        400, ge=30, le=36600, description="Days that room events, sightings and kiosks' presence are kept, once counted"
    )
    keep_live_days: int = Field(
        730, ge=30, le=36600, description="Days that the timeline of a meeting with its troubles is kept"
    )
    keep_readiness_days: int = Field(
        400, ge=30, le=36600, description="Days that verdicts of readiness and notes of calls are kept"
    )
    keep_invitation_days: int = Field(
        400, ge=30, le=36600, description="Days that invitations, reminders and answers are kept after the meeting"
    )
    keep_command_days: int = Field(
        400, ge=30, le=36600, description="Days that commands to kiosks and meeting servers are kept"
    )
    keep_spool_days: int = Field(
        60, ge=2, le=3660, description="Days that messages of meeting servers wait for a database that is away"
    )

    @field_validator("reminder_minutes")
    @classmethod
    def _minutes(cls, value: str) -> str:
        if not all(part.strip().isdecimal() and 1 <= int(part) <= 20160 for part in value.split(",") if part.strip()):
            raise ValueError("write minutes from 1 to 20160 with commas between them, such as 1440,60")
        return value

    @property
    def reminders(self) -> tuple[int, ...]:
        """Minutes before a meeting, the longest first."""
        return tuple(sorted({int(part) for part in self.reminder_minutes.split(",") if part.strip()}, reverse=True))
