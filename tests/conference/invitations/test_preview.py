"""What a form says that a change would send is what is sent."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from conference.invitations.words import CANCEL, CHANGED, INVITED
from conference.schedule import (
    Change,
    cancel_meeting,
    change_meeting,
    draft_of,
    effect_of,
    occurrences_of,
    participants_of,
)
from core import Database
from tests.conference import world
from tests.conference.invitations.post_office import deliver
from tests.conference.world import MONDAY, NEVER_APPROVED

NOW = MONDAY - timedelta(days=2)
LAN, HOA, MAI = (world.a_person(name, f"{name.lower()}@example.edu.vn") for name in ("Lan", "Hoa", "Mai"))
HOUR = timedelta(hours=1)


@pytest.fixture
def session(database: Database):
    with database.session() as session:
        yield session


CHANGES = {
    "nothing": lambda draft: {},
    "moved": lambda draft: {"starts_at": draft.starts_at + HOUR, "ends_at": draft.ends_at + HOUR},
    "another title": lambda draft: {"title": "Tên mới"},
    "another room of servers": lambda draft: {"system_id": None},
    "another kind": lambda draft: {"kind": "training"},
    "a link nobody is told while there is no stream": lambda draft: {"stream_url": "https://tv.example.edu.vn/1"},
    "a stream": lambda draft: {"stream_url": "https://tv.example.edu.vn/1", "is_streamed": True},
    "somebody more": lambda draft: {"participants": (*draft.participants, MAI)},
    "somebody less": lambda draft: {"participants": draft.participants[:-1]},
    "one speaks now": lambda draft: {
        "participants": (*draft.participants[:-1], replace(draft.participants[-1], mode="speak"))},
    "all of it": lambda draft: {"title": "Tên mới", "participants": (draft.participants[0], MAI)},
}  # fmt: skip


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize("rule", ["", "FREQ=WEEKLY;COUNT=4"])
def test_a_change_sends_what_was_announced(session, kind, rule):
    """Of a single meeting, and of one meeting of a series."""
    meeting = world.a_meeting(session, people=[LAN, HOA], now=NOW, rule=rule)
    deliver(session, meeting, NOW)
    if rule:
        meeting = occurrences_of(session, meeting.series_id)[1]
    draft = draft_of(session, meeting)
    wanted = Change(replace(draft, **CHANGES[kind](draft)), NEVER_APPROVED)
    told = effect_of(session, meeting, wanted, NOW)
    change_meeting(session, meeting, wanted, "tester", NOW)
    sent = deliver(session, meeting, NOW)
    before = {"lan@example.edu.vn", "hoa@example.edu.vn"}
    counts = Counter(CANCEL if one.method == CANCEL else CHANGED if one.email in before else INVITED for one in sent)
    assert (told.updates, told.invitations, told.cancellations) == (counts[CHANGED], counts[INVITED], counts[CANCEL])


def test_making_and_calling_off_tell_each_with_an_address(session):
    rooms = world.endpoints(session, 2)
    rooms[1].email = ""
    meeting = world.a_meeting(session, rooms, people=[LAN, HOA, world.a_person("Không thư")], now=NOW)
    addresses = sum(bool(one.email) for one in participants_of(session, meeting.id))
    assert len(deliver(session, meeting, NOW)) == addresses
    cancel_meeting(session, meeting, "tester", NOW, "Bão")
    sent = deliver(session, meeting, NOW)
    assert len(sent) == addresses and {one.method for one in sent} == {CANCEL}
