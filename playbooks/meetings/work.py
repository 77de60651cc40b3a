"""The loop of orders to meeting servers: claims what is due and sends it; one's failure is its own."""

from __future__ import annotations

import asyncio

import httpx
import structlog

from core import refusal_of
from playbooks.meetings.sending import PATIENCE, carry_out
from playbooks.meetings.store import aim_of, claim_orders, end_order, has_due, note_sending
from playbooks.meetings.verbs import FAILED, Outcome
from playbooks.projectors.work import Bench

log = structlog.get_logger(__name__)

TICK_S = 0.5
AT_ONCE = 8  # 700 orders to remove somebody must not fall upon one Prosody at once


class MeetingWork:
    """One for a worker."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._running = 0
        self._is_refused = False

    async def run(self) -> None:
        """Work until cancelled."""
        async with httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False, trust_env=False) as client:
            async with asyncio.TaskGroup() as group:
                while True:
                    try:
                        await self._step(group, client)
                    except Exception as error:
                        refusal = refusal_of(error)
                        if refusal is None:
                            raise
                        if not self._is_refused:
                            log.warning("orders to meeting servers wait for the database", reason=refusal.reason)
                        self._is_refused = True
                    await asyncio.sleep(TICK_S)

    async def _step(self, group: asyncio.TaskGroup, client: httpx.AsyncClient) -> None:
        bench = self._bench
        now = bench.clock()
        free = AT_ONCE - self._running
        if free <= 0 or not await bench.read(lambda session: has_due(session, now)):
            return
        claimed = await bench.write(lambda session: claim_orders(session, now, free))
        self._is_refused = False
        self._running += len(claimed)
        for order_id in claimed:
            group.create_task(self._do(client, order_id))

    async def _do(self, client: httpx.AsyncClient, order_id: int) -> None:
        """One order's try. Cancelled in the middle it stays claimed, and is looked at when the claim has run out."""
        bench = self._bench
        try:
            try:
                outcome = await self._try(client, order_id)
            except Exception as error:
                if refusal_of(error) is not None:
                    raise  # nothing is sent that could not be noted; it is claimed again
                log.exception("an order to a meeting server failed inside EduNOC", order=order_id)
                outcome = Outcome(FAILED, "internal_error", type(error).__name__)
            now = bench.clock()
            await bench.write(lambda session: end_order(session, order_id, outcome, now))
        except Exception as error:
            told = "how an order to a meeting server went cannot be written down; it is looked at again"
            refusal = refusal_of(error)
            if refusal is not None:
                log.warning(told, order=order_id, reason=refusal.reason)
            else:
                log.exception(told, order=order_id)
        finally:
            self._running -= 1

    async def _try(self, client: httpx.AsyncClient, order_id: int) -> Outcome:
        bench, now = self._bench, self._bench.clock()
        aim = await bench.read(lambda session: aim_of(session, bench.vault, order_id, bench.settings, now))
        if isinstance(aim, Outcome):
            return aim

        async def note() -> None:
            at = bench.clock()
            await bench.write(lambda session: note_sending(session, order_id, at))

        return await carry_out(client, aim, note)
