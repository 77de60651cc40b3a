"""A service is up or down by its checks: all or any of them, after enough failures in a row."""

import pytest

from collectors.services import Services, Standing, judge

UP, DOWN, NEW = Standing(True), Standing(False, 3, "refused", "x:1"), Standing()


@pytest.mark.parametrize(("needed", "standings", "is_up"), [
    ("all", [], None), ("all", [NEW], None), ("all", [UP], True), ("all", [UP, NEW], True), ("all", [UP, DOWN], False),
    ("all", [NEW, DOWN], False), ("any", [], None), ("any", [NEW, DOWN], None), ("any", [DOWN, DOWN], False),
    ("any", [UP, DOWN], True), ("any", [UP, NEW], True), ("any", [NEW, NEW], None),
])
def test_checks_add_up(needed, standings, is_up):
    verdict = judge(needed, dict(enumerate(standings, 1)))
    assert verdict.is_up is is_up
    assert (verdict.reason == "refused") == (is_up is False)


def services(needed: str = "all", down_after: int = 3) -> Services:
    known = Services()
    known.apply([(1, needed, down_after)], [(10, 1), (11, 1)])
    return known


def test_down_only_after_failures_in_a_row():
    known = services()
    assert known.note(1, 10, True).is_up is True
    assert [known.note(1, 10, False, "refused").is_up for _ in range(4)] == [True, True, False, False]
    assert known.note(1, 10, True).is_up is True
    assert [known.note(1, 10, False, "refused").is_up for _ in range(2)] == [True, True]


def test_nothing_is_said_before_it_is_known():
    known = services()
    assert known.note(1, 10, False, "refused").is_up is None
    assert known.note(1, 99, True) is None
    assert known.note(7, 10, True) is None


def test_the_worst_check_is_named():
    known = services(down_after=1)
    known.note(1, 11, False, "check_timeout")
    known.note(1, 10, False, "refused")
    verdict = known.note(1, 10, False, "refused", "detail")
    assert (verdict.check_id, verdict.reason, verdict.detail) == (10, "refused", "detail")


def test_a_changed_inventory_keeps_what_is_known():
    known = services()
    known.note(1, 10, True)
    known.apply([(1, "all", 1), (2, "any", 1)], [(10, 1), (12, 1), (13, 2)])
    assert known.verdict(1).is_up is True
    assert known.verdict(2).is_up is None
    assert known.note(1, 12, False, "refused").is_up is False
    known.apply([], [])
    assert known.checks == {}
