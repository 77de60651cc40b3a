"""What is remembered, logged and written down of how readings end."""

from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from collectors.work.journal import Ending, Journal, check_outcomes, poll_outcomes

OK = Ending("ok", is_ok=True, requests=3, seconds=0.1)
TIMEOUT = Ending("timeout", "no answer")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def journal() -> Journal:
    return Journal("device")


def test_failure_is_logged_once_and_recovery_with_the_number_of_failures(journal: Journal, now: datetime):
    with capture_logs() as lines:
        for step, ending in enumerate([OK, TIMEOUT, TIMEOUT, TIMEOUT, OK, OK]):
            journal.note(1, "sw1", ending, now + step * MINUTE)
    assert [(line["log_level"], line["reason"]) for line in lines] == [("warning", "timeout"), ("info", "ok")]
    assert lines[0]["name"] == "sw1"
    assert lines[0]["message"]
    assert lines[1]["failures"] == 3


def test_device_that_wavers_between_two_troubles_is_told_of_each_once(journal: Journal, now: datetime):
    late = Ending("too_late")
    with capture_logs() as lines:
        for step, ending in enumerate([TIMEOUT, late, TIMEOUT, late, OK, TIMEOUT]):
            journal.note(1, "sw1", ending, now + step * MINUTE)
    assert [line["reason"] for line in lines] == ["timeout", "too_late", "ok", "timeout"]


def test_trouble_after_a_return_from_ping_down_is_told_again(journal: Journal, now: datetime):
    with capture_logs() as lines:
        for step, ending in enumerate([TIMEOUT, Ending("ping_down", is_asked=False), OK, TIMEOUT]):
            journal.note(1, "sw1", ending, now + step * MINUTE)
    assert [line["reason"] for line in lines] == ["timeout", "timeout"]


def test_since_is_when_the_reason_changed(journal: Journal, now: datetime):
    for step, ending in enumerate([OK, TIMEOUT, TIMEOUT]):
        journal.note(1, "sw1", ending, now + step * MINUTE)
    ((_, entry),) = journal.take_unsaved(now, MINUTE)
    (row,) = poll_outcomes([(1, entry)])
    assert (row.reason, row.since, row.repeats) == ("timeout", now + MINUTE, 2)
    assert (row.last_ok_at, row.last_poll_at) == (now, now + 2 * MINUTE)


def test_changes_are_written_at_once_and_repeats_from_time_to_time(journal: Journal, now: datetime):
    journal.note(1, "sw1", OK, now)
    assert len(journal.take_unsaved(now, 5 * MINUTE)) == 1
    journal.note(1, "sw1", OK, now + MINUTE)
    assert journal.take_unsaved(now + MINUTE, 5 * MINUTE) == []
    journal.note(1, "sw1", TIMEOUT, now + 2 * MINUTE)
    assert len(journal.take_unsaved(now + 2 * MINUTE, 5 * MINUTE)) == 1
    journal.note(1, "sw1", TIMEOUT, now + 3 * MINUTE)
    assert len(journal.take_unsaved(now + 8 * MINUTE, 5 * MINUTE)) == 1
    assert journal.take_unsaved(now + 20 * MINUTE, 5 * MINUTE) == []


def test_remark_stays_visible_for_an_hour_but_gives_way_to_a_failure(journal: Journal, now: datetime):
    renamed = Ending("renamed", "a -> b", is_ok=True)
    with capture_logs() as lines:
        journal.note(1, "sw1", renamed, now)
        journal.note(1, "sw1", OK, now + 30 * MINUTE)
        assert journal.entry(1).reason == "renamed"
        journal.note(1, "sw1", OK, now + 61 * MINUTE)
        assert journal.entry(1).reason == "ok"
        journal.note(1, "sw1", renamed, now + 62 * MINUTE)
        journal.note(1, "sw1", TIMEOUT, now + 63 * MINUTE)
        assert journal.entry(1).reason == "timeout"
    assert [line["reason"] for line in lines] == ["renamed", "renamed", "timeout"]


def test_ping_tells_of_its_own_and_the_journal_only_remembers(journal: Journal, now: datetime):
    with capture_logs() as lines:
        journal.note(1, "sw1", OK, now)
        journal.note(1, "sw1", Ending("ping_down", is_asked=False), now + MINUTE)
        journal.note(1, "sw1", OK, now + 2 * MINUTE)
    assert lines == []
    journal.note(1, "sw1", Ending("ping_down", is_asked=False), now + 3 * MINUTE)
    assert journal.entry(1).last_at == now + 2 * MINUTE


def test_restored_state_is_neither_logged_nor_written_again(journal: Journal, now: datetime):
    first = Journal("device")
    first.note(1, "sw1", TIMEOUT, now)
    (row,) = poll_outcomes(first.take_unsaved(now, MINUTE))
    journal.restore_polls([row])
    with capture_logs() as lines:
        journal.note(1, "sw1", TIMEOUT, now + MINUTE)
    assert lines == []
    assert journal.entry(1).since == now
    assert journal.take_unsaved(now + timedelta(seconds=30), 5 * MINUTE) == []


def test_restored_check_keeps_since(journal: Journal, now: datetime):
    first = Journal("check")
    first.note(7, "x", Ending("refused"), now)
    journal.restore_checks(check_outcomes(first.take_unsaved(now, MINUTE)))
    journal.note(7, "x", Ending("refused"), now + MINUTE)
    assert journal.entry(7).since == now


def test_what_is_no_longer_watched_is_forgotten(journal: Journal, now: datetime):
    journal.note(1, "a", OK, now)
    journal.note(2, "b", OK, now)
    journal.keep_only([2])
    assert journal.entry(1) is None
    assert [key for key, _ in journal.take_unsaved(now, MINUTE)] == [2]
