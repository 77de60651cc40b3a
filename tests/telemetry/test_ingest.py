"""The one way in: queue, flush, counts, and what happens when the store cannot take samples."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from threading import Thread

import numpy as np
import pytest
from structlog.testing import capture_logs

from core import Database, Scope, TryLater
from inventory import (
    Device,
    Endpoint,
    MeetingServer,
    MeetingSystem,
    Site,
    Unit,
    create_record,
    endpoint_number,
    meeting_server_number,
)
from telemetry import (
    DROP_REASONS,
    DuckDBStore,
    Ingest,
    LiveTable,
    NewEvent,
    SeriesKey,
    SeriesRegistry,
    TelemetrySettings,
    count_events,
    keep_samples,
    make_batch,
    record_event,
)
from telemetry.keeping import Keeper


class MovingStore:
    """FAKE store: keeps what it gets, or refuses on demand."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int, float]] = []
        self.is_full = False
        self.appends = 0

    def append(self, series, ts_ms, value) -> None:
        if self.is_full:
            raise TryLater("disk_full", "free some space")
        self.appends += 1
        self.rows.extend(zip(series.tolist(), ts_ms.tolist(), value.tolist(), strict=True))


@pytest.fixture
def moving() -> MovingStore:
    return MovingStore()


@pytest.fixture
def ingest(registry: SeriesRegistry, moving: MovingStore) -> Ingest:
    registry.resolve(1, [SeriesKey("", "cpu_used_ratio"), SeriesKey("if:1", "if_in_octets_total", 64)])
    return Ingest(LiveTable(), registry, moving, pending_samples=1000)


def test_what_is_submitted_is_live_and_stored_after_a_flush(ingest: Ingest, moving: MovingStore, epoch: float):
    assert ingest.submit(make_batch([0, 1], [0.5, 1000], epoch))
    assert len(ingest.live) == 0 and moving.rows == []
    assert ingest.flush(epoch)[:2] == (1, 0)
    ingest.submit(make_batch([0, 1], [0.6, 4000], epoch + 60))
    ingest.flush(epoch + 60)
    assert ingest.live.value.tolist() == [0.6, 50.0]
    assert [row[2] for row in moving.rows] == [0.5, 0.6, 50.0]
    stats = ingest.stats
    assert (stats.samples, stats.stored, stats.batches, stats.flushes) == (4, 3, 2, 2)
    assert stats.dropped == {"first_reading": 1} and set(stats.dropped) <= set(DROP_REASONS)


def test_series_made_after_the_start_find_room(ingest: Ingest, registry: SeriesRegistry, epoch: float):
    ingest.flush(epoch)
    ids = registry.resolve(2, [SeriesKey("", "load1")])
    ingest.submit(make_batch(ids, [1.5], epoch))
    ingest.flush(epoch)
    assert ingest.live.value[ids[0]] == 1.5


def test_a_batch_that_does_not_fit_together_is_refused_at_the_door(ingest: Ingest):
    batch = make_batch([0], [1.0], 1.0)
    with pytest.raises(ValueError, match="as many"):
        ingest.submit(type(batch)(batch.series, np.zeros(2), 1.0))
    with pytest.raises(ValueError, match="as many"):
        make_batch([0, 1], [1.0], 1.0)


def test_the_queue_is_bounded(ingest: Ingest, epoch: float):
    big = make_batch(np.zeros(600, np.int32), np.zeros(600), epoch)
    assert ingest.submit(big) and not ingest.submit(big)
    assert ingest.stats.dropped == {"queue_full": 600}


def test_a_full_disk_is_told_once_and_survived(ingest: Ingest, moving: MovingStore, epoch: float):
    moving.is_full = True
    with capture_logs() as logs:
        for i in range(5):
            ingest.submit(make_batch([0], [i], epoch + i))
            assert ingest.flush(epoch + i).waiting == i + 1
        assert ingest.live.value[0] == 4.0, "the live table goes on"
        moving.is_full = False
        ingest.submit(make_batch([0], [5], epoch + 5))
        assert ingest.flush(epoch + 5)[:2] == (6, 0)
    assert [row[2] for row in moving.rows] == [0, 1, 2, 3, 4, 5]
    assert [(log["event"], log["log_level"]) for log in logs] == [
        ("samples_cannot_be_stored", "warning"), ("samples_are_stored_again", "info"),
    ]  # fmt: skip


