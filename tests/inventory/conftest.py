"""A small province for the inventory's tests, and English messages."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core import Scope, set_language
from inventory import Device, Room, Site, Unit, create_record


@pytest.fixture(autouse=True)
def _english(_vietnamese) -> None:
    set_language("en")


@pytest.fixture
def everything() -> Scope:
    return Scope.everything()


@pytest.fixture
def session(database):
    """One writing session for the whole test."""
    with database.session() as session:
        yield session


@pytest.fixture
def province(session, everything) -> SimpleNamespace:
    """A department with two communes; a school with a site, a room, a router and a switch in the first."""
    def unit(code: str, name: str, kind: str, parent: Unit | None) -> Unit:
        raw = {"code": code, "name": name, "kind": kind, "parent_id": parent.id if parent else None}
        return create_record(session, everything, Unit, raw)

    top = unit("SO", "Sở Giáo dục và Đào tạo", "department", None)
    north, south = unit("X1", "Xã Bắc", "commune", top), unit("X2", "Xã Nam", "commune", top)
    school = unit("T12", "Trường THCS số 12", "lower_secondary", north)
    other = unit("T2", "Trường THCS số 2", "lower_secondary", south)
    site = create_record(session, everything, Site, {"code": "S12", "name": "Điểm trường chính", "unit_id": school.id})
    far = create_record(session, everything, Site, {"code": "S2", "name": "Điểm trường xa", "unit_id": other.id})
    room = create_record(session, everything, Room, {
        "site_id": site.id, "code": "P1", "name": "Phòng máy", "kind": "lab"})
    router = create_record(session, everything, Device, {
        "site_id": site.id, "name": "Router chính", "kind": "router", "address": "10.0.0.1"})
    switch = create_record(session, everything, Device, {
        "site_id": site.id, "name": "Switch 1", "kind": "switch", "address": "10.0.0.2", "mac": "00:1A:2B:3C:4D:5E",
        "serial": "FOC123", "room_id": room.id, "parent_device_id": router.id, "code": "SW-1"})
    return SimpleNamespace(top=top, north=north, south=south, school=school, other=other, site=site, far=far, room=room,
                           router=router, switch=switch)
