"""A data folder with people, a school and devices that misbehaving agents answer for, and a person who reads pages."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import httpx
from bs4 import BeautifulSoup

from alerts import Channel, Route, save_channel
from app import SECTIONS
from core import Context, NewUser, Role, Scope, create_user, load_settings
from deploy.demo.replay import ReplayAgent, ReplayServer
from inventory import Device, Site, Unit, anonymous_snmp, create_credential, create_record
from tests.journey.parts import ROOT, Running
from tests.waiting import wait_until

USER, PASSWORD = "quantri", "mot cau dai de nho"
# Shorter than a person may choose in the form (10 s), so that a journey of several readings fits into a test
INTERVAL_S = 2
_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


class Folder:
    """A data folder in the making and under watch. `environ` is what `app.py` needs to work on it."""

    def __init__(self, path: Path, more: Mapping[str, str] | None = None) -> None:
        self.path = path
        self.more = {"EDUNOC_TELEMETRY_MIN_FREE_MB": "0", "EDUNOC_COLLECTORS_SAVE_STATES_S": "1", **(more or {})}
        self.environ = {"EDUNOC_DATA_DIR": str(path), **self.more}
        self._sites: dict[str, int] = {}

    @contextmanager
    def opened(self) -> Iterator[Context]:
        """Database and vault, for seeding; closed before EduNOC starts."""
        context = Context(load_settings(SECTIONS, environ=self.environ))
        try:
            yield context
        finally:
            context.close()

    def settle(self) -> None:
        """The administrator, a school with one site, the community "public"."""
        with self.opened() as own:
            vault = own.vault
            with own.database.session() as session:
                create_user(session, NewUser(USER, PASSWORD, Role.ADMINISTRATOR), own.clock())
                unit = create_record(session, Scope.everything(), Unit, {"code": "TH1", "name": "Trường số 1"})
                create_record(session, Scope.everything(), Site, {"code": "D1", "name": "Điểm 1", "unit_id": unit.id})
                create_credential(session, vault, {"name": "đọc", **anonymous_snmp("public")})

    def add_device(self, name: str, port: int, **values: Any) -> int:
        """A device read over SNMP at 127.0.0.1; its number. `interval_s` below 10 is written past the form."""
        interval = values.pop("interval_s", INTERVAL_S)
        given = {"name": name, "site_id": 1, "address": "127.0.0.1", "snmp_port": port, "credential_id": 1,
                 "interval_s": max(10, interval), "timeout_s": 0.3, "retries": 1, **values}  # fmt: skip
        with self.opened() as own, own.database.session() as session:
            device = create_record(session, Scope.everything(), Device, given)
            device.interval_s = interval
            session.flush()
            return device.id

    def add_channel(self, smtp_port: int) -> None:
        """Mail about everything to one person."""
        values = {"server": "127.0.0.1", "port": smtp_port, "security": "none", "sender": "noc@example.edu.vn"}
        with self.opened() as own:
            vault = own.vault
            with own.database.session() as session:
                channel = save_channel(session, vault, Channel(name="Thư", kind="email"), values,
                                       own.clock())  # fmt: skip
                session.add(Route(channel_id=channel.id, recipient="truc@example.edu.vn", min_severity="info"))

    def run(self) -> Running:
        """Start EduNOC on this folder."""
        return Running(self.path, self.more)

    def rows(self, sql: str, *values: Any) -> list[tuple]:
        """What stands in the database of records now."""
        with closing(sqlite3.connect(f"file:{self.path}/edunoc.db?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(sql, values).fetchall()

    def reason(self, device_id: int) -> str:
        """The reason that stands in collectors_poll_state."""
        found = self.rows("SELECT reason FROM collectors_poll_state WHERE device_id = ?", device_id)
        return found[0][0] if found else ""

    def command(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run `app.py` with these words on this folder."""
        return command(self.environ, *words, stdin=stdin)


