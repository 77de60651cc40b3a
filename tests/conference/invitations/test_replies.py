"""Answers that come back: read from real mails, judged, counted once; strangers, forgers and garbage are absorbed."""

import imaplib
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from conference.invitations import set_reply
from conference.invitations.models import Invitation, InvitationReply
from conference.invitations.post.fetching import LARGEST, folder_name
from conference.invitations.post.replying import Answer, Returned, Unusable, read
from conference.invitations.store.answers import take_mail
from conference.invitations.words import OUTCOMES
from conference.invitations.work import step_replies
from conference.schedule import Meeting, Participant, cancel_meeting
from core import Database
from tests.conference import world
from tests.conference.invitations.post_office import Reply, deliver, reply_mail
from tests.conference.payloads import payload
from tests.conference.world import MONDAY

NOW = MONDAY - timedelta(days=2)
AFTER = NOW + timedelta(days=1, hours=6)
LAN, HOA = world.a_person("Lan", "lan@example.edu.vn"), world.a_person("Hoa", "Hoa@Example.edu.vn")


@pytest.fixture
def session(database: Database):
    with database.session() as session:
        yield session


def days_of(session, first) -> list[Meeting]:
    return session.query(Meeting).filter_by(series_id=first.series_id).order_by(Meeting.occurrence_at).all()


def replies(session, email="lan@example.edu.vn") -> list[str]:
    rows = session.query(Participant).join(Meeting, Meeting.id == Participant.meeting_id).filter(
        Participant.email == email).order_by(Meeting.starts_at)
    return [row.reply for row in rows]


def take(session, raw: bytes, now=AFTER) -> str:
    return take_mail(session, read(raw), now)


def test_the_recorded_reply_with_its_folded_address(session):
    start = datetime(2026, 11, 21, 1, tzinfo=UTC)
    school = world.an_endpoint(session, email="thcs-nguyentrai@example.edu.vn")
    meeting = world.a_meeting(session, [school], start, 180, now=start - timedelta(days=3))
    meeting.uid = "mtg-20261121-0007@edunoc.example.edu.vn"
    session.flush()
    deliver(session, meeting, start - timedelta(days=2))
    text = payload("itip_reply.ics")
    assert max(len(line.encode()) for line in text.splitlines()) > 75
    mail = EmailMessage()
    mail["From"] = "THCS Nguyễn Trãi <thcs-nguyentrai@example.edu.vn>"
    mail["Message-ID"] = "<reply@example.edu.vn>"
    mail.set_content(text, subtype="calendar", params={"method": "REPLY"})
    assert take(session, mail.as_bytes(), start - timedelta(hours=1)) == "used"
    participant = session.query(Participant).filter_by(meeting_id=meeting.id).one()
    assert (participant.reply, participant.reply_sequence) == ("accepted", 0)
    assert participant.reply_at == datetime(2026, 11, 20, 3, 5, 12, tzinfo=UTC)
    # The same with a SEQUENCE below the one that counts now
    meeting.ends_at += timedelta(minutes=30)
    meeting.sequence = 1
    session.flush()
    deliver(session, meeting, start - timedelta(minutes=50))
    mail.replace_header("Message-ID", "<again@example.edu.vn>")
    assert take(session, mail.as_bytes(), start - timedelta(minutes=40)) == "old_sequence"
    kept = session.query(InvitationReply).order_by(InvitationReply.id).all()
    assert [(row.outcome, row.reply, row.meeting_id) for row in kept] == [
        ("used", "accepted", meeting.id), ("old_sequence", "accepted", meeting.id)]


@pytest.mark.parametrize(("partstat", "reply"), [("ACCEPTED", "accepted"), ("DECLINED", "declined"),
                                                 ("TENTATIVE", "tentative"), ("accepted", "accepted")])
def test_yes_no_perhaps(session, partstat, reply):
    (asked,) = deliver(session, world.a_meeting(session, people=[LAN], now=NOW), NOW)
    assert take(session, reply_mail(asked, partstat, Reply(comment="Đến muộn\\, 10 phút"))) == "used"
    row = session.query(Participant).one()
    assert (row.reply, row.reply_note) == (reply, "Đến muộn, 10 phút")


