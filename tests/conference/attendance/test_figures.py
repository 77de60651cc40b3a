"""Formulas, conditions, figures and the ranking: pure, and a year of meetings in the time a page has."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from conference import Meeting, attendance
from conference.attendance import MeetingCount
from conference.attendance.judging import Attended, Rules, Times, judge
from conference.attendance.kpi.expression import BadCondition, holds, parse
from conference.attendance.kpi.figures import NUMBERS, attendance_by_unit, judge_meetings, to_counted
from conference.attendance.kpi.formula import DEFAULTS, BadFormula, Formula, formula_of_form, read_formula
from conference.attendance.kpi.packing import Share, heads_of, pack_lines, pack_units, percent_of
from conference.attendance.kpi.ranking import Record, default_weights, rank, read_weights, score
from conference.attendance.kpi.report import InPerson, make_report
from conference.attendance.troubles import Trouble, propose
from core import Scope
from tests.conference.world import a_system, a_unit

NAMES = {"a": np.array([1.0, 0.0, 3.0]), "b": np.array([2.0, 0.0, 1.0])}


@pytest.mark.parametrize(("text", "want"), [
    ("a > b", [False, False, True]), ("not a", [False, True, False]), ("a and b > 1", [True, False, False]),
    ("a or b", [True, False, True]), ("a / b >= 0.5", [True, False, True]), ("0 < a <= 1", [True, False, False]),
    ("max(a, b) == 2", [True, False, False]), ("min(a, b, 1) - 1 == -1", [False, True, False]),
    ("-a < -2", [False, False, True]), ("1", [True, True, True]), ("a != b * 1", [True, False, True]),
])
def test_conditions_over_columns(text: str, want: list[bool]) -> None:
    assert holds(parse(text, NAMES), NAMES).tolist() == want


@pytest.mark.parametrize("text", [
    "", "a.real", "a[0]", "f(a)", "min(a)", "min(a, key=b)", "lambda: a", "a if b else 1", "'x'", "None", "a ** 9",
    "a % 2", "a // 2", "a in (1, 2)", "a is b", "[a]", "{a}", "(a := 1)", "a; b", "c > 1", "1e300 > a", "1j",
    "not " * 40 + "a", "(" * 250 + "a", "a" * 301, "__import__('os').system('true')", "*a", "f'{a}'", "~a", "+a", "...",
])  # fmt: skip
def test_conditions_that_are_refused(text: str) -> None:
    with pytest.raises(BadCondition) as refused:
        holds(parse(text, NAMES), NAMES)
    assert str(refused.value)


@given(st.text(alphabet="ab01 ()+-*/<>=!.,andornot'[]", max_size=60))
@settings(max_examples=200)
def test_any_text_is_computed_or_refused(text: str) -> None:
    try:
        tree = parse(text, NAMES)
    except BadCondition:
        return
    assert isinstance(tree, ast.expr) and holds(tree, NAMES).shape == (3,)


def test_a_kept_formula_that_is_broken_falls_back() -> None:
    own = replace(DEFAULTS["online"], least_percent=85, kinds=("training",))
    assert read_formula("online", own.to_json()) == own
    for broken in ("", "[]", '{"condition": "os"}', '{"kinds": ["x"]}', '{"least_percent": "70"}', '{"kinds": 5}'):
        assert read_formula("online", broken) == DEFAULTS["online"]
    with pytest.raises(BadFormula) as refused:
        formula_of_form("online", {"least_percent": "x", "condition": "x"}, [])
    wanted = {"least_percent", "least_share", "condition", "kinds", "counted_by", "share_of"}
    assert set(refused.value.problems) >= wanted


@pytest.mark.parametrize(("seconds", "want"), [(0, 0), (3779, 69), (3780, 70), (5400, 100), (9999, 100), (-5, 0)])
def test_percent_is_rounded_down(seconds: int, want: int) -> None:
    assert percent_of(seconds, 5400) == want
    assert percent_of(seconds, 0) == 0


# Three meetings: units 1 (80 %), 2 (excused, 0 %) | unit 1 by two endpoints (60, 90), a person 100 | nobody
ROWS = [
    (1, "2026-10", "meeting", 9, 90, 1, 0, 0, 0, 2, 2, 1, 0,
     [Share("endpoint", 1, 80), Share("unit", 2, 0, True)]),
    (2, "2026-11", "conference", 9, 60, 1, 1, 1, 0, 2, 0, 0, 1,
     [Share("endpoint", 1, 60), Share("endpoint", 1, 90), Share("person", None, 100)]),
    (3, "2026-11", "training", 8, 60, 0, 0, 0, 0, 1, 1, 1, 0, [Share("endpoint", 1, 0)]),
]


def counted():
    return to_counted([(*row[:-1], pack_lines(row[-1]), pack_units(row[-1])) for row in ROWS])


EVERY = Formula(("meeting", "conference", "training"))


@pytest.mark.parametrize(("formula", "invited", "present"), [
    (EVERY, [1, 1, 1], [1, 1, 0]), (replace(EVERY, leaves_out_excused=False), [2, 1, 1], [1, 1, 0]),
    (replace(EVERY, counted_by="endpoint"), [1, 2, 1], [1, 1, 0]),
    (replace(EVERY, counted_by="endpoint", least_percent=60), [1, 2, 1], [1, 2, 0]),
    (replace(EVERY, counted_by="person"), [0, 1, 0], [0, 1, 0]),
    (replace(EVERY, least_percent=95), [1, 1, 1], [0, 0, 0]),
    (replace(EVERY, least_percent=0), [1, 1, 1], [1, 1, 0]),  # nobody is there with no minute at all
])  # fmt: skip
def test_heads_by_unit_endpoint_and_person(formula: Formula, invited: list[int], present: list[int]) -> None:
    judged = judge_meetings(formula, counted())
    assert (judged.invited.tolist(), judged.present.tolist()) == (invited, present)


def test_a_report_adds_up_and_names_every_month() -> None:
    persons = [InPerson("2026-11", 9, "meeting", 3), InPerson("2026-11", 9, "observation", 7)]
    report = make_report("online", replace(EVERY, share_of="all"), counted(), persons, ("2026-09", "2026-12"))
    assert (report.total.good, report.total.all, report.total.in_person) == (2, 6, 3)
    assert [(name, one.good, one.all) for name, one in report.months] == [
        ("2026-09", 0, 0), ("2026-10", 1, 1), ("2026-11", 1, 5), ("2026-12", 0, 0)
    ]
    assert [(unit, one.good, one.all) for unit, one in report.units] == [(8, 0, 1), (9, 2, 5)]
    assert sum(one.all for _kind, one in report.kinds) == report.total.all
    assert make_report("online", EVERY, counted(), persons, ("2026-09", "2026-12")).total.all == 3
    assert make_report("online", EVERY, to_counted([]), [], ("2026-09", "2026-09")).total.ratio is None


def test_how_a_unit_attended() -> None:
    found = attendance_by_unit(EVERY, counted(), np.ones(3, bool))
    assert (found.unit.tolist(), found.invited.tolist(), found.present.tolist()) == ([1], [3], [2])
    assert heads_of(pack_units(ROWS[0][-1]), 70) == (2, 1)
    assert heads_of(pack_units(ROWS[0][-1]), 70, frozenset({2})) == (1, 0)


def test_important_conferences_only() -> None:
    judged = judge_meetings(DEFAULTS["broadcast"], counted())
    assert judged.is_in.tolist() == [False, True, False] and judged.is_good.tolist() == [False, True, False]


# -- judging, ranking, troubles --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "first", "last", "extra", "want"), [
    (5400, 0, 90, {}, ("present", set())), (3780, 6, 90, {}, ("present", {"late"})),
    (3779, 5, 84, {}, ("partial", {"early"})), (0, None, None, {}, ("absent", set())),
    (0, -20, -5, {}, ("absent", set())), (0, None, None, {"is_excused": True}, ("excused", set())),
    (60, 89, 90, {"is_invited": False}, ("uninvited", {"late"})),
    (60, 0, 1, {"is_excused": True}, ("partial", {"early"})),
])  # fmt: skip
def test_how_somebody_attended(now, seconds, first, last, extra, want) -> None:
    moments = [None if one is None else now + timedelta(minutes=one) for one in (first, last)]
    times = Times(now, now + timedelta(minutes=90))
    state, marks = judge(Attended(seconds, 5400, *moments, **extra), times, Rules())
    assert (state, set(marks)) == want


def test_nobody_leaves_a_running_meeting_early(now) -> None:
    times = Times(now, now + timedelta(minutes=90), is_over=False)
    assert judge(Attended(1800, 1800, now, now + timedelta(minutes=30)), times, Rules()) == ("present", frozenset())


def test_the_ranking_counts_what_is_known() -> None:
    weights = default_weights()
    clean = Record(1, 10, 10, mean_percent=100.0)
    weak = Record(2, 10, 10, not_ready=2, troubled={"weak": 8}, mean_percent=90.0, age_years=9.0, mos=2.5)
    once = Record(3, 1, 1, not_ready=1, troubled={"weak": 1})
    ranks = rank([clean, weak, once], weights)
    assert [one.record.endpoint_id for one in ranks] == [2, 1]
    assert ranks[1].score == 0 and ranks[1].worst == "" and ranks[0].worst == "weak"
    assert score(replace(weak, troubled={"weak": 99}), weights).score <= 100
    assert score(Record(4, 0), weights).score == 0
    assert read_weights('{"weak": 9, "lan": -1, "age": "x"}') == weights
    assert read_weights('{"weak": 9}')["weak"] == 9


def test_trouble_that_matters_is_proposed() -> None:
    def one(endpoint: int, cause: str, minutes: float) -> Trouble:
        return Trouble(endpoint, f"Điểm cầu {endpoint}", "Trường", cause, timedelta(minutes=minutes))

    found = propose([
        one(1, "weak", 1.5), one(1, "weak", 0.2), one(2, "device", 1.9), one(3, "wan", 10), one(4, "left", 60)
    ])
    assert [(each.endpoint_id, each.cause, each.spells) for each in found] == [(3, "wan", 1), (1, "weak", 2)]
    assert "Điểm cầu 3" in found[0].title and "10" in found[0].details


# -- a year ----------------------------------------------------------------------------------------------------------


def test_a_year_of_2000_meetings_is_read_and_counted(database, now) -> None:
    with database.session() as session:
        unit, system = a_unit(session, "Sở"), a_system(session)
        meetings, counts = [], []
        for number in range(1, 2001):
            start = now - timedelta(hours=4 * number)
            size = 600 if number % 40 == 0 else 30
            shares = [Share("endpoint", 1 + (number * 7 + n) % 1000, (n * 37) % 101) for n in range(size)]
            meetings.append({
                "id": number, "uid": f"u{number}", "title": "Giao ban", "kind": "meeting", "state": "ended",
                "unit_id": unit.id, "system_id": system.id, "room": f"r{number}", "starts_at": start,
                "ends_at": start + timedelta(minutes=90), "join_code": f"j{number}", "created_at": start,
                "updated_at": start,
            })  # fmt: skip
            counts.append({
                "meeting_id": number, "counted_at": now, "month": start.strftime("%Y-%m"), "kind": "meeting",
                "unit_id": unit.id, "scheduled_minutes": 90, "starts_at": start, "is_held": True,
                "lines": pack_lines(shares), "units": pack_units(shares),
            })  # fmt: skip
        session.execute(insert(Meeting), meetings)
        session.execute(insert(MeetingCount), counts)
    with database.reading() as session:
        found = attendance.read_counted(session, Scope.everything(), "2025-12", "2026-12")
    reports = [make_report(word, one, found, [], ("2025-12", "2026-12")) for word, one in DEFAULTS.items()]
    assert len(found) > 1900 and reports[1].total.all == len(found)
    assert set(NUMBERS) == set(found.columns)
