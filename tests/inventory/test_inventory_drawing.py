"""Where people put the nodes of a site's map: kept, replaced, forgotten, and gone with the site."""

from __future__ import annotations

from core import Scope
from inventory import Site, delete_record, forget_map_places, keep_map_places, map_places, preview_delete


def test_places_are_kept_replaced_and_forgotten(session, province) -> None:
    assert keep_map_places(session, province.site.id, {"d1": (10.0, -20.5), "d2": (1.0, 2.0)}) == 2
    assert keep_map_places(session, province.site.id, {"d1": (11.0, 0.0)}) == 1
    assert map_places(session, province.site.id) == {"d1": (11.0, 0.0), "d2": (1.0, 2.0)}
    assert map_places(session, province.far.id) == {}
    assert forget_map_places(session, province.site.id) == 2
    assert map_places(session, province.site.id) == {}


def test_what_is_no_place_is_left_out(session, province) -> None:
    wrong = {"": (0.0, 0.0), "x" * 301: (0.0, 0.0), "d1": (float("nan"), 0.0), "d2": (float("inf"), 0.0)}
    wrong["d3"] = (0.0, 1e9)
    assert keep_map_places(session, province.site.id, wrong) == 0
    many = {f"d{number}": (0.0, 0.0) for number in range(2_100)}
    assert keep_map_places(session, province.site.id, many) == 2_000
    assert keep_map_places(session, province.site.id, {"d5": (7.0, 7.0), "new": (1.0, 1.0)}) == 1


def test_a_deleted_site_takes_its_map_along(session, province) -> None:
    keep_map_places(session, province.far.id, {"d1": (1.0, 1.0)})
    everything, number = Scope.everything(), province.far.id
    delete_record(session, everything, Site, number, preview_delete(session, everything, Site, number))
    assert map_places(session, number) == {}