def test_memory_stays_bounded_while_the_store_fails(ingest: Ingest, moving: MovingStore, epoch: float):
    moving.is_full = True
    for i in range(30):
        ingest.submit(make_batch(np.zeros(100, np.int32), np.arange(100) + i, epoch + i))
        for j in range(99):
            ingest.submit(make_batch([0], [j], epoch + i + j / 100 + 0.001))
        waiting = ingest.flush(epoch + i).waiting
        assert waiting <= 1000
    lost = ingest.stats.dropped["store_full"]
    assert lost > 1000
    moving.is_full = False
    ingest.flush(epoch + 31)
    assert len(moving.rows) + lost == ingest.stats.samples - ingest.stats.dropped["duplicate"]
    assert moving.rows[-1][1] > moving.rows[0][1], "the newest were kept"


def test_a_ports_speed_tells_wrap_from_reset(registry: SeriesRegistry, moving: MovingStore, epoch: float):
    keys = [SeriesKey(part, metric, 32) for part in ("if:1", "if:2", "if:tun") for metric in (
        "if_speed_bits_per_second", "if_in_octets_total", "if_in_errors_total")]  # fmt: skip
    ids = registry.resolve(9, keys)
    ingest = Ingest(LiveTable(), registry, moving)
    for i, total in enumerate((3e9, 3e9, 2e9)):
        values = [1e9, total, 100 * i, 100e6, total, 100 * i, 10e6, i * 1e9, 0]
        ingest.submit(make_batch(ids, values, epoch + 61 * i))
        ingest.flush(epoch + 61 * i)
    rates = ingest.live.value[ids]
    assert rates[1] == pytest.approx((2**32 - 1e9) / 61, rel=1e-6), "a gigabit port wrapped"
    assert np.isnan(rates[4]), "a 100-megabit port cannot have: it was reset"
    assert rates[7] == pytest.approx(1e9 / 61, rel=1e-6), "10 Mbit/s of a virtual port are not believed"
    assert ingest.stats.dropped["counter_reset"] == 1


def test_a_removed_device_is_forgotten(ingest: Ingest, registry: SeriesRegistry, epoch: float):
    ingest.submit(make_batch([0, 1], [0.5, 1000], epoch))
    ingest.flush(epoch)
    assert ingest.forget_device(1) == 2
    assert np.isnan(ingest.live.value).all() and registry.of_device(1).tolist() == []


