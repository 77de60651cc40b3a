"""Lists, scopes and what people do to incidents."""

from __future__ import annotations

import pytest

from alerts import (
    IncidentError,
    IncidentFilter,
    acknowledge,
    assign,
    close,
    comment,
    count_open,
    folded_incidents,
    get_incident,
    list_incidents,
    open_incidents,
    release,
    reopen,
    story,
    worst_by_site,
)
from core import Scope, User
from tests.alerts.province import DOWN, UP, add_lines

EVERYTHING = Scope.everything()


@pytest.fixture
def user(database, now) -> User:
    with database.session() as session:
        user = User(username="truc", full_name="Cán bộ trực", role="network_engineer", password_hash="x",
                    session_stamp="x", created_at=now)
        session.add(user)
        session.flush()
        return user


@pytest.fixture
def troubled(province):
    """School a dark (critical), a switch of b down (major), a low UPS at c that has ended (critical)."""
    province.after(30)  # new series are taken up each 30 s
    province.sample("c.sw2", {"ups_charge_ratio": 0.1, "ups_on_battery": 1.0})
    province.after(30)
    province.sample("c.sw2", {"ups_charge_ratio": 0.9, "ups_on_battery": 0.0})
    province.ping(DOWN, "b.sw1")
    province.after(40)
    province.ping(DOWN, "a.*")
    province.after(20)
    return province


@pytest.fixture
def session(troubled):
    with troubled.database.session() as session:
        yield session


def test_worst_first_then_newest(session):
    assert [one.rule_id for one in open_incidents(session, EVERYTHING)] == ["site_dark", "device_down"]
    every = list_incidents(session, EVERYTHING, IncidentFilter(states=()))
    assert [one.rule_id for one in every.rows] == ["site_dark", "device_down", "ups_low"]
    assert count_open(session, EVERYTHING) == {"critical": 1, "major": 1}


def test_pages(session):
    wanted = IncidentFilter(states=())
    pages = [list_incidents(session, EVERYTHING, wanted, page, 2) for page in (1, 2, 3)]
    assert [len(page.rows) for page in pages] == [2, 1, 0]
    assert {page.total for page in pages} == {3}
    assert list_incidents(session, EVERYTHING, wanted, -1, 0).page == 1


@pytest.mark.parametrize(
    ("wanted", "rules"),
    [
        (IncidentFilter(severity="major"), ["device_down"]),
        (IncidentFilter(rule_id="site_dark"), ["site_dark"]),
        (IncidentFilter(unit_path="/1/2/"), ["site_dark"]),
        (IncidentFilter(site_id=101), ["device_down"]),
        (IncidentFilter(device_id=1010 + 1), ["device_down"]),
        (IncidentFilter(device_id=1000 + 3), ["site_dark"]),
        (IncidentFilter(text="mat ket noi TOAN bo"), ["site_dark"]),
        (IncidentFilter(text="switch"), ["device_down"]),
        (IncidentFilter(text="100%_'\"; DROP"), []),
        (IncidentFilter(owner_id=7), []),
        (IncidentFilter(states=("closed",)), ["ups_low"]),
    ],
)
def test_filters(session, wanted, rules):
    assert [one.rule_id for one in list_incidents(session, EVERYTHING, wanted).rows] == rules


def test_a_school_sees_its_own_only(session):
    school_a, school_d = Scope("/1/2/10/"), Scope("/1/3/13/")
    [own] = open_incidents(session, school_a)
    assert own.rule_id == "site_dark"
    assert open_incidents(session, school_d) == []
    assert get_incident(session, school_d, own.id) is None
    assert get_incident(session, school_a, own.id) is own
    assert count_open(session, school_d) == {}
    assert worst_by_site(session, EVERYTHING) == {100: "critical", 101: "major"}
    assert worst_by_site(session, school_a) == {100: "critical"}


def test_a_school_sees_the_wide_outage_that_took_it_down(province):
    add_lines(province.database, {province.sites[one]: "North" for one in "abc"})
    province.ping(DOWN, "a.*", "b.*", "c.*")
    province.after(20)
    with province.database.reading() as session:
        [wide] = open_incidents(session, Scope("/1/2/10/"))
        assert wide.cause == "area:isp:North"
        assert open_incidents(session, Scope("/1/3/13/")) == []
        assert worst_by_site(session, EVERYTHING) == {100: "critical", 101: "critical", 102: "critical"}


def test_folded_incidents_stand_behind_the_larger_one(province):
    province.ping(DOWN, "a.sw1")
    province.after(20)
    province.ping(DOWN, "a.*")
    province.after(20)
    with province.database.reading() as session:
        [dark] = open_incidents(session, EVERYTHING)
        [folded] = folded_incidents(session, dark.id)
        assert folded.rule_id == "device_down"
        assert len(list_incidents(session, EVERYTHING, IncidentFilter(states=())).rows) == 1
        assert len(list_incidents(session, EVERYTHING, IncidentFilter(states=(), has_folded=True)).rows) == 2
        assert [line.kind for line in story(session, dark.id)] == ["opened", "took_in"]


def test_what_people_do_stands_in_the_story(session, user, now):
    [dark, _] = open_incidents(session, EVERYTHING)
    acknowledge(session, dark.id, user, now, "tôi xem")
    comment(session, dark.id, user, "  đã gọi nhà trường  ", now)
    assign(session, dark.id, user, None, now)
    close(session, dark.id, user, now, "nhầm")
    reopen(session, dark.id, user, now)
    lines = story(session, dark.id)
    assert [line.kind for line in lines] == ["opened", "acknowledged", "commented", "assigned", "closed", "reopened"]
    assert (lines[2].text, lines[2].user_name) == ("đã gọi nhà trường", "Cán bộ trực")
    assert (dark.state, dark.owner_id) == ("open", None)


def test_who_took_it_can_give_it_back(session, user, now):
    [dark, _] = open_incidents(session, EVERYTHING)
    with pytest.raises(IncidentError, match="Chưa có ai nhận"):
        release(session, dark.id, user, now)
    acknowledge(session, dark.id, user, now)
    release(session, dark.id, user, now, "tôi bận")
    assert (dark.state, dark.owner_id, dark.acknowledged_at, dark.acknowledged_by) == ("open", None, None, "")
    lines = [(line.kind, line.text) for line in story(session, dark.id)]
    assert lines[1:] == [("acknowledged", ""), ("released", "tôi bận")]
    close(session, dark.id, user, now)
    with pytest.raises(IncidentError):
        release(session, dark.id, user, now)


def test_what_cannot_be_done(session, user, now):
    [dark, _] = open_incidents(session, EVERYTHING)
    with pytest.raises(IncidentError, match="Ghi chú đang trống"):
        comment(session, dark.id, user, "  ", now)
    with pytest.raises(IncidentError):
        reopen(session, dark.id, user, now)
    close(session, dark.id, user, now)
    for deed in (acknowledge, close):
        with pytest.raises(IncidentError):
            deed(session, dark.id, user, now)
    with pytest.raises(IncidentError, match="Không có sự cố"):
        acknowledge(session, 9999, user, now)


def test_an_incident_opened_again_by_a_person_stays_until_a_person_closes_it(province, user, now):
    province.ping(DOWN, "a.*")
    province.after(20)
    province.ping(UP, "a.*")
    province.after(20)
    [done] = province.incidents("closed")
    with province.database.session() as session:
        reopen(session, done.id, user, now, "theo dõi thêm")
    province.after(60)
    assert len(province.incidents()) == 1
    province.ping(DOWN, "a.*")
    province.after(20)
    province.ping(UP, "a.*")
    province.after(20)
    assert province.incidents() == []
