"""Reads one projector: one short connection in which all that is due is asked. Decides nothing of the answers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from collectors.pjlink.reading import NAMED_INPUTS, Known, Reading, questions
from core import Secret, TryLater, pjlink

WHOLE_S = 60.0  # a reading that takes longer holds up others


@dataclass(frozen=True, slots=True)
class Asked:
    """What a conversation gave. `reason` "ok" means that it was read to the end."""

    reason: str
    detail: str = ""
    reading: Reading | None = None
    requests: int = 0
    seconds: float = 0.0
    spoken: str = ""


async def ask_projector(
    board: pjlink.Switchboard, endpoint: pjlink.Endpoint, password: Secret | None, patience: pjlink.Patience,
    known: Known, now: float,
) -> Asked:
    """Read a projector. Raises TryLater, and GiveUp for a password that is missing or refused."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(WHOLE_S), board.talk(endpoint, password, patience) as session:
            reading = await _converse(session, known, now)
            return Asked("ok", "", reading, session.asked, loop.time() - began, board.spoken(endpoint))
    except TimeoutError:
        raise TryLater(pjlink.reasons.TIMEOUT, f"{WHOLE_S:g} s") from None


async def _converse(session: pjlink.Session, known: Known, now: float) -> Reading:
    answers = {}
    grade = known.grade
    if not grade or known.wants_identity(now):
        told = await session.ask("CLSS")
        grade = 2 if told.value == "2" else 1
    answers["POWR"] = await session.ask("POWR")
    power = pjlink.values.parse_power(answers["POWR"].value)
    for command, needed in questions(replace(known, grade=grade), power, now):
        answers[command] = await session.ask(command, "?", needed)
    names: dict[str, str] = {}
    codes = pjlink.values.parse_inputs(answers["INST"].value) if "INST" in answers else ()
    for code in codes[:NAMED_INPUTS] if grade >= 2 else ():
        told = await session.ask("INNM", f"?{code}", 2)
        if not told.is_ok:
            break
        names[code] = told.value
    return Reading(grade, answers, names)
