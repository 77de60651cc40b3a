"""SNMP v3 (RFC 3414) through gufo-snmp, which does the cryptography; refusals are named from the agent's reports."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

from gufo.snmp import (
    Aes128Key,
    Aes192Key,
    Aes256Key,
    DesKey,
    KeyExpansion,
    Md5Key,
    Sha1Key,
    Sha224Key,
    Sha256Key,
    Sha384Key,
    Sha512Key,
    SnmpAuthError,
    SnmpError,
    User,
)
from gufo.snmp._fast import GetIter, SnmpV3ClientSocket
from gufo.snmp.user import BaseAuthKey, BasePrivKey, KeyType

from collectors.snmp import wire
from collectors.snmp.oids import arcs_of
from collectors.snmp.reasons import BAD_CREDENTIAL, UNREACHABLE, WRONG_CREDENTIAL, Failure
from collectors.snmp.session import Answer, Counts, Cursor, Variable
from collectors.snmp.target import DeviceState, Patience, Target
from inventory import SnmpCredential

T = TypeVar("T")

AUTH_CLASSES: dict[str, type[BaseAuthKey]] = {
    "md5": Md5Key, "sha": Sha1Key, "sha224": Sha224Key, "sha256": Sha256Key, "sha384": Sha384Key, "sha512": Sha512Key,
}  # fmt: skip
PRIV_CLASSES: dict[str, tuple[type[BasePrivKey], KeyExpansion]] = {
    "des": (DesKey, KeyExpansion.Blumenthal),
    "aes128": (Aes128Key, KeyExpansion.Blumenthal),
    "aes192": (Aes192Key, KeyExpansion.Blumenthal),
    "aes256": (Aes256Key, KeyExpansion.Blumenthal),
    "aes192_cisco": (Aes192Key, KeyExpansion.Cisco),
    "aes256_cisco": (Aes256Key, KeyExpansion.Cisco),
}

_USM_STATS = b"\x2b\x06\x01\x06\x03\x0f\x01\x01"  # 1.3.6.1.6.3.15.1.1
_NOT_IN_WINDOW, _UNKNOWN_ENGINE = 2, 4
_REFUSALS = {
    1: "the device does not accept this level of protection for the user (unsupportedSecLevels)",
    3: "the device does not know this user (unknownUserNames)",
    5: "the authentication password or kind is wrong (wrongDigests)",
    6: "the privacy password or kind is wrong (decryptionErrors)",
}
_UNDECIPHERABLE = "the device answers, but its answers cannot be deciphered: the privacy password or kind is wrong"
_RESTLESS = "the device's engine time does not settle (notInTimeWindows)"
_SEC_LEVEL = "the device refuses this user: another level of protection is demanded, or it may read nothing"
_SILENT = "the device accepts the authentication but not what is enciphered: the privacy password or kind is wrong"


@lru_cache(maxsize=4_096)
def _master_key(kind: str, secret: str) -> bytes:
    """The password hashed over a megabyte (RFC 3414 A.2): a millisecond, so once for each password."""
    return AUTH_CLASSES[kind].get_master_key(secret.encode())


def user_of(credential: SnmpCredential) -> User:
    """gufo's user with master keys. Raises Failure(bad_credential), naming what is missing or not supported."""
    if credential.context:
        raise Failure(BAD_CREDENTIAL, "SNMPv3 contexts are not supported; leave the context empty")
    if credential.auth_kind == "none":
        if credential.priv_kind != "none":
            raise Failure(BAD_CREDENTIAL, "SNMPv3 has no privacy without authentication")
        return User(credential.user)
    auth_class = AUTH_CLASSES.get(credential.auth_kind)
    if auth_class is None or credential.auth_secret is None:
        raise Failure(BAD_CREDENTIAL, f"the authentication kind {credential.auth_kind!r} needs a password and support")
    auth_key = auth_class(_master_key(credential.auth_kind, credential.auth_secret.reveal()), key_type=KeyType.Master)
    if credential.priv_kind == "none":
        return User(credential.user, auth_key=auth_key)
    if credential.priv_kind not in PRIV_CLASSES or credential.priv_secret is None:
        known = ", ".join(PRIV_CLASSES)
        raise Failure(BAD_CREDENTIAL, f"the privacy kind {credential.priv_kind!r} cannot be used; use one of {known}")
    priv_class, expansion = PRIV_CLASSES[credential.priv_kind]
    master = _master_key(credential.auth_kind, credential.priv_secret.reveal())
    priv_key = priv_class(master, key_type=KeyType.Master)
    return User(credential.user, auth_key=auth_key, priv_key=priv_key, key_expansion=expansion)