def command(environ: Mapping[str, str], *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run `app.py` with these words and this environment alone."""
    return subprocess.run(
        [sys.executable, "app.py", *words], cwd=ROOT, capture_output=True, text=True, timeout=50, input=stdin,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", **environ},
    )


@contextmanager
def served(agents: Mapping[int, ReplayAgent]) -> Iterator[ReplayServer]:
    """Agents on ports of 127.0.0.1."""
    with ReplayServer({("127.0.0.1", port): agent for port, agent in agents.items()}) as server:
        yield server


@contextmanager
def started(folder: Folder) -> Iterator[tuple[Running, Reader]]:
    """EduNOC on the folder, and an administrator who is signed in."""
    running = folder.run()
    try:
        with closing(Reader(running.url)) as reader:
            reader.sign_in()
            yield running, reader
    finally:
        running.stop()


@contextmanager
def small_disk(place: Path, mebibytes: int) -> Iterator[Path]:
    """A disk of its own of this size; needs root, as the journeys with network namespaces do."""
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(place)], check=True, timeout=10)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True, timeout=10)


def fill(disk: Path, leave: int) -> None:
    """Write into disk/ballast until so many bytes are free; 0: until nothing more can be written."""
    with (disk / "ballast").open("ab", buffering=0) as ballast, suppress(OSError):
        while leave == 0 or shutil.disk_usage(disk).free > leave:
            ballast.write(b"x" * (4096 if leave == 0 else 65_536))


class Reader:
    """A person's browser without the browser: remembers cookies and the anti-forgery token."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=20)
        self._token = ""

    def get(self, path: str) -> httpx.Response:
        """Open a page."""
        answer = self._client.get(path)
        found = _TOKEN.search(answer.text)
        self._token = found[1] if found else self._token
        return answer

    def post(self, path: str, **data: str) -> httpx.Response:
        """Send a form with the token of the page seen last."""
        return self._client.post(path, data={"csrf_token": self._token, **data})

    def post_without_token(self, path: str, **data: str) -> httpx.Response:
        """As another site's page would send it: with the cookies, without the token."""
        return self._client.post(path, data=data)

    def sign_in(self, username: str = USER, password: str = PASSWORD) -> None:
        """Sign in as soon as the pages are served."""
        wait_until(self._is_served, 40, "the pages are served", every=0.2)
        self.get("/sign-in")
        assert self.post("/sign-in", username=username, password=password).status_code == 302
        self.get("/account")

    def _is_served(self) -> bool:
        try:
            return self._client.get("/healthz").status_code < 600
        except httpx.TransportError:
            return False

    def latest(self, device_id: int) -> float:
        """When the newest live value of a device was taken, epoch seconds; 0 without any."""
        times = [one["at"] for one in self.get(f"/api/v1/devices/{device_id}/live").json() if one["at"]]
        return max((datetime.fromisoformat(text).timestamp() for text in times), default=0.0)

    def close(self) -> None:
        """Forget everything."""
        self._client.close()


def form_of(answer: httpx.Response) -> dict[str, str]:
    """What a browser would send of the page's main form when nothing is changed."""
    form = max(BeautifulSoup(answer.text, "html.parser").select("main form"), key=lambda one: len(one.select("[name]")))
    sent = {}
    for box in form.select("input[name], textarea[name], select[name]"):
        if box.name == "select":
            chosen = box.select_one("option[selected]") or box.select_one("option")
            sent[box["name"]] = chosen.get("value", "") if chosen else ""
        elif box.get("type") not in ("checkbox", "radio") or box.has_attr("checked"):
            sent[box["name"]] = box.get("value", "") if box.name == "input" else box.text
    return {name: value for name, value in sent.items() if name != "csrf_token"}


def plain(answer: httpx.Response) -> str:
    """What a person reads on a page: the text of its main part, on one line."""
    assert answer.status_code == 200, (answer.status_code, answer.text[:300])
    return " ".join(BeautifulSoup(answer.text, "html.parser").select_one("main").get_text(" ").split())


def logged(running: Running, event: str, **words: Any) -> list[dict[str, Any]]:
    """Log lines with this event and these words."""
    found = []
    for line in list(running.lines):
        if line.startswith("{"):
            entry = json.loads(line)
            if entry.get("event") == event and all(entry.get(name) == value for name, value in words.items()):
                found.append(entry)
    return found


class Stored(NamedTuple):
    """The unsorted samples of a store: newest time in epoch ms, how many, and how often each (series, time) at most."""

    newest_ms: int
    number: int
    copies: int


def last_stored(folder: Path, copy: Path) -> Stored:
    """What a stopped or killed store holds, read from a copy."""
    copy.mkdir()
    for file in (folder / "samples").glob("index.duckdb*"):
        (copy / file.name).write_bytes(file.read_bytes())
    with duckdb.connect(str(copy / "index.duckdb")) as connection:
        tables = [name for (name,) in connection.execute("SHOW TABLES").fetchall() if name.startswith("recent")]
        rows = " UNION ALL ".join(f'SELECT series, ts FROM "{table}"' for table in tables)
        found = connection.execute(
            f"SELECT max(ts), sum(n), max(n) FROM (SELECT series, ts, count(*) AS n FROM ({rows}) GROUP BY ALL)"
        ).fetchall()[0]
    return Stored(*(int(number or 0) for number in found))
