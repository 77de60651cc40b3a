"""Commands to kiosks: given, fetched with a heartbeat's answer, acknowledged by a later one, taken back, expired."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from conference.kiosk.heartbeat import Ack
from conference.kiosk.models import Kiosk, KioskCommand, KioskState
from conference.kiosk.verbs import KIOSK_VERBS, checked, way_back, why_not
from core import Deed, Session, append_audit
from inventory import Endpoint

OPEN = ("waiting", "sent")
AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Given:
    """What became of a command to several kiosks: the rows, and who was not asked, with why (words of WHY_NOT)."""

    commands: Sequence[KioskCommand] = ()
    refused: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a person asks kiosks for: a word of KIOSK_VERBS, its arguments ({"value": ...}), and why."""

    verb: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


def command_kiosk(session: Session, endpoint_ids: Iterable[int], ask: Ask, actor: str, now: datetime) -> Given:
    """Ask kiosks for something. The ids were chosen by scope already. Raises VerbProblem for a wrong argument."""
    ask = replace(ask, arguments=checked(ask.verb, ask.arguments))
    wanted = sorted(set(endpoint_ids))
    refused = _refusals(session, wanted, ask, now)
    given = _give(session, [one for one in wanted if one not in refused], ask, actor, now)
    return replace(given, refused=refused)


def undo_command(session: Session, command_id: int, actor: str, now: datetime) -> Given | None:
    """Ask for the way back of a command that was carried out; None when there is none, or it was taken already."""
    command = session.get(KioskCommand, command_id)
    back = way_back(command.verb, _loaded(command.before)) if command is not None and command.state == "done" else None
    if command is None or back is None or session.scalar(
        select(KioskCommand.id).where(KioskCommand.undoes_id == command_id).limit(1)
    ):
        return None
    given = command_kiosk(session, [command.endpoint_id], Ask(back[0], back[1], command.reason), actor, now)
    for row in given.commands:
        row.undoes_id = command_id
    session.flush()
    return given


def _refusals(
    session: Session, endpoint_ids: Sequence[int], ask: Ask, now: datetime
) -> dict[int, str]:
    verb, refused = KIOSK_VERBS[ask.verb], {}
    rows = session.execute(
        select(Endpoint.id, Endpoint.kind, Kiosk.sealed_secret, Kiosk.devices, KioskState.at, KioskState.state)
        .outerjoin(Kiosk, Kiosk.endpoint_id == Endpoint.id)
        .outerjoin(KioskState, KioskState.endpoint_id == Endpoint.id)
        .where(Endpoint.id.in_(endpoint_ids))
    )  # fmt: skip
    waiting = _same_waiting(session, endpoint_ids, ask, now)
    for endpoint_id, kind, secret, devices, at, state in rows:
        labels = _loaded(devices).get(verb.device, []) if verb.device else []
        if kind == "codec":
            why = "not_a_kiosk"
        elif not secret:
            why = "not_paired"
        elif labels and ask.arguments["value"] not in labels:
            why = "no_such_device"
        else:
            why = why_not(verb, at, state or "", now) or ("same_waits" if endpoint_id in waiting else "")
        if why:
            refused[endpoint_id] = why
    return refused


def _same_waiting(
    session: Session, endpoint_ids: Sequence[int], ask: Ask, now: datetime
) -> set[int]:
    return set(session.scalars(
        select(KioskCommand.endpoint_id).where(
            KioskCommand.endpoint_id.in_(endpoint_ids), KioskCommand.state.in_(OPEN), KioskCommand.verb == ask.verb,
            KioskCommand.arguments == _dumped(ask.arguments), KioskCommand.good_until > now,
        )
    ))  # fmt: skip


def _give(session: Session, endpoint_ids: Sequence[int], ask: Ask, actor: str, now: datetime) -> Given:
    meetings = dict(session.execute(
        select(KioskState.endpoint_id, KioskState.meeting_id).where(KioskState.endpoint_id.in_(endpoint_ids))).all())
    commands = [
        KioskCommand(
            endpoint_id=one, meeting_id=meetings.get(one), verb=ask.verb, arguments=_dumped(ask.arguments),
            asked_by=actor, asked_at=now, reason=ask.reason[:300], good_until=now + KIOSK_VERBS[ask.verb].lasts,
        )
        for one in endpoint_ids
    ]  # fmt: skip
    session.add_all(commands)
    session.flush()
    if commands:
        names = session.scalars(select(Endpoint.name).where(Endpoint.id.in_(endpoint_ids[:20])))
        text = ", ".join(names)[:200]
        detail = {**ask.arguments, "endpoints": list(endpoint_ids[:700]), "reason": ask.reason[:300]}
        only = endpoint_ids[0] if len(endpoint_ids) == 1 else None
        append_audit(session, Deed(actor, f"kiosk.{ask.verb}", "endpoint", only, text, detail), now)
    return Given(commands)


