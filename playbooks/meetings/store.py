"""Orders to meeting servers: written before anything is sent, claimed by an UPDATE, ended, undone, read back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, and_, or_, select, update

from core import Deed, SealError, Secret, Session, Vault, append_audit, gettext, ngettext
from inventory import MeetingServer, MeetingSystem, NotFound, open_system, sign_system_token
from playbooks.meetings.models import MeetingOrder
from playbooks.meetings.verbs import FAILED, LATER, VERBS, Aim, Outcome
from playbooks.meetings.words import CANCELLED, DONE, RUNNING, WAITING
from playbooks.settings import PlaybooksSettings

CLAIM_LASTS = timedelta(minutes=1)
LONGEST_REASON = 300
STREAM = "sealed_stream"  # the name of the stream's key among the arguments


class OrderProblem(ValueError):
    """An order that cannot be given: the field and what to do."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.field, self.text = name, text


@dataclass(frozen=True, slots=True)
class Command:
    """What is to be ordered. `room` is the MUC node, `endpoint` a connection (8 hex), `server_id` a bridge or recorder;
    `hits` how many connections it concerns, for the preview; `sealed_stream` the stream's key as it is sealed."""

    verb: str
    system_id: int
    reason: str = ""
    meeting_id: int | None = None
    room: str = ""
    endpoint: str = ""
    server_id: int | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    hits: int | None = None
    sealed_stream: str = ""
    names: str = ""


def preview_of(command: Command) -> str:
    """What it will do to how many, in the language of the moment; stored with the order."""
    verb = VERBS[command.verb]
    told = [f"{gettext(verb.title)}{': ' + command.names if command.names else ''}.", gettext(verb.preview)]
    if command.hits is not None:
        told.append(ngettext("Concerns %(num)d connection now.", "Concerns %(num)d connections now.", command.hits))
    return " ".join(told)


def check(session: Session, command: Command) -> None:
    """Raises OrderProblem for what can be seen to be wrong before it is sent."""
    verb = VERBS.get(command.verb)
    if verb is None:
        raise OrderProblem("verb", gettext("Choose what to do."))
    if session.get(MeetingSystem, command.system_id) is None:
        raise OrderProblem("system", gettext("The meeting has no meeting system."))
    _check_needs(session, command, verb.needs)
    if _server_for(session, command) is None:
        kinds = {"jvb": gettext("bridge"), "jibri": gettext("recorder")}
        raise OrderProblem("server", gettext("The system has no enabled %(kind)s entered.",
                                             kind=kinds.get(verb.target, verb.target.capitalize())))  # fmt: skip


def _check_needs(session: Session, command: Command, needs: Sequence[str]) -> None:
    arguments = command.arguments
    if "room" in needs and not command.room:
        raise OrderProblem("room", gettext("The order needs a room."))
    if "endpoint" in needs and not _is_connection(command.endpoint):
        raise OrderProblem("endpoint", gettext("Nobody knows this endpoint's connection now: it is not in the room."))
    if "bridge" in needs and not str(arguments.get("bridge") or ""):
        raise OrderProblem("bridge", gettext("Choose a bridge."))
    ranges = {"count": (1, 500), "minutes": (1, 1440), "fraction": (0.01, 1.0)}
    for name in needs:
        if name in ranges and not ranges[name][0] <= _number(arguments.get(name)) <= ranges[name][1]:
            low, high = ranges[name]
            text = gettext("Enter a number from %(low)s to %(high)s.", low=f"{low:g}", high=f"{high:g}")
            raise OrderProblem(name, text)
    if "version" in needs and not str(arguments.get("version") or "").strip():
        raise OrderProblem("version", gettext("Enter the version of the bridges, as the servers tell it."))
    if "stream" in needs and not command.sealed_stream:
        raise OrderProblem("stream", gettext("The meeting has no stream key. Enter it in the meeting's form first."))


def _is_connection(text: str) -> bool:
    return len(text) == 8 and all(one in "0123456789abcdef" for one in text)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return -1.0


