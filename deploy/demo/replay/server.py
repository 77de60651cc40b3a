"""Serves replay agents over UDP: many recordings in one process, by address and port or by community."""

from __future__ import annotations

import heapq
import itertools
import selectors
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType

from deploy.demo.replay.agent import ReplayAgent, read_request
from deploy.demo.replay.ber import BerError

Address = tuple[str, int]
_BURST = 64  # datagrams taken from one socket before the others get their turn
_BUFFER = 4 << 20


class ReplayServer:
    """Agents on loopback addresses; a thread answers until `stop`. Port 0 picks a free one (see `addresses`).

    An address carries one agent, or several that differ by community.
    """

    def __init__(self, agents: Mapping[Address, ReplayAgent | Sequence[ReplayAgent]]) -> None:
        self._selector = selectors.DefaultSelector()
        self._late: list[tuple[float, int, socket.socket, Address, bytes]] = []
        self._tick = itertools.count()
        self._is_stopping = False
        self._thread: threading.Thread | None = None
        self.addresses: list[Address] = []
        self._wake, waker = socket.socketpair()
        self._selector.register(waker, selectors.EVENT_READ, None)
        self._waker = waker
        for (host, port), served in agents.items():
            listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            listener.bind((host, port))
            listener.setblocking(False)
            self.addresses.append(listener.getsockname()[:2])
            many = [served] if isinstance(served, ReplayAgent) else list(served)
            self._selector.register(listener, selectors.EVENT_READ, {agent.community: agent for agent in many})

    def serve_forever(self) -> None:
        """Answers until `stop` is called from another thread; closes the sockets at the end."""
        try:
            while not self._is_stopping:
                timeout = max(0.0, self._late[0][0] - time.monotonic()) if self._late else None
                for key, _ in self._selector.select(timeout):
                    if key.data is not None:
                        self._drain(key.fileobj, key.data)  # type: ignore[arg-type]
                self._send_late()
        finally:
            for key in list(self._selector.get_map().values()):
                key.fileobj.close()  # type: ignore[union-attr]
            self._selector.close()

    def _drain(self, listener: socket.socket, agents: dict[bytes, ReplayAgent]) -> None:
        only = next(iter(agents.values())) if len(agents) == 1 else None
        for _ in range(_BURST):
            try:
                data, peer = listener.recvfrom(65_535)
            except BlockingIOError:
                return
            except ConnectionError:  # an earlier answer found nobody
                continue
            agent = only or _by_community(data, agents)
            reply = agent.answer(data) if agent else None
            if agent is None or reply is None:
                continue
            if agent.faults.late_s:
                due = time.monotonic() + agent.faults.late_s
                heapq.heappush(self._late, (due, next(self._tick), listener, peer, reply))
            else:
                _send(listener, reply, peer)

    def _send_late(self) -> None:
        while self._late and self._late[0][0] <= time.monotonic():
            _, _, listener, peer, reply = heapq.heappop(self._late)
            _send(listener, reply, peer)

    def start(self) -> ReplayServer:
        self._thread = threading.Thread(target=self.serve_forever, name="replay-agent", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """End serving; safe to call when it has ended already."""
        self._is_stopping = True
        with suppress(OSError):  # the thread may have seen the flag first and closed its end
            self._wake.send(b"x")
        if self._thread:
            self._thread.join(5)
        self._wake.close()

    def __enter__(self) -> ReplayServer:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _send(listener: socket.socket, reply: bytes, peer: Address) -> None:
    try:
        listener.sendto(reply, peer)
    except OSError:  # full buffer or longer than a datagram: lost, as on a real wire
        return


def _by_community(data: bytes, agents: dict[bytes, ReplayAgent]) -> ReplayAgent | None:
    try:
        return agents.get(read_request(data).community)
    except (BerError, IndexError):
        return None
