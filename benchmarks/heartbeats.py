"""700 kiosks: heartbeats over HTTP at the planned pace and as fast as they come, beside a transaction for each."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from time import perf_counter, sleep

from waitress import wasyncore

from benchmarks.result import Result
from conference import Kiosk, KioskState, Meeting, Participant, kiosk
from core import Database, NewUser, Role, Secret, Vault, create_user, load_settings, sqlite_url
from dashboards import DashboardsSettings, Services, create_app, make_server
from inventory import Endpoint, Site, Unit
from telemetry import Ingest, LiveTable, SeriesRegistry, TelemetrySettings, open_store

ENDPOINTS, PLANNED, SECONDS = 700, 600, 10.0
CLIENTS = 16
LATEST_MS = 200
SECRET = "0" * 64
BEAT = {
    "schema": 1, "state": "in_meeting", "visitor": False,
    "devices": {"camera": "ok", "mic": "ok", "speaker": "ok", "display": "ok"},
    "levels": {"mic_rms_dbfs": -38.2, "seconds_since_sound": 12, "picture_luma": 0.4},
    "connection": {"quality": 62, "rtt_ms": 48, "loss_down_pct": 6.3, "loss_up_pct": 0.3, "down_kbps": 690,
                   "up_kbps": 310, "bwe_down_kbps": 812, "transport": "udp", "candidate": "host"},
    "host": {"cpu_pct": 71, "mem_pct": 58, "on_battery": False, "ntp_offset_ms": 12},
    "net": {"gw_rtt_ms": 1.2, "gw_loss_pct": 0, "wan_rtt_ms": 47, "wan_loss_pct": 5.9, "dns_ms": 9},
}  # fmt: skip


def run(quick: bool = False) -> list[Result]:
    """The figures. `quick` takes a tenth of the endpoints."""
    size = ENDPOINTS // 10 if quick else ENDPOINTS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = Database(sqlite_url(folder))
        database.create_all()
        vault = Vault.open_or_create(folder / "secret.key")
        meeting_id = _fill(database, vault, size)
        settings = load_settings((DashboardsSettings, TelemetrySettings), environ={"EDUNOC_DATA_DIR": name})
        registry, live = SeriesRegistry(database), LiveTable()
        registry.load()
        store = open_store(settings[TelemetrySettings], folder, registry)
        services = Services(settings, database, vault, lambda: datetime.now(UTC), registry=registry, live=live,
                            store=store, ingest=Ingest(live, registry, store))
        server = make_server(create_app(services), "127.0.0.1", 0)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            return _measure(database, registry, server.effective_port, meeting_id, size)
        finally:
            server.close()
            wasyncore.close_all(server._map, ignore_all=True)
            thread.join(timeout=5)
            store.close()
            database.close()


def _fill(database: Database, vault: Vault, size: int) -> int:
    now = datetime.now(UTC)
    sealed = vault.seal(Secret(SECRET))
    with database.session() as session:
        create_user(session, NewUser("demo", "mot cau ngan de nho", Role.ADMINISTRATOR), now)
        session.add(Unit(name="Sở", kind="department", code="SO", path="/1/"))
        session.flush()
        session.add(Site(unit_id=1, name="Sở", code="S"))
        session.flush()
        session.add_all([Endpoint(site_id=1, name=f"Điểm cầu {n}", code=f"dc-{n}") for n in range(1, size + 1)])
        meeting = Meeting(uid="u", title="Giao ban", state="scheduled", unit_id=1, room="giao-ban", join_code="j",
                          starts_at=now, ends_at=now + timedelta(hours=2), created_at=now, updated_at=now)
        session.add(meeting)
        session.flush()
        session.add_all([Kiosk(endpoint_id=n, sealed_secret=sealed) for n in range(1, size + 1)])
        session.add_all([Participant(meeting_id=meeting.id, kind="endpoint", unit_id=1, endpoint_id=n, name=f"{n}",
                                     subject=f"ep-{n}", invite_code=f"i{n}") for n in range(1, size + 1)])  # fmt: skip
        return meeting.id


class Crowd:
    """The kiosks, each signing its own heartbeats, over kept connections."""

    def __init__(self, port: int, meeting_id: int) -> None:
        self._port, self._meeting = port, meeting_id
        self._local, self._numbers = threading.local(), count(1)
        self.errors = self.number = 0

    def beat(self, endpoint: int) -> float:
        """Send one; milliseconds until the answer."""
        now = datetime.now(UTC)
        at, number = int(now.timestamp() * 1000), next(self._numbers)
        self.number = max(self.number, number)
        body = json.dumps(BEAT | {"meeting_id": self._meeting, "endpoint_id": f"{endpoint:08x}",
                                  "ts": now.isoformat()}).encode()  # fmt: skip
        headers = {"X-EduNOC-Endpoint": f"dc-{endpoint}", "X-EduNOC-Time": str(at), "X-EduNOC-Number": str(number),
                   "X-EduNOC-Signature": kiosk.sign(Secret(SECRET), at, number, body)}
        line = getattr(self._local, "line", None)
        if line is None:
            line = self._local.line = HTTPConnection("127.0.0.1", self._port, timeout=30)
        began = perf_counter()
        line.request("POST", "/api/v1/endpoints/heartbeat", body, headers)
        answer = line.getresponse()
        answer.read()
        self.errors += answer.status != 200
        return (perf_counter() - began) * 1000


def _paced(crowd: Crowd, pool: ThreadPoolExecutor, endpoints: Sequence[int], seconds: float) -> list[float]:
    """Each at its own moment of a stretch of time."""
    began, waiting = perf_counter(), []
    for position, endpoint in enumerate(endpoints):
        sleep(max(0.0, began + seconds * position / len(endpoints) - perf_counter()))
        waiting.append(pool.submit(crowd.beat, endpoint))
    return [one.result() for one in waiting]


def _measure(
    database: Database, registry: SeriesRegistry, port: int, meeting_id: int, size: int
) -> list[Result]:
    crowd, planned = Crowd(port, meeting_id), min(PLANNED, size)
    everybody = list(range(1, size + 1))
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(crowd.beat, everybody))  # makes the series
        waits = sorted(_paced(crowd, pool, everybody[:planned], SECONDS * planned / PLANNED))
        before, began = crowd.number, perf_counter()
        list(pool.map(crowd.beat, everybody))
        burst = size / (perf_counter() - began)
    lasted = _until(lambda: _stored(database, before) == size)
    alone = _one_by_one(database, registry, everybody, meeting_id)
    bunch = _bunched(database, registry, everybody, meeting_id)
    late = waits[int(len(waits) * 0.99)]
    return [
        Result(f"Heartbeats refused or failed, {planned} in {SECONDS * planned / PLANNED:.0f} s and two rushes",
               crowd.errors, "", budget="0", is_within=crowd.errors == 0),
        Result("Answer to a heartbeat at that pace, p99", late, "ms", budget=f"<= {LATEST_MS} ms",
               is_within=late <= LATEST_MS),
        Result("Heartbeats a second over HTTP, as fast as they come", burst, "/s",
               budget=f">= {size / 60:.0f}/s ({size} join in 60 s)", is_within=burst >= size / 60),
        Result("Until all of the rush stand in the database", lasted, "s", budget="<= 2 s", is_within=lasted <= 2),
        Result("Writing heartbeats, in bunches", bunch, "/s", "a transaction each", alone, bunch / alone),
    ]  # fmt: skip


def _until(condition: Callable[[], bool]) -> float:
    began = perf_counter()
    while not condition() and perf_counter() - began < 30:
        sleep(0.02)
    return perf_counter() - began


def _stored(database: Database, after: int) -> int:
    with database.reading() as session:
        return session.query(KioskState).filter(KioskState.sequence > after).count()


def _beats(endpoints: Sequence[int], meeting_id: int, first: int) -> list[kiosk.Beat]:
    now = datetime.now(UTC)
    said = [kiosk.read_heartbeat(json.dumps(BEAT | {"meeting_id": meeting_id, "endpoint_id": f"{one:08x}"}).encode())
            for one in endpoints]  # fmt: skip
    return [kiosk.Beat(one, now, "127.0.0.1", first, beat) for one, beat in zip(endpoints, said, strict=True) if beat]


def _bunched(database: Database, registry: SeriesRegistry, endpoints: Sequence[int], meeting_id: int) -> float:
    inbox = kiosk.Inbox(database, registry, None, every_s=3600)
    for beat in _beats(endpoints, meeting_id, 10**15 + 2):
        inbox.put(beat, "bench", 0)
    began = perf_counter()
    inbox.flush()
    lasted = perf_counter() - began
    inbox.close()
    return len(endpoints) / lasted


def _one_by_one(database: Database, registry: SeriesRegistry, endpoints: Sequence[int], meeting_id: int) -> float:
    inbox = kiosk.Inbox(database, registry, None, every_s=3600)
    beats = _beats(endpoints, meeting_id, 10**15 + 1)
    began = perf_counter()
    for beat in beats:
        inbox.put(beat, "bench", 0)
        inbox.flush()
    lasted = perf_counter() - began
    inbox.close()
    return len(endpoints) / lasted
