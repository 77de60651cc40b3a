"""The tree of units: branch by branch, with counts and states, within the scope, at any depth."""

from __future__ import annotations

from bs4 import BeautifulSoup

from core import Role, Scope
from inventory import Unit, create_record


def soup_of(answer) -> BeautifulSoup:
    assert answer.status_code == 200, answer.text[:500]
    return BeautifulSoup(answer.text, "html.parser")


def test_a_lone_top_gives_way_to_what_is_below_it(as_role, places) -> None:
    soup = soup_of(as_role(Role.VIEWER).get("/units"))
    assert soup.find(id=f"branch-{places.unit1}")
    assert soup.find(id=f"branch-{places.unit2}")
    assert soup.select_one("h1").text.strip() == "Sở Giáo dục và Đào tạo"


def test_a_branch_opens_to_its_units_and_sites(as_role, places) -> None:
    person = as_role(Role.VIEWER)
    below = person.get(f"/units/{places.unit1}/below")
    assert "<html" not in below.text
    assert BeautifulSoup(below.text, "html.parser").find(href=f"/sites/{places.site1}")
    assert soup_of(person.get(f"/units/{places.unit1}")).find(href=f"/sites/{places.site1}")


def test_school_staff_see_their_branch_only(as_role, places) -> None:
    person = as_role(Role.SCHOOL_STAFF)
    assert "Trường số 2" not in person.get("/units").text
    for path in (f"/units/{places.unit2}", f"/units/{places.unit2}/below", f"/units/{places.top}"):
        assert person.get(path).status_code == 404, path


def test_many_units_come_in_parts_and_deep_ones_open(as_role, database, places) -> None:
    with database.session() as session:
        scope, above = Scope.everything(), places.unit1
        for depth in range(20):
            above = create_record(
                session, scope, Unit, {"code": f"T{depth}", "name": f"Tầng {depth}", "parent_id": above}
            ).id
        for number in range(230):
            create_record(
                session, scope, Unit, {"code": f"N{number}", "name": f"Nhánh {number}", "parent_id": places.unit2}
            )
    person = as_role(Role.VIEWER)
    assert person.get(f"/units/{above}").status_code == 200
    first = person.get(f"/units/{places.unit2}/below").text
    assert f"/units/{places.unit2}/below?first=200" in first
    rest = BeautifulSoup(person.get(f"/units/{places.unit2}/below?first=200").text, "html.parser")
    assert len(rest.select(".branch-leaf")) == 30
    assert person.get(f"/units/{places.unit2}/below?first=x").status_code == 200
