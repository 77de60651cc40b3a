"""The loop of running meetings: each five seconds the board is made and what changed on it is written down."""

from __future__ import annotations

from datetime import datetime

from conference.bench import Bench, Loop
from conference.live.board import Board, Finding
from conference.live.limits import Limits
from conference.live.now import Sources, live_board
from conference.live.security import moved
from conference.live.store import broadcasting, writing
from conference.live.store.cast import CastCache
from conference.live.store.reading import meetings_running
from conference.schedule import Meeting
from conference.settings import ConferenceSettings
from core import Session

EVERY_S = 5.0


class LiveWork:
    """The step with its memory: casts, and from which address each kiosk was heard of last."""

    def __init__(self) -> None:
        self._casts: dict[int, CastCache] = {}
        self._addresses: dict[tuple[int, int], str] = {}

    def step(self, bench: Bench, now: datetime) -> None:
        """All running meetings; a session that writes is only opened when there is something to write."""
        limits = Limits.of(bench.settings[ConferenceSettings])
        casts = self._casts.setdefault(id(bench.database), CastCache())
        sources = Sources(bench.registry, bench.live, bench.view, limits, casts)
        with bench.database.reading() as session:
            running = meetings_running(session, now)
            boards = [(one.id, live_board(session, sources, one, now)) for one in running]
            changed = [(number, board, self._moves(number, board, session)) for number, board in boards]
            # While nobody at all is heard the fault is ours: nobody is written down as lost for it
            aired = [one for one in boards if broadcasting.air_news(session, one[0], one[1].broadcast)]
            changed = [one for one in changed if one[1].deaf_since is None and writing.is_news(session, *one)]
            has_left = writing.has_open_elsewhere(session, [one.id for one in running])
            over = writing.ended_unnoted(session)
        for number, board, found in changed:
            with bench.database.session() as session:
                meeting = session.get(Meeting, number)
                if meeting is not None:
                    _write(session, meeting, board, found, limits)
        for number, board in aired:
            with bench.database.session() as session:
                broadcasting.note_air(session, number, board.broadcast, now)
        if has_left or over:
            with bench.database.session() as session:
                writing.close_spells(session, [one.id for one in running], now)
                for number in over:
                    meeting = session.get(Meeting, number)
                    if meeting is not None:
                        writing.note_ends(session, meeting, now)

    def _moves(self, meeting_id: int, board: Board, session: Session) -> tuple[Finding, ...]:
        """Findings of the board, and kiosks whose address changed while the meeting ran."""
        found = list(board.findings)
        for row in board.rows:
            key = (meeting_id, row.endpoint_id)
            old = self._addresses.get(key, row.address)
            if row.address and old and row.address != old:
                found.append(moved(row.part.name, row.endpoint_id, old, row.address))
            if row.address:
                self._addresses[key] = row.address
        if len(self._addresses) > 20_000:
            self._addresses.clear()
        return tuple(found)


def _write(session: Session, meeting: Meeting, board: Board, findings: tuple[Finding, ...], limits: Limits) -> None:
    writing.save_spells(session, board)
    writing.note_ends(session, meeting, board.now)
    writing.note_mass_loss(session, board, limits)
    writing.note_findings(session, meeting, findings, board.now)


LOOP = Loop("live", EVERY_S, LiveWork().step)