def order(
    session: Session, command: Command, actor: str, now: datetime, settings: PlaybooksSettings | None = None
) -> MeetingOrder:
    """Write the order, audited; the worker sends it. Raises OrderProblem; a reason is required."""
    if not command.reason.strip():
        raise OrderProblem("reason", gettext("Say why: the record keeps it."))
    check(session, command)
    arguments = dict(command.arguments)
    if command.sealed_stream:
        arguments[STREAM] = command.sealed_stream
    patience = timedelta(minutes=(settings or PlaybooksSettings()).meeting_order_patience_minutes)
    made = MeetingOrder(
        system_id=command.system_id, server_id=command.server_id, meeting_id=command.meeting_id,
        room=command.room.lower(), endpoint=command.endpoint, verb=command.verb,
        arguments=json.dumps(arguments, ensure_ascii=False), preview=preview_of(command),
        reason=" ".join(command.reason.split())[:LONGEST_REASON], ordered_by=actor[:100], ordered_at=now,
        not_before=now, give_up_at=now + patience, hits=command.hits,
    )  # fmt: skip
    session.add(made)
    session.flush()
    append_audit(session, Deed(
        actor, f"meeting.{command.verb}", "meeting_order", made.id, f"{command.verb} {command.room}".strip(),
        {"meeting": command.meeting_id, "system": command.system_id, "server": command.server_id,
         "endpoint": command.endpoint, "arguments": dict(command.arguments), "reason": made.reason,
         "hits": command.hits},
    ), now)  # fmt: skip
    return made


def undo_order(session: Session, order_id: int, actor: str, now: datetime) -> MeetingOrder | None:
    """Order the way back, or take back what was not sent yet; None when there is nothing to take back."""
    found = session.get(MeetingOrder, order_id)
    if found is None:
        return None
    if found.state == WAITING and found.sent_at is None:
        taken = session.execute(
            update(MeetingOrder).where(MeetingOrder.id == order_id, MeetingOrder.state == WAITING)
            .values(state=CANCELLED, failure="taken_back", done_at=now)
        )  # fmt: skip
        if isinstance(taken, CursorResult) and taken.rowcount == 1:
            append_audit(session, Deed(actor, "meeting.take_back", "meeting_order", order_id, found.verb), now)
            session.refresh(found)
            return found
        return None
    if not is_undoable(session, found):
        return None
    arguments = {name: value for name, value in json.loads(found.arguments).items() if name != STREAM}
    back = order(session, Command(
        VERBS[found.verb].undo, found.system_id, gettext("Undo of order %(number)s", number=order_id), found.meeting_id,
        found.room, found.endpoint, found.server_id, arguments, found.hits,
    ), actor, now)  # fmt: skip
    back.undoes_id = order_id
    session.flush()
    return back


def is_undoable(session: Session, found: MeetingOrder) -> bool:
    """Whether an order was carried out, has a way back, and nobody took it."""
    if found.state == WAITING and found.sent_at is None:
        return True
    if found.state != DONE or not VERBS[found.verb].undo:
        return False
    taken = select(MeetingOrder.id).where(MeetingOrder.undoes_id == found.id, MeetingOrder.state != FAILED)
    return session.scalar(taken.limit(1)) is None


def orders_of(session: Session, meeting_id: int, system_id: int | None = None, limit: int = 100) -> list[MeetingOrder]:
    """The orders about a meeting, and those about its system's servers, the newest first."""
    about = MeetingOrder.meeting_id == meeting_id
    if system_id is not None:
        about = or_(about, and_(MeetingOrder.meeting_id.is_(None), MeetingOrder.system_id == system_id))
    return list(session.scalars(select(MeetingOrder).where(about).order_by(MeetingOrder.id.desc()).limit(limit)))


def get_order(session: Session, order_id: int) -> MeetingOrder | None:
    """One order."""
    return session.get(MeetingOrder, order_id)


def _is_due(now: datetime):  # noqa: ANN202 - a condition
    abandoned = and_(MeetingOrder.state == RUNNING, MeetingOrder.claimed_at < now - CLAIM_LASTS)
    return or_(and_(MeetingOrder.state == WAITING, MeetingOrder.not_before <= now), abandoned)


def forget_secrets(session: Session) -> int:
    """Empty the stream keys in orders that a lost key file sealed; what was not sent yet fails. How many there were."""
    chosen = select(MeetingOrder).where(MeetingOrder.arguments.contains(STREAM))
    found = [one for one in session.scalars(chosen) if STREAM in json.loads(one.arguments)]
    for one in found:
        arguments = {name: value for name, value in json.loads(one.arguments).items() if name != STREAM}
        one.arguments = json.dumps(arguments, ensure_ascii=False)
        if one.state in (WAITING, RUNNING):
            one.state, one.failure, one.claimed_at = FAILED, "bad_secret", None
    session.flush()
    return len(found)


