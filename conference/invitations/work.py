"""The loops of invitations: what is due is written and sent; the mailbox is read; reminders leave in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from alerts import RetryPolicy, after_attempt
from conference.bench import Bench, Loop
from conference.invitations.facts import is_address
from conference.invitations.ical import Sender
from conference.invitations.links import Links
from conference.invitations.models import Invitation
from conference.invitations.post.account import Account
from conference.invitations.post.composing import compose
from conference.invitations.post.fetching import Fetched, Place, read_new
from conference.invitations.post.replying import Unusable, read
from conference.invitations.post.sending import send_all
from conference.invitations.store.answers import take_mail
from conference.invitations.store.gathering import changed_meetings, meetings_named
from conference.invitations.store.queue import (
    Claimed,
    Desk,
    claim,
    finish,
    give_back,
    has_work,
    queue_for,
    render,
    take_back,
)
from conference.invitations.store.reminding import due_reminders, remind
from conference.invitations.words import FAILED, SENT, WAITING
from conference.settings import ConferenceSettings
from core import GiveUp, OutsideFailure, get_mark, set_mark, use_language

log = structlog.get_logger(__name__)

BATCH = 100               # mails over one connection
CLAIM_TIMEOUT = timedelta(minutes=10)
OVERLAP = timedelta(minutes=2)  # looked at once more: another process may have committed late
WRITTEN_MARK, MAILBOX_MARK = "invitations_written_until", "invitations_mailbox"
POLICY = RetryPolicy(first_s=30.0, longest_s=1800.0, attempts=12)
_failing: set[str] = set()  # which accounts fail just now: transitions are logged, repeats are not


def sending_account(settings: ConferenceSettings) -> Account | None:
    """Where invitations are sent; None when nobody entered a mail server or a sender."""
    if not settings.mail_server or not is_address(settings.mail_sender):
        return None
    return Account(
        settings.mail_server, settings.mail_port, settings.mail_security, settings.mail_user,
        settings.mail_password, settings.mail_ca_file, settings.mail_timeout_s)


def mailbox_account(settings: ConferenceSettings) -> Account | None:
    """Where answers are read; None when nobody entered a mailbox."""
    if not settings.replies_server or not settings.replies_user:
        return None
    return Account(
        settings.replies_server, settings.replies_port, settings.replies_security, settings.replies_user,
        settings.replies_password, settings.mail_ca_file, settings.mail_timeout_s)


def desk_of(bench: Bench) -> Desk:
    """Who writes, and how a participant's page is reached."""
    settings = bench.settings[ConferenceSettings]
    return Desk(Sender(settings.mail_sender, settings.mail_sender_name), Links(bench.settings.core.public_url).own_page)


def step_sending(bench: Bench, now: datetime) -> None:
    """Write what is due of meetings that changed, remind, and send a batch."""
    settings = bench.settings[ConferenceSettings]
    account = sending_account(settings)
    if account is None:
        return
    with use_language(bench.settings.core.language):
        _write(bench, settings, now)
        with bench.database.reading() as session:
            is_time = bool(due_reminders(session, settings.reminders, now))
        if is_time:
            with bench.database.session() as session:
                remind(session, settings.reminders, desk_of(bench), now)
    _send(bench, account, now)


def _write(bench: Bench, settings: ConferenceSettings, now: datetime) -> None:
    """A change waits a little: who corrects a slip at once shall not send two mails to 600 schools."""
    until = now - timedelta(seconds=settings.invitation_delay_s)
    desk = desk_of(bench)
    with bench.database.reading() as session:
        mark = get_mark(session, WRITTEN_MARK)
        since = datetime.fromisoformat(mark) - OVERLAP if mark else None
        ids = [meeting.id for meeting in changed_meetings(session, since, until, now)]
    for meeting_id in ids:
        rendered: dict[object, Invitation] = {}
        with bench.database.reading() as session:
            for meeting in meetings_named(session, [meeting_id]):
                rendered = render(session, meeting, desk, now)
        if not rendered:
            continue
        with bench.database.session() as session:
            for meeting in meetings_named(session, [meeting_id]):
                queue_for(session, meeting, desk, now, rendered)
    if mark is None or (ids and datetime.fromisoformat(mark) < until):
        with bench.database.session() as session:
            set_mark(session, WRITTEN_MARK, until.isoformat())


def _send(bench: Bench, account: Account, now: datetime) -> None:
    with bench.database.reading() as session:
        if not has_work(session, now, CLAIM_TIMEOUT):
            return  # no writer is held up for nothing
    with bench.database.session() as session:
        take_back(session, now, CLAIM_TIMEOUT)
        claimed = claim(session, now, BATCH)
    if not claimed:
        return
    waiting = {one.id: one for one in claimed}

    def told(number: int, failure: OutsideFailure | None) -> None:
        _finish(bench, waiting.pop(number), failure, now)

    mails = []
    sender = desk_of(bench).sender
    for one in claimed:
        try:
            mails.append((one.id, one.letter.email, compose(one.letter, sender, now)))
        except GiveUp as failure:
            told(one.id, failure)
    try:
        send_all(account, mails, told)
    except OutsideFailure as failure:
        _tell("sending", failure)
        with bench.database.session() as session:
            give_back(session, waiting, now + timedelta(minutes=1), failure.reason)
        return
    _tell("sending", None)


def _finish(bench: Bench, one: Claimed, failure: OutsideFailure | None, now: datetime) -> None:
    verdict = after_attempt(failure, one.attempts, now, POLICY, one.id * 0.6180339887 % 1.0)
    state = {"sent": SENT, "failed": FAILED, "queued": WAITING}[verdict.state]
    words = "" if state == SENT else f"{verdict.reason} {verdict.detail}".strip()
    with bench.database.session() as session:
        finish(session, one.id, state, now, words, verdict.due_at)


def step_replies(bench: Bench, now: datetime) -> None:
    """Read what came to the mailbox since the last time; each mail is written down before the next is fetched."""
    settings = bench.settings[ConferenceSettings]
    account = mailbox_account(settings)
    if account is None:
        return
    with bench.database.reading() as session:
        place = _place(get_mark(session, MAILBOX_MARK))

    def take(fetched: Fetched) -> None:
        found = Unusable(f"uid:{fetched.uid}:{fetched.size}", "", "too_big") if fetched.content is None else read(
            fetched.content)
        with bench.database.session() as session:
            take_mail(session, found, now)

    try:
        reached = read_new(account, settings.replies_folder, place, take)
    except OutsideFailure as failure:
        _tell("mailbox", failure)
        return
    _tell("mailbox", None)
    if reached != place:
        with bench.database.session() as session:
            set_mark(session, MAILBOX_MARK, f"{reached.validity}:{reached.last}")


def _place(mark: str | None) -> Place:
    validity, _colon, last = (mark or "0:0").partition(":")
    return Place(int(validity), int(last))


def _tell(what: str, failure: OutsideFailure | None) -> None:
    if failure is None:
        if what in _failing:
            _failing.discard(what)
            log.info("mail of meetings works again", what=what)
    elif what not in _failing:
        _failing.add(what)
        log.warning("mail of meetings fails", what=what, reason=failure.reason)


LOOPS: Sequence[Loop] = (Loop("invitations", 5.0, step_sending), Loop("invitation replies", 30.0, step_replies))
