"""Stores on other machines: what a person reads when they are away, refuse, or have no address."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pytest

from benchmarks.victoria import running_victoria
from core import GiveUp, TryLater
from telemetry import SeriesRegistry, Store, TelemetrySettings, open_store
from telemetry.stores.choice import STORES
from tests.telemetry.fake_influx import FakeInflux, running_influx

T0 = 1_748_736_000_000


def one_sample(store: Store, series: int = 0) -> None:
    store.append(np.array([series], np.int32), np.array([T0]), np.array([1.0]))


@pytest.fixture
def influx():
    with running_influx() as server:
        yield server


def open_influx(server: FakeInflux, tmp_path: Path, registry: SeriesRegistry, token: str = "a-token") -> Store:
    return open_store(TelemetrySettings(store="influx", url=server.url, token=token), tmp_path, registry)


def test_every_choice_of_the_settings_has_a_store():
    assert set(TelemetrySettings.model_fields["store"].annotation.__args__) == set(STORES)


@pytest.mark.parametrize("kind", ["influx", "victoria"])
def test_a_missing_address_is_named(kind: str, tmp_path: Path, registry: SeriesRegistry):
    with pytest.raises(GiveUp, match=r"telemetry\.url"):
        open_store(TelemetrySettings(store=kind), tmp_path, registry)


@pytest.mark.parametrize("kind", ["influx", "victoria"])
def test_a_server_that_is_away_is_tried_later(kind: str, tmp_path: Path, named: SeriesRegistry):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        store = open_store(TelemetrySettings(store=kind, url=url, timeout_s=2), tmp_path, named)
        with pytest.raises(TryLater, match=r"store_unreachable.*does not answer"):
            one_sample(store)
        with pytest.raises(TryLater, match="store_unreachable"):
            store.window([0], T0, T0 + 1000)
        store.close()


def test_a_wrong_token_is_named_and_not_shown(influx: FakeInflux, tmp_path: Path, named: SeriesRegistry):
    store = open_influx(influx, tmp_path, named, token="wrong-secret")
    with pytest.raises(TryLater, match=r"store_refuses_token.*telemetry\.token") as refusal:
        one_sample(store)
    assert "wrong-secret" not in str(refusal.value)
    with pytest.raises(TryLater, match="store_refuses_token"):
        store.latest([0])
    store.close()


@pytest.mark.parametrize(("status", "reason"), [(404, "store_not_found"), (500, "store_failed"), (503, "store_failed")])
def test_a_server_in_trouble_is_tried_later(
    influx: FakeInflux, tmp_path: Path, named: SeriesRegistry, status: int, reason: str
):
    store = open_influx(influx, tmp_path, named)
    influx.broken = status
    with pytest.raises(TryLater, match=reason):
        one_sample(store)
    influx.broken = 0
    one_sample(store)
    assert store.latest([0])[1].tolist() == [1.0]
    store.close()


def test_samples_of_a_removed_device_are_left_out(influx: FakeInflux, tmp_path: Path, named: SeriesRegistry):
    store = open_influx(influx, tmp_path, named)
    named.forget_device(2)
    one_sample(store, series=300)
    one_sample(store, series=9_999)
    assert not influx.points
    assert len(store.window([300, 9_999], T0, T0 + 1000)) == 0
    store.close()


def test_names_outside_are_device_part_and_metric(influx: FakeInflux, tmp_path: Path, named: SeriesRegistry):
    store = open_influx(influx, tmp_path, named)
    one_sample(store, series=5)
    assert list(influx.points) == [("edunoc", "temperature_celsius", "1", "sensor:5")]
    store.close()


def test_victoria_says_how_much_it_keeps(tmp_path: Path, named: SeriesRegistry):
    with running_victoria(tmp_path / "victoria") as victoria:
        store = open_store(TelemetrySettings(store="victoria", url=victoria.url), tmp_path, named)
        one_sample(store)
        store.flush()
        assert store.size_bytes() > 0
        store.close()