def waiting_commands(session: Session, endpoint_id: int, now: datetime) -> list[dict[str, Any]]:
    """What a page is told to do, oldest first. One that was sent and not acknowledged is sent again: the page knows
    the numbers of those it has done."""
    rows = session.scalars(
        select(KioskCommand)
        .where(KioskCommand.endpoint_id == endpoint_id, KioskCommand.state.in_(OPEN), KioskCommand.good_until > now)
        .order_by(KioskCommand.id).limit(AT_ONCE)
    )  # fmt: skip
    return [{"id": row.id, "verb": row.verb, "arguments": _loaded(row.arguments), "reason": row.reason} for row in rows]


def has_waiting_commands(session: Session, endpoint_id: int, now: datetime) -> bool:
    """Whether the page should send a heartbeat at once, to fetch what waits for it."""
    return session.scalar(
        select(KioskCommand.id)
        .where(KioskCommand.endpoint_id == endpoint_id, KioskCommand.state == "waiting", KioskCommand.good_until > now)
        .limit(1)
    ) is not None  # fmt: skip


def mark_sent(session: Session, command_ids: Sequence[int], now: datetime) -> None:
    """Their page has them."""
    session.execute(
        update(KioskCommand).where(KioskCommand.id.in_(command_ids), KioskCommand.state == "waiting")
        .values(state="sent", sent_at=now), execution_options={"synchronize_session": False})


def acknowledge(session: Session, endpoint_id: int, acks: Sequence[Ack], now: datetime) -> None:
    """The page tells what came of its commands; those of another endpoint, and answered ones, are left alone."""
    by_id = {ack.command_id: ack for ack in acks}
    answerable = KioskCommand.state.in_((*OPEN, "expired"))
    rows = session.scalars(select(KioskCommand).where(
        KioskCommand.id.in_(by_id), KioskCommand.endpoint_id == endpoint_id, answerable))
    for row in rows:
        ack = by_id[row.id]
        row.state, row.done_at, row.result = "done" if ack.is_done else "failed", now, ack.result
        row.before = _dumped(ack.before)


def cancel_command(session: Session, command_id: int, actor: str, now: datetime) -> bool:
    """Take back a command that no page has fetched yet."""
    changed = session.execute(
        update(KioskCommand).where(KioskCommand.id == command_id, KioskCommand.state == "waiting")
        .values(state="cancelled", done_at=now), execution_options={"synchronize_session": "fetch"}).rowcount
    if changed:
        append_audit(session, Deed(actor, "kiosk.cancel", "kiosk_command", command_id, ""), now)
    return bool(changed)


def expire_commands(session: Session, now: datetime) -> int:
    """Commands whose time is over are done with; returns how many."""
    return session.execute(
        update(KioskCommand).where(KioskCommand.state.in_(OPEN), KioskCommand.good_until <= now)
        .values(state="expired", done_at=now), execution_options={"synchronize_session": False}).rowcount


def commands_of(session: Session, endpoint_id: int, limit: int = 20) -> list[KioskCommand]:
    """The newest commands of a kiosk."""
    chosen = select(KioskCommand).where(KioskCommand.endpoint_id == endpoint_id)
    return list(session.scalars(chosen.order_by(KioskCommand.id.desc()).limit(limit)))


def undone_ids(session: Session, command_ids: Sequence[int]) -> set[int]:
    """Those of the commands that were taken back."""
    return set(session.scalars(select(KioskCommand.undoes_id).where(KioskCommand.undoes_id.in_(command_ids))))


def before_of(command: KioskCommand) -> dict[str, Any]:
    """What the page told of the time before a command, for its way back."""
    return _loaded(command.before)


def _dumped(values: Mapping[str, Any]) -> str:
    return json.dumps(dict(values), ensure_ascii=False)


def _loaded(text: str | None) -> dict[str, Any]:
    found = json.loads(text or "{}")
    return found if isinstance(found, dict) else {}
