"""Invitations written for meetings of the schedule, parsed back: create, move, cancel, one meeting of a series.

The tables of RFC 5546 sections 3.2.2 (REQUEST) and 3.2.5 (CANCEL) are checked on every message.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from icalendar import Calendar
from recurring_ical_events import of

from conference.invitations.facts import Facts, Recipient, fingerprint, pattern_of
from conference.invitations.models import Invitation
from conference.schedule import Meeting, MeetingDraft, cancel_meeting, restore, save_meeting, submit
from conference.schedule.store.changing import Change, change_meeting
from conference.schedule.store.drafting import draft_of
from core import Database
from tests.conference import world
from tests.conference.invitations.post_office import SENDER, Seen, deliver
from tests.conference.world import MONDAY, NEVER_APPROVED

NOW = MONDAY - timedelta(days=2)
LAN, HOA, MAI = (world.a_person(name, f"{name.lower()}@example.edu.vn") for name in ("Lan", "Hoa", "Mai"))


@pytest.fixture
def session(database: Database):
    with database.session() as session:
        yield session


def book(session, people, **values):
    return world.a_meeting(session, people=people, now=NOW, **values)


def change(session, meeting, span="one", **values):
    draft: MeetingDraft = replace(draft_of(session, meeting), **values)
    return change_meeting(session, meeting, Change(draft, NEVER_APPROVED, span), "tester", NOW)


def series(session, people, rule="FREQ=WEEKLY;COUNT=6", **values):
    return book(session, people, rule=rule, **values)


def days_of(session, first) -> list[Meeting]:
    """The meetings of a series in order."""
    return session.query(Meeting).filter_by(series_id=first.series_id).order_by(Meeting.occurrence_at).all()


def brief(found: list[Seen]) -> list[tuple[str, str, int]]:
    return [(one.method, one.email.partition("@")[0], one.sequence) for one in found]


def check_tables(found: list[Seen]) -> None:
    """What RFC 5546 asks of each message, and what makes mail programs show their buttons."""
    for one in found:
        calendar = Calendar.from_ical(one.text)
        event = one.event
        assert one.method in ("REQUEST", "CANCEL")
        for name in ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "ORGANIZER", "SEQUENCE", "STATUS"):
            assert name in event, name
        assert event["ORGANIZER"] == f"mailto:{SENDER.email}"
        assert not isinstance(event["ATTENDEE"], list)
        assert event["ATTENDEE"] == f"mailto:{one.email}"
        assert event["STATUS"] == ("CANCELLED" if one.method == "CANCEL" else "CONFIRMED")
        if one.method == "REQUEST":
            assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
            assert event["ATTENDEE"].params["RSVP"] == "TRUE"
        assert not ("RECURRENCE-ID" in event and "RRULE" in event)
        assert not {"NAME", "REQUEST-STATUS"} & {*calendar, *event}
        assert not [name for name in (*calendar, *event) if name.startswith("X-WR")]
        zones = [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")]
        assert zones == ["Asia/Ho_Chi_Minh"]
        assert event["DTSTART"].params["TZID"] in zones
        raw = one.text.encode()
        assert b"\n" not in raw.replace(b"\r\n", b"")
        assert max(map(len, raw.split(b"\r\n"))) <= 75
        for line in raw.split(b"\r\n"):
            line.decode("utf-8")  # folding never splits a letter


def test_created_everybody_is_invited_once(session):
    room = world.an_endpoint(session)
    meeting = world.a_meeting(session, [room], people=[LAN], now=NOW, description="Mang theo; báo cáo, nhé\\n",
                              agenda=(world.an_item("Báo cáo", 30, LAN),))
    found = deliver(session, meeting, NOW)
    check_tables(found)
    assert brief(found) == [("REQUEST", room.email.partition("@")[0], 0), ("REQUEST", "lan", 0)]
    own, lan = found
    assert own.event["ATTENDEE"].params["CUTYPE"] == "ROOM"
    assert lan.event["DTSTART"].dt == MONDAY and lan.event["DTEND"].dt == MONDAY + timedelta(hours=2)
    assert str(lan.event["UID"]) == meeting.uid
    assert "08:00 Báo cáo (Lan)" in str(lan.event["DESCRIPTION"])
    assert own.event["LOCATION"] != lan.event["LOCATION"]  # each has a page of their own
    assert deliver(session, meeting, NOW) == []            # safe to repeat


def test_moved_everybody_is_told_and_the_sequence_grows(session):
    meeting = book(session, [LAN, HOA])
    deliver(session, meeting, NOW)
    change(session, meeting, starts_at=MONDAY + timedelta(hours=1), ends_at=MONDAY + timedelta(hours=3))
    found = deliver(session, meeting, NOW)
    check_tables(found)
    assert brief(found) == [("REQUEST", "hoa", 1), ("REQUEST", "lan", 1)]
    assert found[0].event["DTSTART"].dt == MONDAY + timedelta(hours=1)
    assert {str(one.event["UID"]) for one in found} == {meeting.uid}


def test_one_joins_and_one_leaves_and_the_others_hear_nothing(session):
    meeting = book(session, [LAN, HOA])
    deliver(session, meeting, NOW)
    change(session, meeting, participants=(LAN, MAI))
    found = deliver(session, meeting, NOW)
    check_tables(found)
    assert brief(found) == [("CANCEL", "hoa", 1), ("REQUEST", "mai", 0)]
    assert deliver(session, meeting, NOW) == []
    # She is asked back: the same UID, above what she has
    change(session, meeting, participants=(LAN, MAI, HOA))
    assert brief(deliver(session, meeting, NOW)) == [("REQUEST", "hoa", 2)]


def test_called_off_and_taken_back(session):
    meeting = book(session, [LAN])
    deliver(session, meeting, NOW)
    cancel_meeting(session, meeting, "tester", NOW, "Bão số 9")
    (found,) = deliver(session, meeting, NOW)
    check_tables([found])
    assert brief([found]) == [("CANCEL", "lan", 1)]
    body = session.query(Invitation).order_by(Invitation.id.desc()).first()
    assert "Bão số 9" in body.body and body.subject.startswith("Hủy họp")
    restore(session, meeting, "tester", NOW, NEVER_APPROVED)
    assert brief(deliver(session, meeting, NOW)) == [("REQUEST", "lan", 2)]


@pytest.mark.parametrize("state", ["draft", "pending"])
def test_what_is_not_decided_is_told_to_nobody(session, state):
    meeting = book(session, [LAN], state=state)
    assert deliver(session, meeting, NOW) == []


def test_a_refusal_after_a_change_calls_off_what_was_told(session):
    meeting = book(session, [LAN])
    deliver(session, meeting, NOW)
    meeting.state = "pending"
    session.flush()
    assert deliver(session, meeting, NOW) == []
    meeting.state, meeting.decision_note = "refused", "Trùng lịch thi"
    session.flush()
    assert brief(deliver(session, meeting, NOW)) == [("CANCEL", "lan", 1)]


def test_a_meeting_never_told_is_not_called_off(session):
    meeting = book(session, [LAN])
    cancel_meeting(session, meeting, "tester", NOW, "Nhầm")
    assert deliver(session, meeting, NOW) == []


def test_what_is_over_is_told_to_nobody(session):
    meeting = book(session, [LAN])
    assert deliver(session, meeting, meeting.ends_at) == []


def test_a_mailbox_of_two_rooms_gets_one_mail_and_no_address_gets_none(session):
    first, second = (world.an_endpoint(session, email="Van.Thu@example.edu.vn"),
                     world.an_endpoint(session, email="van.thu@example.edu.vn"))
    third = world.an_endpoint(session, email="không phải địa chỉ")
    meeting = world.a_meeting(session, [first, second, third], now=NOW)
    assert [one.email for one in deliver(session, meeting, NOW)] == ["Van.Thu@example.edu.vn"]


def test_a_series_is_one_message_with_its_rule(session):
    first = series(session, [LAN])
    found = deliver(session, first, NOW)
    check_tables(found)
    assert brief(found) == [("REQUEST", "lan", 0)]
    assert found[0].event["RRULE"]["COUNT"] == [6]
    assert found[0].event["LOCATION"].startswith("https://edunoc.example.edu.vn/invited/")
    days = of(Calendar.from_ical(found[0].text)).between(MONDAY, MONDAY + timedelta(days=100))
    assert [one["DTSTART"].dt for one in days] == [MONDAY + timedelta(weeks=n) for n in range(6)]
    # Any meeting of it leads to the same messages
    assert deliver(session, days_of(session, first)[3], NOW) == []


def a_calendar(found: list[Seen]) -> list[datetime]:
    """The days that a mail program shows after these messages, as RFC 5546 has them applied."""
    kept: dict[datetime | None, Seen] = {}
    for one in found:
        if one.method == "REQUEST":
            kept[one.occurrence] = one
        elif one.occurrence is None:
            kept.clear()
        else:
            kept[one.occurrence] = one
    if None not in kept:
        return sorted(one.event["DTSTART"].dt for one in kept.values() if one.method == "REQUEST")
    whole = Calendar.from_ical(kept[None].text)
    days = {one["DTSTART"].dt for one in of(whole).between(MONDAY - timedelta(days=30), MONDAY + timedelta(days=400))}
    for moment, one in kept.items():
        if moment is not None:
            days.discard(moment)
            if one.method == "REQUEST":
                days.add(one.event["DTSTART"].dt)
    return sorted(days)


def test_one_meeting_of_a_series_is_moved(session):
    first = series(session, [LAN])
    known = deliver(session, first, NOW)
    third = days_of(session, first)[2]
    moment = third.starts_at
    change(session, third, starts_at=moment + timedelta(days=1), ends_at=moment + timedelta(days=1, hours=2))
    found = deliver(session, first, NOW)
    check_tables(found)
    assert brief(found) == [("REQUEST", "lan", 1)]
    assert found[0].occurrence == moment
    assert str(found[0].event["UID"]) == first.uid
    assert "RRULE" not in found[0].event
    weeks = [MONDAY + timedelta(weeks=n) for n in range(6)]
    assert a_calendar([*known, *found]) == [*weeks[:2], moment + timedelta(days=1), *weeks[3:]]
    assert deliver(session, first, NOW) == []


def test_one_meeting_of_a_series_is_called_off_and_put_back(session):
    first = series(session, [LAN, HOA])
    known = deliver(session, first, NOW)
    third = days_of(session, first)[2]
    cancel_meeting(session, third, "tester", NOW, "Nghỉ lễ")
    found = deliver(session, first, NOW)
    check_tables(found)
    assert [one.method for one in found] == ["CANCEL", "CANCEL"]
    assert {one.occurrence for one in found} == {third.occurrence_at}
    mine = [one for one in (*known, *found) if one.email == LAN.email]
    assert third.starts_at not in a_calendar(mine) and len(a_calendar(mine)) == 5
    assert deliver(session, first, NOW) == []
    restore(session, third, "tester", NOW, NEVER_APPROVED)
    back = deliver(session, first, NOW)
    check_tables(back)
    assert [(one.method, one.occurrence) for one in back] == [("REQUEST", third.occurrence_at)] * 2
    assert min(one.sequence for one in back) > max(one.sequence for one in found)
    assert len(a_calendar([*mine, *(one for one in back if one.email == LAN.email)])) == 6
    assert deliver(session, first, NOW) == []


def test_who_joins_later_gets_the_series_without_the_day_that_is_off(session):
    first = series(session, [LAN])
    deliver(session, first, NOW)
    third = days_of(session, first)[2]
    cancel_meeting(session, third, "tester", NOW, "Nghỉ lễ")
    deliver(session, first, NOW)
    change(session, first, "all", participants=(LAN, MAI))
    found = [one for one in deliver(session, first, NOW) if one.email == MAI.email]
    assert [one.method for one in found] == ["REQUEST"]
    assert found[0].event["EXDATE"].dts[0].dt == third.occurrence_at
    assert len(a_calendar(found)) == 5


def test_somebody_comes_to_one_meeting_of_a_series_only(session):
    first = series(session, [LAN, HOA])
    known = deliver(session, first, NOW)
    second = days_of(session, first)[1]
    change(session, second, participants=(LAN, MAI))
    found = deliver(session, first, NOW)
    check_tables(found)
    assert brief(found) == [("CANCEL", "hoa", 1), ("REQUEST", "mai", 0)]
    assert {one.occurrence for one in found} == {second.occurrence_at}
    assert len(a_calendar([one for one in (*known, *found) if one.email == HOA.email])) == 5
    assert a_calendar([one for one in found if one.email == MAI.email]) == [second.starts_at]
    assert deliver(session, first, NOW) == []


def test_many_days_off_are_one_update_of_the_series(session):
    first = series(session, [LAN], rule="FREQ=WEEKLY;COUNT=8")
    known = deliver(session, first, NOW)
    cancel_meeting(session, days_of(session, first)[3], "tester", NOW, "Hè", "following")
    found = deliver(session, first, NOW)
    check_tables(found)
    assert brief(found) == [("REQUEST", "lan", 1)]
    assert a_calendar([*known, *found]) == [MONDAY + timedelta(weeks=n) for n in range(3)]
    assert deliver(session, first, NOW) == []


def test_the_last_days_off_are_the_end_of_the_series(session):
    first = series(session, [LAN])
    known = deliver(session, first, NOW)
    cancel_meeting(session, days_of(session, first)[-2], "tester", NOW, "Hè", "following")
    found = deliver(session, first, NOW)
    check_tables(found)
    assert brief(found) == [("REQUEST", "lan", 1)], "no cancellation of each day beside it"
    assert len(a_calendar([*known, *found])) == len(days_of(session, first)) - 2
    assert deliver(session, first, NOW) == []


def test_a_whole_series_is_called_off_by_one_message(session):
    first = series(session, [LAN])
    deliver(session, first, NOW)
    cancel_meeting(session, first, "tester", NOW, "Giải thể", "all")
    found = deliver(session, first, NOW)
    check_tables(found)
    assert [(one.method, one.occurrence) for one in found] == [("CANCEL", None)]
    assert deliver(session, first, NOW) == []


def test_a_series_that_ends_early_keeps_the_days_that_were_held(session):
    first = series(session, [LAN])
    known = deliver(session, first, NOW)
    for held in days_of(session, first)[:2]:
        held.state = "ended"
    later = MONDAY + timedelta(days=10)
    cancel_meeting(session, days_of(session, first)[2], "tester", later, "Thôi", "all")
    found = deliver(session, first, later)
    check_tables(found)
    assert brief(found) == [("REQUEST", "lan", 1)]
    assert a_calendar([*known, *found]) == [MONDAY, MONDAY + timedelta(weeks=1)]


def test_this_and_the_following_become_another_series(session):
    first = series(session, [LAN])
    known = deliver(session, first, NOW)
    fourth = days_of(session, first)[3]
    changed = change(session, fourth, "following", starts_at=fourth.starts_at + timedelta(hours=2),
                     ends_at=fourth.ends_at + timedelta(hours=2))
    found = [*deliver(session, first, NOW), *deliver(session, changed[0], NOW)]
    check_tables(found)
    by_uid = {str(one.event["UID"]): one for one in found}
    assert len(by_uid) == 2 and {one.method for one in found} == {"REQUEST"}
    assert a_calendar([*known, by_uid[first.uid]]) == [MONDAY + timedelta(weeks=n) for n in range(3)]
    assert a_calendar([by_uid[changed[0].uid]]) == [MONDAY + timedelta(weeks=n, hours=2) for n in range(3, 6)]


def test_a_series_moved_as_a_whole_tells_single_changes_again(session):
    first = series(session, [LAN])
    deliver(session, first, NOW)
    second = days_of(session, first)[1]
    change(session, second, title="Họp mở rộng")
    deliver(session, first, NOW)
    change(session, first, "all", starts_at=MONDAY + timedelta(hours=1), ends_at=MONDAY + timedelta(hours=3))
    found = deliver(session, first, NOW)
    check_tables(found)
    assert [one.method for one in found] == ["REQUEST", "REQUEST"]
    assert [str(one.event["SUMMARY"]) for one in found] == ["Giao ban chuyên môn", "Họp mở rộng"]
    assert deliver(session, first, NOW) == []


def test_one_meeting_becomes_a_series(session):
    meeting = book(session, [LAN])
    deliver(session, meeting, NOW)
    change(session, meeting, rule="FREQ=WEEKLY;COUNT=3")
    found = deliver(session, meeting, NOW)
    check_tables(found)
    assert brief(found) == [("REQUEST", "lan", 1)]
    assert len(a_calendar(found)) == 3


HOSTILE = "Giao ban\r\nATTENDEE:mailto:kẻ.lạ@example.com\r\nBcc: all@example.com\x07‮ " + "đường truyền " * 12


def test_titles_and_names_that_would_begin_another_line(session):
    draft = world.a_draft(world.a_unit(session), participants=(
        world.ParticipantDraft("person", name='Lan";X-EVIL=1:\r\nCC: a@b.vn', email="lan@example.edu.vn"),),
        description="Dòng 1\r\nEND:VEVENT\r\nBEGIN:VEVENT")
    meeting = save_meeting(session, draft, "tester", NOW)
    meeting.title = HOSTILE[:300]  # whatever the form lets through
    submit(session, meeting, "tester", NOW, NEVER_APPROVED)
    (found,) = deliver(session, meeting, NOW)
    check_tables([found])
    assert len(Calendar.from_ical(found.text).walk("VEVENT")) == 1
    assert str(found.event["SUMMARY"]).startswith("Giao ban ATTENDEE:mailto:kẻ.lạ@example.com Bcc: all@example.com")
    assert found.event["ATTENDEE"] == "mailto:lan@example.edu.vn"
    assert "END:VEVENT" in str(found.event["DESCRIPTION"])
    row = session.query(Invitation).one()
    assert "\r" not in row.subject and "\n" not in row.subject


def test_a_fingerprint_is_the_same_in_every_release():
    """A release that reckons it otherwise would mail every invitation that lies ahead once more."""
    facts = Facts("Giao ban", MONDAY, MONDAY + timedelta(hours=2), "Asia/Ho_Chi_Minh", "Mang theo báo cáo", "Sở",
                  ("08:00 Khai mạc",), "https://x.example.edu.vn", "FREQ=WEEKLY;COUNT=6")
    lan = Recipient("lan@example.edu.vn", "Lan", 7, "person", "chair", "speak", "code")
    assert fingerprint(facts, lan) == (
        "02de2a1ae2a903eef59682870e6e2edda87d8ddd8b332011796875f267a4af91")
    assert fingerprint(facts, replace(lan, name="Lan Anh", code="other", participant_id=8)) == fingerprint(facts, lan)
    assert fingerprint(facts, replace(lan, mode="listen")) != fingerprint(facts, lan)
    assert pattern_of(facts) == "0509ec89aa9425ef4cfdecf452eea67e"