def _open(target: Target, engine_id: bytes, user: User) -> SnmpV3ClientSocket:
    address = f"[{target.host}]:{target.port}" if ":" in target.host else f"{target.host}:{target.port}"
    keys = (user.name, user.get_auth_alg(), user.get_auth_key(), user.get_priv_alg(), user.get_priv_key())
    try:
        return SnmpV3ClientSocket(address, engine_id, *keys, 0, 0, 0, 0)
    except (OSError, SnmpError, ValueError) as error:
        raise Failure(UNREACHABLE, f"{target}: {error}") from error


class UsmSession:
    """SNMP v3 over one socket. `prepare` once (engine id, boots and time), then ask."""

    has_bulk = True

    def __init__(self, target: Target, credential: SnmpCredential, state: DeviceState, patience: Patience) -> None:
        self._target = target
        self._user = user_of(credential)
        self._state = state
        self._patience = patience
        self.counts = Counts()
        self._is_authenticated = False
        self._silent = 0  # enciphered questions without an answer since the authentication was accepted
        self._socket: SnmpV3ClientSocket | None = None
        self._peek: socket.socket | None = None

    async def prepare(self) -> None:
        """Find the engine id (kept in the state) and its boots and time. Raises TimeoutError, Failure."""
        if not self._state.engine_id:
            await self._refuse_if_closed()
            self._use(_open(self._target, b"", User.default()))
            await self._with_retries(lambda s: s.send_refresh(), lambda s: s.recv_refresh())
            self._state.engine_id = self._wired().get_engine_id()
        try:
            await self._synchronise()
        except Failure as failure:
            if failure.detail != _UNDECIPHERABLE:
                raise
            self._state.engine_id = b""  # another device, or a new engine id: find it anew, once
            raise TimeoutError from None

    async def _synchronise(self) -> None:
        self._use(_open(self._target, self._state.engine_id, self._user))
        if self._user.require_auth():
            await self._with_retries(lambda s: s.send_refresh(), lambda s: s.recv_refresh())
            self._is_authenticated = True

    async def _with_retries(
        self, send: Callable[[SnmpV3ClientSocket], None], receive: Callable[[SnmpV3ClientSocket], T]
    ) -> T:
        for attempt in range(self._patience.retries + 1):
            try:
                return await self._exchange(send, receive, self._patience.wait(attempt))
            except TimeoutError:
                if attempt == self._patience.retries:
                    raise
        raise TimeoutError

    async def _refuse_if_closed(self) -> None:
        """gufo-snmp does not tell a closed port from silence; a connected socket of ours does."""
        probe = socket.socket(socket.AF_INET6 if ":" in self._target.host else socket.AF_INET, socket.SOCK_DGRAM)
        with probe:
            probe.setblocking(False)
            try:
                probe.connect((self._target.host, self._target.port))
                probe.send(_DISCOVERY)
                loop = asyncio.get_running_loop()
                async with asyncio.timeout(self._patience.timeout_s):
                    await loop.sock_recv(probe, 4_096)
            except TimeoutError:
                return
            except OSError as error:
                raise Failure(UNREACHABLE, f"{self._target}: {error.strerror or error}") from error

    def _use(self, opened: SnmpV3ClientSocket) -> None:
        self.close()
        self._socket = opened
        self._peek = socket.socket(fileno=os.dup(opened.get_fd()))

    def _wired(self) -> SnmpV3ClientSocket:
        if self._socket is None:
            raise Failure(WRONG_CREDENTIAL, "the conversation was not prepared")
        return self._socket

    async def get(self, oids: Sequence[str], timeout_s: float) -> Answer:
        asked = list(oids)
        values = await self._exchange(lambda s: s.send_get_many(asked), lambda s: s.recv_get_many(), timeout_s)
        if not values and len(asked) > 1:  # gufo-snmp hides the error status: tooBig looks like nothing
            return Answer(wire.TOO_BIG, 0, [])
        return Answer(0, 0, [(oid, _float_of(values.get(oid))) for oid in asked])

    def cursor(self, root: str) -> Cursor:
        return _UsmCursor(self, root)

    async def bulk(self, iterator: GetIter, timeout_s: float) -> list[tuple[str, object] | None]:
        """One step of a walk."""
        return await self._exchange(
            lambda s: s.send_get_bulk(iterator), lambda s: s.recv_get_bulk(iterator), timeout_s)  # type: ignore[arg-type]

    async def _exchange(
        self, send: Callable[[SnmpV3ClientSocket], None], receive: Callable[[SnmpV3ClientSocket], T], timeout_s: float
    ) -> T:
        if self._patience.spacing_s:
            await asyncio.sleep(self._patience.spacing_s)
        wired = self._wired()
        for attempt in range(2):
            self.counts.requests += 1
            try:
                send(wired)
                return await self._receive(receive, timeout_s)
            except _OutsideWindow:
                if attempt:
                    raise Failure(WRONG_CREDENTIAL, _RESTLESS) from None
        raise TimeoutError

    async def _receive(self, receive: Callable[[SnmpV3ClientSocket], T], timeout_s: float) -> T:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        is_answered = False
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    await self._readable()
            except TimeoutError:
                self.counts.timeouts += 1
                if is_answered:
                    raise Failure(WRONG_CREDENTIAL, _UNDECIPHERABLE) from None
                if self._is_authenticated and self._user.priv_key:
                    self._silent += 1
                    if self._silent > self._patience.retries:
                        raise Failure(WRONG_CREDENTIAL, _SILENT) from None
                raise
            report = self._report()
            try:
                found = receive(self._wired())
                self._silent = -1_000_000 if self._is_authenticated else 0  # deciphered once: silence is only silence
                return found
            except BlockingIOError:  # taken and of no use: deciphered to nothing, or another engine's
                is_answered = True
            except StopAsyncIteration:
                return []  # type: ignore[return-value]
            except SnmpAuthError as error:
                if report == _NOT_IN_WINDOW:
                    raise _OutsideWindow from error
                raise Failure(WRONG_CREDENTIAL, _REFUSALS.get(report, _SEC_LEVEL)) from error
            except SnmpError as error:
                self.counts.malformed += 1
                raise wire.MalformedReply(str(error)) from error
            except OSError as error:
                raise Failure(UNREACHABLE, f"{self._target}: {error}") from error

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        fd = self._wired().get_fd()
        loop.add_reader(fd, lambda: ready.done() or ready.set_result(None))
        try:
            await ready
        finally:
            loop.remove_reader(fd)

    def _report(self) -> int:
        """Which usmStats counter the waiting datagram reports; 0 for none or an enciphered one."""
        if self._peek is None:
            return 0
        try:
            data = self._peek.recv(2_048, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except OSError:
            return 0
        at = data.find(_USM_STATS)
        return data[at + len(_USM_STATS)] if 0 <= at < len(data) - len(_USM_STATS) else 0

    def close(self) -> None:
        if self._peek is not None:
            self._peek.close()
        self._peek = self._socket = None


class _OutsideWindow(Exception):
    """The agent says notInTimeWindows; gufo-snmp has taken its boots and time from that report."""


class _UsmCursor:
    """gufo-snmp walks from a root with a fixed size; with a smaller size it starts again and skips what is known."""

    def __init__(self, session: UsmSession, root: str) -> None:
        self._session = session
        self._root = root
        self._size = 0
        self._iterator: GetIter | None = None
        self._last: tuple[int, ...] = ()
        self._is_behind = False

    async def more(self, repetitions: int, timeout_s: float) -> list[Variable]:
        if self._iterator is None or repetitions < self._size:
            self._iterator, self._size = GetIter(self._root, max(1, repetitions)), repetitions
            self._is_behind = bool(self._last)
        while True:
            found = await self._session.bulk(self._iterator, timeout_s)
            pairs = [(pair[0], _float_of(pair[1])) for pair in found if pair is not None]
            if self._is_behind:
                pairs = [pair for pair in pairs if arcs_of(pair[0]) > self._last]
                if not pairs and found and None not in found:
                    continue
                self._is_behind = False
            if pairs:
                self._last = arcs_of(pairs[-1][0])
            return pairs


def _float_of(value: object) -> wire.Value | None:
    if isinstance(value, bytes) and value[:1] == b"\x9f":
        return wire.value_of(wire.OPAQUE, value)
    return value  # type: ignore[return-value]


def _discovery() -> bytes:
    """An engine-id discovery of ours (RFC 3414 section 4), to learn whether the port is open."""
    number, none = b"\x02\x02\x37\xf0", b"\x04\x00"
    head = wire.tlv(0x30, number + b"\x02\x03\x00\xff\xe3" + b"\x04\x01\x04" + b"\x02\x01\x03")
    security = wire.tlv(0x04, wire.tlv(0x30, none + b"\x02\x01\x00" * 2 + none * 3))
    asked = wire.tlv(wire.GET, number + b"\x02\x01\x00" * 2 + b"\x30\x00")
    return wire.tlv(0x30, b"\x02\x01\x03" + head + security + wire.tlv(0x30, none * 2 + asked))


_DISCOVERY = _discovery()
