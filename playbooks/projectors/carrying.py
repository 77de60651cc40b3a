"""Carries out one command on one projector in one conversation: look, decide, note, send, look again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from core import GiveUp, OutsideFailure, Secret, pjlink
from playbooks.projectors.commands import (
    COMMANDS,
    ON,
    Command,
    Next,
    Seen,
    after_sending,
    before_sending,
    parameter_of,
    second_look,
)
from playbooks.projectors.words import DONE, FAILED

MOST_ATTEMPTS = 6
FIRST_RETRY_S = 10.0
WHOLE_S = 60.0

Note = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Aim:
    """A task ready to be carried out. `was_sent`: an earlier try noted that it was about to send."""

    command: str
    argument: str
    step: str
    endpoint: pjlink.Endpoint
    password: Secret | None
    patience: pjlink.Patience
    was_sent: bool = False
    attempts: int = 1
    device_id: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try ended: `state` done, failed, refused or "later" (after so many seconds, at `step`)."""

    state: str
    reason: str
    detail: str = ""
    after: str = ""
    after_s: float = 0.0
    step: str = ""
    until: datetime | None = None


async def carry_out(board: pjlink.Switchboard, aim: Aim, note: Note, cooling_s: float) -> Outcome:
    """Do it, or say why not. `note(before)` is awaited before anything is sent. Raises nothing of the outside world."""
    command = COMMANDS[aim.command]
    if command.is_relative and aim.was_sent:
        return Outcome(FAILED, "interrupted")
    try:
        async with asyncio.timeout(WHOLE_S), board.talk(aim.endpoint, aim.password, aim.patience) as session:
            return await _converse(session, command, aim, note, cooling_s)
    except TimeoutError:
        return _again(aim, pjlink.reasons.TIMEOUT, "")
    except GiveUp as failure:
        return Outcome(FAILED, failure.reason, failure.detail)
    except OutsideFailure as failure:
        return _again(aim, failure.reason, failure.detail)


def _again(aim: Aim, reason: str, detail: str) -> Outcome:
    if aim.attempts >= MOST_ATTEMPTS:
        return Outcome(FAILED, reason, detail)
    return Outcome("later", reason, detail, after_s=FIRST_RETRY_S * 2.0 ** (aim.attempts - 1))


async def _converse(session: pjlink.Session, command: Command, aim: Aim, note: Note, cooling_s: float) -> Outcome:
    seen = await _look(session, command)
    if aim.step == "look":
        return _outcome(second_look(command, seen), seen, "look")
    step = before_sending(command, aim.argument, seen)
    if step.act != "send":
        return _outcome(step, seen)
    await note(seen.value or str(seen.power))
    answer = await session.ask(command.asks, parameter_of(command, aim.argument), command.grade)
    if answer.reason == pjlink.reasons.NOT_NOW:
        return _again(aim, answer.reason, "")
    if not answer.is_ok:
        return Outcome(FAILED, answer.reason)
    seen = await _look(session, command)
    after = after_sending(command, aim.argument, seen, cooling_s)
    return _outcome(after, seen, "look" if after.act == "later" else "")


async def _look(session: pjlink.Session, command: Command) -> Seen:
    power = pjlink.values.parse_power((await session.ask("POWR")).value)
    if command.asks == "POWR" or power != ON or command.is_relative:
        return Seen(power)
    return Seen(power, (await session.ask(command.asks, "?", command.grade)).value)


def _outcome(step: Next, seen: Seen, place: str = "") -> Outcome:
    state = {"done": DONE, "fail": FAILED}.get(step.act, "later")
    return Outcome(state, step.reason, "", seen.value or ("" if seen.power is None else str(seen.power)),
                   step.after_s, place)  # fmt: skip
