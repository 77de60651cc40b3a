"""The main job from one end to the other, on real parts: a fresh start finds devices, watches and draws them, raises an
incident when one dies, sends an e-mail, and closes it on return."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from tests.journey.parts import Browser, Post, Running, virtual_host
from tests.waiting import wait_until

PASSWORD = "mot cau dai de nho"
# DESIGN.md section 10: from a school going dark to the message handed over
HANDED_OVER_S = 30


@pytest.fixture
def post() -> Iterator[Post]:
    post = Post()
    post.start()
    yield post
    post.stop()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path / "data")
    yield running
    running.stop()


@pytest.fixture
def browser(running: Running, tmp_path: Path) -> Iterator[Browser]:
    running.code()
    browser = Browser(running.url, tmp_path / "browser")
    yield browser
    browser.close()


def test_from_first_start_to_recovery(
    snmpd: int, running: Running, browser: Browser, post: Post, tmp_path: Path
) -> None:
    with virtual_host() as (address, cable):
        _make_administrator(browser, running.code())
        _make_channel(browser, post.port)
        devices = _discover(browser, f"127.0.0.1:{snmpd} {address}")
        _see_charts(browser, devices[f"127.0.0.1:{snmpd}"], tmp_path)
        dead = devices[address]
        wait_until(lambda: _state(browser, dead) == "good", 60, "the host is seen to be up")

        cable("down")
        down_at = datetime.now(UTC)
        wait_until(lambda: post.about(address), HANDED_OVER_S + 15, "the e-mail about the dead host")
        opened, handed_over = _incident(tmp_path, dead)
        assert (opened - down_at).total_seconds() <= HANDED_OVER_S
        assert (handed_over - down_at).total_seconds() <= HANDED_OVER_S
        assert len(post.messages) == 1
        _read_message(post, running.url)

        cable("up")
        wait_until(lambda: _open_incidents(tmp_path) == 0, 60, "the incident is closed on return")
        wait_until(lambda: len(post.messages) == 2, 30, "the message of recovery")
        _see_incident(browser, tmp_path)
    assert browser.trouble() == []
    assert running.stop() == 0


def _make_administrator(browser: Browser, code: str) -> None:
    browser.go("/")
    assert browser.one("html").get_attribute("lang") == "vi"
    browser.fill(code=code, full_name="Cán bộ mạng", username="quantri", password=PASSWORD, again=PASSWORD)
    browser.press()
    assert browser.driver.current_url.endswith("/welcome")


def _make_channel(browser: Browser, smtp_port: int) -> None:
    browser.go("/admin/channels/new?kind=email")
    browser.fill(name="Thư Sở", server="127.0.0.1", port=str(smtp_port), security="none", sender="noc@example.edu.vn")
    browser.press()
    browser.go("/admin/channels/1/routes/new")
    browser.fill(recipient="truc-mang@example.edu.vn", min_severity="info")
    browser.press()


def _discover(browser: Browser, targets: str) -> dict[str, int]:
    """Search, accept both finds into a new site; device ids by address."""
    browser.go("/discovery")
    browser.fill(targets=targets, communities="school")
    browser.press()
    wait_until(lambda: not browser.all("#found[hx-get]"), 60, "the search is over")
    assert len(browser.all("#found tbody tr")) == 2
    browser.fill(new_site="Trường THCS số 12")
    browser.press("button[name=find][value=all]")
    browser.press("#found tbody button[name=find]")  # the host that answers ping alone
    found = {}
    for row in browser.all("#found tbody tr"):
        shown = row.find_element(By.CSS_SELECTOR, "td").text.split()[0]
        found[shown] = int(row.find_element(By.CSS_SELECTOR, "a").get_attribute("href").rsplit("/", 1)[1])
    return found


def _see_charts(browser: Browser, device_id: int, folder: Path) -> None:
    """The device page draws lines: a canvas with strokes, and figures in the table behind it."""

    def drawn() -> bool:
        # Before the first two readings a chart says that there is nothing yet: the page is opened again
        browser.go(f"/devices/{device_id}?range=1h")
        return browser.is_soon(".chart canvas") and "sw-phong-may" in browser.driver.page_source

    wait_until(drawn, 90, "charts with lines", every=2)
    assert len(browser.picture(folder / "device.png")) > 20_000


def _state(browser: Browser, device_id: int) -> str:
    browser.go(f"/devices/{device_id}")
    words = browser.all("main .st")
    return (words[0].get_attribute("class") or "").rpartition("st-")[2] if words else ""


def _records(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{folder}/data/edunoc.db?mode=ro", uri=True)


def _incident(folder: Path, device_id: int) -> tuple[datetime, datetime]:
    """When the incident of a device was opened, and when its message was handed over."""

    def times() -> tuple[str, str] | None:
        connection = _records(folder)
        try:
            return connection.execute(
                "SELECT i.opened_at, n.done_at FROM alerts_incident i"
                " JOIN alerts_notification n ON n.incident_id = i.id WHERE i.device_id = ? AND n.state = 'sent'",
                (device_id,),
            ).fetchone()
        finally:
            connection.close()

    opened, sent = wait_until(times, 10, "the message is booked as sent")
    return tuple(datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (opened, sent))  # type: ignore[return-value]


def _open_incidents(folder: Path) -> int:
    connection = _records(folder)
    try:
        return int(connection.execute("SELECT count(*) FROM alerts_incident WHERE state <> 'closed'").fetchone()[0])
    finally:
        connection.close()


def _read_message(post: Post, url: str) -> None:
    """In Vietnamese, with the school's name, one next step and a link."""
    message = post.messages[0]
    text = message.get_body(("html", "plain")).get_content()
    assert message["to"] == "truc-mang@example.edu.vn"
    assert "Trường THCS số 12" in str(message["subject"])
    assert "không trả lời" in text and f"{url}/incidents/" in text


def _see_incident(browser: Browser, folder: Path) -> None:
    browser.go("/incidents/1")
    assert "Trường THCS số 12" in browser.driver.page_source
    assert len(browser.picture(folder / "incident.png")) > 20_000
