"""The real parts of a journey: EduNOC itself as a process, a virtual host, an SMTP server, a browser."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
CHROMIUM = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port of 127.0.0.1 that nobody uses now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """EduNOC as `app.py run` started it. `lines` is all that it printed; `more` are further EDUNOC_ variables."""

    def __init__(self, data_dir: Path, more: Mapping[str, str] | None = None) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.lines: list[str] = []
        environment = {name: value for name, value in os.environ.items() if not name.startswith("EDUNOC_")}
        self._process = subprocess.Popen(
            [sys.executable, "app.py", "run"], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**environment, "EDUNOC_DATA_DIR": str(data_dir), "EDUNOC_PORT": str(self.port),
                 "EDUNOC_PUBLIC_URL": self.url, **(more or {})},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        self.lines.extend(self._process.stdout)

    def code(self) -> str:
        """The one-time code that the terminal shows."""
        wanted = re.compile(r"one-time code: ([0-9A-Z-]+)")
        return wait_until(lambda: wanted.search("".join(self.lines)), 60, "the code is printed")[1]

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it as a power cut does."""
        self._process.kill()
        self._process.wait(10)

    def stop(self) -> int:
        """Ask it to stop as a service manager does; its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(30)
        finally:
            self._process.kill()
            self._process.wait(5)
            self._reader.join(5)
            if self._process.stdout is not None:
                self._process.stdout.close()


class Post(Controller):
    """A real SMTP server on loopback that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        super().__init__(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 kept"

    def about(self, word: str) -> list[EmailMessage]:
        """Messages with the word in the subject."""
        return [message for message in self.messages if word in str(message["subject"])]


@contextmanager
def virtual_host() -> Iterator[tuple[str, Any]]:
    """A host in a network namespace: (its address, a function that takes its cable "down" or "up")."""
    number = os.getpid() % 200
    name, ours, theirs, net = f"journey{number}", f"ja{number}", f"jb{number}", f"10.205.{number}"

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True, timeout=10, capture_output=True)

    ip("netns", "add", name)
    try:
        ip("link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", name)
        ip("addr", "add", f"{net}.1/30", "dev", ours)
        ip("link", "set", ours, "up")
        ip("-n", name, "addr", "add", f"{net}.2/30", "dev", theirs)
        ip("-n", name, "link", "set", theirs, "up")
        yield f"{net}.2", lambda state: ip("-n", name, "link", "set", theirs, state)
    finally:
        ip("netns", "del", name)


class Browser:
    """Headless Chromium in the hands of a person who reads Vietnamese."""

    def __init__(self, url: str, profile: Path) -> None:
        options = webdriver.ChromeOptions()
        for word in (*CHROMIUM, f"--user-data-dir={profile}"):
            options.add_argument(word)
        options.binary_location = "/usr/bin/chromium"
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.driver.set_window_size(1440, 1000)
        self._url = url

    def go(self, path: str) -> None:
        """Open a page of ours."""
        self.driver.get(self._url + path)

    def all(self, selector: str) -> list[WebElement]:
        """Everything that fits the CSS selector now."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str, deadline: float = 20) -> WebElement:
        """The first that fits, once it is there."""
        return wait_until(lambda: self.all(selector), deadline, f"{selector} on {self.driver.current_url}")[0]

    def is_soon(self, selector: str, deadline: float = 6) -> bool:
        """Whether something that fits comes to be there."""
        try:
            wait_until(lambda: self.all(selector), deadline)
        except AssertionError:
            return False
        return True

    def fill(self, **values: str) -> None:
        """Type into boxes by their names."""
        for name, value in values.items():
            box = self.one(f"main [name={name}]")
            if box.tag_name == "select":
                box.find_element(By.CSS_SELECTOR, f"option[value='{value}']").click()
            else:
                box.clear()
                box.send_keys(value)

    def press(self, selector: str = "main form button.btn-primary[type=submit]") -> None:
        """Press a button and wait until the page it leads to is there."""
        before, button = self.one("html"), self.one(selector)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", button)
        button.click()
        wait_until(lambda: _is_gone(before), 20, "the next page")

    def picture(self, path: Path) -> bytes:
        """Save what is seen now."""
        data = self.driver.get_screenshot_as_png()
        path.write_bytes(data)
        return data

    def trouble(self) -> list[str]:
        """What the browser complained about: scripts that failed, files that are missing, policies broken."""
        return [str(entry["message"]) for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def close(self) -> None:
        """End the browser."""
        self.driver.quit()


def _is_gone(element: WebElement) -> bool:
    try:
        element.is_enabled()
    except Exception:  # the driver has several names for "no longer there"
        return True
    return False
