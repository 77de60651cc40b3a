"""The live board as compact JSON, and what changed since a version that the browser has.

A board is made once for all its viewers, at most each 0.4 seconds; with the browser's question each 1.5 seconds what
happens is shown within two. A version is a digest of what was shown, so that any
process that made the same view can answer; who comes with an unknown one gets all anew.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from conference import Meeting, live
from core import Scope, Session, gettext
from dashboards.pages.meeting_live.words import AIR_ICONS, STATE_WORDS, air_deed, bridge_load, figure_text
from playbooks import meetings

FRESH = timedelta(seconds=0.4)
KEPT_VIEWS, MOST_BOARDS, MOST_VIEWERS = 40, 50, 200
QUIET_TONES = ("good", "idle")


@dataclass(slots=True)
class View:
    """One shown state: `parts` by name, each compared and sent whole; `rows` by endpoint, compared row by row."""

    version: str
    parts: dict[str, Any]
    rows: dict[int, list[Any]]
    names: dict[int, list[Any]] = field(default_factory=dict)
    made_at: datetime | None = None


class Feed:
    """Boards and views that were made lately. One for an application; any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._boards: OrderedDict[int, live.Board] = OrderedDict()
        self._views: OrderedDict[tuple[int, str, str], OrderedDict[str, View]] = OrderedDict()
        self._making: dict[int, threading.Lock] = {}

    def board(self, session: Session, sources: live.Sources, meeting: Meeting, now: datetime) -> live.Board:
        """The board, as old as 0.4 seconds."""
        with self._lock:
            making = self._making.setdefault(meeting.id, threading.Lock())
        with making:
            kept = self._boards.get(meeting.id)
            if kept is not None and timedelta() <= now - kept.now < FRESH:
                return kept
            board = live.live_board(session, sources, meeting, now)
            with self._lock:
                _keep(self._boards, meeting.id, board, MOST_BOARDS)
            return board

    def answer(self, board: live.Board, viewer: tuple[Scope, str], since: str) -> dict[str, Any]:
        """What to send: all, or what differs from the version `since`."""
        key = (board.meeting_id, viewer[0].unit_path or "", viewer[1])
        with self._lock:
            known = self._views.get(key) or OrderedDict()
            newest = next(reversed(known.values()), None)
        view = newest if newest is not None and newest.made_at == board.now else view_of(board)
        with self._lock:
            before = known.get(since)
            _keep(known, view.version, view, KEPT_VIEWS)
            _keep(self._views, key, known, MOST_VIEWERS)
        return difference(before, view, board.now)


def _keep(kept: OrderedDict[Any, Any], key: Any, value: Any, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)


def in_scope(board: live.Board, scope: Scope) -> live.Board:
    """The board as far as the account may see it: its endpoints, the groups that hold one of them."""
    if scope.unit_path is None:
        return board
    rows = tuple(row for row in board.rows if scope.includes(row.part.unit_path))
    seen = {row.endpoint_id for row in rows}
    groups = [replace(one, endpoint_ids=tuple(i for i in one.endpoint_ids if i in seen)) for one in board.groups]
    findings = tuple(one for one in board.findings if one.endpoint_id in seen)
    return replace(board, rows=rows, groups=tuple(one for one in groups if one.endpoint_ids), findings=findings,
                   unknown_connections=0)  # fmt: skip