def test_a_mail_counts_once_and_the_newest_answer_counts(session):
    (asked,) = deliver(session, world.a_meeting(session, people=[LAN], now=NOW), NOW)
    yes = reply_mail(asked, "ACCEPTED")
    assert take(session, yes) == "used"
    assert take(session, yes) == ""
    no = Reply(message_id="later", stamp="20261122T020000Z")
    assert take(session, reply_mail(asked, "DECLINED", no)) == "used"
    late = Reply(message_id="was-held-up", stamp="20261122T003000Z")
    assert take(session, reply_mail(asked, "TENTATIVE", late)) == "older_reply"
    assert replies(session) == ["declined"]
    assert session.query(InvitationReply).count() == 3


@pytest.mark.parametrize(("reply", "outcome"), [
    (Reply(sender="ke.la@example.com"), "not_own_address"),
    (Reply(sender="ke.la@example.com", attendee="ke.la@example.com"), "stranger"),
    (Reply(sender="hoa@example.edu.vn"), "not_own_address"),          # one guest answers for another
    (Reply(sender="LAN@EXAMPLE.edu.VN"), "used"),
    (Reply(sequence=7), "used"),                                       # a program that counts on its own
    (Reply(occurrence="20261123T010000Z"), "used"),                    # the meeting by its start
    (Reply(occurrence="20261124T010000Z"), "unknown_occurrence"),
])
def test_who_answers_for_whom(session, reply, outcome):
    found = deliver(session, world.a_meeting(session, people=[LAN, HOA], now=NOW), NOW)
    asked = next(one for one in found if one.email == LAN.email)
    assert take(session, reply_mail(asked, "ACCEPTED", reply)) == outcome
    assert replies(session) == (["accepted"] if outcome == "used" else ["needs-action"])


def test_answers_out_of_time(session):
    meeting = world.a_meeting(session, people=[LAN, HOA], now=NOW)
    asked = {one.email: one for one in deliver(session, meeting, NOW)}
    other = replace(asked[LAN.email], event=asked[LAN.email].event.copy())
    other.event["UID"] = "of-somebody-else@example.com"
    assert take(session, reply_mail(other, "ACCEPTED")) == "unknown_meeting"
    assert take(session, reply_mail(asked[LAN.email], "ACCEPTED", Reply(message_id="x")), meeting.ends_at) == "over"
    cancel_meeting(session, meeting, "tester", NOW, "Bão")
    deliver(session, meeting, NOW)
    late = Reply(message_id="y")
    assert take(session, reply_mail(asked[HOA.email], "ACCEPTED", late)) == "called_off"
    assert replies(session) == ["needs-action"]


def test_a_series_is_answered_as_a_whole_and_for_one_day(session):
    first = world.a_meeting(session, people=[LAN], now=NOW, rule="FREQ=WEEKLY;COUNT=4")
    (asked,) = deliver(session, first, NOW)
    assert take(session, reply_mail(asked, "ACCEPTED")) == "used"
    assert replies(session) == ["accepted"] * 4
    third = days_of(session, first)[2]
    local = f"{third.starts_at:%Y%m%dT%H%M%SZ}"
    one_day = Reply(message_id="2", occurrence=local, stamp="20261122T020000Z")
    assert take(session, reply_mail(asked, "DECLINED", one_day)) == "used"
    assert replies(session) == ["accepted", "accepted", "declined", "accepted"]
    nowhere = Reply(message_id="3", occurrence="20261201T010000Z")
    assert take(session, reply_mail(asked, "DECLINED", nowhere)) == "unknown_occurrence"
    # An answer to the whole that is older than that of the day does not undo it
    again = Reply(message_id="4", stamp="20261122T013000Z")
    assert take(session, reply_mail(asked, "TENTATIVE", again)) == "used"
    assert replies(session) == ["tentative", "tentative", "declined", "tentative"]


def test_answers_from_the_page(session):
    meeting = world.a_meeting(session, people=[LAN], now=NOW)
    (asked,) = deliver(session, meeting, NOW)
    row = session.query(Participant).one()
    assert set_reply(session, row.id, "declined", " Đi  công tác ", AFTER)
    assert (row.reply, row.reply_at, row.reply_note) == ("declined", AFTER, "Đi công tác")
    held_up = Reply(stamp="20261121T020000Z")
    assert take(session, reply_mail(asked, "ACCEPTED", held_up)) == "older_reply"
    assert not set_reply(session, row.id, "accepted", "", meeting.ends_at)
    assert not set_reply(session, 4711, "accepted", "", AFTER)
    with pytest.raises(ValueError, match="delegated"):
        set_reply(session, row.id, "delegated", "", AFTER)


