"""The table of metrics: names after OpenMetrics, numbers that never move, Vietnamese for every meaning."""

from __future__ import annotations

import re

import pytest

from core import catalogue
from telemetry import METRIC_BY_ID, METRICS
from telemetry.metrics import FOREIGN_FROM, GROUPS

UNITS = {"ratio", "seconds", "bytes", "celsius", "volts", "watts", "amperes", "hertz", "rpm", "joules", "dbm", "db"}

# Stored series carry these numbers: changing one would give old samples another meaning
FIXED = {
    "device_up": 1, "ping_rtt_seconds": 3, "check_up": 20, "if_oper_up": 40, "if_in_octets_total": 43,
    "if_out_discards_total": 54, "cpu_used_ratio": 80, "memory_used_ratio": 84, "storage_used_ratio": 90,
    "temperature_celsius": 120, "ups_on_battery": 160, "ups_runtime_seconds": 164, "wifi_clients": 200,
    "printer_supply_ratio": 230, "projector_power": 250,
}  # fmt: skip

CORE_NAMES = """cpu_used_ratio memory_used_ratio storage_used_ratio temperature_celsius fan_speed_rpm voltage_volts
ups_charge_ratio ups_load_ratio ups_runtime_seconds wifi_clients wifi_channel_busy_ratio printer_supply_ratio
ping_rtt_seconds ping_loss_ratio device_up"""


def test_every_number_and_name_is_given_once():
    rows = [row for group in GROUPS for row in group]
    assert len({row[0] for row in rows}) == len({row[1] for row in rows}) == len(rows) == len(METRICS)
    assert all(0 < number < FOREIGN_FROM for number in METRIC_BY_ID)


def test_numbers_in_use_do_not_move():
    assert {name: METRICS[name].id for name in FIXED} == FIXED


def test_the_core_names_are_there():
    assert set(CORE_NAMES.split()) <= set(METRICS)


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS.keys())
def test_names_follow_openmetrics(metric):
    assert re.fullmatch(r"[a-z][a-z0-9_]*", metric.name)
    assert metric.kind in ("gauge", "counter", "state")
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    if metric.kind == "gauge" and metric.unit in UNITS:
        assert metric.unit.lower() in metric.name
    if metric.name.endswith("_ratio"):
        assert metric.unit == "ratio"


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS.keys())
def test_every_meaning_is_translated(metric):
    assert metric.meaning in catalogue("vi")
    assert metric.label != metric.meaning


def test_a_counter_is_stored_as_its_rate():
    assert METRICS["if_in_octets_total"].stored_unit == "bytes/s"
    assert METRICS["temperature_celsius"].stored_unit == "celsius"