def view_of(board: live.Board) -> View:
    """The board in words of the language of the moment."""
    rows = {row.endpoint_id: row_json(row) for row in board.rows}
    parts = {
        "counts": board.counts,
        "groups": [group_json(one) for one in board.groups],
        "bridges": [bridge_json(one) for one in board.bridges],
        "agenda": agenda_json(board),
        "source": source_json(board),
        "air": [air_json(one) for one in board.broadcast.shown] if board.broadcast is not None else [],
        "findings": [live.finding_sentence(one) for one in board.findings] + unnamed(board),
    }
    names = {row.endpoint_id: [row.part.name, row.part.site_name, row.part.code] for row in board.rows}
    text = json.dumps([parts, rows, names], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return View(hashlib.sha256(text.encode()).hexdigest()[:12], parts, rows, names, board.now)


def row_json(row: live.EndpointNow) -> list[Any]:
    """[rank, tone, state, cause, sentence, marks, figures, incident]; a row that is well says no more than that."""
    is_quiet = row.tone in QUIET_TONES
    figures = "" if is_quiet else figure_text(dict(row.figures))
    cause = row.cause.word if row.cause is not None else ""
    return [row.rank, row.tone, row.state, cause, row.sentence, list(row.marks), figures, row.incident_id or 0]


def group_json(group: live.GroupNow) -> dict[str, Any]:
    """A group of endpoints with one cause."""
    return {
        "key": group.key, "tone": group.tone, "title": live.title_of(group.cause.word), "text": group.sentence,
        "count": group.count, "ids": list(group.endpoint_ids), "incident": group.incident_id or 0,
    }  # fmt: skip


def bridge_json(bridge: live.BridgeNow) -> dict[str, Any]:
    """A bridge with its load now and foreseen, as texts and as the numbers that draw the bar."""
    return {
        "name": bridge.name, "id": bridge.server_id or 0, "tone": bridge_load(bridge)[0],
        "text": bridge_load(bridge)[1], "load": _rounded(bridge.stress), "forecast": _rounded(bridge.forecast),
        "here": bridge.here,
    }  # fmt: skip


def air_json(one: live.Airing) -> dict[str, Any]:
    """The stream or the recording: how it is in words, since when, and the verb to order."""
    deed = air_deed(one)
    return {
        "kind": one.kind, "tone": one.tone, "icon": AIR_ICONS[one.state], "title": one.title, "word": one.word,
        "text": one.sentence, "since": int(one.since.timestamp()) if one.since is not None else 0, "deed": deed,
        "label": gettext(meetings.VERBS[deed].title) if deed else "", "finding": one.is_finding,
    }  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def agenda_json(board: live.Board) -> dict[str, Any]:
    """Who speaks now, who next, each with how that room is."""
    by_participant = {row.part.participant_id: row for row in board.rows}
    found: dict[str, Any] = {}
    for name, item in (("now", board.speaking), ("next", board.coming)):
        if item is None:
            continue
        row = by_participant.get(item.participant_id or 0)
        found[name] = {
            "title": item.title, "at": int(item.begins_at.timestamp()), "until": int(item.ends_at.timestamp()),
            "who": row.part.name if row else "", "id": row.endpoint_id if row else 0, "tone": row.tone if row else "",
            "state": str(STATE_WORDS[row.state].label) if row else "",
        }  # fmt: skip
    return found


def source_json(board: live.Board) -> dict[str, Any]:
    """How old the meeting server's own view is, in steps of 30 s so that it changes seldom; why there is none."""
    age = None if board.source_at is None else int((board.now - board.source_at).total_seconds() // 30 * 30)
    deaf = None if board.deaf_since is None else int((board.now - board.deaf_since).total_seconds() // 10 * 10)
    return {"age": age, "failure": board.failure, "deaf": deaf}


def unnamed(board: live.Board) -> list[str]:
    """A sentence about connections that belong to nobody known."""
    if not board.unknown_connections:
        return []
    sentence = live.FINDINGS["unnamed"]
    return [gettext(sentence, count=board.unknown_connections)]


def difference(before: View | None, view: View, now: datetime) -> dict[str, Any]:
    """What the browser needs to get from `before` to `view`."""
    head = {"v": view.version, "at": int(now.timestamp() * 1000)}
    if before is None:
        return {**head, "full": True, "rows": view.rows, "names": view.names, **view.parts}
    changed: dict[str, Any] = {
        name: part for name, part in view.parts.items() if before.parts.get(name) != part
    }
    rows = _changed(before.rows, view.rows)
    if rows:
        changed["rows"] = rows
    names = _changed(before.names, view.names)
    if names:
        changed["names"] = names
    gone = [one for one in before.rows if one not in view.rows]
    if gone:
        changed["gone"] = gone
    return {**head, **changed}


def _changed(before: Mapping[int, list[Any]], after: Mapping[int, list[Any]]) -> dict[int, list[Any]]:
    return {one: row for one, row in after.items() if before.get(one) != row}


