"""Links of lists: what leads to another page must load that page whole, not look for the list in it."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup, Tag

from core import Role

LISTS = (
    "/services", "/projectors", "/inventory/room", "/inventory/service", "/incidents", "/devices", "/sites",
    "/find/news",
)  # fmt: skip


def is_boosted(link: Tag) -> bool:
    """Whether htmx follows the link and takes only the list from the answer."""
    near = link.find_parent(attrs={"hx-boost": True})
    return near is not None and near["hx-boost"] == "true"


@pytest.mark.parametrize("path", LISTS)
def test_links_out_of_a_list_load_the_whole_page(as_role, path: str) -> None:
    page = BeautifulSoup(as_role(Role.ADMINISTRATOR).get(path).text, "html.parser")
    boosted = [link["href"] for link in page.select("section[hx-select] a[href]") if is_boosted(link)]
    assert page.select_one("section[hx-select]") is not None
    assert {urlsplit(href).path for href in boosted} <= {"", path}


def test_an_empty_list_offers_the_first_step(as_role) -> None:
    page = BeautifulSoup(as_role(Role.ADMINISTRATOR).get("/services").text, "html.parser")
    step = page.select_one(".empty-state a[href='/services/usual']")
    assert step is not None and not is_boosted(step)
