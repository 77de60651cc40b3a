"""From the ping plane's verdict to the incident and its messages, over real tables."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts import RuleOverride, acknowledge, close, members_of, story
from alerts.store.recording import prune_closed
from core import User
from inventory import Device, touch_inventory
from tests.alerts.province import DOWN, SUSPECT, UNKNOWN, UP, add_lines, build_province


@pytest.fixture
def user(database, now) -> User:
    with database.session() as session:
        user = User(username="truc", full_name="Cán bộ trực", role="network_engineer", password_hash="x",
                    session_stamp="x", created_at=now)
        session.add(user)
        session.flush()
        return user


def test_a_dark_school_is_one_incident_and_one_message(told_province):
    told_province.ping(DOWN, "a.*")
    told_province.after(20)
    [incident] = told_province.incidents()
    assert incident.cause == f"site:{told_province.sites['a']}"
    assert (incident.severity, incident.behind_count) == ("critical", 5)
    [message] = told_province.messages()
    assert message.kind == "opened"
    assert message.subject == "[SỰ CỐ - Nghiêm trọng] Trường a: mất kết nối toàn bộ"
    assert "https://noc.example/incidents/1" in message.text
    assert "Cần làm" in message.text
    with told_province.database.reading() as session:
        assert len(members_of(session, incident.id)) == 5
        [opened] = story(session, incident.id)
    assert [stage[0] for stage in opened.data["stages"]] == [
        "reachability", "fold", "maintenance", "calendar", "silence", "dedupe", "route", "send", "remember"]


def test_the_return_closes_it_with_one_message(told_province):
    told_province.ping(DOWN, "a.*")
    told_province.after(60)
    told_province.ping(UP, "a.*")
    told_province.after(10)
    assert told_province.incidents() == []
    assert [message.kind for message in told_province.messages()] == ["opened", "recovered"]
    [closed] = told_province.incidents("closed")
    assert closed.close_reason == "returned"


def test_children_never_speak_before_their_parent(told_province):
    told_province.ping(DOWN, "a.ap1", "a.pc1", "a.sw1")
    told_province.ping(SUSPECT, "a.router", "a.sw2")
    told_province.after(5)
    told_province.ping(DOWN, "a.router", "a.sw2")
    told_province.after(12)
    assert [incident.cause for incident in told_province.incidents()] == [f"site:{told_province.sites['a']}"]
    assert len(told_province.messages()) == 1


def test_a_dead_switch_takes_its_access_point_along(told_province):
    told_province.ping(DOWN, "a.ap1")
    told_province.after(2)
    told_province.ping(DOWN, "a.sw1")
    told_province.after(20)
    [incident] = told_province.incidents()
    assert incident.cause == f"device:{told_province.devices['a.sw1']}"
    assert incident.behind_count == 2


def test_an_early_device_incident_is_folded_into_the_dark_school(told_province):
    told_province.ping(DOWN, "a.sw1")
    told_province.after(20)
    told_province.ping(DOWN, "a.*")
    told_province.after(20)
    [incident] = told_province.incidents()
    assert incident.cause.startswith("site:")
    [folded] = told_province.incidents("closed")
    assert (folded.folded_into_id, folded.close_reason) == (incident.id, "folded")
    assert [message.kind for message in told_province.messages()] == ["opened", "opened"]


def test_computers_switched_off_in_the_evening_are_no_incident(told_province):
    told_province.ping(DOWN, *(name for name in told_province.devices if name.endswith("pc1")))
    told_province.after(60)
    assert told_province.incidents() == []


def test_schools_of_one_provider_are_one_incident(told_province):
    add_lines(told_province.database, {told_province.sites[one]: "North" for one in "abc"})
    told_province.ping(DOWN, "a.*", "b.*", "c.*")
    told_province.after(20)
    [incident] = told_province.incidents()
    assert (incident.cause, incident.sites_count, incident.behind_count) == ("area:isp:North", 3, 15)
    assert "North" in incident.titles["vi"]
    assert len(told_province.messages()) == 1
    told_province.ping(UP, "a.*", "b.*", "c.*")
    told_province.after(10)
    assert [message.kind for message in told_province.messages()] == ["opened", "recovered"]


def test_one_school_that_stays_dark_becomes_its_own_incident(told_province):
    add_lines(told_province.database, {told_province.sites[one]: "North" for one in "abc"})
    told_province.ping(DOWN, "a.*", "b.*", "c.*")
    told_province.after(20)
    told_province.ping(UP, "a.*", "b.*")
    told_province.after(60)
    assert [incident.cause for incident in told_province.incidents()] == ["area:isp:North"]
    told_province.after(200)
    assert [incident.cause for incident in told_province.incidents()] == [f"site:{told_province.sites['c']}"]


def test_everything_dark_is_ourselves(told_province):
    told_province.ping(DOWN, "*")
    told_province.after(20)
    assert [incident.cause for incident in told_province.incidents()] == ["own_network"]
    assert len(told_province.messages()) == 1


def test_the_collectors_own_verdict_that_it_is_cut_off(told_province):
    told_province.ping(DOWN, "a.*")
    told_province.after(20)
    told_province.ping(UNKNOWN, "b.*", "c.*", "d.*", reason=3)
    told_province.after(10)
    causes = {f"site:{told_province.sites['a']}", "own_network"}
    assert {incident.cause for incident in told_province.incidents()} == causes
    told_province.after(600, step=10)
    assert {incident.cause for incident in told_province.incidents()} == causes
    told_province.ping(UP, "*")
    told_province.after(10)
    assert told_province.incidents() == []


def test_a_restart_doubles_nothing_and_loses_nothing(told_province):
    told_province.ping(DOWN, "a.*")
    told_province.after(20)
    told_province.ping(UNKNOWN, "*")  # the new process has not pinged anybody yet
    told_province.restart()
    told_province.after(30)
    assert len(told_province.incidents()) == 1
    told_province.ping(UP, "b.*", "c.*", "d.*")
    told_province.ping(DOWN, "a.*")
    told_province.after(30)
    assert len(told_province.messages()) == 1
    told_province.restart()
    told_province.ping(UP, "a.*")
    told_province.after(10)
    assert [message.kind for message in told_province.messages()] == ["opened", "recovered"]


def test_soon_again_is_the_same_incident_and_flapping_is_told_once(told_province):
    for _ in range(6):
        told_province.ping(DOWN, "a.*")
        told_province.after(20)
        told_province.ping(UP, "a.*")
        told_province.after(60)
    assert len(told_province.incidents("open", "closed")) == 1
    kinds = [message.kind for message in told_province.messages()]
    assert kinds == ["opened", "recovered", "reopened", "recovered", "reopened", "recovered", "flapping"]
    [incident] = told_province.incidents()
    assert incident.is_flapping
    told_province.after(1000, step=10)
    assert told_province.incidents() == []
    assert [message.kind for message in told_province.messages()][-1] == "recovered"


def test_a_person_who_closes_too_early_is_not_overruled(told_province, user):
    told_province.ping(DOWN, "a.*")
    told_province.after(20)
    [incident] = told_province.incidents()
    with told_province.database.session() as session:
        close(session, incident.id, user, told_province.at)
    told_province.after(20)
    told_province.restart()
    told_province.after(20)
    assert told_province.incidents() == []
    told_province.ping(UP, "a.*")
    told_province.after(20)
    told_province.after(1000, step=50)
    told_province.ping(DOWN, "a.*")
    told_province.after(20)
    assert len(told_province.incidents()) == 1


def test_acknowledged_incidents_keep_their_owner_and_close_by_themselves(told_province, user):
    told_province.ping(DOWN, "a.*")
    told_province.after(20)
    [incident] = told_province.incidents()
    with told_province.database.session() as session:
        acknowledge(session, incident.id, user, told_province.at, "đang gọi nhà mạng")
    told_province.after(20)
    [incident] = told_province.incidents("acknowledged")
    assert incident.owner_name == "Cán bộ trực"
    told_province.ping(UP, "a.*")
    told_province.after(10)
    assert told_province.incidents() == []


def test_a_device_that_is_no_longer_watched_is_closed_quietly(told_province):
    told_province.ping(DOWN, "a.sw1", "a.ap1")
    told_province.after(20)
    with told_province.database.session() as session:
        for name in ("a.sw1", "a.ap1"):
            session.get(Device, told_province.devices[name]).is_monitored = False
        touch_inventory(session)
    told_province.ping(UNKNOWN, "a.sw1", "a.ap1")
    told_province.after(10)
    assert told_province.incidents() == []
    assert [incident.close_reason for incident in told_province.incidents("closed")] == ["no_longer_watched"]
    assert len(told_province.messages()) == 1


def test_nobody_to_tell_is_a_named_reason(database, now):
    province = build_province(database, now)
    province.ping(DOWN, "a.*")
    province.after(20)
    [incident] = province.incidents()
    assert (incident.quiet_reason, incident.announced_at) == ("no_route", None)


def test_outages_that_no_rule_speaks_of_take_nothing_in(told_province):
    add_lines(told_province.database, {told_province.sites[one]: "North" for one in "abc"})
    with told_province.database.session() as session:
        session.add(RuleOverride(rule_id="area_dark", is_enabled=False, created_at=told_province.at))
    told_province.ping(DOWN, "a.*", "b.*", "c.*")
    told_province.after(20)
    assert [incident.rule_id for incident in told_province.incidents()] == ["site_dark"] * 3


def test_old_incidents_go_and_take_their_story_along(told_province):
    told_province.ping(DOWN, "a.sw1")
    told_province.after(20)
    told_province.ping(DOWN, "a.*")
    told_province.after(20)
    told_province.ping(UP, "a.*")
    told_province.after(20)
    assert len(told_province.incidents("closed")) == 2
    with told_province.database.session() as session:
        assert prune_closed(session, told_province.at + timedelta(days=29), 30) == 0
        assert prune_closed(session, told_province.at + timedelta(days=31), 30) == 2
    assert told_province.incidents("closed") == []
    assert told_province.messages() == []
