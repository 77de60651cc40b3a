"""The network map: who may see and move, what the drawing says, places remembered, the table, hostile names, speed."""

from __future__ import annotations

import dataclasses

import pytest
from bs4 import BeautifulSoup
from drawn_site import HOSTILE, Drawing, draw_crowd, draw_small
from watched_world import World, counted

from core import Role
from dashboards.pages.topology.layout import HEIGHT, WIDTH, Hanging, arrange
from dashboards.pages.topology.placing import read_places
from inventory import Device, map_places


@pytest.fixture
def world(database, now) -> World:
    return World(database, now)


@pytest.fixture
def services(services, world):
    return dataclasses.replace(services, registry=world.registry, live=world.live, reachability=world.view)


@pytest.fixture
def small(database, places, now):
    with database.session() as session:
        return draw_small(session, places.site1, now)


def soup_of(answer) -> BeautifulSoup:
    assert answer.status_code == 200, answer.text[:500]
    return BeautifulSoup(answer.text, "html.parser")


def scene_of(person, site_id: int, *opened: str) -> tuple[dict, list]:
    answer = person.get(f"/sites/{site_id}/topology/data", query_string=[("open", key) for key in opened])
    assert answer.status_code == 200
    return {node["key"]: node for node in answer.json["nodes"]}, answer.json["edges"]


# -- layout -------------------------------------------------------------------------------------------------------

def boxes_overlap(spots) -> bool:
    placed = sorted(spots.values(), key=lambda spot: spot.x)
    for number, one in enumerate(placed):
        for other in placed[number + 1:]:
            if other.x - one.x >= WIDTH:
                break
            if abs(other.y - one.y) < HEIGHT:
                return True
    return False


def tree(width: int, leaves: int) -> list[Hanging]:
    nodes = [Hanging("top", (), (0,))]
    for stem in range(width):
        nodes.append(Hanging(f"s{stem}", ("top",), (1, stem)))
        nodes += [Hanging(f"s{stem}.{leaf}", (f"s{stem}",), (2, leaf)) for leaf in range(leaves)]
    return nodes


@pytest.mark.parametrize("nodes", [
    tree(1, 0), tree(3, 1), tree(2, 9), tree(12, 24), tree(1, 300), [Hanging(f"n{n}") for n in range(40)],
    [Hanging("0"), *(Hanging(str(n), (str(n - 1),)) for n in range(1, 300))],
], ids=["two", "small", "stacks", "crowd", "fan", "loose", "chain"])
def test_a_layout_places_all_without_overlap_uppers_above(nodes: list[Hanging]) -> None:
    spots = arrange(nodes)
    assert spots == arrange(list(reversed(nodes)))
    assert set(spots) == {node.key for node in nodes}
    assert not boxes_overlap(spots)
    for node in nodes:
        for upper in node.uppers:
            assert spots[upper].y < spots[node.key].y


def test_circles_and_strangers_are_placed_once() -> None:
    spots = arrange([Hanging("a", ("b",)), Hanging("b", ("a",)), Hanging("c", ("gone", "c")), Hanging("d", ("b",))])
    assert set(spots) == {"a", "b", "c", "d"}
    assert not boxes_overlap(spots)


@pytest.mark.parametrize("sent", [
    None, [], {}, {"places": []}, {"places": {}}, {"places": {"a": [1]}}, {"places": {"a": ["1", 2]}},
    {"places": {"a": [1e9, 0]}}, {"places": {"a": [True, 1]}}, {"places": {"a": [float("nan"), 1]}},
    {"places": {str(n): [0, 0] for n in range(2001)}},
])
def test_what_is_no_place_is_refused(sent) -> None:
    assert read_places(sent, {"a"}) is None


def test_places_of_nodes_that_are_gone_are_left_out() -> None:
    assert read_places({"places": {"a": [1, 2.5], "gone": [0, 0]}}, {"a"}) == {"a": (1.0, 2.5)}


# -- the drawing --------------------------------------------------------------------------------------------------

