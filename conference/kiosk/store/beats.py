"""Writes many heartbeats in one transaction: the newest state, spells in meetings, device lists, acknowledgements."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from conference.kiosk.heartbeat import Heartbeat, true_time
from conference.kiosk.models import Kiosk, KioskSpell, KioskState
from conference.kiosk.store.commands import acknowledge, mark_sent
from conference.schedule import Meeting, Participant, mark_began
from core import Session
from telemetry import NewEvent, record_events

# In a meeting heartbeats come each 10 s; three that are missing are a gap of presence
GAP = timedelta(seconds=35)
PAYLOAD_LIMIT = 12_000
# What of a page's events is worth a row among the events of the province; the rest stays in the newest heartbeat
TOLD_EVENTS = frozenset({
    "cameraError", "micError", "errorOccurred", "peerConnectionFailure", "suspendDetected", "participantKickedOut",
    "deviceListChanged", "videoConferenceJoined", "videoConferenceLeft", "passwordRequired", "page_loaded",
    "device_lost", "device_back", "offline", "online", "join_failed",
})


@dataclass(frozen=True, slots=True)
class Beat:
    """A heartbeat that was proven: whose, when it came and from where, its number, and the commands that its answer
    carried."""

    endpoint_id: int
    came_at: datetime
    address: str
    sequence: int
    said: Heartbeat
    sent_commands: tuple[int, ...] = ()


def write_beats(session: Session, beats: Sequence[Beat]) -> None:
    """Write them, in the order in which they came. A meeting that the endpoint does not take part in counts as none."""
    ids = {beat.endpoint_id for beat in beats}
    meetings = _Meetings(session, beats)
    known = session.scalars(select(KioskState).where(KioskState.endpoint_id.in_(ids)))
    states = {row.endpoint_id: row for row in known}
    spells = _Spells(session, meetings.ids, ids, min(beat.came_at for beat in beats))
    for beat in beats:
        meeting_id = meetings.of(beat)
        _keep_state(session, states, beat, meeting_id)
        if beat.said.is_in_meeting and meeting_id is not None:
            spells.extend(beat, meeting_id)
        if beat.sent_commands:
            mark_sent(session, beat.sent_commands, beat.came_at)
        if beat.said.acks:
            acknowledge(session, beat.endpoint_id, beat.said.acks, beat.came_at)
    _keep_lists(session, {beat.endpoint_id: beat.said.lists for beat in beats if beat.said.lists is not None})
    for meeting_id, first_at in spells.began.items():
        mark_began(session, meeting_id, first_at)
    session.flush()


class _Meetings:
    """Which meeting each heartbeat means: by number, or by the room's name, among those its endpoint takes part in."""

    def __init__(self, session: Session, beats: Sequence[Beat]) -> None:
        self._by_id: set[tuple[int, int]] = set()
        self._by_room: dict[tuple[int, str], int] = {}
        told = [beat for beat in beats if beat.said.meeting_id is not None or beat.said.room]
        numbers = {beat.said.meeting_id for beat in told if beat.said.meeting_id is not None}
        rooms = {beat.said.room for beat in told if beat.said.meeting_id is None}
        chosen = select(Participant.endpoint_id, Meeting.id, Meeting.room).join(
            Meeting, Meeting.id == Participant.meeting_id).where(
            Participant.endpoint_id.in_({beat.endpoint_id for beat in told}))
        for where in ([Meeting.id.in_(numbers)] if numbers else []) + ([Meeting.room.in_(rooms)] if rooms else []):
            for endpoint_id, meeting_id, room in session.execute(chosen.where(where)):
                self._by_id.add((endpoint_id, meeting_id))
                self._by_room[endpoint_id, room] = meeting_id
        self.ids = {meeting_id for _endpoint_id, meeting_id in self._by_id}

    def of(self, beat: Beat) -> int | None:
        said = beat.said
        if said.meeting_id is not None:
            return said.meeting_id if (beat.endpoint_id, said.meeting_id) in self._by_id else None
        return self._by_room.get((beat.endpoint_id, said.room))


