"""The demonstration's services: what is filled in, and that the pretended servers really answer our own checks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors import CheckTarget, outages_between, run_check
from core import Scope
from deploy.demo import services
from inventory import Check, Unit, checks_of_services, services_in

NET = "127.77.9"  # not the one of a demonstration that may be running beside


@pytest.fixture
def filled(database, now):
    with database.session() as session:
        session.add(Unit(name="Sở", kind="department", code="SO", path="/1/"))
        session.flush()
        services.fill(session, now, NET)
    return database


def test_services_are_there_with_checks_and_a_past(filled, now):
    with filled.reading() as session:
        found = services_in(session, Scope.everything())
        checks = checks_of_services(session, [one.id for one in found])
        past = outages_between(session, [one.id for one in found], now - services.HISTORY, now)
    assert len(found) == len(services.PLAYS) + 1
    assert sum(not mine for mine in checks.values()) == 1
    assert sum(map(len, past.values())) == sum(len(play.outages) for play in services.PLAYS)


def test_nothing_is_made_without_a_province(database, now):
    with database.session() as session:
        services.fill(session, now)
        assert services_in(session, Scope.everything()) == []


async def test_the_pretended_servers_answer_as_told(filled, now, tmp_path):
    with filled.reading() as session:
        checks = {check.target: check for check in session.query(Check)}

    async def resolve(host: str) -> tuple[str, ...]:
        return (host,)

    present = datetime.now(UTC)
    async with services.doors(tmp_path, present, NET):
        told = {}
        for target, check in checks.items():
            asked = CheckTarget(check.kind, target, check.expect, ca_file=str(tmp_path / services.CA_FILE))
            told[target] = await run_check(asked, resolve, present.timestamp)
    reasons = {target: reading.reason for target, reading in told.items()}
    down = [target for target, reason in reasons.items() if reason != "ok"]
    assert [reasons[target] for target in down] == ["refused"], reasons
    days = sorted(reading.values["certificate_remaining_seconds"] / 86400 for reading in told.values() if reading.is_ok)
    assert 9 < days[0] < 10
    assert all(reading.values["certificate_valid"] == 1 for reading in told.values() if reading.is_ok)
