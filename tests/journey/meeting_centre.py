"""EduNOC beside a simulated Jitsi, on one clock that the test turns: calls come in by its doors, its loops take turns.

Everything of EduNOC is real: the web application's doors, the heartbeat's proof, the loops of conference, the looks
into rooms over HTTP. Only the hours are short, since nothing waits for a wall clock.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from collectors.jitsi import (
    Caller,
    RoomLook,
    RoomTarget,
    ask_room,
    read_room,
    rooms_to_watch,
    save_failed_look,
    save_look,
)
from conference import Bench, attendance, jitsi, kiosk, schedule
from core import Database, OutsideFailure, Settings, TryLater, Vault
from tests.conference.simulator import Call, Day


async def _address_itself(host: str) -> tuple[str, ...]:
    return (host,)  # the simulator is called by its address


class Clock:
    """The time of day; whoever holds it asks, the test turns it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Centre:
    """Takes the simulator's calls and works between them. `refused` counts what was not taken, by source and status."""

    def __init__(self, bench: Bench, clock: Clock, client: Any, inbox: kiosk.Inbox) -> None:
        self.bench, self.clock, self.client, self.inbox = bench, clock, client, inbox
        self.jitsi: Any = None  # test client of the simulated servers, for looks that need no socket
        self.refused: Counter[str] = Counter()
        self.looks = 0
        self._loops = asyncio.new_event_loop()
        self._caller = Caller(_address_itself)

    def close(self) -> None:
        """Let go of connections and threads."""
        self.inbox.close()
        self._loops.run_until_complete(self._caller.close())
        self._loops.close()

    def live_through(self, day: Day, until: float, step_s: float, watch: Callable[[datetime], None]) -> None:
        """Go on to `until`: what the day's servers and kiosks call, then each loop's turn, every `step_s` seconds.

        `watch` sees each moment after the loops had their turn.
        """
        moment = day.now
        while moment < until:
            moment = min(moment + step_s, until)
            day.run(moment, self._take)
            self.clock.now = datetime.fromtimestamp(moment, UTC)
            self.inbox.flush()
            jitsi.LOOP.step(self.bench, self.clock.now)
            schedule.LOOP.step(self.bench, self.clock.now)
            self._look_into_rooms()
            attendance.LOOP.step(self.bench, self.clock.now)
            watch(self.clock.now)

    def _take(self, call: Call) -> tuple[int, bytes]:
        self.clock.now = datetime.fromtimestamp(call.at, UTC)
        if call.source == "heartbeat":
            # The door's own function: 30,000 heartbeats through the web framework would take most of the test's time
            with self.bench.database.reading() as session:
                taken = kiosk.take_heartbeat(
                    self.inbox, session, self.bench.vault, (call.headers, call.body, "127.0.0.1"), self.clock.now
                )
            status, body = taken.status, b""
        else:
            answer = self.client.open(call.path, method=call.method, data=call.body, headers=dict(call.headers))
            status, body = answer.status_code, answer.data
        if status >= 400:
            self.refused[f"{call.source} {status}"] += 1
        return status, body

    def _look_into_rooms(self) -> None:
        now = self.clock.now
        with self.bench.database.reading() as session:
            targets = rooms_to_watch(session, now)
        for target in targets:
            reason, look = "", RoomLook()
            try:
                look = read_room(self._document(target))
            except OutsideFailure as failure:
                reason = failure.reason
            with self.bench.database.session() as session:
                if reason in ("", "room_not_open"):
                    save_look(session, target.id, look, now, reason)
                else:
                    save_failed_look(session, target.id, reason)


    def _document(self, target: RoomTarget) -> bytes:
        """What Jicofo says of a room: each tenth look over HTTP, the others without a socket between."""
        self.looks += 1
        if self.looks % 10 == 0:
            return self._loops.run_until_complete(ask_room(self._caller, target.focus, target.jid))
        answer = self.jitsi.get(f"/jicofo/debug/conference/{target.jid}")
        if answer.status_code in (404, 500):
            raise TryLater("room_not_open", "")
        if answer.status_code != 200:
            raise TryLater("http_status", str(answer.status_code))
        return answer.data


def make_bench(
    database: Database, vault: Vault, settings: Settings, clock: Clock, parts: tuple[Any, Any, Any]
) -> Bench:
    """`parts` is (registry, live, ingest)."""
    registry, live, ingest = parts
    return Bench(database, vault, settings, clock, registry, live, None, ingest.submit)
