"""A planned live stream through the pages, with the simulator's Jibri: missed, started by order, dead, stopped."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from datetime import timedelta

import httpx
import numpy as np
import pytest

from collectors.jitsi import answers
from conference import Meeting, Participant
from core import Role
from dashboards import Services
from inventory import MeetingServer, meeting_server_number
from playbooks import MeetingOrder, PlaybooksSettings
from playbooks.meetings.sending import carry_out
from playbooks.meetings.store import aim_of, end_order, note_sending
from telemetry import Batch, SeriesKey
from tests.conference.live.conftest import Hall, build
from tests.conference.simulator import Day, Installation, Prosody, fake_jitsi, serve

LINK = "https://xem.example.edu.vn/hoi-nghi"


@pytest.fixture
def hall(database, vault) -> Hall:
    made = build(database, vault, 2)
    with database.session() as session:
        held = session.get(Meeting, made.meeting_id)
        held.is_streamed, held.stream_url = True, LINK
        held.sealed_stream_key = vault.seal("a key of a test")
    return made


@pytest.fixture
def services(services: Services, hall: Hall) -> Services:
    return dataclasses.replace(services, reachability=hall.view, clock=lambda: hall.now)


@pytest.fixture
def technician(as_role):
    return as_role(Role.MEETING_TECHNICIAN)


@pytest.fixture
def jibri(database, services, hall):
    """The simulator's recorder: `ask` looks at its health as collectors do, `send` carries an order out."""
    day = Day(Prosody(Installation(), "r", "e"), [], hall.now.timestamp() - 60)
    with serve(fake_jitsi(day)) as base:
        with database.session() as session:
            server = session.query(MeetingServer).filter_by(system_id=hall.system_id, kind="jibri").one()
            server.url = f"{base}/jibri-1"
            number = server.id
        yield Jibri(services, hall, number, f"{base}/jibri-1")


@dataclasses.dataclass
class Jibri:
    services: Services
    hall: Hall
    id: int
    url: str

    def ask(self) -> None:
        self.hall.now += timedelta(seconds=2)
        values, _facts = answers.read_jibri(httpx.get(f"{self.url}/jibri/api/v1.0/health").content)
        values["meeting_server_up"] = 1.0
        own, at = self.services, self.hall.now.timestamp()
        series = own.registry.resolve(meeting_server_number(self.id), [SeriesKey("", name) for name in values])
        own.ingest.submit(Batch(series, np.array(list(values.values()), float), at))
        own.ingest.flush(at)

    def send(self, order_id: int) -> None:
        """What the loop of orders does with one, without its waiting."""
        own, settings = self.services, PlaybooksSettings()

        async def sent() -> None:
            return None

        async def once(aim):
            async with httpx.AsyncClient() as client:
                return await carry_out(client, aim, sent)

        for _step in ("act", "look"):
            with own.database.session() as session:
                aim = aim_of(session, own.vault, order_id, settings, self.hall.now)
                note_sending(session, order_id, self.hall.now)
            outcome = asyncio.run(once(aim))
            with own.database.session() as session:
                end_order(session, order_id, outcome, self.hall.now)
                if session.get(MeetingOrder, order_id).state == "done":
                    return


def lines(person, hall: Hall) -> list[dict]:
    hall.now += timedelta(seconds=2)
    return json.loads(person.get(f"/meeting-live/{hall.meeting_id}/data?v=").text)["air"]


def place(person, hall: Hall, jibri: Jibri, verb: str) -> None:
    form = {"verb": verb, "server": str(jibri.id), "reason": "kế hoạch"}
    assert person.post(f"/meeting-live/{hall.meeting_id}/order", form).status_code == 303
    with jibri.services.database.reading() as session:
        order_id = session.query(MeetingOrder.id).order_by(MeetingOrder.id.desc()).first()[0]
    jibri.send(order_id)


def test_a_planned_stream_from_missed_to_stopped(technician, hall, jibri, services):
    technician.get(f"/meeting-live/{hall.meeting_id}/control")
    (unheard,) = lines(technician, hall)
    assert unheard["tone"] == "unknown" and unheard["finding"] and "máy ghi" in unheard["text"]
    jibri.ask()
    (missed,) = lines(technician, hall)
    assert (missed["tone"], missed["deed"], missed["since"]) == ("down", "start_stream", 0)
    assert "jibri-1" in missed["text"] and missed["word"] == "không chạy"
    for page in ("/meetings/{}", "/readiness/{}", "/meeting-live/{}/control"):
        text = technician.get(page.format(hall.meeting_id)).text
        assert 'live-air-down" role="alert"' in text and "jibri-1 đang rảnh" in text
    place(technician, hall, jibri, "start_stream")
    jibri.ask()
    (running,) = lines(technician, hall)
    assert (running["tone"], running["deed"], running["finding"]) == ("good", "stop_stream", False)
    assert running["since"] > 0
    assert "live-air-good" in technician.get(f"/meetings/{hall.meeting_id}").text
    httpx.post(f"{jibri.url}/jibri/api/v1.0/stopService")  # it dies: nobody ordered that
    jibri.ask()
    (dead,) = lines(technician, hall)
    assert dead["finding"] and "hãy chạy lại" in dead["text"]
    place(technician, hall, jibri, "start_stream")
    place(technician, hall, jibri, "stop_stream")
    jibri.ask()
    (ended,) = lines(technician, hall)
    assert (ended["word"], ended["finding"]) == ("đã dừng", False)


def test_readiness_says_anew_when_a_recorder_changes(technician, hall, jibri):
    hall.now -= timedelta(minutes=30)  # ten minutes before the start
    jibri.ask()
    page = technician.get(f"/readiness/{hall.meeting_id}").text
    assert "jibri-1 hoạt động tốt và đang rảnh" in page
    again = page.partition('data-refresh-url="')[2].partition('"')[0].replace("&amp;", "&")
    assert technician.get(again).status_code == 204
    httpx.post(f"{jibri.url}/jibri/api/v1.0/startService", json={"sessionId": "x", "callLoginParams": {}})
    jibri.ask()
    assert "Tất cả máy ghi đang phục vụ cuộc họp khác" in technician.get(again).text


def test_the_viewers_link_stands_where_one_only_watches(stranger, hall, database):
    with database.reading() as session:
        held = session.get(Meeting, hall.meeting_id)
        speaks, listens = session.query(Participant).filter_by(meeting_id=held.id).order_by(Participant.position)
        pages = [f"/m/{held.join_code}", f"/i/{listens.invite_code}", f"/i/{speaks.invite_code}"]
    assert [LINK in stranger.get(page).text for page in pages] == [True, True, False]
    with database.session() as session:
        session.get(Meeting, hall.meeting_id).is_streamed = False
    assert LINK not in stranger.get(pages[0]).text