def test_the_drawing_says_who_hangs_where_and_who_goes_dark(as_role, places, small) -> None:
    nodes, edges = scene_of(as_role(Role.VIEWER), places.site1)
    assert nodes[small.group]["size"] == 6
    assert nodes[small.group]["what"] == "group"
    assert not set(small.computers) & set(nodes)
    assert nodes[small.point]["darkWith"] == small.first
    assert nodes[small.printer]["darkWith"] == small.hub
    assert nodes[small.hub]["darkWith"] == small.first
    assert nodes[small.second]["darkWith"] == small.router  # the ring leaves it another way
    assert nodes[small.router]["darkWith"] == ""
    by_ends = {(edge["upper"], edge["lower"]): edge for edge in edges}
    assert by_ends[small.first, small.hub]["isInferred"]
    assert not by_ends[small.router, small.first]["isInferred"]
    assert by_ends[small.router, small.first]["label"] == "ether3"
    assert by_ends[small.first, small.second]["form"] == "cross"
    assert nodes[small.router]["y"] < nodes[small.first]["y"] < nodes[small.point]["y"]


def test_a_group_opens(as_role, places, small) -> None:
    nodes, _edges = scene_of(as_role(Role.VIEWER), places.site1, small.group)
    assert set(small.computers) <= set(nodes)
    assert small.group not in nodes


def test_the_drawing_carries_states_speed_and_use(as_role, world, places, small) -> None:
    port, router = "if:ether3", small.ids["Router"]
    world.measure(router, {
        (port, "if_speed_bits_per_second"): 1e9, (port, "if_in_octets_total"): 1.1e8,
        (port, "if_out_octets_total"): 1e6,
    })
    world.ping({router: "up", small.ids["Switch A"]: "down"})
    nodes, edges = scene_of(as_role(Role.VIEWER), places.site1)
    line = next(edge for edge in edges if edge["lower"] == small.first)
    assert line["used"] == pytest.approx(0.88)
    assert "1 Gbit/s" in line["title"]
    assert nodes[small.first]["tone"] == "down"
    assert "hỏng" in nodes[small.first]["sub"]
    assert nodes[small.router]["tone"] == "good"
    table = soup_of(as_role(Role.VIEWER).get(f"/sites/{places.site1}/topology"))
    assert "88" in table.select_one("#edges").text


# -- rights and scope ---------------------------------------------------------------------------------------------

def test_only_those_who_edit_the_inventory_move_nodes(as_role, places, small) -> None:
    body = {"places": {small.router: [10, 20]}}
    for role in Role:
        person = as_role(role)
        page = soup_of(person.get(f"/sites/{places.site1}/topology"))
        may = role in (Role.ADMINISTRATOR, Role.NETWORK_ENGINEER)
        assert bool(page.select("[data-deed=arrange]")) == may
        for path, sent in (("places", body), ("arrange", {})):
            answer = person.client.post(
                f"/sites/{places.site1}/topology/{path}", json=sent, headers={"X-CSRFToken": person._token}
            )
            assert answer.status_code == (200 if may else 403), (role, path)


def test_another_schools_map_is_not_there(as_role, places, small) -> None:
    staff = as_role(Role.SCHOOL_STAFF)
    for path in ("", "/data", "/node?key=device:1"):
        assert staff.get(f"/sites/{places.site2}/topology{path}").status_code == 404
    assert staff.get("/topology").headers["Location"].endswith(f"/sites/{places.site1}/topology")


def test_a_device_of_another_unit_keeps_its_name_to_itself(as_role, database, places, now) -> None:
    with database.session() as session:
        far, near = Drawing(session, places.site2, now), Drawing(session, places.site1, now)
        secret = far.device("Secret core")
        own = near.device("Own switch")
        said = '[["named_by_one", {"teller": "Secret core", "other": "x", "part": "1", "protocol": "LLDP"}]]'
        near.join(secret, own, ("if:1", "if:2"), evidence=said)
        near.entry(secret)
    assert "Secret core" in as_role(Role.VIEWER).get(f"/sites/{places.site1}/topology/data").text
    staff = as_role(Role.SCHOOL_STAFF)
    for path in ("/data", "", f"/node?key={secret}", "?format=csv"):
        answer = staff.get(f"/sites/{places.site1}/topology{path}")
        assert "Secret core" not in answer.text
        assert "10.2.0." not in answer.text
    nodes, _edges = scene_of(staff, places.site1)
    assert nodes[secret]["label"]
    assert "Secret core" not in staff.get(f"/sites/{places.site1}/topology/node?key={own}").text
    assert "Secret core" not in staff.get(f"/devices/{near.ids['Own switch']}").text
    assert "Secret core" in as_role(Role.VIEWER).get(f"/devices/{near.ids['Own switch']}").text


