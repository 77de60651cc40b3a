"""From the queue to the other side: written before sent, sent once, retried in one place, not held up by others."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest

from alerts import (
    AlertsSettings,
    Channel,
    ChannelProblem,
    Environment,
    Notification,
    Route,
    TestTarget,
    explain,
    list_channels,
    notifications_of,
    save_channel,
    save_route,
    send_test,
    shown_settings,
    story,
)
from alerts.retry import RetryPolicy, after_attempt
from alerts.sending import Sender
from core import GiveUp, TryLater
from tests.alerts.doors import mail_door, web_door
from tests.alerts.province import DOWN, EMAIL, UP, add_channel


@pytest.fixture
def sender(province, vault) -> Sender:
    """A sender on the province's time."""
    settings = AlertsSettings(allow_private_webhooks=True, send_timeout_s=2, digest_from=3)
    return Sender(province.database, vault, settings, lambda: province.at, "https://noc.example")


def tell(province, vault, port: int, **values: object) -> int:
    """An e-mail channel to a port of this machine."""
    return add_channel(province.database, vault, province.at, "email", {**EMAIL, "port": port}, **values)


def fail_school(province, school: str = "a", seconds: float = 20) -> None:
    province.ping(DOWN, f"{school}.*")
    province.after(seconds)


async def test_a_dark_school_reaches_the_mailbox_and_so_does_its_return(province, vault, sender):
    with mail_door() as door:
        tell(province, vault, door.port)
        fail_school(province)
        assert await sender.send_due() == 1
        province.ping(UP, "a.*")
        province.after(10)
        await sender.send_due()
    assert [mail["Subject"] for mail in door.mails] == [
        "[SỰ CỐ - Nghiêm trọng] Trường a: mất kết nối toàn bộ", "[ĐÃ HẾT] Trường a: mất kết nối toàn bộ"]
    text = door.mails[0].get_body(("plain",)).get_content()
    assert "Cần làm: Gọi cho nhà trường" in text
    assert "07:45" in text, "times are those of Viet Nam"
    assert "https://noc.example/incidents/1" in text
    with province.database.reading() as session:
        [first, second] = notifications_of(session, 1)
        assert (first.state, second.state, first.attempts) == ("sent", "sent", 1)
        kinds = [line.kind for line in story(session, 1)]
    assert kinds == ["opened", "notification", "closed", "notification"]


async def test_english_for_those_who_read_english(province, vault, sender):
    with mail_door() as door:
        tell(province, vault, door.port, language="en")
        fail_school(province)
        await sender.send_due()
    assert door.mails[0]["Subject"] == "[TROUBLE - Critical] Trường a: completely offline"


async def test_two_routes_to_one_mailbox_are_one_mail(province, vault, sender):
    with mail_door() as door:
        channel_id = tell(province, vault, door.port)
        with province.database.session() as session:
            session.add(Route(channel_id=channel_id, recipient="noc@school.example", unit_path="/1/2/"))
        fail_school(province)
        await sender.send_due()
    assert len(door.mails) == 1


async def test_a_crash_between_writing_and_sending_sends_once(province, vault, sender):
    with mail_door() as door:
        tell(province, vault, door.port)
        fail_school(province)
        # the process dies here; the next one starts
        province.restart()
        province.after(10)
        again = Sender(province.database, vault, sender.settings, sender.clock)
        again.recover()
        await again.send_due()
        await again.send_due()
        province.after(60)
        await again.send_due()
    assert len(door.mails) == 1


async def test_a_crash_while_sending_sends_again_with_the_same_mark(province, vault, sender):
    with mail_door() as door:
        tell(province, vault, door.port)
        fail_school(province)
        [claimed] = sender._claim()
        assert sender._claim() == []
        again = Sender(province.database, vault, sender.settings, sender.clock)
        assert again.recover() == 1
        await again.send_due()
    assert [mail["X-EduNOC-Message"] for mail in door.mails] == [claimed.delivery.id]


async def test_a_hanging_claim_is_taken_back_after_a_while(province, vault, sender):
    with mail_door() as door:
        tell(province, vault, door.port)
        fail_school(province)
        sender._claim()
        await sender.send_due()
        assert door.mails == []
        province.at += timedelta(seconds=121)
        await sender.send_due()
    assert len(door.mails) == 1


async def test_try_later_then_it_works(province, vault, sender):
    with mail_door() as door:
        tell(province, vault, door.port)
        door.answer = "451 later"
        fail_school(province)
        await sender.send_due()
        [message] = province.messages()
        assert (message.state, message.reason) == ("queued", "busy")
        assert await sender.send_due() == 0, "not before its time"
        door.answer = "250 ok"
        province.at += timedelta(seconds=12)
        await sender.send_due()
    assert len(door.mails) == 1
    [channel] = list_channels_of(province)
    assert channel.last_failure == ""


async def test_give_up_is_told_with_its_reason(province, vault, sender):
    with mail_door() as door:
        tell(province, vault, door.port)
        door.answer = "550 no such user"
        fail_school(province)
        await sender.send_due()
    [message] = province.messages()
    assert (message.state, message.reason) == ("failed", "refused")
    assert list_channels_of(province)[0].last_failure == "refused"


async def test_a_channel_that_was_switched_off_or_damaged(province, vault, sender):
    tell(province, vault, 1)
    fail_school(province)
    with province.database.session() as session:
        list_channels(session)[0].sealed = "damaged"
    await sender.send_due()
    [message] = province.messages()
    assert (message.state, message.reason) == ("failed", "bad_settings")


