"""Every meeting system keeps the same promises: the contract runs over PROVIDERS and over another one of the tests."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conference.jitsi import (
    PROVIDERS,
    REASONS,
    Grant,
    Provider,
    RoomPlace,
    RoomState,
    TokenProblem,
    Work,
    grant_of,
    take_event,
)
from conference.schedule import OPEN_STATES, Meeting, Participant, is_open
from core import Secret
from inventory import MEETING_PROVIDERS


class Elsewhere:
    """A system that makes rooms beforehand and lets people in by a code: nothing like Jitsi inside."""

    key = "elsewhere"
    title = "Elsewhere"

    def __init__(self) -> None:
        self.rooms: dict[int, str] = {}
        self.is_open = False

    def create(self, work: Work, meeting: Meeting) -> RoomPlace:
        if not meeting.room.isprintable() or "*" in meeting.room:
            raise TokenProblem("wildcard_room")
        name = self.rooms.setdefault(meeting.id, meeting.room)
        return RoomPlace(name, f"https://elsewhere.example/{name}")

    def update(self, work: Work, meeting: Meeting) -> RoomPlace:
        return self.create(work, meeting)

    def refresh(self, work: Work, meeting: Meeting) -> RoomState:
        is_known = meeting.id in self.rooms and meeting.state in OPEN_STATES
        return RoomState(is_known and is_open(meeting, work.now), self.is_open)

    def delete(self, work: Work, meeting: Meeting) -> None:
        self.rooms.pop(meeting.id, None)

    def grant(self, work: Work, meeting: Meeting, participant: Participant) -> Grant:
        return grant_of(meeting, participant)

    def join_url(self, work: Work, meeting: Meeting, participant: Participant) -> Secret:
        if meeting.state not in OPEN_STATES:
            raise TokenProblem("cancelled")
        return Secret(f"https://elsewhere.example/{self.rooms[meeting.id]}?code={participant.invite_code}")


@pytest.fixture(params=[*PROVIDERS, "elsewhere"])
def provider(request) -> Provider:
    return PROVIDERS.get(request.param) or Elsewhere()


@pytest.fixture
def work(database, world, now):
    with database.session() as session:
        yield Work(session, world.system, world.secrets, now)


def test_every_provider_that_may_be_chosen_is_there() -> None:
    assert set(PROVIDERS) == set(MEETING_PROVIDERS)
    assert all(PROVIDERS[key].key == key and PROVIDERS[key].title for key in PROVIDERS)


def test_a_room_may_be_made_and_brought_up_to_date_again_and_again(provider, work, world) -> None:
    places = {provider.create(work, world.meeting), provider.create(work, world.meeting),
              provider.update(work, world.meeting)}
    (place,) = places
    assert place.room in place.url
    assert place.url.startswith("https://")


def test_everybody_has_a_way_in_of_his_own_that_shows_itself_to_nobody_else(provider, work, world) -> None:
    provider.create(work, world.meeting)
    ways = [provider.join_url(work, world.meeting, one) for one in (world.chair, world.site)]
    assert ways[0].reveal() != ways[1].reveal()
    assert all("***" in repr(way) and world.meeting.room in way.reveal() for way in ways)


def test_a_grant_is_for_this_room_and_its_time_and_the_role(provider, work, world) -> None:
    host, guest = (provider.grant(work, world.meeting, one) for one in (world.chair, world.site))
    assert (host.room, host.is_host, guest.is_host) == (world.meeting.room, True, False)
    assert host.valid_from < world.meeting.starts_at < world.meeting.ends_at < host.valid_until
    assert sum(guest.features.values()) < sum(host.features.values())


def test_the_room_is_expected_in_its_time_only(provider, work, world) -> None:
    provider.create(work, world.meeting)
    assert provider.refresh(work, world.meeting) == RoomState(is_expected=True, is_open=False)
    for minutes in (-10, 24 * 60):
        at = Work(work.session, work.system, work.secrets, work.now + timedelta(minutes=minutes))
        assert not provider.refresh(at, world.meeting).is_expected


def test_what_was_cancelled_lets_nobody_in(provider, work, world) -> None:
    provider.create(work, world.meeting)
    world.meeting.state = "cancelled"
    provider.delete(work, world.meeting)
    provider.delete(work, world.meeting)
    assert not provider.refresh(work, world.meeting).is_expected
    with pytest.raises(TokenProblem) as caught:
        provider.join_url(work, world.meeting, world.site)
    assert caught.value.reason in REASONS


def test_a_name_that_means_every_room_is_refused(provider, work, world) -> None:
    world.meeting.room = "*"
    with pytest.raises(TokenProblem) as caught:
        provider.create(work, world.meeting)
    assert caught.value.reason == "wildcard_room"


def test_jitsi_knows_from_events_that_a_room_is_open(work, world, now) -> None:
    room = {"room_jid": f"{world.meeting.room}@muc.x", "created_at": now.timestamp()}
    assert take_event(work.session, world.system.id, "muc-room-created", room, now)
    assert not take_event(work.session, world.system.id, "muc-room-created", room, now)
    assert PROVIDERS["jitsi"].refresh(work, world.meeting).is_open