def test_without_the_token_nothing_is_moved(as_role, places, small, database) -> None:
    engineer = as_role(Role.NETWORK_ENGINEER)
    answer = engineer.client.post(f"/sites/{places.site1}/topology/places", json={"places": {small.router: [1, 2]}})
    assert answer.status_code == 400
    with database.reading() as session:
        assert map_places(session, places.site1) == {}


# -- places -------------------------------------------------------------------------------------------------------

def test_places_are_remembered_shared_and_put_back(as_role, places, small) -> None:
    engineer, viewer = as_role(Role.NETWORK_ENGINEER), as_role(Role.VIEWER)
    before = scene_of(viewer, places.site1)[0][small.first]
    engineer.get(f"/sites/{places.site1}/topology")

    def post(path: str, body: dict):
        return engineer.client.post(
            f"/sites/{places.site1}/topology/{path}", json=body, headers={"X-CSRFToken": engineer._token}
        )

    assert post("places", {"places": {small.first: [1234.5, -7], "device:99999": [0, 0]}}).json == {"kept": 1}
    moved = scene_of(viewer, places.site1)[0][small.first]
    assert (moved["x"], moved["y"], moved["isPut"]) == (1234.5, -7, True)
    undone = post("arrange", {}).json
    assert undone == {"places": {small.first: [1234.5, -7.0]}}
    assert scene_of(viewer, places.site1)[0][small.first] == before
    post("places", undone)
    assert scene_of(viewer, places.site1)[0][small.first] == moved
    refused = post("places", {"places": {small.first: ["x", 0]}})
    assert refused.status_code == 422
    assert "Tải lại trang" in refused.json["detail"]


# -- page, table, panel -------------------------------------------------------------------------------------------

def test_the_table_says_the_same_filters_and_exports(as_role, places, small) -> None:
    person = as_role(Role.VIEWER)
    page = soup_of(person.get(f"/sites/{places.site1}/topology"))
    rows = page.select("#edges tbody tr")
    assert len(rows) == 13
    assert "Gi1/0/48" in page.text
    assert len(soup_of(person.get(f"/sites/{places.site1}/topology?how=inferred")).select("#edges tbody tr")) == 1
    assert len(soup_of(person.get(f"/sites/{places.site1}/topology?q=pc-03")).select("#edges tbody tr")) == 1
    assert not soup_of(person.get(f"/sites/{places.site1}/topology?now=no")).select("#edges tbody tr")
    for sort in ("upper", "lower", "how", "speed", "used", "seen"):
        assert person.get(f"/sites/{places.site1}/topology?sort={sort}&dir=desc").status_code == 200
    file = person.get(f"/sites/{places.site1}/topology?format=csv").data.decode("utf-8-sig")
    assert file.count("\n") == 14
    assert person.get(f"/sites/{places.site1}/topology?format=xlsx").status_code == 200
    assert as_role(Role.SCHOOL_STAFF).get(f"/sites/{places.site1}/topology?format=csv").status_code == 403


