"""The loop writes what is due and hands it to a real mail server: batches, refusals, broken connections, crashes."""

import logging
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from conference.invitations import send_again
from conference.invitations.facts import one_line
from conference.invitations.models import Invitation
from conference.invitations.post.composing import Letter, compose
from conference.invitations.store.queue import claim, queue_for, render
from conference.invitations.work import LOOPS, desk_of, step_sending
from conference.schedule import Meeting, cancel_meeting
from core import GiveUp
from inventory import Endpoint
from tests.conference import world
from tests.conference.invitations.post_office import SENDER, parsed
from tests.conference.world import MONDAY

NOW = MONDAY - timedelta(days=3)
LATER = NOW + timedelta(minutes=2)  # the delay after a change is over


def meeting_with(database, *names, **values) -> int:
    people = [world.a_person(name.title(), f"{name}@example.edu.vn") for name in names]
    with database.session() as session:
        return world.a_meeting(session, people=people, now=NOW, **values).id


def states(database) -> dict[str, str]:
    with database.reading() as session:
        rows = session.query(Invitation).order_by(Invitation.id).all()
        return {row.email.partition("@")[0]: f"{row.state} {row.failure}".strip() for row in rows}


def test_invitations_leave_over_one_connection_and_only_once(database, server, make_bench):
    names = [f"gv{number:02d}" for number in range(30)]
    meeting_with(database, *names)
    bench = make_bench()
    step_sending(bench, NOW)
    assert server.mails == []  # somebody may still be typing
    step_sending(bench, LATER)
    assert sorted(server.recipients) == [f"{name}@example.edu.vn" for name in names]
    assert server.connections == 1
    assert set(states(database).values()) == {"sent"}
    step_sending(bench, LATER + timedelta(minutes=1))
    assert len(server.mails) == 30


def test_the_mail_is_as_mail_programs_want_it(database, server, make_bench):
    meeting_with(database, "lan", title="Giao ban đầu tuần – khối THCS")
    step_sending(make_bench(), LATER)
    (mail,) = server.mails
    assert mail["From"].addresses[0].addr_spec == SENDER.email
    assert mail["To"].addresses[0].addr_spec == "lan@example.edu.vn"
    assert str(mail["Subject"]) == "Giấy mời họp: Giao ban đầu tuần – khối THCS"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@example.edu.vn>")
    assert mail.get_content_type() == "multipart/mixed"
    alternative, attachment = mail.iter_parts()
    assert alternative.get_content_type() == "multipart/alternative"
    text, html, calendar = alternative.iter_parts()
    assert [part.get_content_type() for part in (text, html, calendar)] == ["text/plain", "text/html", "text/calendar"]
    assert calendar.get_param("method") == "REQUEST" and calendar.get_content_charset() == "utf-8"
    assert attachment.get_filename() == "invite.ics"
    inside = calendar.get_payload(decode=True)
    assert attachment.get_payload(decode=True) == inside
    (event,) = Calendar.from_ical(inside).walk("VEVENT")
    assert Calendar.from_ical(inside)["METHOD"] == "REQUEST"
    assert event["ORGANIZER"] == f"mailto:{SENDER.email}"
    assert "Thứ Hai, 23/11/2026, 08:00–10:00 (GMT+07:00)" in text.get_content()
    link = next(line for line in text.get_content().splitlines() if line.startswith("https://"))
    assert link.startswith("https://edunoc.example.edu.vn/i/")
    assert f'href="{link}"' in html.get_content() and str(event["LOCATION"]) == link