def test_many_threads_may_submit(ingest: Ingest, moving: MovingStore, epoch: float):
    def work(n: int) -> None:
        for i in range(50):
            ingest.submit(make_batch([0], [n], epoch + n + i / 100))

    threads = [Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ingest.flush(epoch + 5)
    assert len(moving.rows) == ingest.stats.samples == 200


def test_the_embedded_store_behind_the_ingest(registry: SeriesRegistry, embedded: DuckDBStore, epoch: float):
    ids = registry.resolve(1, [SeriesKey("if:1", "if_in_octets_total", 32)])
    ingest = Ingest(LiveTable(), registry, embedded)
    for i in range(10):
        ingest.submit(make_batch(ids, [(2**32 - 3000 + 600 * i) % 2**32], epoch + 60 * i, uptime=500.0 + 60 * i))
        ingest.flush(epoch + 60 * i)
    window = embedded.window(ids.tolist(), int(epoch * 1000), int(epoch * 1000) + 3_600_000)
    assert window.mean.tolist() == [10.0] * 9


async def test_samples_are_flushed_to_the_end(
    registry: SeriesRegistry, embedded: DuckDBStore, database: Database, clock
):
    ids = registry.resolve(1, [SeriesKey("", "load1")])
    ingest = Ingest(LiveTable(), registry, embedded)
    with database.session() as session:
        record_event(session, NewEvent(datetime(2020, 1, 1, tzinfo=UTC), "syslog", "old"))
    has_flushed, loop = asyncio.Event(), asyncio.get_running_loop()
    flush = ingest.flush

    def telling_flush(now: float):
        loop.call_soon_threadsafe(has_flushed.set)
        return flush(now)

    ingest.flush = telling_flush
    settings = TelemetrySettings(event_days=1)
    task = asyncio.create_task(keep_samples(ingest, embedded, clock, database=database, settings=settings))
    await has_flushed.wait()
    Keeper(ingest, embedded, clock, database=database, settings=settings).prune()
    ingest.submit(make_batch(ids, [1.5], clock().timestamp()))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert embedded.latest(ids.tolist())[1].tolist() == [1.5]
    with database.reading() as session:
        assert count_events(session) == 0


async def test_a_failing_store_does_not_stop_the_rhythm(ingest: Ingest, clock):
    class Failing:
        calls = 0

        def compact(self, now):
            self.calls += 1
            raise TryLater("disk_full") if self.calls < 3 else RuntimeError("defect")

    keeper = Keeper(ingest, Failing(), clock)
    with capture_logs() as logs:
        for _ in range(4):
            await keeper.attempt("compact", keeper.compact)
    assert [log["event"] for log in logs] == ["telemetry_trouble", "telemetry_defect"]


def test_series_of_removed_devices_are_retired(embedded, registry, clock, database, epoch):
    with database.session() as session:
        unit = create_record(session, Scope.everything(), Unit, {"code": "SO", "name": "Sở", "kind": "department"})
        site = create_record(session, Scope.everything(), Site, {"code": "D1", "name": "Điểm 1", "unit_id": unit.id})
        device = create_record(session, Scope.everything(), Device, {"name": "sw", "site_id": site.id})
    gone = device.id + 1
    kept, retired = (registry.resolve(number, [SeriesKey("", "load1")])[0] for number in (device.id, gone))
    ingest = Ingest(LiveTable(), registry, embedded)
    ingest.submit(make_batch([kept, retired], [1.0, 2.0], epoch))
    ingest.flush(epoch)
    assert Keeper(ingest, embedded, clock, database=database).forget_removed() == 1
    assert registry.describe(int(retired)) is None and registry.describe(int(kept)) is not None
    assert ingest.live.value[retired] != ingest.live.value[retired]
    assert Keeper(ingest, embedded, clock, database=database).forget_removed() == 0


def test_series_of_endpoints_and_meeting_servers_are_kept_while_these_are_there(embedded, registry, clock, database):
    with database.session() as session:
        unit = create_record(session, Scope.everything(), Unit, {"code": "SO", "name": "Sở", "kind": "department"})
        site = create_record(session, Scope.everything(), Site, {"code": "D1", "name": "Điểm 1", "unit_id": unit.id})
        system = MeetingSystem(name="Họp", public_url="https://meet.x.vn", domain="meet.x.vn")
        session.add(system)
        session.flush()
        server = MeetingServer(system_id=system.id, kind="jvb", name="jvb-1", url="http://10.0.0.5:8080")
        endpoint = Endpoint(site_id=site.id, name="Phòng họp", code="site-1")
        session.add_all([server, endpoint])
        session.flush()
        numbers = [meeting_server_number(server.id), endpoint_number(endpoint.id)]
    kept = [int(registry.resolve(number, [SeriesKey("", "load1")])[0]) for number in numbers]
    registry.resolve(meeting_server_number(server.id + 1), [SeriesKey("", "load1")])
    ingest = Ingest(LiveTable(), registry, embedded)
    assert Keeper(ingest, embedded, clock, database=database).forget_removed() == 1
    assert [registry.describe(one).device for one in kept] == numbers
