"""Reminders: once, in time, to whom they concern; by mail and over the channels of the unit."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts import Channel, Notification, Route
from conference.invitations.models import Invitation, Reminder
from conference.invitations.store.reminding import remind
from conference.invitations.work import step_sending
from conference.schedule import Participant
from core import Database
from tests.conference import world
from tests.conference.invitations.post_office import DESK
from tests.conference.world import MONDAY

MINUTE = timedelta(minutes=1)
MADE = MONDAY - timedelta(days=3)
MINUTES = (1440, 60)
LAN, HOA, MAI = (world.a_person(name, f"{name.lower()}@example.edu.vn") for name in ("Lan", "Hoa", "Mai"))


@pytest.fixture
def session(database: Database):
    with database.session() as session:
        yield session


def notes(session) -> list[str]:
    rows = session.query(Invitation).filter_by(method="NOTE").order_by(Invitation.id)
    return [row.email.partition("@")[0] for row in rows]


def a_route(session, channel: Channel, **values) -> Route:
    route = Route(channel_id=channel.id, name="Kênh", recipient="x@example.edu.vn", **values)
    session.add(route)
    session.flush()
    return route


def test_each_moment_once_and_not_to_who_will_not_come(session):
    world.a_meeting(session, people=[LAN, HOA, MAI], now=MADE)
    for row in session.query(Participant):
        row.reply = {"Hoa": "declined"}.get(row.name, row.reply)
        row.excused_at = MADE if row.name == "Mai" else None
    assert remind(session, MINUTES, DESK, MONDAY - 1441 * MINUTE) == 0
    assert remind(session, MINUTES, DESK, MONDAY - 1440 * MINUTE) == 1
    assert remind(session, MINUTES, DESK, MONDAY - 1439 * MINUTE) == 0
    assert remind(session, MINUTES, DESK, MONDAY - 60 * MINUTE) == 1
    assert notes(session) == ["lan", "lan"]
    rows = session.query(Invitation).order_by(Invitation.id).all()
    assert [row.subject.partition(":")[0] for row in rows] == ["Họp ngày mai", "Họp một giờ nữa"]
    assert all(row.content == "" and "/i/" in row.body for row in rows)
    assert session.query(Reminder).count() == 2


def test_after_a_pause_only_the_nearest_is_sent(session):
    world.a_meeting(session, people=[LAN], now=MADE)
    assert remind(session, MINUTES, DESK, MONDAY - 30 * MINUTE) == 1
    assert [row.subject.partition(":")[0] for row in session.query(Invitation)] == ["Họp một giờ nữa"]
    assert remind(session, MINUTES, DESK, MONDAY - 20 * MINUTE) == 0


def test_who_was_just_invited_is_not_reminded_at_once(session):
    world.a_meeting(session, people=[LAN], now=MONDAY - 300 * MINUTE)
    assert remind(session, MINUTES, DESK, MONDAY - 299 * MINUTE) == 0
    assert remind(session, MINUTES, DESK, MONDAY - 60 * MINUTE) == 1


@pytest.mark.parametrize("values", [{"state": "cancelled"}, {"state": "pending"}, {"state": "ended"}])
def test_what_does_not_take_place_reminds_nobody(session, values):
    world.a_meeting(session, people=[LAN], now=MADE, **values)
    assert remind(session, MINUTES, DESK, MONDAY - 60 * MINUTE) == 0
    assert remind(session, (), DESK, MONDAY - 60 * MINUTE) == 0


def test_the_channels_of_the_unit_are_told(session):
    top = world.a_unit(session, "Sở", kind="department")
    other = world.a_unit(session, "Sở khác", kind="department")
    channel = Channel(name="Telegram", kind="telegram", sealed="", is_enabled=True, created_at=MADE)
    session.add(channel)
    session.flush()
    told = a_route(session, channel, unit_path=top.path, language="en")
    a_route(session, channel, unit_path=other.path)
    a_route(session, channel, unit_path=top.path, min_severity="critical")
    a_route(session, channel, unit_path=top.path, rule_ids=["device-down"])
    a_route(session, channel, unit_path=top.path, is_enabled=False)
    day = a_route(session, channel, unit_path=top.path, hours="working")
    important = a_route(session, channel, unit_path="/", min_severity="major")
    world.a_meeting(session, people=[LAN], now=MADE, unit=top)
    assert remind(session, MINUTES, DESK, MONDAY - 60 * MINUTE) == 1
    rows = session.query(Notification).order_by(Notification.route_id).all()
    assert [row.route_id for row in rows] == [told.id, day.id]  # 07:00: nobody is woken up
    assert rows[0].subject.startswith("Meeting in an hour: ") and rows[1].subject.startswith("Họp một giờ nữa: ")
    assert {row.kind for row in rows} == {"reminder"} and {row.state for row in rows} == {"queued"}
    early = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)  # 05:30 in Viet Nam
    world.a_meeting(session, people=[LAN], starts_at=early, now=MADE, unit=top, is_important=True)
    assert remind(session, (10,), DESK, early - 10 * MINUTE) == 1
    new = session.query(Notification).filter(Notification.id > rows[-1].id).order_by(Notification.route_id)
    assert [(row.route_id, row.severity) for row in new] == [(told.id, "major"), (important.id, "major")]


def test_reminders_leave_with_the_other_mails(database, server, make_bench):
    with database.session() as session:
        world.a_meeting(session, people=[LAN], now=MADE)
    bench = make_bench()
    step_sending(bench, MADE + 5 * MINUTE)
    step_sending(bench, MONDAY - 60 * MINUTE)
    assert [str(mail["Subject"]).partition(":")[0] for mail in server.mails] == ["Giấy mời họp", "Họp một giờ nữa"]
    assert not [part for part in server.mails[1].walk() if part.get_content_type() == "text/calendar"]
