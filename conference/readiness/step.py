"""The loops of readiness: judge what is coming, and measure the way to its servers. Each meeting costs only itself."""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from collectors import CheckTarget, CollectorSettings, SignIn, run_check
from conference.bench import Bench, Loop
from conference.readiness.assessing import Instruments, assess
from conference.readiness.paths import diagnose_path
from conference.readiness.store.rehearsals import settle_rehearsals
from conference.readiness.store.roll import keep_paths, paths_of
from conference.readiness.store.saving import save_verdicts
from conference.readiness.store.ways import Way, ways_to_measure
from conference.schedule import Meeting, coming_meetings
from core import GiveUp

log = structlog.get_logger(__name__)

AHEAD = timedelta(hours=24, minutes=1)
NEAR = timedelta(minutes=60)
AFTER = timedelta(minutes=10)       # then the live board tells
FAR_EVERY, NEAR_EVERY = timedelta(seconds=55), timedelta(seconds=14)
AT_ONCE = 50
TIMEOUT_S = 8.0
VANTAGE = "department"


class Judging:
    """Judges each coming meeting when its turn has come; remembers only when that was."""

    def __init__(self) -> None:
        self._judged: dict[int, datetime] = {}
        self._instruments = Instruments()

    def __call__(self, bench: Bench, now: datetime) -> None:
        """One turn."""
        own = self._instruments = replace(
            self._instruments, registry=bench.registry, live=bench.live, view=bench.view,
            store=bench.store)
        with bench.database.reading() as session:
            coming = [one.id for one in coming_meetings(session, now, AHEAD) if self._is_due(one, now)]
        for meeting_id in coming:
            with bench.database.reading() as session:
                meeting = session.get(Meeting, meeting_id)
                if meeting is None:
                    continue
                before = time.monotonic()
                verdicts = assess(session, own, meeting, now)
                took_s = time.monotonic() - before
                path = diagnose_path(paths_of(session, meeting.system_id, now).get(VANTAGE, {}))
            with bench.database.session() as session:
                meeting = session.get(Meeting, meeting_id)
                if meeting is not None:
                    save_verdicts(session, meeting, verdicts, now, took_s, "" if path == "unknown" else path)
            self._judged[meeting_id] = now
        self._judged = {one: at for one, at in self._judged.items() if now - at < timedelta(days=1)}

    def _is_due(self, meeting: Meeting, now: datetime) -> bool:
        if now > meeting.starts_at + AFTER:
            return False
        last = self._judged.get(meeting.id)
        every = NEAR_EVERY if meeting.starts_at - now <= NEAR else FAR_EVERY
        return last is None or now - last >= every


def measure_ways(bench: Bench, now: datetime) -> None:
    """Measure the way to each system that has a meeting ahead, and ask the codecs of the next hours."""
    with bench.database.reading() as session:
        ways = ways_to_measure(session, bench.vault, now)
    if not ways:
        return
    readings = asyncio.run(measure(ways, now.timestamp(), bench.settings[CollectorSettings].check_ca_file))
    with bench.database.session() as session:
        keep_paths(session, readings, VANTAGE, now)


def rehearse(bench: Bench, now: datetime) -> None:
    """Decide the parts of rehearsals whose wave is over."""
    with bench.database.session() as session:
        settle_rehearsals(session, bench.store, bench.registry, now)


async def measure(ways: list[Way], wall: float, ca_file: str = "") -> dict[str, tuple[str, str, str, float]]:
    """How each way goes: key -> (step, reason, detail, seconds), as keep_paths wants it."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(way: Way) -> tuple[str, tuple[str, str, str, float]]:
        async with gate:
            sign_in = SignIn("edunoc", way.secret) if way.secret is not None else None
            check = CheckTarget(way.kind, way.target, timeout_s=TIMEOUT_S, sign_in=sign_in, ca_file=ca_file)
            reading = await run_check(check, _resolve, lambda: wall)
            told = reading.facts.get("state", reading.detail) if way.kind == "sip" else reading.detail
            return way.key, (way.step, reading.reason, told, reading.seconds)

    return dict(await asyncio.gather(*(one(way) for way in ways)))


async def _resolve(host: str) -> tuple[str, ...]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        raise GiveUp("name_not_found", host) from None
    return tuple(dict.fromkeys(str(address[0]) for *_rest, address in found))


LOOPS = (Loop("readiness", 15.0, Judging()), Loop("ways", 60.0, measure_ways), Loop("rehearsals", 20.0, rehearse))