def test_one_refused_recipient_is_one_failure(database, server, make_bench):
    meeting_id = meeting_with(database, "lan", "sai", "day")
    server.refuses = {"sai@example.edu.vn": "550 5.1.1 no such user", "day@example.edu.vn": "452 4.2.2 mailbox full"}
    bench = make_bench()
    step_sending(bench, LATER)
    assert states(database) == {"lan": "sent", "sai": "failed refused 550", "day": "waiting busy 452"}
    server.refuses = {}
    step_sending(bench, LATER + timedelta(seconds=10))
    assert server.recipients == ["lan@example.edu.vn"]  # not before its time
    step_sending(bench, LATER + timedelta(minutes=5))
    assert states(database) == {"lan": "sent", "sai": "failed refused 550", "day": "sent"}
    with database.session() as session:
        assert send_again(session, session.get_one(Meeting, meeting_id).uid, LATER) == 1
    step_sending(bench, LATER + timedelta(minutes=6))
    assert set(states(database).values()) == {"sent"}
    assert len(server.recipients) == 3


def test_a_connection_lost_between_mails_is_made_anew(database, server, make_bench):
    meeting_with(database, "a", "b", "c", "d")
    server.breaks_after = 2
    step_sending(make_bench(), LATER)
    assert sorted(server.recipients) == [f"{name}@example.edu.vn" for name in "abcd"]
    assert server.connections == 2
    assert set(states(database).values()) == {"sent"}


def test_a_busy_server_gets_it_later_and_gives_up_at_last(database, server, make_bench):
    meeting_with(database, "lan")
    server.answer = "451 4.7.1 try again later"
    bench, now = make_bench(), LATER
    for _turn in range(12):
        step_sending(bench, now)
        now += timedelta(hours=1)
    assert states(database) == {"lan": "failed too_many_attempts busy"}


@pytest.mark.parametrize(("values", "reason"), [
    ({"mail_password": "sai"}, "wrong_credential"),
    ({"mail_ca_file": ""}, "untrusted"),
    ({"mail_ca_file": "/nowhere/ca.pem"}, "bad_settings"),
    ({"mail_port": 1}, "unreachable"),
])
def test_an_account_that_does_not_work_costs_no_attempt(database, make_bench, values, reason, caplog):
    meeting_with(database, "lan")
    with caplog.at_level(logging.DEBUG):
        step_sending(make_bench(**values), LATER)
    assert states(database) == {"lan": f"waiting {reason}"}
    with database.reading() as session:
        assert session.query(Invitation).one().attempts == 0
    assert "mot-mat-khau-thu" not in caplog.text
    step_sending(make_bench(), LATER + timedelta(minutes=2))
    assert states(database) == {"lan": "sent"}


def test_without_a_mail_server_nothing_is_written(database, make_bench):
    meeting_with(database, "lan")
    step_sending(make_bench(mail_server=""), LATER)
    step_sending(make_bench(mail_sender="không phải địa chỉ"), LATER)
    assert states(database) == {}


def test_a_crash_between_writing_and_sending_loses_nothing(database, server, make_bench):
    meeting_with(database, "lan", "hoa")
    bench = make_bench(mail_port=1)
    step_sending(bench, LATER)
    with database.session() as session:
        assert len(claim(session, LATER + timedelta(minutes=2), 100)) == 2  # and then the power goes
    bench = make_bench()
    step_sending(bench, LATER + timedelta(minutes=5))
    assert server.mails == []  # perhaps the other process still sends
    step_sending(bench, LATER + timedelta(minutes=30))
    assert sorted(server.recipients) == ["hoa@example.edu.vn", "lan@example.edu.vn"]
    assert len({mail["Message-ID"] for mail in server.mails}) == 2


def test_a_change_before_it_was_sent_replaces_what_waits(database, server, make_bench):
    meeting_id = meeting_with(database, "lan")
    step_sending(make_bench(mail_port=1), LATER)
    with database.session() as session:
        meeting = session.get_one(Meeting, meeting_id)
        meeting.title, meeting.updated_at = "Giao ban mở rộng", LATER
    step_sending(make_bench(), LATER + timedelta(minutes=3))
    assert [str(mail["Subject"]).partition(": ")[2] for mail in server.mails] == ["Giao ban mở rộng"]
    with database.session() as session:
        cancel_meeting(session, session.get_one(Meeting, meeting_id), "tester", LATER + timedelta(minutes=5), "Bão")
    step_sending(make_bench(), LATER + timedelta(minutes=7))
    assert str(server.mails[-1]["Subject"]).startswith("Hủy họp")
    calendar = next(part for part in server.mails[-1].walk() if part.get_content_type() == "text/calendar")
    assert calendar.get_param("method") == "CANCEL"


