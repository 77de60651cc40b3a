"""A meeting system with secrets, a meeting in half an hour, a chair and a listener, and a desk that knows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from conference.jitsi import Answer, Call, Desk, answer_call, desk_file, refresh_desk
from conference.schedule import Meeting, Participant
from core import Secret
from inventory import MeetingServer, SystemSecrets, Unit, new_key_pair, open_system, save_system

HS_SECRET = "a-shared-secret-for-tests-only-0123456789"
RESERVATION_SECRET = "reservation-secret-for-tests"
EVENT_SECRET = "event-secret-for-tests-only"
TURN_SECRET = "turn-secret-for-tests-only"
SYSTEM_FORM = {
    "name": "Jitsi thử", "public_url": "https://meet.example.edu.vn", "domain": "meet.example.edu.vn",
    "algorithm": "HS256", "token_key": HS_SECRET, "reservation_secret": RESERVATION_SECRET,
    "event_secret": EVENT_SECRET, "turn_secret": TURN_SECRET, "server_networks": "127.0.0.0/8 10.0.0.0/24",
    "stun_host": "turn.example.edu.vn", "turn_tls_host": "turn.example.edu.vn", "is_enabled": "true",
}
ROOM = "giaoban-tinh-20261123-k7f2"


def meeting_row(unit_id: int, system_id: int, starts: datetime, **values: Any) -> Meeting:
    """A scheduled meeting of an hour."""
    given = {
        "uid": f"uid-{starts.timestamp()}-{values.get('room', ROOM)}", "title": "Giao ban tỉnh", "state": "scheduled",
        "unit_id": unit_id, "system_id": system_id, "room": ROOM, "starts_at": starts,
        "ends_at": starts + timedelta(hours=1), "join_code": f"join-{values.get('room', ROOM)}",
        "created_at": starts, "updated_at": starts,
    }
    return Meeting(**{**given, **values})


def participant_row(meeting_id: int, subject: str, **values: Any) -> Participant:
    """Somebody of a meeting."""
    return Participant(**{"meeting_id": meeting_id, "kind": "person", "name": "THCS Nguyễn Trãi (điểm cầu)",
                          "subject": subject, "invite_code": f"code-{meeting_id}-{subject}", **values})


@pytest.fixture
def world(database, vault, now) -> SimpleNamespace:
    """Rows in the database; the objects are detached and readable."""
    with database.session() as session:
        unit = Unit(code="SO", name="Sở GDĐT", kind="department")
        session.add(unit)
        session.flush()
        unit.path = f"/{unit.id}/"
        system = save_system(session, vault, None, SYSTEM_FORM)
        jibri = MeetingServer(system_id=system.id, kind="jibri", name="jibri-1", url="http://10.0.0.9:2222")
        meeting = meeting_row(unit.id, system.id, now + timedelta(minutes=30))
        session.add_all([jibri, meeting])
        session.flush()
        chair = participant_row(meeting.id, "person-1", role="chair", mode="speak", name="Phòng CNTT")
        site = participant_row(meeting.id, "ep-site-0412", email="thcs@example.edu.vn")
        session.add_all([chair, site])
        session.flush()
        secrets = open_system(session, vault, system.id)
    return SimpleNamespace(unit=unit, system=system, meeting=meeting, chair=chair, site=site, secrets=secrets,
                           jibri=jibri)


@pytest.fixture
def desk(database, world, now, tmp_path):
    """The answerer's desk with a snapshot of the world."""
    desk = Desk(desk_file(tmp_path))
    refresh_desk(desk, database, now)
    yield desk
    desk.close()


@pytest.fixture
def ask(desk, now):
    """Knock at a door as Prosody does."""

    def knock(method: str, path: str, body: bytes = b"", **options: Any) -> Answer:
        secret = options.get("secret", RESERVATION_SECRET if "/conference" in path else EVENT_SECRET)
        header = options.get("authorization", f"Bearer {secret}")
        at = options.get("at", now)
        return answer_call(desk, Call(method, path, options.get("address", "10.0.0.2"), header, body), at.timestamp())

    return knock


@pytest.fixture(scope="session")
def rsa_pair():
    """One key pair for all tests: making one takes a tenth of a second."""
    return new_key_pair("test", datetime(2026, 11, 23, tzinfo=UTC))


def no_secrets() -> SystemSecrets:
    """A system without keys."""
    return SystemSecrets(token_key=Secret(""))
