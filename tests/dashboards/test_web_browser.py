"""The frame in Chromium: nothing is refused by the policy; search by keyboard, phone menu, lost connection."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from waitress import wasyncore
from web_person import PASSWORD

from dashboards import make_server

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1440,900",
)


@pytest.fixture
def server(app) -> Iterator:
    """The application behind waitress on a free port."""
    server = make_server(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server
    server.close()
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


def test_the_frame_at_work(server, browser: webdriver.Chrome) -> None:
    wait = WebDriverWait(browser, 20, poll_frequency=0.1)
    browser.get(f"http://127.0.0.1:{server.effective_port}/sign-in")
    browser.find_element(By.NAME, "username").send_keys("administrator")
    browser.find_element(By.NAME, "password").send_keys(PASSWORD, Keys.ENTER)
    wait.until(lambda b: b.find_elements(By.ID, "finder"))

    browser.get(f"http://127.0.0.1:{server.effective_port}/admin/users")
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    browser.find_element(By.NAME, "q").send_keys("viewer")
    wait.until(lambda b: len(b.find_elements(By.CSS_SELECTOR, "#users tbody tr")) == 1)
    assert "q=viewer" in browser.current_url

    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.CONTROL, "k")
    wait.until(lambda b: b.find_element(By.ID, "finder-input").is_displayed())
    browser.find_element(By.ID, "finder-input").send_keys("sw1")
    wait.until(lambda b: b.find_elements(By.CSS_SELECTOR, '.hit[aria-selected="true"]'))
    browser.find_element(By.ID, "finder-input").send_keys(Keys.ENTER)
    wait.until(lambda b: "/admin/users" not in b.current_url)

    browser.set_window_size(500, 844)
    browser.find_element(By.CSS_SELECTOR, ".menu-open").click()
    wait.until(lambda b: b.find_element(By.CSS_SELECTOR, "#side .side-link").is_displayed())
    loud = [line for line in browser.get_log("browser") if line["level"] == "SEVERE"]
    assert not loud

    server.close()
    wasyncore.close_all(server._map, ignore_all=True)  # else it goes on answering over the connections it has
    wait.until(lambda b: b.find_element(By.CSS_SELECTOR, ".banner-lost").is_displayed())
