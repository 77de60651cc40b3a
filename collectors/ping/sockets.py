"""ICMP echo over gufo-ping's sockets, one a family: send, gather, time out. It decides nothing about states.

gufo-ping 0.7 takes the RTT when a reply is read, so whoever sends must read promptly; the session number that `send`
returns is carried in the packet and checked on return, so a stray or forged reply does not match.
"""

import ipaddress
import select
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from gufo.ping.socket import POLICY_SHIFT, SelectionPolicy, SocketWrapper

from core import GiveUp

# One reply of 84 bytes takes about 768 bytes of socket memory: 4 MiB hold 5,000.
BUFFER_BYTES = 4 << 20
# Later answers than this are not told apart from none; later than the timeout but within this, they still prove life.
FORGET_AFTER_S = 5.0
PACKET_BYTES = 84
NS = 1e9
BURST = 64


class PingRefused(GiveUp):
    """The system does not let us send ICMP echo; `detail` is the line an administrator has to run."""


@dataclass(frozen=True, slots=True)
class Finished:
    """Packets that came to an end: rows and RTT in seconds (NaN = lost); rows whose answer came after their timeout."""

    rows: np.ndarray
    rtt: np.ndarray
    late_rows: np.ndarray


class PingSockets:
    """Both families' sockets and the packets on their way. Used by one thread; close() at the end."""

    def __init__(self, timeout: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._timeout = timeout
        self._monotonic = monotonic
        self._sockets: dict[int, SocketWrapper] = {}
        self._poll = select.poll()
        self._flying: dict[tuple[int, int], tuple[int, float]] = {}
        self._order: deque[tuple[int, int]] = deque()
        self._late: dict[tuple[int, int], tuple[int, float]] = {}
        self._rows: list[int] = []
        self._rtts: list[float] = []
        self._late_rows: list[int] = []

    def open(self, families: Sequence[int]) -> None:
        """Open the sockets of the IP versions (4, 6) that are needed. Raises PingRefused with what to do."""
        for family in families:
            if family in self._sockets:
                continue
            policy = POLICY_SHIFT[family] + SelectionPolicy.RAW_DGRAM.value
            try:
                opened = SocketWrapper(policy, int(FORGET_AFTER_S * NS), False)
                opened.set_send_buffer_size(BUFFER_BYTES)
                opened.set_recv_buffer_size(BUFFER_BYTES)
            except PermissionError:
                raise PingRefused("no_permission", _permission_advice()) from None
            except (OSError, NotImplementedError) as error:
                raise PingRefused("no_icmp_socket", f"IPv{family}: {error}") from None
            self._sockets[family] = opened
            self._poll.register(opened.get_fd(), select.POLLIN)

    def send(self, row: int, family: int, address: str) -> bool:
        """Ask one target; False when the system could not send at all (no route, interface down)."""
        opened = self._sockets.get(family)
        if opened is None:
            return False
        try:
            number = opened.send(address, PACKET_BYTES)
        except (OSError, ValueError):
            return False
        key = (family, number)
        self._flying[key] = (row, self._monotonic())
        self._order.append(key)
        return True

    def wait(self, seconds: float) -> None:
        """Sleep until a packet comes in, at most `seconds`."""
        self._poll.poll(max(seconds, 0.0) * 1000)

    def read(self) -> None:
        """Take in what has arrived; cheap, and the sooner the truer the RTT."""
        for family, opened in self._sockets.items():
            for number, rtt in (opened.recv() or {}).items():
                key = (family, number)
                packet = self._flying.pop(key, None)
                if packet is not None:
                    self._rows.append(packet[0])
                    self._rtts.append(rtt / NS if rtt else np.nan)
                elif (packet := self._late.pop(key, None)) is not None and rtt:
                    self._late_rows.append(packet[0])

    def gather(self) -> Finished:
        """Everything that ended since the last call: answers read and packets timed out."""
        self.read()
        self._expire()
        finished = Finished(
            np.array(self._rows, np.intp), np.array(self._rtts, np.float64), np.array(self._late_rows, np.intp)
        )
        self._rows, self._rtts, self._late_rows = [], [], []
        return finished

    def _expire(self) -> None:
        now = self._monotonic()
        while self._order:
            key = self._order[0]
            packet = self._flying.get(key)
            if packet is not None and now - packet[1] < self._timeout:
                break
            self._order.popleft()
            if packet is None:
                continue
            del self._flying[key]
            self._late[key] = packet
            self._rows.append(packet[0])
            self._rtts.append(np.nan)
        while self._late:
            key = next(iter(self._late))
            if now - self._late[key][1] < FORGET_AFTER_S:
                break
            del self._late[key]

    @property
    def in_flight(self) -> int:
        return len(self._flying)

    def renumber(self, rows: dict[int, int]) -> None:
        """The targets have new rows (old -> new): packets on their way follow or are dropped."""
        for packets in (self._flying, self._late):
            for key, (row, sent_at) in list(packets.items()):
                if row in rows:
                    packets[key] = (rows[row], sent_at)
                else:
                    del packets[key]
        self._rows, self._rtts, self._late_rows = [], [], []

    def close(self) -> None:
        """Close the sockets (they close with their last reference)."""
        self.renumber({})
        self._order.clear()
        for opened in self._sockets.values():
            self._poll.unregister(opened.get_fd())
        self._sockets.clear()


def family_of(address: str) -> int:
    """4 or 6. Raises ValueError when the text is not an IP address."""
    return ipaddress.ip_address(address.partition("%")[0]).version


def sweep(
    addresses: Sequence[str],
    *,
    packets_a_second: float = 2000.0,
    tries: int = 2,
    timeout: float = 1.0,
    on_progress: Callable[[int], None] = lambda asked: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, float]:
    """Ask each address up to `tries` times, paced; return the RTT in seconds of those that answered.

    Blocks: run it in a thread. Raises PingRefused. `on_progress` gets the number of packets sent so far.
    """
    sockets = PingSockets(timeout)
    families = [family_of(address) for address in addresses]
    sockets.open(sorted(set(families)))
    found: dict[str, float] = {}
    asked = 0
    try:
        for _ in range(tries):
            rest = [row for row, address in enumerate(addresses) if address not in found]
            for start in range(0, len(rest), BURST):
                if is_cancelled():
                    return found
                burst = rest[start : start + BURST]
                for row in burst:
                    sockets.send(row, families[row], addresses[row])
                asked += len(burst)
                on_progress(asked)
                _gather_until(sockets, addresses, found, len(burst) / packets_a_second, is_idle=False)
            _gather_until(sockets, addresses, found, timeout, is_idle=True)
    finally:
        sockets.close()
    return found


def _gather_until(
    sockets: PingSockets, addresses: Sequence[str], found: dict[str, float], seconds: float, is_idle: bool
) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and (not is_idle or sockets.in_flight):
        sockets.wait(left)
        finished = sockets.gather()
        for row, rtt in zip(finished.rows, finished.rtt, strict=True):
            if rtt == rtt:
                found[addresses[row]] = float(rtt)


def _permission_advice() -> str:
    return (
        "This account may not send ping. As administrator run either: "
        'sysctl -w net.ipv4.ping_group_range="0 2147483647"  or: '
        "setcap cap_net_raw+ep $(readlink -f .venv/bin/python)  and start EduNOC again."
    )