def mail_with(*parts: tuple[str, str], **headers: str) -> bytes:
    mail = EmailMessage()
    for name, value in {"From": "lan@example.edu.vn", "Message-ID": "<m@x>", **headers}.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("Chào")
    for subtype, text in parts:
        mail.add_alternative(text, subtype=subtype)
    return mail.as_bytes()


@pytest.mark.parametrize(("raw", "outcome"), [
    (b"", "no_calendar"), (b"\x00\xff\xfe" * 500, "no_calendar"), (mail_with(), "no_calendar"),
    (mail_with(("calendar", "no calendar at all")), "garbage"),
    (mail_with(("calendar", "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n")), "garbage"),
    (mail_with(("calendar", "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n")), "not_a_reply"),
    (mail_with(("calendar", "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:a\r\n"
                            "ATTENDEE;PARTSTAT=DELEGATED:mailto:a@b.vn\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")),
     "bad_answer"),
    (mail_with(("calendar", "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:a\r\nSEQUENCE:x\r\n"
                            "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.vn\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")), "garbage"),
])
def test_what_is_no_answer_has_a_name(raw, outcome):
    found = read(raw)
    assert isinstance(found, Unusable) and found.outcome == outcome
    assert outcome in OUTCOMES


def test_an_answer_attached_as_a_file_in_another_encoding():
    text = payload("itip_reply.ics").replace("Giao ban tinh", "Giao ban tỉnh")
    mail = EmailMessage()
    mail["From"], mail["Message-ID"] = "thcs-nguyentrai@example.edu.vn", "<m@x>"
    mail.set_content("Đồng ý")
    mail.add_attachment(b"\xef\xbb\xbf" + text.encode(), maintype="application", subtype="octet-stream",
                        filename="Reply.ICS")
    found = read(mail.as_bytes())
    assert isinstance(found, Answer)
    assert (found.reply, found.attendee) == ("accepted", "thcs-nguyentrai@example.edu.vn")


def test_nothing_that_a_database_refuses_comes_out_of_a_mail():
    """PostgreSQL keeps no NUL in a text; one such answer must not hold up the mailbox."""
    text = payload("itip_reply.ics").replace("UID:mtg", "UID:\x00mtg")
    raw = b"From: thcs-nguyentrai@example.edu.vn\r\nMessage-ID: <a\x00b@x>\r\nContent-Type: text/calendar\r\n\r\n"
    found = read(raw + text.encode())
    assert isinstance(found, Answer)
    assert "\x00" not in "".join((found.message_id, found.uid, found.sender, found.attendee, found.note))
    assert found.uid.startswith("mtg-20261121")


@given(st.binary(max_size=2000))
def test_no_bytes_do_harm(raw):
    assert isinstance(read(raw), Answer | Returned | Unusable)


@given(st.integers(0, 700), st.binary(max_size=6))
def test_a_damaged_reply_does_no_harm(place, junk):
    text = payload("itip_reply.ics").encode()
    raw = b"From: thcs-nguyentrai@example.edu.vn\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n"
    assert isinstance(read(raw + text[:place] + junk + text[place + len(junk):]), Answer | Returned | Unusable)


def returned_mail(original_id: str, status: str = "5.1.1", action: str = "failed") -> bytes:
    return (
        "From: MAILER-DAEMON@mail.example.edu.vn\r\nMessage-ID: <dsn@mail>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nYour mail could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example.edu.vn\r\n\r\n"
        f"Final-Recipient: rfc822; lan@example.edu.vn\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{original_id}>\r\nSubject: x\r\n\r\n--b--\r\n"
    ).encode()