def _keep_state(session: Session, states: dict[int, KioskState], beat: Beat, meeting_id: int | None) -> None:
    state = states.get(beat.endpoint_id)
    if state is None:
        state = states[beat.endpoint_id] = KioskState(endpoint_id=beat.endpoint_id, sequence=0)
        session.add(state)
    if beat.sequence <= state.sequence:
        return  # another process was faster
    said = beat.said
    payload = json.dumps(dict(said.payload), ensure_ascii=False, separators=(",", ":"))
    if len(payload) > PAYLOAD_LIMIT:
        payload = json.dumps({name: part for name, part in said.payload.items() if name != "events"})
    state.at, state.sent_at, state.address, state.sequence = beat.came_at, said.sent_at, beat.address, beat.sequence
    state.meeting_id, state.connection, state.state = meeting_id, said.connection, said.state
    state.is_visitor, state.ntp_offset_ms, state.payload = said.is_visitor, said.ntp_offset_ms, payload


def _keep_lists(session: Session, lists: Mapping[int, Mapping]) -> None:
    if not lists:
        return
    for kiosk in session.scalars(select(Kiosk).where(Kiosk.endpoint_id.in_(lists))):
        text = json.dumps(dict(lists[kiosk.endpoint_id]), ensure_ascii=False)
        if kiosk.devices != text:
            kiosk.devices = text


class _Spells:
    """The stretches that go on; `began` is the first moment of each meeting that heartbeats now stand for."""

    def __init__(self, session: Session, meetings: set[int], endpoints: set[int], since: datetime) -> None:
        self._session = session
        self._open: dict[tuple[int, int], KioskSpell] = {}
        self.began: dict[int, datetime] = {}
        if not meetings:
            return
        rows = session.scalars(
            select(KioskSpell)
            .where(KioskSpell.meeting_id.in_(meetings), KioskSpell.endpoint_id.in_(endpoints),
                   KioskSpell.last_at >= since - 3 * GAP)
            .order_by(KioskSpell.last_at)
        )  # fmt: skip
        self._open = {(row.meeting_id, row.endpoint_id): row for row in rows}

    def extend(self, beat: Beat, meeting_id: int) -> None:
        """Lengthen the endpoint's stretch, or begin a new one: after a gap, with another connection or role."""
        at, said = true_time(beat.said, beat.came_at), beat.said
        spell = self._open.get((meeting_id, beat.endpoint_id))
        goes_on = (
            spell is not None and at - spell.last_at <= GAP and spell.is_visitor == said.is_visitor
            and (spell.connection == said.connection or not said.connection)
        )  # fmt: skip
        if spell is not None and goes_on:
            spell.last_at = max(spell.last_at, at)
            return
        spell = KioskSpell(meeting_id=meeting_id, endpoint_id=beat.endpoint_id, connection=said.connection,
                           is_visitor=said.is_visitor, first_at=at, last_at=at)
        self._session.add(spell)
        self._open[meeting_id, beat.endpoint_id] = spell
        self.began[meeting_id] = min(at, self.began.get(meeting_id, at))


def write_events(session: Session, beats: Sequence[Beat], numbers: Mapping[int, int]) -> int:
    """Put the telling events of the pages among the province's events; returns how many. `numbers`: endpoint to its
    number in telemetry."""
    rows = [
        NewEvent(beat.came_at, "kiosk", event["event"], _told(event), numbers[beat.endpoint_id], event)
        for beat in beats for event in beat.said.payload.get("events", ()) if event["event"] in TOLD_EVENTS
    ]
    if rows:
        record_events(session, rows)
    return len(rows)


def _told(event: Mapping[str, str]) -> str:
    words = (event.get(key, "") for key in ("name", "type", "message", "error"))
    return " · ".join(word for word in words if word)[:300]
