"""One poll of a device as a state machine without a socket: what to send next, what a datagram means, when to stop.

The driver (poller.py) sends, receives and watches the deadline. Times are seconds of the driver's clocks.
"""

from __future__ import annotations

from collections.abc import Callable

from collectors.snmp import wire
from collectors.snmp.decode import Segment
from collectors.snmp.plan import UPTIME_NAME, PollPlan
from collectors.snmp.reasons import EMPTY, MALFORMED, OK, TIMEOUT, TOO_SLOW
from collectors.snmp.target import MAX_CHUNK, DeviceState, Patience

_NO_ERROR = b"\x02\x01\x00\x02\x01\x00"
_QUICK = 0.5  # share of the timeout under which an answer counts as quick
_CALM_POLLS = 10  # whole polls after which larger questions are tried again
_UPTIME_SPAN = 2 + len(UPTIME_NAME)


class PollRun:
    """Asks for the rows of a plan chunk by chunk; `segments`, `uptimes` and `moments` are what came back."""

    def __init__(
        self, plan: PollPlan, state: DeviceState, patience: Patience, head: bytes, take_id: Callable[[], int]
    ) -> None:
        self.segments: list[Segment] = []
        self.uptimes: list[float] = []
        self.moments: list[float] = []
        self.watched: dict[str, wire.Value | None] = {}
        self.asked: dict[int, float] = {}
        self.requests = self.timeouts = 0
        self.reason, self.detail = OK, ""
        self.deadline = 0.0
        self._plan, self._state, self._patience = plan, state, patience
        self._head, self._take_id = head, take_id
        self._reply_head = head + b"\xa2"
        self._lead, self._lead_count = plan.lead(is_first=True)
        self._at = self._stop = 0
        self._skip = set(state.skip)
        self._failures = 0
        self._had_trouble = False
        self._sent_at = 0.0

    def next_request(self, now: float) -> bytes | None:
        """The next datagram, or None when the poll is over."""
        start, count = self._at, len(self._plan)
        while start in self._skip:
            start += 1
        if start >= count and (self.segments or count or self.watched):
            return None
        self._at = start
        template = self._plan.template
        stop = template.fit(start, self._state.chunk, self._patience.max_reply_bytes) if count else 0
        if self._skip:
            stop = min([row for row in self._skip if row > start] + [stop])
        self._stop = stop
        number = self._take_id()
        self.asked[number] = self._sent_at = now
        self.requests += 1
        self.deadline = now + self._patience.wait(self._failures)
        return wire.request(self._head, wire.GET, number, template.questions(start, stop, self._lead))

    def accept(self, data: bytes, now: float) -> bool:
        """Whether this datagram settles the open question (well or badly); others are not for us or too old."""
        try:
            if not self._accept_plain(data):
                header = wire.read_header(data)
                if header.kind != wire.RESPONSE or header.request_id not in self.asked:
                    return False
                if header.status:
                    return self._refused(header.status, header.index)
                self._keep(data, header.at, header.end)
        except wire.MalformedReply as error:
            self._failures += 1
            self._smaller()
            self.reason, self.detail = MALFORMED, str(error)
            return True
        self.moments.append(now)
        self._whole(now - self._sent_at)
        return True

    def _accept_plain(self, data: bytes) -> bool:
        """The usual answer, recognised by its bytes; False for anything else."""
        at = data.find(self._reply_head, 2, 6 + len(self._reply_head)) + len(self._reply_head)
        if at < len(self._reply_head) or at + 16 > len(data):
            return False
        size = data[at]
        at += 1 + (size & 0x7F if size >= 0x80 else 0)
        number = int.from_bytes(data[at + 2 : at + 6], "big")
        if number not in self.asked or data[at + 6 : at + 12] != _NO_ERROR or data[at : at + 2] != b"\x02\x04":
            return False
        tag, start, end = wire.element(data, at + 12)
        if tag != 0x30:
            return False
        self._keep(data, start, end)
        return True

    def _keep(self, data: bytes, at: int, end: int) -> None:
        uptime = None
        if self._plan.has_uptime:
            if data[at + 2 : at + _UPTIME_SPAN] != UPTIME_NAME:
                raise wire.MalformedReply("answers about other variables than those asked for")
            _, body, stop = wire.element(data, at + _UPTIME_SPAN)
            uptime = int.from_bytes(data[body:stop], "big") / 100 if stop > body else None
            at = stop
        if self._lead_count > self._plan.has_uptime:
            at = self._keep_watched(data, at, end)
        self.segments.append(Segment(self._at, self._stop, data, at, end))
        self.uptimes.append(-1.0 if uptime is None else uptime)

    def _keep_watched(self, data: bytes, at: int, end: int) -> int:
        for oid in self._plan.watched:
            tag, _, stop = wire.element(data, at)
            if tag != 0x30 or stop > end:
                raise wire.MalformedReply("fewer variables than asked for")
            ((_, kind, body),) = wire.variables(data, at, stop)
            self.watched[oid] = wire.value_of(kind, body)
            at = stop
        return at

    def _whole(self, seconds: float) -> None:
        self._at = self._stop
        self._failures = 0
        self._lead, self._lead_count = self._plan.lead(is_first=False)
        state = self._state
        if seconds < self._patience.timeout_s * _QUICK and not self._had_trouble:
            state.chunk = min(state.chunk * 2, state.ceiling)

    def _smaller(self) -> None:
        self._had_trouble = True
        size = max(1, (self._stop - self._at) // 2)
        self._state.chunk = self._state.ceiling = size
        self._state.calm_polls = 0

    def _refused(self, status: int, index: int) -> bool:
        row = self._at + index - 1 - self._lead_count
        if status != wire.TOO_BIG and index and row < self._at:  # a watched scalar is gone: ask the rows alone
            self._lead, self._lead_count = self._plan.lead(is_first=False)
            self._failures += 1
        elif status in (wire.NO_SUCH_NAME, wire.GEN_ERR, wire.AUTHORIZATION_ERROR) and self._at <= row < self._stop:
            self._skip.add(row)
            if status == wire.NO_SUCH_NAME:
                self._state.skip.add(row)
        elif self._stop - self._at <= 1:
            self._skip.add(self._at)
        else:
            self._smaller()
        return True

    def timed_out(self) -> None:
        """The open question got no answer in time."""
        self.timeouts += 1
        self._failures += 1
        self._smaller()
        self.reason, self.detail = TIMEOUT, ""

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
        """(reason, detail) at the end; also remembers for the next poll whether this one was calm."""
        state = self._state
        if not self.segments:
            return (self.reason, self.detail) if self.reason != OK else (EMPTY, "")
        if self._failures > self._patience.retries:
            reason = TOO_SLOW if self.reason == TIMEOUT else self.reason
            return reason, self.detail or f"no more answers after {self._at} of {len(self._plan)} values"
        if not self._had_trouble:
            state.calm_polls += 1
            if state.calm_polls >= _CALM_POLLS and state.ceiling < MAX_CHUNK:
                state.ceiling, state.calm_polls = min(MAX_CHUNK, state.ceiling * 2), 0
        return (TOO_SLOW, self.detail) if self.reason == TOO_SLOW else (OK, "")