def test_called_off_before_anything_left_nobody_hears_of_it(database, server, make_bench):
    meeting_id = meeting_with(database, "lan")
    step_sending(make_bench(mail_port=1), LATER)
    with database.session() as session:
        cancel_meeting(session, session.get_one(Meeting, meeting_id), "tester", LATER, "Nhầm")
    step_sending(make_bench(), LATER + timedelta(minutes=3))
    assert server.mails == []
    assert states(database) == {"lan": "replaced unreachable"}


def test_a_name_with_line_breaks_begins_no_header():
    name, subject = 'Lan"\r\nBcc: ke.la@example.com', "Tiêu đề\r\nBcc: a@b.vn"
    letter = Letter("x@example.edu.vn", "lan@example.edu.vn", name, subject,
                    "Dòng một <script>alert(1)</script>\n\nhttps://x.vn/?a=1&b=\"2")
    mail = parsed(compose(letter, SENDER, NOW).as_bytes())
    assert mail["Bcc"] is None
    assert mail["To"].addresses[0].addr_spec == "lan@example.edu.vn"
    html = next(part for part in mail.walk() if part.get_content_type() == "text/html").get_content()
    assert "<script>" not in html and "&lt;script&gt;" in html
    assert 'href="https://x.vn/?a=1&amp;b="' in html
    for bad in ("lan@example.edu.vn\r\nBcc: a@b.vn", "lan@x, hoa@y.vn", "", "lan", "lan <lan@x.vn>", "lân@x.vn"):
        with pytest.raises(GiveUp, match="bad_address"):
            compose(Letter("x@y", bad, "Lan", "s", "t"), SENDER, NOW)


def test_both_loops_are_among_those_of_the_worker():
    assert [loop.name for loop in LOOPS] == ["invitations", "invitation replies"]


@given(st.text(max_size=300), st.text(max_size=200))
def test_any_subject_and_name_arrives_whole_in_one_header(subject, name):
    raw = compose(Letter("x@example.edu.vn", "lan@example.edu.vn", name, subject, "Chào"), SENDER, NOW).as_bytes()
    head = raw.partition(b"\r\n\r\n")[0]
    assert all(line.isascii() and len(line) <= 998 for line in head.split(b"\r\n"))
    mail = message_from_bytes(raw)
    assert str(make_header(decode_header(mail["Subject"]))) == one_line(subject)
    shown, address = parseaddr(mail["To"])
    assert address == "lan@example.edu.vn"
    assert str(make_header(decode_header(shown))) == one_line(name, 80)
    assert set(mail.keys()) == {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version",
                                "Content-Type"}


def test_seven_hundred_invitations_hold_up_no_writer(database, make_bench):
    """Put into words beside any writer; the write itself is short."""
    with database.session() as session:
        site = world.a_site(session, world.a_unit(session))
        rooms = [Endpoint(site_id=site.id, name=f"Điểm cầu {i}", code=f"m-{i}", email=f"dc{i}@example.edu.vn")
                 for i in range(700)]
        session.add_all(rooms)
        session.flush()
        meeting_id = world.a_meeting(session, rooms, now=NOW).id
    bench = make_bench()
    with database.reading() as session:
        rendered = render(session, session.get_one(Meeting, meeting_id), desk_of(bench), LATER)
    assert len(rendered) == 700
    with database.session() as session:
        assert queue_for(session, session.get_one(Meeting, meeting_id), desk_of(bench), LATER, rendered) == 700
