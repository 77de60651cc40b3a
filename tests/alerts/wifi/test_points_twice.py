"""An access point that is pinged and told by its controller: one trouble, one incident."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.models import Maintenance, RuleOverride
from alerts.store.labels import load_labels
from inventory import Device, Part, touch_inventory
from tests.alerts.province import DOWN, SUSPECT, UP, Province

PART = "ap:ap-lau-2"


@pytest.fixture
def controlled(told_province: Province) -> Province:
    """School a's access point is one that a controller at school b tells of, by its MAC; another is in no inventory."""
    with told_province.database.session() as session:
        controller = Device(site_id=told_province.sites["b"], name="WLC", kind="wlan_controller", interval_s=60)
        session.add(controller)
        session.get_one(Device, told_province.devices["a.ap1"]).mac = "02:00:00:00:00:11"
        session.flush()
        for key, mac in ((PART, "02:00:00:00:00:11"), ("ap:khac", "02:00:00:00:00:99"), (f"{PART}/radio:1", None)):
            kind = "radio" if "/" in key else "ap"
            session.add(Part(device_id=controller.id, kind=kind, key=key, mac=mac, first_seen=told_province.at))
        touch_inventory(session)
        told_province.devices["wlc"] = controller.id
    return told_province


def tell(province: Province, is_up: float, seconds: float, part: str = PART) -> None:
    """The controller says so for a while."""
    for _ in range(max(1, round(seconds / 30))):
        province.sample("wlc", {"wifi_access_point_up": is_up}, part)
        province.after(30, step=10)


def test_labels_know_which_device_a_part_is(controlled: Province):
    with controlled.database.reading() as session:
        points = load_labels(session).points
    assert points == {(controlled.devices["wlc"], PART): controlled.devices["a.ap1"]}


def test_what_the_controller_tells_is_folded_into_the_points_own_outage(controlled: Province):
    tell(controlled, 1, 60)
    controlled.ping(DOWN, "a.ap1")
    tell(controlled, 0, 360)  # the point's own rule speaks after five minutes, the controller's after three
    [incident] = controlled.incidents()
    assert incident.device_id == controlled.devices["a.ap1"]
    controlled.ping(UP, "a.ap1")
    tell(controlled, 0, 60)  # it answers before it is back at its controller
    tell(controlled, 1, 120)
    assert controlled.incidents() == []
    assert [(one.incident_id, one.kind) for one in controlled.messages()] == [
        (incident.id, "opened"), (incident.id, "recovered"),
    ]


def test_told_by_the_controller_first_it_is_taken_in_later(controlled: Province):
    tell(controlled, 1, 60)
    tell(controlled, 0, 210)
    [early] = controlled.incidents()
    assert early.rule_id == "access_point_left"
    controlled.ping(DOWN, "a.ap1")
    tell(controlled, 0, 360)
    [incident] = controlled.incidents()
    assert incident.device_id == controlled.devices["a.ap1"]
    assert [one.folded_into_id for one in controlled.incidents("closed")] == [incident.id]


def test_a_point_of_whose_own_silence_no_rule_speaks_is_told_by_its_controller(controlled: Province):
    with controlled.database.session() as session:
        session.add(RuleOverride(rule_id="device_away", is_enabled=False, created_at=controlled.at))
        touch_inventory(session)
    tell(controlled, 1, 60)
    controlled.ping(DOWN, "a.ap1")
    tell(controlled, 0, 480)
    assert controlled.incidents() == []
    tell(controlled, 0, 180)
    assert [one.rule_id for one in controlled.incidents()] == ["access_point_left"]


def test_a_point_that_nobody_entered_is_an_incident_of_its_controller(controlled: Province):
    tell(controlled, 1, 60, "ap:khac")
    controlled.ping(DOWN, "a.ap1")
    tell(controlled, 0, 270, "ap:khac")
    assert {one.rule_id for one in controlled.incidents()} >= {"access_point_left"}


def test_it_stays_told_by_the_controller_alone_when_ping_answers_and_waits_while_that_is_unclear(controlled: Province):
    tell(controlled, 1, 60)
    controlled.ping(SUSPECT, "a.ap1")
    tell(controlled, 0, 240)
    assert controlled.incidents() == []
    controlled.ping(UP, "a.ap1")
    tell(controlled, 0, 60)
    assert [one.rule_id for one in controlled.incidents()] == ["access_point_left"]


def test_maintenance_of_the_point_is_the_controllers_word_too(controlled: Province):
    tell(controlled, 1, 60)
    with controlled.database.session() as session:
        session.add(Maintenance(
            device_id=controlled.devices["a.ap1"], starts_at=controlled.at, reason="thay điểm phát",
            ends_at=controlled.at + timedelta(hours=1), created_by="x", created_at=controlled.at))
    tell(controlled, 0, 240)
    assert {one.quiet_reason for one in controlled.incidents()} == {"maintenance"}
