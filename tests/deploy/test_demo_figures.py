"""What the demonstration invents of Wi-Fi, power and printers is what its pages are there to show."""

from __future__ import annotations

import numpy as np
import pytest

from alerts.wifi import Place, WifiLimits, build_index, diagnose_wifi, read_wifi, wifi_diagnosis
from core import use_language
from deploy.demo import power, printers, wifi
from deploy.demo.script import CYCLE_S, Cast
from deploy.demo.synthesis import Totals, arrange, keys_of, measure
from telemetry import Batch, LiveTable, SeriesRegistry

ONE_SITE = ("router", "switch", "ap", "ap", "ap", "ap", "ap", "ups", "printer", "wlan_controller", "nas", "nvr")
SITES = 30
MORNING = 1_763_690_400.0  # 09:00 in Vietnam


@pytest.fixture(scope="module")
def cast() -> Cast:
    """Thirty schools with five access points each; the first, with bad Wi-Fi, has no controller."""
    size = len(ONE_SITE) * SITES
    kinds = np.array(ONE_SITE * SITES)
    kinds[ONE_SITE.index("wlan_controller")] = "sensor"
    return Cast(np.arange(1, size + 1), np.repeat(np.arange(1, SITES + 1), len(ONE_SITE)), kinds,
                np.zeros(size, np.int64), np.arange(1, SITES + 1))


@pytest.fixture
def air(database, cast: Cast):
    """The Wi-Fi model over what is invented."""
    registry, live = SeriesRegistry(database), LiveTable()
    registry.load()
    wanted = {int(device): keys_of(kind) for device, kind in zip(cast.device, cast.kind.tolist(), strict=True)}
    resolved = registry.resolve_many(wanted)
    live.grow(len(registry), registry.width)
    series, values = measure(cast, arrange(cast, resolved), MORNING, is_history=True)
    live.apply([Batch(series, values, MORNING)])
    places = [
        Place(int(device), f"Điểm phát Wi-Fi {row % len(ONE_SITE) - 1}" if kind == "ap" else str(kind), str(kind),
              int(site))
        for row, (device, kind, site) in enumerate(zip(cast.device, cast.kind, cast.site, strict=True))
    ]
    return read_wifi(build_index(registry, places, {}), live, MORNING + 5)


def test_one_school_has_bad_wifi_and_the_others_do_not(air, cast: Cast) -> None:
    verdicts = diagnose_wifi(air, air.index.points.site - 1, SITES, WifiLimits())
    bad = wifi.bad_school(cast) - 1
    with use_language("vi"):
        assert wifi_diagnosis(air, verdicts, bad).line == "kênh 6 bận 78 %, 5 điểm phát chồng kênh"
    tones = [wifi_diagnosis(air, verdicts, site).tone for site in range(SITES)]
    assert tones.count("down") == 1


def test_controllers_tell_of_points_the_inventory_has_and_of_others(air) -> None:
    points = air.index.points
    told = [part != "" for part in points.parts]
    assert sum(told) == 3 * (SITES - 1)
    joined = [name for name, part, device in zip(points.names, points.parts, points.device, strict=True)
              if part and device]
    assert set(joined) == {"Điểm phát Wi-Fi 1"}
    assert len(joined) == SITES - 1


def test_points_tell_their_clients_by_network(air) -> None:
    assert set(air.index.networks.names) == {"Nhà trường", "Khách"}


def test_some_ups_is_on_battery_at_every_moment(cast: Cast) -> None:
    rows = np.flatnonzero(cast.kind == "ups")
    for second in range(0, CYCLE_S, 20):
        now = 5 * CYCLE_S + second
        on = power.values("", "ups_on_battery", cast, rows, now)
        charge = power.values("", "ups_charge_ratio", cast, rows, now)
        lasts = power.values("", "ups_runtime_seconds", cast, rows, now)
        assert 1 <= on.sum() <= 2
        assert (charge[on == 0] == 1).all()
        assert ((charge > 0.3) & (charge <= 1)).all()
        assert (lasts > 0).all()


def test_printers_are_of_all_kinds_and_print_by_day(cast: Cast) -> None:
    rows = np.arange(200)
    toner = printers.values(printers.TONER, "printer_supply_ratio", cast, rows, MORNING)
    assert ((toner >= 0) & (toner <= 1)).all()
    assert (toner < 0.03).any() and (toner > 0.5).any()
    by_day, by_night = (printers.values("pages:1", "printer_pages_total", cast, rows, at)
                        for at in (MORNING, MORNING + 14 * 3600))
    assert (by_day > 5 * by_night).all()


def test_page_counters_begin_with_a_life_behind_them(cast: Cast) -> None:
    ids, first = {}, 0
    for device, kind in zip(cast.device.tolist(), cast.kind.tolist(), strict=True):
        ids[device] = np.arange(first, first + len(keys_of(kind)), dtype=np.int32)
        first += len(keys_of(kind))
    orchestra = arrange(cast, ids)
    series, rates = measure(cast, orchestra, MORNING, is_history=True)
    totals = Totals(orchestra).add(series, rates, 10.0)
    pages = np.isin(series, orchestra.series["printer_pages_total@printer@pages:1"])
    assert (totals[pages] >= 4_000).all()
