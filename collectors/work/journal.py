"""How each thing that is watched goes: remembers, logs transitions once, says what has to be written down. No I/O."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from collectors.models import CheckState, PollState
from collectors.reasons import CUT_OFF, PING_DOWN, RESTING, explain
from collectors.store import CheckOutcome, PollOutcome

log = structlog.get_logger(__name__)

# Data came, but something is worth telling; the page shows it this long unless something worse happens.
REMARKS = frozenset({"renamed", "renumbered", "rebooted", "clock_jump"})
REMARK_LASTS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Ending:
    """How one reading or check ended. `is_ok`: data came. `is_asked` False: it was not even tried (ping down...)."""

    reason: str
    detail: str = ""
    is_ok: bool = False
    is_asked: bool = True
    requests: int = 0
    seconds: float = 0.0
    timeouts: int = 0
    chunk: int = 0


@dataclass(slots=True)
class Entry:
    """What is remembered of one device or check."""

    name: str
    reason: str
    detail: str
    since: datetime
    last_at: datetime
    last_ok_at: datetime | None = None
    last_survey_at: datetime | None = None
    repeats: int = 0
    ending: Ending = Ending("ok")
    missed: int = 0
    is_changed: bool = True
    is_dirty: bool = True
    saved_at: datetime | None = None
    told: set[str] = field(default_factory=set)  # reasons logged since all was well


class Journal:
    """Entries by id of device or check; `what` names them in the log. Used by the loop's thread only."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._entries: dict[Hashable, Entry] = {}
        self._surveyed: dict[Hashable, datetime] = {}  # of those that were not read yet

    def restore_polls(self, states: Iterable[PollState]) -> None:
        """Remember what was written down before the restart, so that `since` is true and nothing is logged twice."""
        for one in states:
            self._entries[one.device_id] = Entry(
                "", one.reason, one.detail, one.since, one.last_poll_at, one.last_ok_at, one.last_survey_at,
                one.repeats,
                Ending(one.reason, one.detail, requests=one.requests, seconds=one.seconds, timeouts=one.timeouts,
                       chunk=one.chunk),
                one.missed, False, False, one.last_poll_at,
            )  # fmt: skip

    def restore_checks(self, states: Iterable[CheckState]) -> None:
        """As restore_polls, for checks."""
        for one in states:
            ending = Ending(one.reason, one.detail, one.is_ok, seconds=one.seconds)
            self._entries[one.check_id] = Entry(
                "", one.reason, one.detail, one.since, one.last_at, one.last_at if one.is_ok else None, None, 0,
                ending, 0, False, False, one.last_at,
            )  # fmt: skip

    def entry(self, key: Hashable) -> Entry | None:
        """What is remembered, or None."""
        return self._entries.get(key)

    def note(self, key: Hashable, name: str, ending: Ending, now: datetime) -> bool:
        """Take in how a reading ended; True when the reason changed (then it was logged)."""
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = Entry(name, "", "", now, now)
            entry.last_survey_at = self._surveyed.pop(key, None)
        entry.name = name
        if ending.is_asked:
            entry.last_at, entry.ending = now, ending
        if ending.is_ok:
            entry.last_ok_at = now
        entry.is_dirty = True
        is_kept_remark = ending.reason == "ok" and entry.reason in REMARKS and now - entry.since < REMARK_LASTS
        if ending.reason == entry.reason or is_kept_remark:
            entry.repeats += 1
            return False
        self._log(key, entry, ending)
        if ending.reason == "ok":
            entry.told.clear()
        entry.reason, entry.detail, entry.since = ending.reason, ending.detail, now
        entry.repeats, entry.is_changed = 1, True
        return True

    def surveyed(self, key: Hashable, now: datetime) -> None:
        """A survey succeeded."""
        entry = self._entries.get(key)
        if entry is None:
            self._surveyed[key] = now
            return
        entry.last_survey_at = now
        entry.is_dirty = entry.is_changed = True

    def keep_only(self, keys: Iterable[Hashable]) -> None:
        """Forget what is no longer watched."""
        kept = set(keys)
        self._entries = {key: entry for key, entry in self._entries.items() if key in kept}
        self._surveyed = {key: at for key, at in self._surveyed.items() if key in kept}

    def take_unsaved(self, now: datetime, within: timedelta) -> list[tuple[Hashable, Entry]]:
        """Entries to write now: changed ones at once, refreshed ones when `within` has passed since the last time."""
        chosen = []
        for key, entry in self._entries.items():
            is_old = entry.saved_at is None or now - entry.saved_at >= within
            if entry.is_dirty and (entry.is_changed or is_old):
                entry.is_dirty = entry.is_changed = False
                entry.saved_at = now
                chosen.append((key, entry))
        return chosen

    def put_back(self, taken: Iterable[tuple[Hashable, Entry]]) -> None:
        """What was taken could not be written: it is unsaved again."""
        for _, entry in taken:
            entry.is_dirty = entry.is_changed = True

    def _log(self, key: Hashable, entry: Entry, ending: Ending) -> None:
        if PING_DOWN in (ending.reason, entry.reason) or CUT_OFF in (ending.reason, entry.reason):
            return  # the ping plane tells of these itself
        if RESTING in (ending.reason, entry.reason) and ending.reason in (RESTING, "ok"):
            return  # each evening and each morning
        words = {"id": key, "name": entry.name, "reason": ending.reason}
        if ending.reason == "ok":
            if entry.reason and entry.reason not in REMARKS:
                log.info(f"{self._what} is well again", **words, was=entry.reason, failures=entry.repeats)
            return
        if ending.reason in entry.told:
            return  # a device that wavers between two troubles is told of each once
        entry.told.add(ending.reason)
        said = explain(ending.reason)
        log.warning(
            f"{self._what} has trouble", **words, message=said.message, detail=ending.detail, next_step=said.advice
        )


def poll_outcomes(entries: Iterable[tuple[int, Entry]]) -> list[PollOutcome]:
    """Entries of devices as rows to save."""
    return [
        PollOutcome(
            device_id=key,
            last_poll_at=entry.last_at,
            last_ok_at=entry.last_ok_at,
            last_survey_at=entry.last_survey_at,
            reason=entry.reason,
            detail=entry.detail,
            since=entry.since,
            repeats=entry.repeats,
            requests=entry.ending.requests,
            seconds=entry.ending.seconds,
            timeouts=entry.ending.timeouts,
            chunk=entry.ending.chunk,
            missed=entry.missed,
        )
        for key, entry in entries
    ]


def check_outcomes(entries: Iterable[tuple[int, Entry]]) -> list[CheckOutcome]:
    """Entries of checks as rows to save."""
    return [
        CheckOutcome(key, entry.last_at, entry.reason == "ok", entry.reason, entry.detail, entry.since,
                     entry.ending.seconds)
        for key, entry in entries
    ]  # fmt: skip
