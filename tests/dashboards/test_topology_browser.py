"""The network map in Chromium: it draws, nodes are moved by key and by mouse and stay moved, the console is clean."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from drawn_site import draw_crowd, draw_small
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from test_web_browser import FLAGS
from waitress import wasyncore
from web_person import PASSWORD

from dashboards import make_server
from inventory import map_places


@pytest.fixture
def address(app) -> Iterator[str]:
    """The application behind waitress on a free port."""
    server = make_server(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    wasyncore.close_all(server._map, ignore_all=True)
    thread.join(timeout=5)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    """A fresh Chromium."""
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    browser.set_page_load_timeout(30)
    yield browser
    browser.quit()


class Map:
    """The map as a person meets it."""

    def __init__(self, browser: webdriver.Chrome, address: str, site_id: int) -> None:
        self.browser, self.url = browser, f"{address}/sites/{site_id}/topology"
        self.wait = WebDriverWait(browser, 20, poll_frequency=0.1)
        browser.get(f"{address}/sign-in")
        browser.find_element(By.NAME, "username").send_keys("network_engineer")
        browser.find_element(By.NAME, "password").send_keys(PASSWORD, Keys.ENTER)
        self.wait.until(lambda b: b.find_elements(By.ID, "finder"))

    def open(self) -> None:
        """Go there and wait until it is drawn."""
        self.browser.get(self.url)
        self.wait.until(lambda b: b.find_elements(By.CSS_SELECTOR, "#map[data-ready]"))

    def do(self, script: str, *arguments):
        """Ask the drawing."""
        return self.browser.execute_script(script, *arguments)

    def position(self, key: str) -> dict[str, float]:
        """Where a node stands, in the map's units."""
        return self.do("return edunocMap.getElementById(arguments[0]).position()", key)

    def rendered(self, key: str) -> dict[str, float]:
        """Where a node is seen, in pixels from the canvas's corner."""
        return self.do("return edunocMap.getElementById(arguments[0]).renderedPosition()", key)

    def saved(self, count: int) -> None:
        """Wait until so many moves were taken by the server."""
        self.wait.until(lambda b: b.find_elements(By.CSS_SELECTOR, f'#map[data-saved="{count}"]'))

    @property
    def canvas(self):
        """The element that takes mouse and keys."""
        return self.browser.find_element(By.CSS_SELECTOR, ".map-canvas")


def test_the_map_at_work(app, address, browser, database, places, now) -> None:
    with database.session() as session:
        small = draw_small(session, places.site1, now)
    chart = Map(browser, address, places.site1)
    chart.open()
    assert chart.do("return edunocMap.nodes().length") == 10
    assert chart.do("return edunocMap.edges().length") == 8
    assert chart.do("return document.documentElement.scrollWidth <= innerWidth")

    # keyboard: the first arrow chooses, Shift with an arrow moves
    chart.canvas.send_keys(Keys.ARROW_DOWN)
    chart.wait.until(lambda b: "Router" in b.find_element(By.ID, "map-panel").text)
    before = chart.position(small.router)
    ActionChains(browser).key_down(Keys.SHIFT).send_keys(Keys.ARROW_RIGHT * 3).key_up(Keys.SHIFT).perform()
    chart.saved(1)
    assert chart.position(small.router)["x"] == pytest.approx(before["x"] + 48)

    # mouse
    spot = chart.rendered(small.point)
    box = chart.canvas.rect
    ActionChains(browser).move_to_element_with_offset(
        chart.canvas, round(spot["x"] - box["width"] / 2), round(spot["y"] - box["height"] / 2)
    ).click_and_hold().move_by_offset(40, 30).move_by_offset(40, 20).release().perform()
    chart.saved(2)
    moved = chart.position(small.point)

    chart.open()
    assert chart.position(small.router)["x"] == pytest.approx(before["x"] + 48)
    assert chart.position(small.point) == pytest.approx(moved, abs=0.2)

    # who goes dark; a group opens; put back automatically, and undo
    chart.do("edunocMap.getElementById(arguments[0]).emit('tap')", small.first)
    chart.wait.until(lambda b: "AP 1" in b.find_element(By.ID, "map-panel").text)
    dark = chart.do("return edunocMap.nodes('.is-dark').map(n => n.id()).sort()")
    assert dark == sorted([small.point, small.hub, small.printer])
    chart.do("edunocMap.getElementById(arguments[0]).emit('dbltap')", small.group)
    chart.wait.until(lambda _b: chart.do("return edunocMap.nodes().length") == 15)
    browser.find_element(By.CSS_SELECTOR, "[data-deed=arrange]").click()
    chart.wait.until(lambda b: b.find_elements(By.CSS_SELECTOR, ".map-told button"))
    assert chart.position(small.router)["x"] == pytest.approx(before["x"], abs=400)
    with database.reading() as session:
        assert map_places(session, places.site1) == {}
    browser.find_element(By.CSS_SELECTOR, ".map-told button").click()
    chart.wait.until(lambda _b: chart.position(small.router)["x"] == pytest.approx(before["x"] + 48))
    assert not [line for line in browser.get_log("browser") if line["level"] in ("SEVERE", "WARNING")]


def test_a_crowd_in_the_dark_and_on_a_telephone(app, address, browser, database, places, now) -> None:
    with database.session() as session:
        crowd = draw_crowd(session, places.site1, now)
    chart = Map(browser, address, places.site1)
    browser.add_cookie({"name": "theme", "value": "dark"})
    chart.open()
    assert chart.do("return edunocMap.nodes().length") == crowd.count + 1  # and the device that hangs nowhere
    assert chart.do("return edunocMap.edges().every(e => e.style('curve-style') !== '')")
    ground = chart.do("return edunocMap.nodes()[0].style('background-color')")
    assert max(int(part) for part in ground.removeprefix("rgb(").rstrip(")").split(",")) < 80

    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    )
    browser.get(chart.url)
    table, drawing = (browser.find_element(By.CSS_SELECTOR, one) for one in ("#edges", "#map"))
    assert table.rect["y"] < drawing.rect["y"]
    assert chart.do("return document.documentElement.scrollWidth <= innerWidth")
    assert not chart.do("return Boolean(window.cytoscape)")  # not fetched before somebody scrolls to it
    chart.do("document.querySelector('#map').scrollIntoView()")
    chart.wait.until(lambda b: b.find_elements(By.CSS_SELECTOR, "#map[data-ready]"))
    assert not [line for line in browser.get_log("browser") if line["level"] in ("SEVERE", "WARNING")]
