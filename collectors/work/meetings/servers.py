"""Looks at meeting servers when due and answers people's questions to them; a bad server holds up no other."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import datetime

import numpy as np
import structlog

from collectors import schedule
from collectors.jitsi import (
    ASKERS,
    Caller,
    MeetingServerQuestion,
    ServerLook,
    ServerTarget,
    answer_question,
    ask_endpoint,
    ask_server,
    open_questions,
    save_looks,
    server_states,
    server_targets,
)
from collectors.schedule import Entry, Limits, Timetable
from collectors.work.setting import WorkSetting
from core import GiveUp, OutsideFailure, Session, TryLater
from inventory import meeting_server_number
from telemetry import Batch, SeriesKey

log = structlog.get_logger(__name__)

TICK_S = 0.25
FOLLOW_EVERY_S = 5.0      # at the list of servers
SAVE_EVERY_S = 5.0
REPEAT_EVERY_S = 60.0     # an unchanged state is written this often
QUESTIONS_EVERY_S = 1.0
A_BRIDGE_A_SECOND = 5     # questions for details; debug is not made for more (jitsi.md section 4.4)
LONGEST_INTERVAL_S = 30.0
_LIMITS = Limits(overall=60, a_site=60, backoff_after=6, longest_interval=LONGEST_INTERVAL_S)


class MeetingServers:
    """One for a worker; all methods run on the loop. `caller` is shared with the loop over rooms."""

    def __init__(self, setting: WorkSetting, caller: Caller) -> None:
        self._setting, self._caller = setting, caller
        self._targets: dict[int, ServerTarget] = {}
        self._table = Timetable.of([], 0.0)
        self._rows: dict[int, int] = {}
        self._series: dict[tuple[int, tuple[str, ...]], np.ndarray] = {}
        self._reasons: dict[int, str] = {}  # as last noted, for the log
        self._unsaved: dict[int, tuple[datetime, ServerLook]] = {}
        self._saved: dict[int, tuple[datetime, ServerLook]] = {}
        self._asked_for: dict[int, list[float]] = {}  # bridge -> when details were asked within the last second
        self._answering: set[int] = set()

    async def run(self) -> None:
        """Look at servers until cancelled."""
        loop = asyncio.get_running_loop()
        for state in (await self._setting.read(server_states)).values():
            self._reasons.setdefault(state.server_id, state.reason)
        self._table.is_running[:] = False
        self._answering.clear()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._answer_loop(group))
            group.create_task(self._follow_loop())
            saved_at = loop.time()
            while True:
                rows = schedule.due(self._table, loop.time(), _LIMITS)
                schedule.begin(self._table, rows)
                for row in rows.tolist():
                    group.create_task(self._turn(int(self._table.device[row])))
                if loop.time() - saved_at >= SAVE_EVERY_S:
                    saved_at = loop.time()
                    await self.save()
                await asyncio.sleep(TICK_S)

    async def _follow_loop(self) -> None:
        while True:
            try:
                targets = await self._setting.read(lambda session: server_targets(session, self._setting.shard))
                self._apply({key: one for key, one in targets.items() if one.kind in ASKERS})
            except Exception as error:
                self._setting.refused("meeting servers", error)
            await asyncio.sleep(FOLLOW_EVERY_S)

    def _apply(self, targets: dict[int, ServerTarget]) -> None:
        if targets == self._targets:
            return
        changed = [key for key, one in targets.items() if self._targets.get(key) != one]
        now = asyncio.get_running_loop().time()
        entries = [Entry(one.id, one.id, one.interval_s) for one in targets.values()]
        self._targets = targets
        self._table = Timetable.of(entries, now, self._table)
        self._rows = {int(key): row for row, key in enumerate(self._table.device)}
        schedule.hasten(self._table, schedule.rows_of(self._table, changed), now)
        for kept in (self._reasons, self._unsaved, self._saved):
            for gone in kept.keys() - targets.keys():
                kept.pop(gone)
        self._series = {key: found for key, found in self._series.items() if key[0] in targets}

    async def _turn(self, server_id: int) -> None:
        target, is_silent = self._targets.get(server_id), False
        try:
            if target is not None:
                is_silent = (await self._look(target)).is_up is not True
        except Exception as error:
            self._setting.refused("meeting servers", error)
        finally:
            row = self._rows.get(server_id)
            if row is not None:
                schedule.finish(self._table, row, asyncio.get_running_loop().time(), is_silent, _LIMITS)

    async def _look(self, target: ServerTarget) -> ServerLook:
        look = await ask_server(self._caller, target, asyncio.get_running_loop().time)
        self._note(target, look)
        await self._submit(target, look)
        return look

    def _note(self, target: ServerTarget, look: ServerLook) -> None:
        now, before = self._setting.now(), self._reasons.get(target.id)
        if look.reason != before:
            words = {"server": target.name, "kind": target.kind}
            if look.reason != "ok":
                log.warning("a meeting server is not in order", **words, reason=look.reason, detail=look.detail)
            elif before is not None:
                log.info("a meeting server is in order again", **words)
            self._reasons[target.id] = look.reason
        saved = self._saved.get(target.id)
        is_same = saved is not None and (saved[1].reason, saved[1].detail, saved[1].facts, saved[1].is_up) == (
            look.reason, look.detail, look.facts, look.is_up)
        if saved is None or not is_same or (now - saved[0]).total_seconds() >= REPEAT_EVERY_S:
            self._unsaved[target.id] = (now, look)

    async def save(self) -> None:
        """Write down states that changed, and each minute those that did not."""
        looks, self._unsaved = self._unsaved, {}
        if not looks:
            return
        if await self._setting.try_write("meeting servers", lambda session: save_looks(session, looks)):
            self._saved.update(looks)
        else:
            self._unsaved = looks | self._unsaved

    async def _submit(self, target: ServerTarget, look: ServerLook) -> None:
        if not look.values:
            return
        number, metrics = meeting_server_number(target.id), tuple(sorted(look.values))
        series = self._series.get((target.id, metrics))
        if series is None:
            keys = [SeriesKey("", metric) for metric in metrics]
            registry = self._setting.registry
            series = await self._setting.in_thread(lambda: registry.resolve(number, keys))
            self._series[target.id, metrics] = series
        values = np.array([look.values[metric] for metric in metrics], np.float64)
        self._setting.submit(Batch(series, values, self._setting.wall()))

    async def _answer_loop(self, group: asyncio.TaskGroup) -> None:
        while True:
            try:
                questions = await self._setting.read(self._open_questions)
            except Exception as error:
                self._setting.refused("questions to meeting servers", error)
                questions = []
            for one in questions:
                if one.server_id in self._targets and one.id not in self._answering:
                    self._answering.add(one.id)
                    group.create_task(self._answer(one))
            await asyncio.sleep(QUESTIONS_EVERY_S)

    def _open_questions(self, session: Session) -> list[MeetingServerQuestion]:
        return open_questions(session, self._setting.now())

    async def _answer(self, question: MeetingServerQuestion) -> None:
        target = self._targets[question.server_id]
        try:
            if question.kind == "endpoint":
                outcome = await self._endpoint(target, question)
            else:
                look = await self._look(target)
                outcome = look.reason, look.detail, {**look.facts, "seconds": round(look.seconds, 3), **look.values}
            now = self._setting.now()
            await self._setting.try_write(
                "questions to meeting servers", lambda session: answer_question(session, question.id, outcome, now)
            )
            await self.save()
        except Exception as error:
            self._setting.refused("questions to meeting servers", error)
        finally:
            self._answering.discard(question.id)

    async def _endpoint(
        self, target: ServerTarget, question: MeetingServerQuestion
    ) -> tuple[str, str, dict[str, object]]:
        try:
            if target.kind != "jvb":
                raise GiveUp("no_such_connection", target.name)
            self._spend(target.id)
            look = await ask_endpoint(self._caller, target, question.room, question.endpoint)
        except OutsideFailure as failure:
            return failure.reason, failure.detail, {}
        return "ok", "", asdict(look)

    def _spend(self, server_id: int) -> None:
        now = asyncio.get_running_loop().time()
        lately = [one for one in self._asked_for.get(server_id, []) if now - one < 1.0]
        if len(lately) >= A_BRIDGE_A_SECOND:
            raise TryLater("bridge_busy_asked")
        self._asked_for[server_id] = [*lately, now]
