"""A heartbeat from its request to its answer: proven, read, kept for the next write; the answer carries commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from conference.kiosk.heartbeat import read_heartbeat
from conference.kiosk.inbox import Inbox
from conference.kiosk.signing import LARGEST, digest, read_headers, refusal
from conference.kiosk.store.beats import Beat
from conference.kiosk.store.commands import waiting_commands
from conference.kiosk.store.pairing import key_of
from core import SealError, Session, Vault

STATUS = {"": 200, "too_large": 413, "not_json": 400, "no_headers": 400, "unknown_endpoint": 404, "stale": 401,
          "not_paired": 401, "bad_signature": 401, "replayed": 409, "busy": 503}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a heartbeat: the reason it was refused ("" when it was taken), and what the page is answered."""

    reason: str
    answer: Mapping[str, Any] = field(default_factory=dict)
    endpoint_id: int | None = None

    @property
    def status(self) -> int:
        """The status of the HTTP answer."""
        return STATUS[self.reason]


def take_heartbeat(
    inbox: Inbox, session: Session, vault: Vault, request: tuple[Mapping[str, str], bytes, str], now: datetime
) -> Taken:
    """`request` is (headers, body, address). The session only reads; every answer tells the server's time, so that a
    page whose clock is wrong can set itself right."""
    headers, body, address = request
    told = {"server_time_ms": int(now.timestamp() * 1000)}

    def refuse(reason: str) -> Taken:
        inbox.counts[f"refused:{reason}"] += 1
        return Taken(reason, {**told, "reason": reason})

    if len(body) > LARGEST:
        return refuse("too_large")
    signed = read_headers(headers, body, address)
    if signed is None:
        return refuse("no_headers")
    key = key_of(session, signed.code)
    if key is None or not key.sealed_secret:
        return refuse("unknown_endpoint" if key is None else "not_paired")
    mark = digest(key.sealed_secret)[:16]
    try:
        secret = vault.unseal(key.sealed_secret)
    except SealError:
        return refuse("not_paired")
    reason = refusal(signed, secret, inbox.last_number(key.endpoint_id, mark, key.sequence), now)
    said = None if reason else read_heartbeat(body)
    if said is None:
        return refuse(reason or "not_json")
    commands = waiting_commands(session, key.endpoint_id, now)
    sent = tuple(command["id"] for command in commands)
    reason = inbox.put(Beat(key.endpoint_id, now, address[:64], signed.number, said, sent), mark, key.sequence)
    if reason:
        return refuse(reason)
    return Taken("", {**told, "reason": "", "commands": commands, "dropped": said.dropped}, key.endpoint_id)