def has_due(session: Session, now: datetime) -> bool:
    """Whether there may be something to claim; only reads."""
    return session.scalar(select(MeetingOrder.id).where(_is_due(now)).limit(1)) is not None


def claim_orders(session: Session, now: datetime, limit: int) -> list[int]:
    """Take up to `limit` due orders, oldest first."""
    claimed = []
    chosen = select(MeetingOrder.id).where(_is_due(now)).order_by(MeetingOrder.id).limit(limit)
    for order_id in session.scalars(chosen).all():
        taken = session.execute(
            update(MeetingOrder).where(MeetingOrder.id == order_id, _is_due(now))
            .values(state=RUNNING, claimed_at=now, attempts=MeetingOrder.attempts + 1),
            execution_options={"synchronize_session": False},
        )  # fmt: skip
        if isinstance(taken, CursorResult) and taken.rowcount == 1:
            claimed.append(order_id)
    return claimed


def _server_for(session: Session, command: Command | MeetingOrder) -> MeetingServer | None:
    """The server that is told: the one named, or the system's first of the verb's kind."""
    kind = VERBS[command.verb].target
    if command.server_id is not None and "server" in VERBS[command.verb].needs:
        named = session.get(MeetingServer, command.server_id)
        is_right = named is not None and named.system_id == command.system_id and named.kind == kind
        return named if is_right else None
    if "server" in VERBS[command.verb].needs and kind == "jvb":
        return None
    chosen = select(MeetingServer).where(
        MeetingServer.system_id == command.system_id, MeetingServer.kind == kind, MeetingServer.is_enabled
    )
    return session.scalar(chosen.order_by(MeetingServer.id).limit(1))


def aim_of(
    session: Session, vault: Vault, order_id: int, settings: PlaybooksSettings, now: datetime
) -> Aim | Outcome:
    """All that sending needs; or how the order ends without: given up, its system gone, no key."""
    found = session.get(MeetingOrder, order_id)
    system = session.get(MeetingSystem, found.system_id) if found is not None else None
    if found is None or system is None:
        return Outcome(FAILED, "gone")
    if found.step == "act" and found.give_up_at is not None and now >= found.give_up_at:
        return Outcome(FAILED, found.failure or "too_late")
    server = _server_for(session, found)
    if server is None:
        return Outcome(FAILED, "no_server")
    arguments = json.loads(found.arguments)
    token, stream = Secret(""), Secret("")
    try:
        if VERBS[found.verb].target == "prosody":
            token = sign_system_token(system, open_system(session, vault, system.id).system_key, found.room, now)
        if arguments.get(STREAM):
            stream = vault.unseal(arguments.pop(STREAM))
    except (SealError, NotFound):
        return Outcome(FAILED, "bad_secret")
    except ValueError:
        return Outcome(FAILED, "no_key")
    node = f"[{system.tenant}]{found.room}" if system.tenant else found.room
    domain = settings.recorder_domain or f"recorder.{system.domain}"
    login = (domain, settings.recorder_user, settings.recorder_password)
    return Aim(
        found.verb, server.url, found.room, f"{node}@{system.muc_prefix}.{system.domain}" if found.room else "",
        system.tenant, found.endpoint, system.public_url, f"edunoc-{found.id}", arguments, token, login, stream,
        found.step, found.sent_at is not None, found.attempts,
    )  # fmt: skip


def note_sending(session: Session, order_id: int, now: datetime) -> None:
    """Write down that it is about to be sent."""
    found = session.get(MeetingOrder, order_id)
    if found is not None:
        found.sent_at = now
        session.flush()


def end_order(session: Session, order_id: int, outcome: Outcome, now: datetime) -> None:
    """Write how a try went: finished, or put back for later."""
    found = session.get(MeetingOrder, order_id)
    if found is None:
        return
    found.claimed_at = None
    found.failure, found.detail = outcome.reason[:32], outcome.detail[:500]
    if outcome.state == LATER:
        found.state, found.not_before = WAITING, now + timedelta(seconds=outcome.after_s)
        if outcome.step and outcome.step != found.step:
            found.step, found.attempts = outcome.step, 0
    else:
        found.state, found.done_at = outcome.state, now
    session.flush()
