"""The demonstration province: its totals, its way through the import, and that it keeps away from real data."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from app import SECTIONS
from core import Context, NewUser, Role, create_user, load_settings
from deploy.demo import demo_environment
from deploy.demo.fill import USER, DemoError, fill
from deploy.demo.machines import MACHINES, variables_of
from deploy.demo.projectors import REAL  # the department's own, beside those of the plan
from deploy.demo.province import COMMUNES, DEPARTMENT_DEVICES, LABS, OWN_NET, PROJECTORS, SCHOOLS, make_province
from inventory import DEVICE_KINDS, UNIT_KINDS, CalendarEntry, Device, Link, Room, Site, Unit, monitored_devices

# Plan 179/KH-UBND of Hà Giang, 2017
PUBLISHED = {"labs": 194, "computers": 5914, "projectors": 1361}


@pytest.fixture
def context(tmp_path: Path, clock):
    """An empty data folder."""
    own = Context(load_settings(SECTIONS, None, {"EDUNOC_DATA_DIR": str(tmp_path)}), clock)
    own.unmigrated_database.create_all()
    yield own
    own.close()


def test_the_whole_province_has_the_published_totals():
    province = make_province()
    kinds = Counter(row["kind"] for row in province.devices)
    labs = sum(row["kind"] == "lab" for row in province.rooms)
    assert {"labs": labs, "computers": kinds["computer"], "projectors": kinds["projector"] - len(REAL)} == PUBLISHED
    assert (PUBLISHED["labs"], PUBLISHED["projectors"]) == (LABS, PROJECTORS)
    assert (len(province.units), len(province.sites)) == (1 + COMMUNES + SCHOOLS, SCHOOLS + 1)
    assert len(province.links) == SCHOOLS


@pytest.mark.parametrize("schools", [1, 2, 7, 20, 130, 1000])
def test_a_province_of_any_size_is_whole(schools: int):
    province = make_province(schools)
    share = schools / SCHOOLS
    kinds = Counter(row["kind"] for row in province.devices)
    assert sum(row["kind"] == "lab" for row in province.rooms) == round(LABS * share)
    assert kinds["projector"] - len(REAL) == round(PROJECTORS * share)
    codes = [row["code"] for row in province.devices]
    addresses = [row["address"] for row in province.devices]
    assert len(set(codes)) == len(codes)
    assert len(set(addresses)) == len(addresses)
    assert set(kinds) <= set(DEVICE_KINDS)
    assert {row["kind"] for row in province.units} <= set(UNIT_KINDS)
    above = {row["parent_device_id"] for row in province.devices} - {""}
    assert above <= set(codes)
    assert make_province(schools).devices == province.devices  # the same seed, the same province


def test_rows_go_through_the_import_without_a_problem(context: Context):
    province = make_province(20)
    assert fill(context, 20) is True
    with context.database.reading() as session:
        found = [session.query(model).count() for model in (Unit, Site, Room, Device, Link, CalendarEntry)]
        watched = monitored_devices(session)
    assert found == [len(rows) for _kind, rows in province.kinds()]
    assert sum(one.address.startswith(OWN_NET) for one in watched) == len(DEPARTMENT_DEVICES) + len(REAL)
    assert all(one.kind != "computer" for one in watched)
    assert fill(context, 20) is False  # the second start finds it there


def test_it_never_fills_a_folder_with_real_data(context: Context, now):
    with context.database.session() as session:
        create_user(session, NewUser("hieu-truong", "mot cau dai de nho", Role.ADMINISTRATOR), now)
    with pytest.raises(DemoError, match="real data"):
        fill(context, 5)
    with context.database.reading() as session:
        assert session.query(Unit).count() == 0


def test_a_refused_row_undoes_all_of_it(context: Context, monkeypatch):
    def broken(schools: int):
        province = make_province(schools)
        province.devices[3]["kind"] = "spaceship"
        return province

    monkeypatch.setattr("deploy.demo.fill.make_province", broken)
    with pytest.raises(DemoError, match=r"devices, row 5, kind"):
        fill(context, 3)
    with context.database.reading() as session:
        assert session.query(Unit).count() == 0
    monkeypatch.undo()
    assert fill(context, 3) is True


def test_its_environment_keeps_apart_from_the_real_one(tmp_path: Path):
    real = {
        "EDUNOC_DATA_DIR": str(tmp_path / "data"), "EDUNOC_PORT": "9001", "EDUNOC_TELEMETRY_STORE": "victoria",
        "EDUNOC_DATABASE_URL": "postgresql://edunoc@db.example/edunoc",
    }
    settings = load_settings(SECTIONS, None, real)
    demo = load_settings(SECTIONS, None, demo_environment(settings, real))
    assert demo.core.data_dir == tmp_path / "data-demo"
    assert demo.core.is_demo
    assert demo.core.database_url.get_secret_value() == ""
    assert demo.core.port == 9001
    assert not settings.core.is_demo


@pytest.mark.parametrize("machine", MACHINES)
def test_what_a_machine_answers_can_be_walked(machine: str):
    variables = variables_of(machine, "Máy của Sở")
    oids = [variable.oid for variable in variables]
    assert oids == sorted(set(oids))
    assert variables == variables_of(machine, "Máy của Sở")
    assert len(variables) > 15


def test_every_department_device_has_a_machine():
    assert {machine for _kind, _name, machine in DEPARTMENT_DEVICES} == set(MACHINES)
    assert {kind for kind, _name, _machine in DEPARTMENT_DEVICES} <= set(DEVICE_KINDS)
    assert USER.isalnum()