async def test_a_slow_channel_holds_up_neither_the_other_nor_the_judging(province, vault, sender):
    with web_door() as slow, mail_door() as quick:
        slow.hold = threading.Event()
        add_channel(province.database, vault, province.at, "webhook", {"url": slow.url}, recipient="")
        tell(province, vault, quick.port)
        fail_school(province)
        sending = asyncio.create_task(sender.send_due())
        async with asyncio.timeout(1.5):
            while not quick.mails:
                await asyncio.to_thread(province.after, 2)
        assert not sending.done()
        slow.hold.set()
        await sending
    assert {message.state for message in province.messages()} == {"sent"}


async def test_a_storm_becomes_a_digest(province, vault, sender):
    with mail_door() as door:
        channel_id = tell(province, vault, door.port)
        with province.database.session() as session:
            session.get_one(Channel, channel_id).per_minute = 1
        for name in ("a.sw1", "b.sw1", "c.sw1", "d.sw1", "a.sw2"):
            province.ping(DOWN, name)
        province.after(20)
        assert len(province.messages()) == 5
        await sender.send_due()
        assert len(door.mails) == 1
        await sender.send_due()
        assert len(door.mails) == 1, "the minute is full"
        province.at += timedelta(seconds=61)
        await sender.send_due()
    assert len(door.mails) == 2
    assert door.mails[1]["Subject"] == "[NHIỀU TIN] 4 tin cùng lúc"
    assert door.mails[1].get_body(("plain",)).get_content().count("Switch") == 4
    assert sorted(message.state for message in province.messages()) == ["digested"] * 4 + ["sent"] * 2


def list_channels_of(province):
    with province.database.reading() as session:
        return list_channels(session)


def test_the_test_button(province, vault):
    environment = Environment(2.0, True)
    with mail_door() as door:
        channel_id = tell(province, vault, door.port)
        target = TestTarget(channel_id, "truc@school.example")
        assert send_test(province.database, vault, target, environment).state == "sent"
        assert door.mails[0]["Subject"] == "[THỬ] Tin thử của EduNOC"
    verdict = send_test(province.database, vault, target, environment)
    assert (verdict.state, verdict.reason) == ("failed", "unreachable")
    assert explain(verdict.reason) == "Không liên lạc được bên nhận; EduNOC sẽ thử lại."
    assert send_test(province.database, vault, TestTarget(999), environment).reason == "channel_off"


def test_secrets_are_sealed_kept_on_edit_and_never_shown(province, vault):
    with province.database.session() as session:
        channel = save_channel(session, vault, Channel(name="mail", kind="email", sealed=""),
                               {**EMAIL, "password": "s3cret"}, province.at)
        assert "s3cret" not in channel.sealed
        first = vault.unseal(channel.sealed).reveal()
        save_channel(session, vault, channel, {**EMAIL, "password": "", "port": 26}, province.at)
        assert "s3cret" in first
        assert "s3cret" in vault.unseal(channel.sealed).reveal()
        shown = shown_settings(vault, channel)
    assert shown["port"] == 26
    assert "password" not in shown


@pytest.mark.parametrize("values", [{"port": 99999}, {"sender": "nobody"}, {"server": "a b"}, {"password": ["s3cret"]}])
def test_bad_settings_name_the_field_and_no_value(province, vault, values):
    with province.database.session() as session, pytest.raises(ChannelProblem) as caught:
        save_channel(session, vault, Channel(name="x", kind="email", sealed=""), {**EMAIL, **values}, province.at)
    assert next(iter(values)) in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        {"recipient": "nobody"}, {"channel_id": 99}, {"language": "xx"}, {"min_severity": "loud"}, {"hours": "never"},
        {"device_kinds": ["toaster"]}, {"unit_path": "1/2"},
    ],
)
def test_bad_routes_are_refused(province, vault, values):
    channel_id = tell(province, vault, 25)
    given = {"channel_id": channel_id, "recipient": "a@b.example", "language": "vi", "min_severity": "minor",
             "hours": "always", "unit_path": "/", "device_kinds": [], **values}
    with province.database.session() as session, pytest.raises(ChannelProblem):
        save_route(session, Route(**given))


NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)
POLICY = RetryPolicy(first_s=10, longest_s=60, attempts=5)


@pytest.mark.parametrize(
    ("failure", "attempts", "state", "wait"),
    [
        (None, 1, "sent", None),
        (GiveUp("refused"), 1, "failed", None),
        (TryLater("busy"), 1, "queued", 10),
        (TryLater("busy"), 3, "queued", 40),
        (TryLater("busy"), 4, "queued", 60),
        (TryLater("busy", after=timedelta(seconds=300)), 1, "queued", 300),
        (TryLater("busy"), 5, "failed", None),
    ],
)
def test_retry(failure, attempts, state, wait):
    verdict = after_attempt(failure, attempts, NOON, POLICY, 0.0)
    assert verdict.state == state
    assert (verdict.due_at - NOON).total_seconds() == wait if wait else verdict.due_at is None
    late = after_attempt(failure, attempts, NOON, POLICY, 1.0)
    assert wait is None or wait <= (late.due_at - NOON).total_seconds() <= max(wait * 1.1, 300)


def test_the_row_is_written_once(province, vault):
    tell(province, vault, 25)
    fail_school(province)
    with province.database.reading() as session:
        assert [row.once for row in session.query(Notification)] == ["1:0:opened:1:noc@school.example"]
