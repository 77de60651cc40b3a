"""Services among incidents: down on their own, folded into what they need, quiet during its maintenance."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts import members_of
from alerts.labels import SERVICE_KIND_OF
from alerts.models import Incident, Maintenance
from alerts.store.labels import load_labels
from collectors import service_part
from inventory import (
    SERVICE_IMPORTANCES,
    Check,
    Service,
    ServiceNeed,
    service_number,
    service_of_number,
    touch_inventory,
)
from tests.alerts.province import DOWN, UP, Province


@pytest.fixture
def portal(told_province: Province) -> Province:
    """The province with two services of the department: the portal stands on a switch and on the mail service."""
    with told_province.database.session() as session:
        session.add_all([
            Service(id=1, unit_id=1, name="Cổng thông tin", importance="critical"),
            Service(id=2, unit_id=1, name="Thư điện tử"),
        ])
        session.flush()
        session.add_all([
            ServiceNeed(service_id=1, device_id=told_province.devices["a.sw1"]),
            ServiceNeed(service_id=1, needed_id=2),
            Check(id=5, service_id=1, kind="http", target="https://example.edu.vn/"),
        ])
        touch_inventory(session)
    told_province.devices |= {"portal": service_number(1), "mail": service_number(2)}
    return told_province


def rate(province: Province, service: str, is_up: float, seconds: float) -> None:
    """The service stands so for a while; the collector samples each minute."""
    for _ in range(max(1, round(seconds / 30))):
        province.sample(service, {"service_up": is_up})
        province.after(30, step=10)


def test_a_service_that_is_down_is_an_incident_in_its_own_words(portal: Province):
    rate(portal, "portal", 1, 60)
    assert portal.incidents() == []
    rate(portal, "portal", 0, 60)
    [incident] = portal.incidents()
    assert (incident.rule_id, incident.severity, incident.unit_path) == ("service_down", "major", "/1/")
    assert (incident.device_name, incident.site_id) == ("Cổng thông tin", None)
    assert service_of_number(incident.device_id) == 1
    assert incident.titles["vi"] == "Cổng thông tin không dùng được"
    assert "(Sở)" in incident.messages["vi"]
    assert [one.kind for one in portal.messages()] == ["opened"]
    rate(portal, "portal", 1, 60)
    assert portal.incidents() == []


def test_a_service_on_a_dead_server_is_part_of_its_incident(portal: Province):
    rate(portal, "portal", 1, 60)
    portal.ping(DOWN, "a.sw1", "a.ap1")
    portal.after(60)
    [outage] = portal.incidents()
    rate(portal, "portal", 0, 90)
    [still] = portal.incidents()
    assert still.id == outage.id
    with portal.database.reading() as session:
        names = {member.name for member in members_of(session, outage.id)}
    assert "Cổng thông tin" in names
    assert len(portal.messages()) == 1
    portal.ping(UP, "a.sw1", "a.ap1")
    rate(portal, "portal", 0, 150)
    assert portal.incidents() == []  # it may follow
    rate(portal, "portal", 0, 90)
    [alone] = portal.incidents()
    assert alone.rule_id == "service_down"


def test_a_server_whose_outage_opens_later_takes_the_service_in(portal: Province):
    rate(portal, "portal", 1, 60)
    rate(portal, "portal", 0, 60)
    [early] = portal.incidents()
    assert early.rule_id == "service_down"
    portal.ping(DOWN, "a.sw1", "a.ap1")
    rate(portal, "portal", 0, 90)
    [outage] = portal.incidents()
    assert outage.device_id == portal.devices["a.sw1"]
    [folded] = portal.incidents("closed")
    assert (folded.id, folded.close_reason, folded.folded_into_id) == (early.id, "folded", outage.id)
    with portal.database.reading() as session:
        assert "Cổng thông tin" in {member.name for member in members_of(session, outage.id)}
    portal.restart()
    rate(portal, "portal", 0, 60)
    assert [one.id for one in portal.incidents()] == [outage.id]
    portal.ping(UP, "a.sw1", "a.ap1")
    portal.after(6)
    rate(portal, "portal", 1, 60)
    assert portal.incidents() == []
    # The service was told before anybody knew of its server; afterwards only the server's end is
    assert [(one.incident_id, one.kind) for one in portal.messages()] == [
        (early.id, "opened"), (outage.id, "opened"), (outage.id, "recovered"),
    ]


def test_a_service_that_is_long_down_stays_its_own(portal: Province):
    rate(portal, "portal", 0, 60)
    rate(portal, "portal", 0, 360)
    portal.ping(DOWN, "a.sw1", "a.ap1")
    rate(portal, "portal", 0, 90)
    assert {one.rule_id for one in portal.incidents()} == {"service_down", "device_down"}
    [alone] = [one for one in portal.incidents() if one.rule_id == "service_down"]
    rate(portal, "portal", 1, 60)
    portal.ping(UP, "a.sw1", "a.ap1")
    portal.after(60)
    assert portal.incidents() == []
    assert alone.folded_into_id is None


def test_a_service_that_somebody_took_stays_its_own(portal: Province):
    rate(portal, "portal", 0, 60)
    [early] = portal.incidents()
    with portal.database.session() as session:
        session.get_one(Incident, early.id).state = "acknowledged"
    portal.ping(DOWN, "a.sw1", "a.ap1")
    rate(portal, "portal", 0, 90)
    assert early.id in {one.id for one in portal.incidents()}


def test_a_service_below_another_is_named_as_the_cause(portal: Province):
    rate(portal, "mail", 0, 60)
    [mail] = portal.incidents()
    rate(portal, "mail", 0, 30)
    portal.sample("portal", {"service_up": 0})
    rate(portal, "mail", 0, 60)
    [still] = portal.incidents()
    assert still.id == mail.id


def test_labels_know_services_and_their_checks(portal: Province):
    with portal.database.reading() as session:
        labels = load_labels(session)
    label = labels.services[service_number(1)]
    assert (label.name, label.kind, label.unit_path) == ("Cổng thông tin", "critical_service", "/1/")
    assert label.devices == {portal.devices["a.sw1"]}
    assert label.services == {service_number(2)}
    assert labels.part_names[service_number(1), service_part(5)] == "https://example.edu.vn/"
    assert labels.named(service_number(1)) is label
    assert labels.named(None) is None
    assert SERVICE_KIND_OF.keys() == SERVICE_IMPORTANCES.keys()


def test_a_certificate_is_told_by_its_page(portal: Province):
    for _ in range(25):
        portal.sample("portal", {"certificate_remaining_seconds": 13 * 86400}, service_part(5))
        portal.after(60, step=30)
    titles = {incident.rule_id: incident.titles["vi"] for incident in portal.incidents()}
    assert titles.keys() == {"certificate_expiring"}
    assert titles["certificate_expiring"] == "Chứng chỉ của https://example.edu.vn/ trên Cổng thông tin sắp hết hạn"


@pytest.mark.parametrize("target", ["device", "service"])
def test_maintenance_of_the_server_is_the_services_too(portal: Province, target: str):
    rate(portal, "portal", 1, 30)
    number = portal.devices["a.sw1" if target == "device" else "portal"]
    with portal.database.session() as session:
        session.add(Maintenance(
            device_id=number, starts_at=portal.at, ends_at=portal.at + timedelta(hours=1), reason="đổi máy chủ",
            created_by="x", created_at=portal.at))
    rate(portal, "portal", 0, 90)
    [incident] = portal.incidents()
    assert incident.quiet_reason == "maintenance"
    assert portal.messages() == []
