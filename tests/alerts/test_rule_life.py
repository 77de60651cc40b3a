"""From samples in the live table to incidents and messages: rules, silences, maintenance, parts, restarts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts import (
    Maintenance,
    RuleOverride,
    Silence,
    WindowProblem,
    add_window,
    cancel_window,
    list_windows,
    load_rules,
    members_of,
    save_override,
    story,
)
from inventory import Device, touch_inventory
from tests.alerts.province import DOWN, UP, add_port


def busy(province, seconds: float, value: float = 0.97, device: str = "a.sw1") -> None:
    """Samples of a busy processor, one each minute."""
    for _ in range(int(seconds // 60)):
        province.sample(device, {"cpu_used_ratio": value})
        province.after(60, step=10)


def test_busy_then_well(told_province):
    busy(told_province, 14 * 60)
    assert told_province.incidents() == []
    busy(told_province, 4 * 60)
    [incident] = told_province.incidents()
    assert (incident.rule_id, incident.value) == ("cpu_busy", 0.97)
    [message] = told_province.messages()
    assert "Switch 1" in message.subject
    assert "97 %" in message.subject
    busy(told_province, 7 * 60, value=0.3)
    assert told_province.incidents() == []
    assert [one.kind for one in told_province.messages()] == ["opened", "recovered"]
    assert "Kéo dài" in told_province.messages()[-1].text


def test_without_data_it_stays_open_and_says_so(told_province):
    busy(told_province, 18 * 60)
    told_province.after(600, step=10)
    [incident] = told_province.incidents()
    assert incident.is_unknown
    told_province.restart()
    told_province.after(60, step=10)
    assert len(told_province.incidents()) == 1
    assert len(told_province.messages()) == 1
    busy(told_province, 120)
    assert not told_province.incidents()[0].is_unknown
    with told_province.database.reading() as session:
        assert [line.kind for line in story(session, incident.id)] == ["opened", "unknown", "known"]


def test_a_device_that_is_down_brings_no_other_alert(told_province):
    busy(told_province, 10 * 60)
    told_province.ping(DOWN, "a.*")
    busy(told_province, 10 * 60)
    assert [incident.rule_id for incident in told_province.incidents()] == ["site_dark"]
    told_province.ping(UP, "a.*")
    busy(told_province, 120)
    assert [incident.rule_id for incident in told_province.incidents()] == ["cpu_busy"]


def test_two_ports_of_one_switch_are_one_incident(told_province):
    for key in ("ge1", "ge2"):
        switch = told_province.devices["a.sw1"]
        add_port(told_province.database, told_province.at, switch, key, name=key, alias="uplink")
    for key in ("ge1", "ge2"):
        told_province.sample("a.sw1", {"if_oper_up": 1, "if_admin_up": 1}, f"if:{key}")
    told_province.after(40)
    for key in ("ge1", "ge2"):
        told_province.sample("a.sw1", {"if_oper_up": 0, "if_admin_up": 1}, f"if:{key}")
    told_province.after(130)
    [incident] = told_province.incidents()
    assert "ge1 (uplink) và 1 phần khác" in incident.titles["vi"]
    with told_province.database.reading() as session:
        assert [one.name for one in members_of(session, incident.id)] == ["if:ge1", "if:ge2"]
    told_province.sample("a.sw1", {"if_oper_up": 1, "if_admin_up": 1}, "if:ge1")
    told_province.sample("a.sw1", {"if_oper_up": 0, "if_admin_up": 1}, "if:ge2")
    told_province.after(70)
    [incident] = told_province.incidents()
    with told_province.database.reading() as session:
        assert [one.left_at is None for one in members_of(session, incident.id)] == [True, False]


def test_a_port_that_was_up_before_the_restart_is_still_missed(told_province):
    add_port(told_province.database, told_province.at, told_province.devices["a.sw1"], "ge1", alias="WAN")
    told_province.sample("a.sw1", {"if_oper_up": 1, "if_admin_up": 1}, "if:ge1")
    told_province.after(400, step=10)  # the memory is kept each five minutes
    told_province.restart()
    told_province.sample("a.sw1", {"if_oper_up": 0, "if_admin_up": 1}, "if:ge1")
    told_province.after(130)
    assert [incident.rule_id for incident in told_province.incidents()] == ["interface_down"]


def test_a_wired_port_of_a_router_is_missed_without_a_label(told_province):
    router = told_province.devices["a.router"]
    for key, kind in (("ether2", "ethernetCsmacd"), ("veth12", "ethernetCsmacd"), ("wg0", "tunnel")):
        add_port(told_province.database, told_province.at, router, key, name=key, type=kind)
        told_province.sample("a.router", {"if_oper_up": 1, "if_admin_up": 1}, f"if:{key}")
    told_province.after(40)
    for key in ("ether2", "veth12", "wg0"):
        told_province.sample("a.router", {"if_oper_up": 0, "if_admin_up": 1}, f"if:{key}")
    told_province.after(130)
    [incident] = told_province.incidents()
    with told_province.database.reading() as session:
        assert [one.name for one in members_of(session, incident.id)] == ["if:ether2"]


def window(province, kind, **target):
    with province.database.session() as session:
        return add_window(session, kind(
            starts_at=province.at, ends_at=province.at + timedelta(hours=1), reason="thay thiết bị",
            created_by="Cán bộ trực", created_at=province.at, **target))


@pytest.mark.parametrize(("kind", "reason"), [(Silence, "silenced"), (Maintenance, "maintenance")])
def test_what_stands_after_a_window_is_told_then(told_province, kind, reason):
    window(told_province, kind, site_id=told_province.sites["a"])
    told_province.ping(DOWN, "a.*")
    told_province.after(60)
    [incident] = told_province.incidents()
    assert (incident.quiet_reason, told_province.messages()) == (reason, [])
    told_province.after(3600, step=30)
    assert [message.kind for message in told_province.messages()] == ["opened"]


def test_what_ended_inside_a_window_is_told_to_nobody_and_closed(told_province):
    window(told_province, Silence, unit_path="/1/2/")
    told_province.ping(DOWN, "a.*")
    told_province.after(60)
    told_province.ping(UP, "a.*")
    told_province.after(60)
    assert (told_province.incidents(), told_province.messages()) == ([], [])
    assert len(told_province.incidents("closed")) == 1


def test_a_window_that_is_cancelled_ends_now(told_province):
    silence = window(told_province, Silence, site_id=told_province.sites["a"])
    told_province.ping(DOWN, "a.*")
    told_province.after(30)
    with told_province.database.session() as session:
        cancel_window(session, session.get_one(Silence, silence.id), told_province.at)
        assert list_windows(session, Silence, told_province.at) == []
    told_province.after(10)
    assert len(told_province.messages()) == 1


@pytest.mark.parametrize(
    "values",
    [
        {}, {"site_id": 1, "device_id": 2}, {"site_id": 1, "reason": " "}, {"site_id": 1, "ends": -1},
    ],
)
def test_bad_windows_are_refused(told_province, values):
    given = {"reason": "x", "ends": 3600, **values}
    ends_at = told_province.at + timedelta(seconds=given.pop("ends"))
    with told_province.database.session() as session, pytest.raises(WindowProblem):
        add_window(session, Silence(starts_at=told_province.at, ends_at=ends_at, created_by="x",
                                    created_at=told_province.at, **given))


def test_an_override_takes_force_without_a_restart(told_province):
    rules = {rule.id: rule for rule in load_rules("")}
    busy(told_province, 18 * 60)
    assert len(told_province.incidents()) == 1
    with told_province.database.session() as session:
        save_override(session, RuleOverride(rule_id="cpu_busy", device_id=told_province.devices["a.sw1"],
                                            threshold=0.99, clear=0.98, created_at=told_province.at), rules)
    busy(told_province, 7 * 60)
    assert told_province.incidents() == []
    with told_province.database.session() as session, pytest.raises(WindowProblem):
        save_override(session, RuleOverride(rule_id="cpu_busy", threshold=0.5, clear=0.9,
                                            created_at=told_province.at), rules)


def test_a_rule_switched_off_closes_its_incident_quietly(told_province):
    busy(told_province, 18 * 60)
    with told_province.database.session() as session:
        session.add(RuleOverride(rule_id="cpu_busy", is_enabled=False, created_at=told_province.at))
    told_province.after(10)
    assert [one.close_reason for one in told_province.incidents("closed")] == ["no_longer_watched"]
    assert len(told_province.messages()) == 1


def test_a_hostile_name_is_one_harmless_line(told_province):
    with told_province.database.session() as session:
        device = session.get_one(Device, told_province.devices["a.sw1"])
        device.name = "<script>alert(1)</script>\r\nBcc: x@y.example\u202e{site}" + "x" * 100
        touch_inventory(session)
    busy(told_province, 18 * 60)
    [message] = told_province.messages()
    assert "\n" not in message.subject
    assert "\r" not in message.subject
    assert "\u202e" not in message.subject
    assert "{site}" in message.subject, "a name is never read as a template"
    assert "<script>" not in message.html


def test_a_storm_of_new_incidents_is_spread_worst_first(told_province):
    told_province.change(max_new_per_tick=1)
    for school in "abc":
        told_province.sample(f"{school}.sw1", {"cpu_used_ratio": 0.97})
        told_province.sample(f"{school}.sw2", {"ups_charge_ratio": 0.1, "ups_on_battery": 1.0})
    told_province.after(30)  # new series are taken up each 30 s
    assert [incident.rule_id for incident in told_province.incidents()] == ["ups_low"]
    told_province.after(10)
    assert [incident.rule_id for incident in told_province.incidents()] == ["ups_low"] * 3
