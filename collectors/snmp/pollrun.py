"""One poll of a device as a state machine without a socket: what to send next, what a datagram means, when to stop.

The driver (poller.py) sends, receives and watches the deadline. Times are seconds of the driver's clocks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from collectors.snmp import wire
from collectors.snmp.decode import Segment, segment_of
from collectors.snmp.plan import UPTIME_NAME, PollPlan
from collectors.snmp.reasons import EMPTY, MALFORMED, OK, TIMEOUT, TOO_SLOW
from collectors.snmp.target import MAX_CHUNK, DeviceState, Patience

_NO_ERROR = b"\x02\x01\x00\x02\x01\x00"
_QUICK = 0.5  # share of the timeout under which an answer counts as quick
_CALM_POLLS = 10  # whole polls after which larger questions are tried again
_UPTIME_SPAN = 2 + len(UPTIME_NAME)
_FOREIGN = "the answers carry other numbers than the questions"


class Question(NamedTuple):
    """A request that was sent: when, for which rows, and how it began."""

    sent_at: float
    start: int
    stop: int
    has_uptime: bool
    watched: tuple[str, ...]


class PollRun:
    """Asks for the rows of a plan chunk by chunk; `segments`, `uptimes` and `moments` are what came back."""

    def __init__(
        self, plan: PollPlan, state: DeviceState, patience: Patience, head: bytes, take_id: Callable[[], int]
    ) -> None:
        self.segments: list[Segment] = []
        self.uptimes: list[float | None] = []
        self.moments: list[float] = []
        self.watched: dict[str, wire.Value | None] = {}
        self.asked: dict[int, Question] = {}
        self.requests = self.timeouts = 0
        self.reason, self.detail = OK, ""
        self.deadline = 0.0
        self._plan, self._state, self._patience = plan, state, patience
        self._head, self._take_id = head, take_id
        self._reply_head = head + b"\xa2"
        self._is_bare = state.is_bare
        self._watch = () if state.is_bare else plan.watched
        self._at = 0
        self._open = -1
        self._size = state.chunk
        self._ceiling = state.ceiling
        self._skip = set(state.skip)
        self._failures = 0
        self._has_foreign = False
        self._had_trouble = False

    def next_request(self, now: float) -> bytes | None:
        """The next datagram, or None when the poll is over."""
        start, count = self._at, len(self._plan)
        while start in self._skip:
            start += 1
        if start >= count and (self.segments or count):
            return None
        self._at = start
        template = self._plan.template
        stop = template.fit(start, self._size, self._patience.max_reply_bytes) if count else 0
        if self._skip:
            stop = min([row for row in self._skip if row > start] + [stop])
        number = self._open = self._take_id()
        has_uptime = self._plan.has_uptime and not self._is_bare
        self.asked[number] = Question(now, start, stop, has_uptime, self._watch)
        self.requests += 1
        self.deadline = now + self._patience.wait(self._failures, self._state.rtt_s)
        lead = self._plan.lead(has_uptime, self._watch)
        return wire.request(self._head, wire.GET, number, template.questions(start, stop, lead))

    def accept(self, data: bytes, now: float) -> bool:
        """Whether this datagram settles the open question (well or badly); others are not for us or too old.

        An answer to an earlier try of the same question is as good as one to the last.
        """
        try:
            number, at, end = self._plain(data)
            if not end:
                header = wire.read_header(data)
                number, at, end = header.request_id, header.at, header.end
                if header.kind != wire.RESPONSE or number not in self.asked:
                    self._has_foreign = True
                    return False
                if header.status:
                    return number == self._open and self._refused(header.status, header.index)
            question = self.asked[number]
            if question.start != self._at:
                return False
            self._keep(question, data, at, end)
        except wire.MalformedReply as error:
            self._failures += 1
            self._smaller()
            self.reason, self.detail = MALFORMED, str(error)
            return True
        self.moments.append(now)
        self._whole(question, now - question.sent_at, number != self._open)
        return True

    def _plain(self, data: bytes) -> tuple[int, int, int]:
        """(number, begin, end of the variables) of the usual answer, recognised by its bytes; zeros for another."""
        at = data.find(self._reply_head, 2, 6 + len(self._reply_head)) + len(self._reply_head)
        if at < len(self._reply_head) or at + 16 > len(data):
            return 0, 0, 0
        size = data[at]
        at += 1 + (size & 0x7F if size >= 0x80 else 0)
        number = int.from_bytes(data[at + 2 : at + 6], "big")
        if number not in self.asked or data[at + 6 : at + 12] != _NO_ERROR or data[at : at + 2] != b"\x02\x04":
            return 0, 0, 0
        tag, start, end = wire.element(data, at + 12)
        return (number, start, end) if tag == 0x30 else (0, 0, 0)

    def _keep(self, question: Question, data: bytes, at: int, end: int) -> None:
        uptime = None
        if question.has_uptime:
            if data[at + 2 : at + _UPTIME_SPAN] != UPTIME_NAME:
                raise wire.MalformedReply("answers about other variables than those asked for")
            tag, body, at = wire.element(data, at + _UPTIME_SPAN)
            uptime = int.from_bytes(data[body:at], "big") / 100 if tag in wire.NUMBERS else None
        watched: dict[str, wire.Value | None] = {}
        for oid in question.watched:
            _, _, stop = wire.element(data, at)
            found = wire.variables(data, at, stop)
            watched[oid] = wire.value_of(*found[0][1:])
            at = stop
        segment = segment_of(self._plan.template, (question.start, question.stop), data, at, end)
        self.watched.update(watched)
        self.segments.append(segment)
        self.uptimes.append(uptime)

    def _whole(self, question: Question, seconds: float, is_late: bool) -> None:
        self._at = question.stop
        self._failures = 0
        self._watch = ()
        state, rows = self._state, question.stop - question.start
        if is_late:
            state.rtt_s = seconds
            self._size = max(self._size, rows)  # the size was right, only the wait too short
        elif seconds < self._patience.timeout_s * _QUICK:
            state.rtt_s = min(state.rtt_s, seconds * 2)
            if not self._had_trouble:
                self._size = min(self._size * 2, self._ceiling)

    def _smaller(self) -> None:
        self._had_trouble = True
        question = self.asked[self._open]
        self._size = self._ceiling = max(1, (question.stop - question.start) // 2)

    def _refused(self, status: int, index: int) -> bool:
        question = self.asked[self._open]
        row = question.start + index - 1 - question.has_uptime - len(question.watched)
        is_single = question.stop - question.start <= 1
        if question.watched and (is_single or (index and row < question.start)):
            self._watch = ()  # a watched scalar is gone, or is too much: ask the rows without
        elif status in (wire.NO_SUCH_NAME, wire.GEN_ERR, wire.AUTHORIZATION_ERROR) and row >= question.start:
            self._skip.add(row)
            if status == wire.NO_SUCH_NAME:
                self._state.skip.add(row)
        elif not is_single:
            self._smaller()
        elif question.has_uptime:
            self._is_bare = True
        else:
            self._skip.add(question.start)
        return True

    def timed_out(self) -> None:
        """No answer in time. A lost datagram is likelier than one too long: the same is tried once more."""
        self.timeouts += 1
        self._failures += 1
        if self._failures > 1:
            self._smaller()
        self.reason, self.detail = (MALFORMED, _FOREIGN) if self._has_foreign else (TIMEOUT, "")

    def is_over(self, now: float, ends_at: float) -> bool:
        """Whether to stop here: too many failures in a row, or the time for one poll is used up."""
        if self._failures > self._patience.retries:
            return True
        if now >= ends_at:
            self.reason = TOO_SLOW
            self.detail = f"{self._at} of {len(self._plan)} values in {self._patience.budget_s:g} s"
            return True
        return False

    def conclude(self) -> tuple[str, str]:
        """(reason, detail) at the end. What was learned of sizes is kept only when the device answered at all."""
        if not self.segments:
            return (self.reason, self.detail) if self.reason != OK else (EMPTY, "")
        state = self._state
        state.chunk, state.ceiling, state.is_bare = self._size, self._ceiling, self._is_bare
        state.calm_polls = 0 if self._had_trouble else state.calm_polls + 1
        if state.calm_polls >= _CALM_POLLS and state.ceiling < MAX_CHUNK:
            state.ceiling, state.calm_polls = min(MAX_CHUNK, state.ceiling * 2), 0
        if self._failures > self._patience.retries:
            reason = TOO_SLOW if self.reason == TIMEOUT else self.reason
            return reason, self.detail or f"no more answers after {self._at} of {len(self._plan)} values"
        return (TOO_SLOW, self.detail) if self.reason == TOO_SLOW else (OK, "")