def test_a_mail_that_came_back_is_a_failed_invitation(session):
    meeting = world.a_meeting(session, people=[LAN], now=NOW)
    deliver(session, meeting, NOW)
    row = session.query(Invitation).one()
    assert take(session, returned_mail("of-somebody-else@example.com")) == "no_calendar"
    assert take(session, returned_mail(row.message_id, "4.2.2", "delayed").replace(b"<dsn@", b"<d2@")) == "no_calendar"
    assert take(session, returned_mail(row.message_id).replace(b"<dsn@", b"<d3@")) == "returned"
    assert (row.state, row.failure) == ("failed", "refused 5.1.1")


@pytest.fixture
def mailbox(dovecot, authority):
    """Puts mails into the mailbox, as a mail server would, and empties it before."""
    box = imaplib.IMAP4_SSL("localhost", dovecot.tls, ssl_context=ssl.create_default_context(
        cafile=str(authority.ca_file)))
    box.login("lichhop", "mot-mat-khau")
    if box.select()[1] != [b"0"]:
        box.store("1:*", "+FLAGS", "\\Deleted")
        box.expunge()

    def put(raw: bytes) -> None:
        box.append("INBOX", "", None, raw)

    yield put
    box.logout()


def replies_bench(make_bench, dovecot, **values):
    return make_bench(**{"replies_server": "localhost", "replies_port": dovecot.tls, "replies_security": "tls",
                         "replies_user": "lichhop", "replies_password": "mot-mat-khau", **values})


def test_the_mailbox_is_read_once_and_nothing_in_it_is_touched(database, make_bench, dovecot, mailbox):
    with database.session() as session:
        meeting = world.a_meeting(session, people=[LAN, HOA], now=NOW)
        asked = {one.email: one for one in deliver(session, meeting, NOW)}
    mailbox(b"Subject: Xin chao\r\nMessage-ID: <letter@x>\r\n\r\nThu thuong\r\n")
    mailbox(reply_mail(asked[LAN.email], "ACCEPTED"))
    mailbox(b"Subject: large\r\nMessage-ID: <large@x>\r\n\r\n" + b"x" * LARGEST)
    bench = replies_bench(make_bench, dovecot)
    step_replies(bench, AFTER)
    with database.reading() as session:
        rows = session.query(InvitationReply).order_by(InvitationReply.id).all()
        assert [row.outcome for row in rows] == ["no_calendar", "used", "too_big"]
    step_replies(bench, AFTER)
    mailbox(reply_mail(asked[HOA.email], "DECLINED", Reply(message_id="2")))
    starttls = replies_bench(make_bench, dovecot, replies_security="starttls", replies_port=dovecot.plain)
    step_replies(starttls, AFTER)
    with database.session() as session:
        assert session.query(InvitationReply).count() == 4
        assert {row.name: row.reply for row in session.query(Participant)} == {"Lan": "accepted", "Hoa": "declined"}
        # Even after the place was forgotten every mail counts once
        session.execute(Invitation.metadata.tables["core_mark"].delete().where(
            Invitation.metadata.tables["core_mark"].c.name == "invitations_mailbox"))
    step_replies(bench, AFTER)
    with database.reading() as session:
        assert session.query(InvitationReply).count() == 4


@pytest.mark.parametrize(("values", "reason"), [
    ({"replies_password": "sai"}, "wrong_credential"),
    ({"mail_ca_file": ""}, "untrusted"),
    ({"replies_folder": "Không có"}, "no_folder"),
    ({"replies_port": 1}, "unreachable"),
])
def test_a_mailbox_that_does_not_open_is_told_once(make_bench, dovecot, values, reason):
    bench = replies_bench(make_bench, dovecot, **values)
    with capture_logs() as told:
        step_replies(bench, AFTER)
        step_replies(bench, AFTER)
        step_replies(replies_bench(make_bench, dovecot), AFTER)
    assert [one.get("reason", one["event"]) for one in told] == [reason, "mail of meetings works again"]
    assert "mot-mat-khau" not in str(told)


@pytest.mark.parametrize(("name", "written"), [("INBOX", "INBOX"), ("Trả lời", "Tr&HqM- l&Ht0-i"), ("A&B", "A&-B"),
                                               ("họp", "h&Hs0-p"), ("台北", "&U,BTFw-")])
def test_names_of_folders_as_mailboxes_write_them(name, written):
    assert folder_name(name) == written


def test_without_a_mailbox_nothing_is_asked(make_bench):
    step_replies(make_bench(), AFTER)
