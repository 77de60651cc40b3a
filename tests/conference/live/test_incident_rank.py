"""Incidents of sites in a running meeting come before all others, and carry a mark."""

from datetime import timedelta

import pytest

from alerts import Incident, IncidentFilter, IncidentMember, disturbing_meetings, list_incidents
from core import Database, Scope
from inventory import RoomUse, meeting_server_number
from tests.conference.world import MONDAY, a_site, a_unit

EVERYTHING = Scope.everything()


def incident(session, cause: str, rank: int, site_id: int | None, **values) -> Incident:
    words = ("critical", "major", "minor", "info")
    made = Incident(
        cause=cause, open_cause=None if values.get("closed_at") else cause, rule_id="site_down", severity=words[rank],
        severity_rank=rank, titles={"vi": cause}, messages={}, next_steps={}, site_id=site_id, series_id=None,
        value=None, started_at=MONDAY, opened_at=MONDAY - timedelta(minutes=rank), reopened_at=None,
        acknowledged_at=None, returned_at=None, announced_at=None, owner_id=None, folded_into_id=None,
        **{"closed_at": None, "device_id": None, **values},
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


@pytest.fixture
def province(database: Database) -> dict[str, int]:
    """A meeting at one site, and at another that an area incident holds; worse incidents elsewhere."""
    with database.session() as session:
        unit = a_unit(session, "Sở")
        meeting, other, behind = (a_site(session, unit).id for _one in range(3))
        for site_id, source, hours in ((meeting, "meeting:1", 2), (behind, "meeting:1", 2), (other, "", 2),
                                       (other, "meeting:2", -1)):  # fmt: skip
            session.add(RoomUse(
                site_id=site_id, name="Giao ban", purpose="meeting", source=source,
                starts_at=MONDAY - timedelta(hours=2), ends_at=MONDAY + timedelta(hours=hours),
            ))  # fmt: skip
        found = {
            "elsewhere": incident(session, "site:9", 0, other), "of meeting": incident(session, "port:1", 2, meeting),
            "told only": incident(session, "info:1", 3, meeting), "area": incident(session, "area:isp:X", 1, None),
            "server": incident(session, "device:server", 1, None, device_id=meeting_server_number(3)),
            "over": incident(session, "old:1", 0, meeting, state="closed", closed_at=MONDAY),
        }  # fmt: skip
        session.add(IncidentMember(incident_id=found["area"].id, key=f"site:{behind}", site_id=behind, device_id=None,
                                   joined_at=MONDAY, left_at=None))  # fmt: skip
        return {name: one.id for name, one in found.items()}


def test_what_disturbs_a_meeting_comes_first_then_the_worst(database, province):
    with database.reading() as session:
        ranked = list_incidents(session, EVERYTHING, IncidentFilter(states=(), now=MONDAY)).rows
        plain = list_incidents(session, EVERYTHING, IncidentFilter(states=())).rows
    names = {number: name for name, number in province.items()}
    assert [names[one.id] for one in ranked] == ["server", "area", "of meeting", "elsewhere", "told only", "over"]
    assert [names[one.id] for one in plain] == ["elsewhere", "server", "area", "of meeting", "told only", "over"]


def test_the_mark_is_for_open_ones_of_booked_meetings_at_this_moment(database, province):
    with database.reading() as session:
        ids = list(province.values())
        assert disturbing_meetings(session, ids, MONDAY) == {
            province["area"], province["of meeting"], province["server"]
        }
        assert disturbing_meetings(session, ids, MONDAY + timedelta(hours=3)) == frozenset()
        assert disturbing_meetings(session, [], MONDAY) == frozenset()
