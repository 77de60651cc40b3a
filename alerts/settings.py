"""Settings of alerts: how patient folding is, how incidents are damped, how messages leave."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from core import Section


class AlertsSettings(Section):
    """The table [alerts] of the settings file, EDUNOC_ALERTS_<FIELD> in the environment."""

    section: ClassVar[str] = "alerts"

    tick_s: float = Field(2.0, ge=0.5, le=60, description="Seconds between two judgings of all rules")
    settle_s: float = Field(
        5.0, ge=0, le=120, description="Seconds an outage must stand before it is told: a parent's verdict may come"
    )
    hold_max_s: float = Field(
        11.5, ge=0, le=300, description="Seconds after which an outage no longer waits for what is undecided around it"
    )
    grace_s: float = Field(
        180.0, ge=0, le=3600, description="Seconds in which the rest of an outage may return before it is told apart"
    )
    neighbour_window_s: float = Field(
        120.0, ge=0, le=3600, description="Sites of one provider or unit failing within so many seconds are one outage"
    )
    neighbour_sites: int = Field(3, ge=2, le=1000, description="Least number of sites that make an area outage")
    own_share: float = Field(
        0.9, gt=0.3, le=1.0, description="Share of dark sites from which EduNOC's own network is taken for the cause"
    )
    reopen_s: float = Field(
        600.0, ge=0, le=86400, description="Trouble that comes back within so many seconds is the same incident"
    )
    flap_count: int = Field(3, ge=2, le=100, description="Reopenings after which an incident counts as flapping")
    flap_hold_s: float = Field(
        900.0, ge=0, le=86400, description="Seconds a flapping incident must be well before it is closed"
    )
    max_new_per_tick: int = Field(200, ge=1, le=10000, description="Most incidents opened at one judging, worst first")
    send_timeout_s: float = Field(15.0, ge=1, le=120, description="Longest time one message may take to be handed over")
    send_workers: int = Field(4, ge=1, le=32, description="Messages handed over at the same time")
    send_attempts: int = Field(8, ge=1, le=50, description="Attempts before a message is given up")
    retry_first_s: float = Field(10.0, ge=0.1, le=600, description="Wait before the second attempt; doubles each time")
    retry_longest_s: float = Field(900.0, ge=1, le=86400, description="Longest wait between two attempts")
    claim_timeout_s: float = Field(
        120.0, ge=5, le=3600, description="A message being sent for longer is taken for left behind by a crash"
    )
    digest_from: int = Field(
        5, ge=2, le=1000, description="Waiting messages to one recipient that become one when a channel is full"
    )
    allow_private_webhooks: bool = Field(
        False, description="Lets webhooks call addresses inside the own network; needed for a chat server of your own"
    )
    rules_dir: str = Field("", description="Folder with rules files of your own, read beside the shipped ones")
    keep_closed_days: int = Field(730, ge=30, le=3650, description="Days that closed incidents are kept")
    wifi_busy_ratio: float = Field(0.5, gt=0, le=1, description="Share of time from which a Wi-Fi channel is busy")
    wifi_jammed_ratio: float = Field(0.7, gt=0, le=1, description="Share of time from which a Wi-Fi channel is jammed")
    wifi_overlap_points: int = Field(3, ge=2, le=100, description="Access points on one channel that disturb another")
    wifi_crowded_clients: int = Field(40, ge=1, le=1000, description="Clients from which an access point is crowded")
    wifi_noisy_dbm: float = Field(-80.0, ge=-120, le=-20, description="Wi-Fi noise that disturbs, dBm")