def test_the_panel_tells_who_goes_dark_and_offers_to_accept(as_role, places, small) -> None:
    engineer = as_role(Role.NETWORK_ENGINEER)

    def panel(key: str, person=engineer) -> BeautifulSoup:
        return soup_of(person.get(f"/sites/{places.site1}/topology/node", query_string={"key": key}))

    switch = panel(small.first)
    assert "AP 1" in switch.text
    assert "ether3" in switch.text
    assert "3" in switch.select_one(".tone-down").text
    accept = panel(small.found).select_one(".btn-primary")["href"]
    assert "kind=switch" in accept
    assert "02%3A00" in accept or "02:00" in accept
    form = soup_of(engineer.get(accept))
    assert form.select_one("[name=mac]")["value"] == "02:00:00:00:00:99"
    assert form.select_one("[name=name]")["value"]
    assert panel(small.hub).select_one("form [name=key]")["value"] == small.hub
    assert not panel(small.hub, as_role(Role.VIEWER)).select(".btn-primary")
    assert len(panel(small.group).select("li")) == 6
    assert engineer.get(f"/sites/{places.site1}/topology/node?key=device:424242").status_code == 404


def test_an_unmanaged_switch_is_accepted_with_what_is_behind_it(as_role, database, places, small) -> None:
    engineer, path = as_role(Role.NETWORK_ENGINEER), f"/sites/{places.site1}/topology"
    engineer.get(path)
    answer = engineer.post(f"{path}/accept", {"key": small.hub, "name": "Switch bàn giáo viên"})
    assert answer.status_code == 303
    assert "Switch bàn giáo viên" in engineer.get(path).text
    with database.reading() as session:
        device = session.query(Device).filter(Device.name == "Switch bàn giáo viên").one()
        printer = session.get(Device, small.ids["Printer"])
        assert (device.kind, device.is_monitored, device.parent_device_id) == ("switch", False, small.ids["Switch A"])
        assert printer.parent_device_id == device.id
    for key, name in (("hub:gone", "x"), (small.found, "x"), (small.router, "x"), (small.hub, "Printer")):
        engineer.post(f"{path}/accept", {"key": key, "name": name})
        assert BeautifulSoup(engineer.get(path).text, "html.parser").select(".note-danger"), key
    assert engineer.post(f"{path}/accept", {"key": small.hub}).status_code == 303
    staff = as_role(Role.SCHOOL_STAFF)
    staff.get(path)
    assert staff.post(f"{path}/accept", {"key": small.hub}).status_code == 403
    with database.reading() as session:
        assert session.query(Device).filter(Device.kind == "switch", Device.site_id == places.site1).count() == 4


def test_hostile_names_stay_text(as_role, places, small) -> None:
    person = as_role(Role.NETWORK_ENGINEER)
    for path in ("", "/node?key=found:020000000099", f"/node?key={small.second}"):
        answer = person.get(f"/sites/{places.site1}/topology{path}")
        assert answer.status_code == 200
        assert "<img src=x" not in answer.text
        assert "\u202e" not in answer.text
    nodes, _edges = scene_of(person, places.site1)
    assert "\u202e" not in nodes[small.found]["label"]
    file = person.get(f"/sites/{places.site1}/topology?format=csv").data.decode("utf-8-sig")
    assert HOSTILE not in file


def test_an_empty_map_says_what_to_do(as_role, places) -> None:
    page = soup_of(as_role(Role.NETWORK_ENGINEER).get(f"/sites/{places.site1}/topology"))
    steps = page.select_one(".empty-state ol")
    assert "SNMP" in steps.text
    assert not page.select("[data-map]")


def test_the_list_of_maps(as_role, places, small) -> None:
    person = as_role(Role.VIEWER)
    rows = soup_of(person.get("/topology")).select("#maps tbody tr")
    assert len(rows) == 2
    assert len(soup_of(person.get("/topology?with=found")).select("#maps tbody tr")) == 1
    assert len(soup_of(person.get("/topology?with=none")).select("#maps tbody tr")) == 1
    for sort in ("name", "devices", "lines", "hubs", "found"):
        assert person.get(f"/topology?sort={sort}&dir=desc").status_code == 200


def test_a_crowd_takes_few_statements(as_role, database, places, now) -> None:
    with database.session() as session:
        draw_crowd(session, places.site1, now, switches=27)
    person = as_role(Role.VIEWER)
    person.get(f"/sites/{places.site1}/topology/data")
    for path in ("/data", "", "/node?key=device:4"):
        with counted(database) as asked:
            assert person.get(f"/sites/{places.site1}/topology{path}").status_code == 200
        assert len(asked) <= 25, path
