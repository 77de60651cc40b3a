"""Meeting servers and endpoints among incidents: named in people's words, folded into the machine they run on."""

from __future__ import annotations

import pytest

from alerts import members_of
from alerts.labels import ENDPOINT_KIND
from alerts.store.labels import load_labels
from inventory import (
    Device,
    Endpoint,
    MeetingServer,
    MeetingSystem,
    endpoint_number,
    meeting_server_number,
    meeting_server_of_number,
    touch_inventory,
)
from tests.alerts.province import DOWN, Province


@pytest.fixture
def meetings(told_province: Province) -> Province:
    """The province with a meeting system: a bridge on the machine a.sw1, Jicofo elsewhere, and an endpoint."""
    with told_province.database.session() as session:
        session.add(MeetingSystem(id=1, name="Họp tỉnh", public_url="https://meet.example.edu.vn", domain="x.vn"))
        session.flush()
        machine = told_province.devices["a.sw1"]
        session.add_all([
            MeetingServer(id=1, system_id=1, kind="jvb", name="jvb-1", url="http://10.0.0.5:8080", device_id=machine),
            MeetingServer(id=2, system_id=1, kind="jicofo", name="jicofo", url="http://10.0.0.6:8888"),
            Endpoint(id=1, site_id=session.get(Device, machine).site_id, name="Phòng họp A", code="site-1",
                     computer_id=machine),
        ])
        touch_inventory(session)
    told_province.devices |= {
        "bridge": meeting_server_number(1), "jicofo": meeting_server_number(2), "room": endpoint_number(1)}
    return told_province


def tell(province: Province, server: str, values: dict[str, float], seconds: float) -> None:
    for _ in range(round(seconds / 10)):
        province.sample(server, values)
        province.after(10, step=10)


def test_a_bridge_that_is_gone_is_an_incident_in_its_own_words(meetings: Province):
    tell(meetings, "bridge", {"meeting_server_up": 1, "jvb_stress_ratio": 0.3}, 30)
    assert meetings.incidents() == []
    tell(meetings, "bridge", {"meeting_server_up": 0}, 60)
    [incident] = meetings.incidents()
    assert (incident.rule_id, incident.severity, incident.unit_path) == ("bridge_down", "critical", "/")
    assert incident.device_name == "jvb-1 (Họp tỉnh)" and incident.site_id is None
    assert meeting_server_of_number(incident.device_id) == 1
    assert incident.titles["vi"] == "Máy chủ cầu jvb-1 (Họp tỉnh) không trả lời"
    tell(meetings, "bridge", {"meeting_server_up": 1}, 30)
    assert meetings.incidents() == []


def test_a_bridge_on_a_dead_machine_is_part_of_its_incident(meetings: Province):
    tell(meetings, "bridge", {"meeting_server_up": 1}, 30)
    meetings.ping(DOWN, "a.sw1", "a.ap1")
    meetings.after(60)
    [outage] = meetings.incidents()
    tell(meetings, "bridge", {"meeting_server_up": 0}, 90)
    [still] = meetings.incidents()
    assert still.id == outage.id
    with meetings.database.reading() as session:
        assert "jvb-1 (Họp tỉnh)" in {member.name for member in members_of(session, outage.id)}


def test_a_full_bridge_says_how_full(meetings: Province):
    tell(meetings, "bridge", {"meeting_server_up": 1, "jvb_stress_ratio": 0.93}, 120)
    [incident] = meetings.incidents()
    assert incident.rule_id == "bridge_overloaded" and "93" in incident.titles["vi"]


def test_bridges_of_several_versions(meetings: Province):
    tell(meetings, "jicofo", {"meeting_server_up": 1, "jicofo_bridge_versions": 2}, 330)
    assert [one.rule_id for one in meetings.incidents()] == ["bridge_versions_differ"]


def test_a_server_that_is_switched_off_is_not_watched(meetings: Province):
    with meetings.database.session() as session:
        session.get(MeetingServer, 1).is_enabled = False
        touch_inventory(session)
    tell(meetings, "bridge", {"meeting_server_up": 0}, 90)
    assert meetings.incidents() == []


def test_an_endpoint_has_its_site_and_unit(meetings: Province):
    with meetings.database.reading() as session:
        labels = load_labels(session)
    label = labels.named(endpoint_number(1))
    machine = labels.devices[meetings.devices["a.sw1"]]
    assert (label.kind, label.name, label.site_id) == (ENDPOINT_KIND, "Phòng họp A", machine.site_id)
    assert labels.unit_path_of(endpoint_number(1)) == labels.unit_path_of(machine.id)
    assert label.devices == {meetings.devices["a.sw1"]}
