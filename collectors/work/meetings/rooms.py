"""Looks into the rooms that are watched, each half a minute: who is in, main or visitor, on which bridge."""

from __future__ import annotations

import asyncio

import structlog

from collectors.jitsi import (
    Caller,
    RoomLook,
    RoomTarget,
    ask_room,
    end_watches,
    read_room,
    rooms_to_watch,
    save_failed_look,
    save_look,
)
from collectors.work.setting import WorkSetting
from core import OutsideFailure

log = structlog.get_logger(__name__)

TICK_S = 2.0
LOOK_EVERY_S = 30.0
AT_ONCE = 8  # a document of a large meeting has megabytes


class MeetingRooms:
    """One for a worker; all methods run on the loop."""

    def __init__(self, setting: WorkSetting, caller: Caller) -> None:
        self._setting, self._caller = setting, caller
        self._due: dict[int, float] = {}  # watched room -> when to look again
        self._looking: set[int] = set()
        self._reasons: dict[int, str] = {}
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Look into rooms until cancelled."""
        self._looking.clear()
        async with asyncio.TaskGroup() as group:
            while True:
                await self._begin(group)
                await asyncio.sleep(TICK_S)

    async def _begin(self, group: asyncio.TaskGroup) -> None:
        moment, now = self._setting.now(), asyncio.get_running_loop().time()
        try:
            targets = await self._setting.read(lambda session: rooms_to_watch(session, moment, self._setting.shard))
            over = self._due.keys() - {one.id for one in targets}
            if over or not self._due:
                await self._setting.try_write("rooms", lambda session: end_watches(session, moment))
        except Exception as error:
            self._setting.refused("rooms", error)
            return
        for gone in over:
            self._due.pop(gone, None)
            self._reasons.pop(gone, None)
        for one in targets:
            if now >= self._due.get(one.id, 0.0) and one.id not in self._looking:
                self._looking.add(one.id)
                # On the grid, so that looks stay half a minute apart whatever a look took
                self._due[one.id] = max(self._due.get(one.id, now) + LOOK_EVERY_S, now + LOOK_EVERY_S / 2)
                group.create_task(self._turn(one))

    async def _turn(self, target: RoomTarget) -> None:
        try:
            async with self._gate:
                await self._look(target)
        except Exception as error:
            self._setting.refused("rooms", error)
        finally:
            self._looking.discard(target.id)

    async def _look(self, target: RoomTarget) -> None:
        reason, look = "", RoomLook()
        try:
            if target.focus is None:
                reason = "no_focus"
            else:
                body = await ask_room(self._caller, target.focus, target.jid)
                look = await asyncio.to_thread(read_room, body)
        except OutsideFailure as failure:
            reason = failure.reason
        self._tell(target, reason)
        moment = self._setting.now()
        if reason in ("", "room_not_open"):  # Jicofo says that there is no such room: whoever was in it has left
            await self._setting.write(lambda session: save_look(session, target.id, look, moment, reason))
        else:
            await self._setting.write(lambda session: save_failed_look(session, target.id, reason))
        self._setting.accepted("rooms")

    def _tell(self, target: RoomTarget, reason: str) -> None:
        before = self._reasons.get(target.id, "")
        self._reasons[target.id] = reason
        if reason not in (before, "", "room_not_open"):
            log.warning("a meeting room cannot be looked into", room=target.jid, reason=reason)
        elif before not in ("", "room_not_open") and reason != before:
            log.info("a meeting room is looked into again", room=target.jid)
