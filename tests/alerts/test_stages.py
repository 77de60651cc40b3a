"""The stages one by one: for each, what it is shown and which reason it gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.finding import Finding
from alerts.labels import DeviceLabel, Labels, SiteLabel
from alerts.pipeline import Act, Action, Case, Desk, Known, News, RouteView, WindowView, run_pipeline
from alerts.reasons import REASONS
from alerts.rule import Rule
from alerts.settings import AlertsSettings
from alerts.stages import PIPELINE
from core import catalogue

RULE = Rule("cpu_busy", "minor", {}, {}, {}, behind=("snmp_silent",))
FINDING = Finding("cpu_busy:1", RULE, 0.0, "/1/2/9/", 1, 7, devices=frozenset({1}))
LESSON = replace(FINDING, rule=replace(RULE, hours="teaching"))
DARK = Finding("site:7", Rule("site_dark", "critical", {}, {}, {}, outage="site"), 0.0, "/1/2/9/", 1, 7,
               devices=frozenset({1, 2}), sites=frozenset({7}))
ROUTE = RouteView(1, 1, "a@b.example", "vi")
LABELS = Labels(devices={1: DeviceLabel(1, "sw", "switch", 7)}, sites={7: SiteLabel(7, "s", "/1/2/9/")})


@pytest.fixture
def desk(now) -> Desk:
    return Desk(now=now, settings=AlertsSettings(), labels=LABELS, routes=(ROUTE,), state_of=lambda _device: 1)


def walk(desk: Desk, finding: Finding = FINDING, news: News = News.FIRED, known: Known | None = None) -> Case:
    return run_pipeline(Case(news, finding, known), desk, PIPELINE)


def test_the_policy_is_one_line():
    assert [stage.__name__ for stage in PIPELINE] == [
        "reachability", "fold", "maintenance", "calendar", "silence", "dedupe", "route", "send", "remember"]


@pytest.mark.parametrize(
    ("changes", "stage", "reason", "act"),
    [
        ({}, "reachability", "device_reachable", Act.GO),
        ({"state_of": lambda _device: 0}, "reachability", "not_pinged", Act.GO),
        ({"state_of": lambda _device: 2}, "reachability", "reachability_unclear", Act.HOLD),
        ({"state_of": lambda _device: 3}, "reachability", "reachability_unclear", Act.HOLD),
        ({"outage_of": {1: "site:7"}}, "reachability", "device_unreachable", Act.HOLD),
        ({"has_lost_own_network": True}, "reachability", "own_network_lost", Act.HOLD),
        ({"open_rules": {1: {"snmp_silent": "snmp_silent:1"}}}, "fold", "behind_incident", Act.FOLD),
        ({"open_rules": {1: {"fan_failed": "fan_failed:1"}}}, "fold", "is_cause", Act.GO),
        ({"maintenances": (WindowView(1, "đổi tủ", device_id=1),)}, "maintenance", "maintenance", Act.QUIET),
        ({"maintenances": (WindowView(1, "x", device_id=2),)}, "maintenance", "no_maintenance", Act.GO),
        ({"maintenances": (WindowView(1, "x", site_id=7, rule_id="other"),)}, "maintenance", "no_maintenance", Act.GO),
        ({"silences": (WindowView(1, "x", site_id=7),)}, "silence", "silenced", Act.QUIET),
        ({"silences": (WindowView(1, "x", unit_path="/1/2/"),)}, "silence", "silenced", Act.QUIET),
        ({"silences": (WindowView(1, "x", unit_path="/1/22/"),)}, "silence", "not_silenced", Act.GO),
        ({}, "calendar", "always", Act.GO),
        ({}, "dedupe", "new", Act.GO),
        ({}, "route", "routed", Act.GO),
        ({"routes": ()}, "route", "no_route", Act.QUIET),
        ({"routes": (replace(ROUTE, min_rank=1),)}, "route", "no_route", Act.QUIET),
        ({"routes": (replace(ROUTE, unit_path="/1/3/"),)}, "route", "no_route", Act.QUIET),
        ({"routes": (replace(ROUTE, unit_path="/1/2/"),)}, "route", "routed", Act.GO),
        ({"routes": (replace(ROUTE, device_kinds=frozenset({"ap"})),)}, "route", "no_route", Act.QUIET),
        ({"routes": (replace(ROUTE, device_kinds=frozenset({"switch"})),)}, "route", "routed", Act.GO),
        ({"routes": (replace(ROUTE, rule_ids=frozenset({"ups_low"})),)}, "route", "no_route", Act.QUIET),
        ({"routes": (replace(ROUTE, hours="working"),), "is_working": lambda _path: False}, "route", "no_route",
         Act.QUIET),
        ({"routes": (replace(ROUTE, hours="teaching"),), "is_teaching": lambda _path: False}, "route", "no_route",
         Act.QUIET),
        ({}, "send", "queued", Act.GO),
        ({"routes": ()}, "send", "nothing_to_send", Act.GO),
    ],
)
def test_what_a_stage_answers_to_news(desk, changes, stage, reason, act):
    case = walk(replace(desk, **changes))
    answers = dict(case.answers)
    assert (answers[stage].reason, answers[stage].act) == (reason, act)
    if act in (Act.HOLD, Act.FOLD):
        assert case.answers[-1][0] == stage
        assert case.action is Action.NONE
    else:
        assert case.action is Action.OPEN
        assert bool(case.quiet_reason) is (act is Act.QUIET or reason == "nothing_to_send")


def test_lessons_only(desk):
    assert walk(desk, LESSON).answered("calendar") == "teaching_hours"
    quiet = walk(replace(desk, is_teaching=lambda _path: False), LESSON)
    assert (quiet.quiet_reason, quiet.action) == ("outside_teaching_hours", Action.OPEN)


def known(now, **values) -> Known:
    return Known(**{"id": 5, "cause": FINDING.cause, "rule_id": "cpu_busy", "state": "open", "device_id": 1,
                    "opened_at": now, **values})


@pytest.mark.parametrize(
    ("news", "values", "reason", "action"),
    [
        (News.FIRED, {"state": "closed", "close_reason": "returned", "closed_s": 60, "is_cause_active": False},
         "reopened", Action.REOPEN),
        (News.FIRED, {"state": "closed", "close_reason": "returned", "closed_s": 601, "is_cause_active": False},
         "new", Action.OPEN),
        (News.FIRED, {"state": "closed", "close_reason": "folded", "closed_s": 60, "is_cause_active": False},
         "new", Action.OPEN),
        (News.FIRED, {"state": "closed", "close_reason": "person", "closed_s": 60}, "closed_by_person", Action.NONE),
        (News.FIRED, {"state": "closed", "close_reason": "returned", "closed_s": 60, "reopen_count": 2,
                      "is_cause_active": False}, "flapping", Action.REOPEN),
        (News.FIRED, {"state": "closed", "close_reason": "returned", "closed_s": 60, "reopen_count": 4,
                      "is_flapping": True, "is_cause_active": False}, "already_flapping", Action.REOPEN),
        (News.STANDS, {}, "still_standing", Action.ANNOUNCE),
        (News.STANDS, {"state": "acknowledged"}, "acknowledged", Action.NONE),
        (News.STANDS, {"announced_s": 5}, "already_announced", Action.NONE),
        (News.RETURNED, {"announced_s": 5}, "over", Action.CLOSE),
        (News.RETURNED, {}, "never_announced", Action.CLOSE),
        (News.RETURNED, {"is_flapping": True}, "flapping_hold", Action.MARK_RETURNED),
        (News.RETURNED, {"is_flapping": True, "returned_s": 899}, "flapping_hold", Action.MARK_RETURNED),
        (News.RETURNED, {"is_flapping": True, "returned_s": 901, "announced_s": 5}, "over", Action.CLOSE),
        (News.RETURNED, {"state": "closed", "close_reason": "person"}, "closed_by_person", Action.FORGET),
    ],
)
def test_dedupe(desk, now, news, values, reason, action):
    given = {
        f"{name[:-2]}_at" if name.endswith("_s") else name:
        now - timedelta(seconds=value) if name.endswith("_s") else value
        for name, value in values.items()
    }
    case = walk(desk, news=news, known=known(now, **given))
    assert (case.answered("dedupe"), case.action) == (reason, action)


def test_an_end_is_told_even_in_a_silence(desk, now):
    silent = replace(desk, silences=(WindowView(1, "x", device_id=1),))
    case = walk(silent, news=News.RETURNED, known=known(now, announced_at=now))
    assert (case.message, case.answered("send")) == ("recovered", "queued")


def test_the_recovery_goes_only_to_those_who_want_it(desk, now):
    silent = replace(desk, routes=(replace(ROUTE, has_recovery=False),))
    case = walk(silent, news=News.RETURNED, known=known(now, announced_at=now))
    assert case.answered("route") == "no_route"


def test_a_wide_outage_reaches_the_school_inside(desk):
    wide = replace(DARK, cause="area:isp:X", unit_path="/1/")
    case = walk(replace(desk, routes=(replace(ROUTE, unit_path="/1/2/9/"),)), wide)
    assert case.answered("route") == "routed"


def test_a_window_for_one_device_does_not_cover_a_dark_school(desk):
    case = walk(replace(desk, silences=(WindowView(1, "x", device_id=1),)), DARK)
    assert case.answered("silence") == "not_silenced"
    case = walk(replace(desk, silences=(WindowView(1, "x", site_id=7),)), DARK)
    assert case.answered("silence") == "silenced"


def test_every_reason_is_explained_in_both_languages(desk):
    assert all(text in catalogue("vi") for text in REASONS.values())
