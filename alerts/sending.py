"""The sender: takes messages from the queue, hands them to channels in threads, writes down what became of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from alerts.channels import CHANNELS, Delivery, Environment
from alerts.message import render_test
from alerts.models import Channel
from alerts.retry import RetryPolicy, Verdict, after_attempt
from alerts.settings import AlertsSettings
from alerts.store.channels import TestTarget, open_settings
from alerts.store.queue import Claimed, QueueLimits, claim_due, finish, take_back
from core import Clock, Database, GiveUp, OutsideFailure, TryLater, Vault

log = structlog.get_logger("alerts")


@dataclass(slots=True)
class Sender:
    """One sender a process."""

    database: Database
    vault: Vault
    settings: AlertsSettings
    clock: Clock
    public_url: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    _failing: set[int] = field(default_factory=set)

    @property
    def environment(self) -> Environment:
        """What the settings say about sending."""
        return Environment(self.settings.send_timeout_s, self.settings.allow_private_webhooks)

    def recover(self) -> int:
        """At the start: queue again what the last run left half-sent."""
        with self.database.session() as session:
            timeout = timedelta(seconds=self.settings.claim_timeout_s)
            return take_back(session, self.clock(), timeout, is_start=True)

    async def send_due(self) -> int:
        """Send what is due, several at a time; how many were tried. Never raises for a channel's sake."""
        claimed = await asyncio.to_thread(self._claim)
        if not claimed:
            return 0
        # A hard limit above the channel's own: a thread that hangs must not hold up the others.
        limit = self.settings.send_timeout_s * 2 + 5
        await asyncio.gather(*(self._send_one(one, limit) for one in claimed))
        return len(claimed)

    def _claim(self) -> list[Claimed]:
        limits = QueueLimits(self.settings.send_workers, self.settings.digest_from, self.public_url)
        with self.database.session() as session:
            take_back(session, self.clock(), timedelta(seconds=self.settings.claim_timeout_s), is_start=False)
            return claim_due(session, self.clock(), limits)

    async def _send_one(self, claimed: Claimed, limit: float) -> None:
        failure: OutsideFailure | None = None
        try:
            async with asyncio.timeout(limit):
                await asyncio.to_thread(self._hand_over, claimed)
        except OutsideFailure as error:
            failure = error
        except TimeoutError:
            failure = TryLater("timeout")
        except Exception as error:
            # A channel's bug is that message's failure. Its text may hold secrets: only its kind is told.
            log.error("channel failed unexpectedly", channel=claimed.channel_id, error=type(error).__name__)
            failure = TryLater("server_error", type(error).__name__)
        policy = RetryPolicy(
            self.settings.retry_first_s, self.settings.retry_longest_s, self.settings.send_attempts
        )
        verdict = after_attempt(failure, claimed.attempts, self.clock(), policy, _spread(claimed.id))
        self._tell(claimed, verdict)
        await asyncio.to_thread(self._finish, claimed, verdict)

    def _hand_over(self, claimed: Claimed) -> None:
        if not claimed.is_channel_on:
            raise GiveUp("channel_off")
        settings = open_settings(self.vault, claimed.channel_kind, claimed.sealed)
        CHANNELS[claimed.channel_kind].hand_over(settings, claimed.delivery, self.environment)

    def _finish(self, claimed: Claimed, verdict: Verdict) -> None:
        with self.database.session() as session:
            finish(session, claimed, verdict, self.clock())

    def _tell(self, claimed: Claimed, verdict: Verdict) -> None:
        """Log transitions, count repeats."""
        self.counts[verdict.state if verdict.state != "queued" else "retried"] += 1
        if verdict.state == "sent":
            if claimed.channel_id in self._failing:
                self._failing.discard(claimed.channel_id)
                log.info("channel works again", channel=claimed.channel_id)
        elif claimed.channel_id not in self._failing:
            self._failing.add(claimed.channel_id)
            log.warning("channel fails", channel=claimed.channel_id, reason=verdict.reason)


def _spread(message_id: int) -> float:
    """0..1, even over neighbouring ids (multiples of the golden ratio)."""
    return message_id * 0.6180339887 % 1.0


def send_test(database: Database, vault: Vault, target: TestTarget, environment: Environment) -> Verdict:
    """Send one test message at once and say how it went: what the button does. Takes up to the channel's timeout."""
    with database.reading() as session:
        channel = session.get(Channel, target.channel_id)
    if channel is None:
        return Verdict("failed", "channel_off")
    rendered = render_test(channel.name, target.language)
    delivery = Delivery(
        id=f"edunoc-test-{channel.id}", recipient=target.recipient, subject=rendered.subject, text=rendered.text,
        html=rendered.html, severity="info", kind="test", data={},
    )
    try:
        settings = open_settings(vault, channel.kind, channel.sealed)
        CHANNELS[channel.kind].hand_over(settings, delivery, environment)
    except OutsideFailure as failure:
        return Verdict("failed", failure.reason, failure.detail)
    return Verdict("sent", "sent")
