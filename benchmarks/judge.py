"""Judging at province size: 500 rules over 2.4 million live series, and a school that goes dark among 1,000.

The first needs arrays only. The second runs the real watch over real tables: the ping plane's verdicts come at the
times its own rules give them, and the message is handed to an HTTP server on loopback.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import perf_counter
from types import SimpleNamespace

import numpy as np

from alerts import AlertsSettings, Channel, Incident, Notification, Route, load_rules, save_channel
from alerts.board import Board, Restored, build_board
from alerts.judge import judge
from alerts.labels import DeviceLabel, Labels
from alerts.rule import Rule, Selector, Term
from alerts.sending import Sender
from alerts.watch import Watch
from benchmarks.result import Result
from core import CoreSettings, Database, Vault, sqlite_url
from inventory import Device, Link, Site, Unit, touch_inventory

METRICS, DEVICE_KINDS, VENDORS = 40, ("switch", "ap", "computer", "server", "router"), 3
TICKS = 15
CHANGED_A_TICK = 20_000  # 10,000 samples a second, a tick each 2 s
START = datetime(2026, 11, 23, 0, 45, tzinfo=UTC)
SECONDS_BUDGET, DARK_BUDGET = 0.2, 30.0
# The ping plane: two packets lost make suspect, five quick ones down (collectors' PingRules, in seconds)
ROUND, SUSPECT_AFTER, DOWN_AFTER = 10.0, 3.0, 8.5
UP, SUSPECT, DOWN = 1, 2, 3


def run(quick: bool = False) -> list[Result]:
    """The figures. `quick` takes a tenth of the series and of the schools."""
    return [*_judging(240_000 if quick else 2_400_000), *_darkness(100 if quick else 1000)]


class _Series:
    """A registry of `count` series: 40 metrics on each device."""

    def __init__(self, count: int) -> None:
        number = np.arange(count)
        self.device = (number // METRICS + 1).astype(np.int32)
        self.metric = (number % METRICS).astype(np.int16)
        self.part = np.zeros(count, np.int32)
        self.part_names = [""]

    def of_metric(self, name: str) -> np.ndarray:
        number = int(name[1:]) if name[1:].isdigit() else -1
        return np.flatnonzero(self.metric == number).astype(np.int32)

    def __len__(self) -> int:
        return len(self.device)


def _rules() -> list[Rule]:
    """500 rules that together look at every series once, and at some a second time as a divisor or second term."""
    rules: list[Rule] = []
    for number in range(500):
        metric = number % METRICS
        kind = DEVICE_KINDS[number // METRICS % 5]
        vendors = frozenset({f"v{number // METRICS // 5 % VENDORS}"})
        terms: tuple[Term, ...] = (Term(f"m{metric}", "above", 0.999, 0.95),)
        if number % 10 == 1:
            terms = (*terms, Term(f"m{(metric + 1) % METRICS}", "above", 0.999, 0.95))
        if number % 10 == 2:
            terms = (Term(f"m{metric}", "above", 9e3, 8e3, times=8.0, over=f"m{(metric + 1) % METRICS}"),)
        selector = Selector(device_kinds=frozenset({kind}), vendors=vendors if number < 400 else frozenset())
        rules.append(Rule(f"r{number}", "minor", {}, {}, {}, terms=terms, is_any=True, for_s=60.0, keep_s=60.0,
                          was_up=number % 10 == 3, selector=selector))
    return rules


def _judging(count: int) -> list[Result]:
    registry = _Series(count)
    devices = {
        one: DeviceLabel(one, f"d{one}", DEVICE_KINDS[one % 5], one // 60, vendor=f"v{one // 5 % VENDORS}")
        for one in range(1, count // METRICS + 1)
    }
    began = perf_counter()
    board = build_board(_rules(), (), Labels(devices=devices), registry, Restored())
    built = perf_counter() - began
    dice = np.random.default_rng(2)
    live = SimpleNamespace(value=dice.random(count), at=np.full(count, 1e6))
    seconds, alone = [], []
    for tick in range(TICKS):
        now = 1e6 + 2.0 * tick
        changed = dice.integers(0, count, CHANGED_A_TICK)
        live.value[changed], live.at[changed] = dice.random(CHANGED_A_TICK), now
        began = perf_counter()
        judge(board, live, now)
        seconds.append(perf_counter() - began)
        alone.append(_comparison_alone(board, live))
    usual, bare = float(np.median(seconds)), float(np.median(alone))
    name = f"500 rules over {count / 1e6:.1f} million live series, a tick (median)"
    return [
        Result(name, usual, "s", "array comparison alone", bare, usual / bare, f"<= {SECONDS_BUDGET} s",
               usual <= SECONDS_BUDGET),
        Result("slowest tick", max(seconds), "s"),
        Result("first tick, when every state changes", seconds[0], "s"),
        Result("compiling the rules after a change of the inventory", built, "s"),
    ]


def _comparison_alone(board: Board, live: SimpleNamespace) -> float:
    """What no judge can be faster than: fetch each value, compare it."""
    began = perf_counter()
    for one in board.compiled:
        for term in one.terms:
            np.greater(live.value.take(term.index), term.term.threshold)
    return perf_counter() - began


# a school goes dark


@dataclass(slots=True)
class _Scene:
    """A province under watch. `at` is simulated; what the watch and the sender take is added as measured."""

    watch: Watch
    sender: Sender
    database: Database
    snapshot: SimpleNamespace
    taken: list[str]
    at: datetime
    slowest: float = 0.0


def _darkness(schools: int) -> list[Result]:
    with tempfile.TemporaryDirectory() as folder, _sink() as (url, taken):
        scene = _scene(Path(folder), schools, url, taken)
        try:
            one = _fail(scene, range(schools // 2, schools // 2 + 1))
            many = _fail(scene, range(schools // 5))
            everyone = _fail(scene, range(schools))
        finally:
            scene.database.close()
    title = f"among {schools:,} schools of 60 devices"
    results = []
    for what, (messages, seconds, incidents) in (
        ("one school goes dark", one), (f"{schools // 5} schools of one provider", many), ("all schools", everyone),
    ):
        is_one = messages == 1 and incidents == 1
        results.append(Result(f"{what}, {title}: messages", messages, "", budget="1", is_within=is_one))
        results.append(Result(f"{what}: from failure to handed over", seconds, "s", budget=f"<= {DARK_BUDGET:.0f} s",
                              is_within=seconds <= DARK_BUDGET))
    return [*results, Result("slowest tick of the watch meanwhile", scene.slowest, "s")]


def _fail(scene: _Scene, schools: range) -> tuple[int, float, int]:
    """Cut schools off, wait for the message, bring them back; (messages, seconds to the first, incidents)."""
    rows = np.flatnonzero(np.isin((scene.snapshot.device - 1) // 60, np.arange(schools.start, schools.stop)))
    phase = np.random.default_rng(3).uniform(0, ROUND, len(rows))
    failed_at, before = scene.at, _count(scene, Notification)
    incidents = _count(scene, Incident)
    scene.taken.clear()
    told_after = float("inf")
    for _ in range(30):
        passed = (scene.at - failed_at).total_seconds()
        verdict = np.where(passed >= phase + DOWN_AFTER, DOWN, np.where(passed >= phase + SUSPECT_AFTER, SUSPECT, UP))
        is_new = verdict != scene.snapshot.state[rows]
        scene.snapshot.since[rows[is_new]] = scene.at.timestamp()
        scene.snapshot.state[rows] = verdict
        spent = _step(scene)
        if scene.taken and told_after == float("inf"):
            told_after = passed + spent
        scene.at += timedelta(seconds=2)
    messages, opened = _count(scene, Notification) - before, _count(scene, Incident) - incidents
    scene.snapshot.state[rows], scene.snapshot.since[rows] = UP, scene.at.timestamp()
    for _ in range(3):
        _step(scene)
        scene.at += timedelta(minutes=20)
        scene.snapshot.since[rows] = scene.at.timestamp()
    return messages, told_after, opened


def _step(scene: _Scene) -> float:
    began = perf_counter()
    scene.watch.tick(scene.at)
    scene.slowest = max(scene.slowest, perf_counter() - began)
    asyncio.run(scene.sender.send_due())
    return perf_counter() - began


def _count(scene: _Scene, model: type[Incident] | type[Notification]) -> int:
    with scene.database.reading() as session:
        return session.query(model).count()


def _scene(folder: Path, schools: int, url: str, taken: list[str]) -> _Scene:
    database = Database(sqlite_url(folder))
    database.create_all()
    vault = Vault.open_or_create(folder / "secret.key")
    _fill(database, schools)
    with database.session() as session:
        channel = save_channel(session, vault, Channel(name="sink", kind="webhook", sealed=""), {"url": url}, START)
        session.add(Route(channel_id=channel.id, min_severity="info"))
    size = schools * 60
    snapshot = SimpleNamespace(
        device=np.arange(1, size + 1, dtype=np.int64), state=np.full(size, UP, np.int8),
        reason=np.zeros(size, np.int8), since=np.full(size, START.timestamp() - 3600),
    )
    settings = AlertsSettings(allow_private_webhooks=True)
    rules = {rule.id: rule for rule in load_rules("")}
    watch = Watch(database, _Series(0), SimpleNamespace(value=np.empty(0), at=np.empty(0)),
                  SimpleNamespace(snapshot=snapshot), settings, CoreSettings(), rules)
    watch.start(START)
    scene = _Scene(watch, Sender(database, vault, settings, lambda: START), database, snapshot, taken, START)
    scene.sender.clock = lambda: scene.at
    return scene


def _fill(database: Database, schools: int) -> None:
    """Each school: a router, five switches on it, and 54 devices on the switches; two communes to a provider."""
    kinds = ["router", *["switch"] * 5, *["ap"] * 12, *["projector"] * 15, "ups", *["computer"] * 26]
    with database.session() as session:
        session.add(Unit(id=1, name="Sở", code="SO", kind="department", path="/1/"))
        session.flush()
        units, sites, devices = [], [], []
        for number in range(schools):
            unit_id, site_id, first = number + 2, number + 1, number * 60 + 1
            units.append({"id": unit_id, "parent_id": 1, "name": f"Trường {number}", "code": f"T{number}",
                          "path": f"/1/{unit_id}/", "kind": "primary"})
            sites.append({"id": site_id, "unit_id": unit_id, "name": f"Trường {number}", "code": f"S{number}"})
            for place, kind in enumerate(kinds):
                parent = None if place == 0 else first if place < 6 else first + 1 + place % 5
                devices.append({"id": first + place, "site_id": site_id, "name": f"{kind} {place}", "kind": kind,
                                "parent_device_id": parent})
        for model, rows in ((Unit, units), (Site, sites), (Device, devices)):
            session.execute(model.__table__.insert(), rows)
        from_provider = [{"site_id": site["id"], "name": "Internet", "isp": f"ISP {number // (schools // 5)}"}
                         for number, site in enumerate(sites)]
        session.execute(Link.__table__.insert(), from_provider)
        touch_inventory(session)


class _Handler(BaseHTTPRequestHandler):
    taken: list[str]

    def do_POST(self) -> None:  # noqa: N802 - the library's name
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.taken.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Says nothing."""


class _sink:  # noqa: N801 - used like a function
    """An HTTP server on loopback that takes every message; `with` gives (URL, paths of the messages taken)."""

    def __enter__(self) -> tuple[str, list[str]]:
        taken: list[str] = []
        handler = type("Handler", (_Handler,), {"taken": taken})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_address[1]}/", taken

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
