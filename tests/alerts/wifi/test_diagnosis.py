"""The Wi-Fi model and its diagnosis: cases as data, controllers and points alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from alerts.wifi import (
    CODES,
    TONES,
    Place,
    Told,
    WifiLimits,
    build_index,
    clients_by_network,
    diagnose_wifi,
    radio_diagnosis,
    read_wifi,
    wifi_diagnosis,
)
from alerts.wifi.diagnosis import free_channel
from alerts.wifi.index import split_part
from core import use_language
from telemetry import LiveTable, SeriesKey, SeriesRegistry

CASES = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text())
NOW = 1_800_000_000.0
FIELDS = ("wifi_channel", "wifi_channel_busy_ratio", "wifi_clients", "wifi_noise_dbm")


class Air:
    """Series and live values that a test puts in by name."""

    def __init__(self, database) -> None:
        self.registry, self.live = SeriesRegistry(database), LiveTable()
        self.registry.load()

    def put(self, device: int, values: dict[tuple[str, str], float | str], age: float = 10.0) -> None:
        known = {key: value for key, value in values.items() if value != "-"}
        series = self.registry.resolve(device, [SeriesKey(*key) for key in values])
        self.live.grow(len(self.registry), self.registry.width)
        chosen = [number for number, key in zip(series, values, strict=True) if key in known]
        self.live.value[chosen] = list(known.values())
        self.live.at[chosen] = NOW - age

    def picture(self, places, told=None):
        return read_wifi(build_index(self.registry, places, told or {}), self.live, NOW)


@pytest.fixture
def air(database) -> Air:
    return Air(database)


def radio_values(prefix: str, radios: dict[str, list]) -> dict[tuple[str, str], float | str]:
    return {(f"{prefix}radio:{name}", metric): value
            for name, row in radios.items() for metric, value in zip(FIELDS, row, strict=True)}


def of_site(picture, site: int = 1):
    """(verdicts, diagnosis) of one site."""
    group = np.where(picture.index.points.site == site, 0, -1)
    verdicts = diagnose_wifi(picture, group, 1, WifiLimits())
    return verdicts, wifi_diagnosis(picture, verdicts, 0)


def read_by_points(air: Air, case: dict) -> list[Place]:
    places = []
    for number, (name, point) in enumerate(case["points"].items(), start=1):
        places.append(Place(number, name, "ap", 1))
        values = radio_values("", point.get("radios", {}))
        values |= {("", "device_up"): point.get("up", 1), ("", "wifi_clients"): point.get("clients", "-")}
        air.put(number, values, point.get("age", 10.0))
    return places


def read_by_controller(air: Air, case: dict) -> list[Place]:
    values = {}
    for name, point in case["points"].items():
        values |= radio_values(f"ap:{name}/", point.get("radios", {}))
        values |= {(f"ap:{name}", "wifi_access_point_up"): point.get("up", 1),
                   (f"ap:{name}", "wifi_clients"): point.get("clients", "-")}
        air.put(77, values, point.get("age", 10.0))
        values = {}
    return [Place(77, "Bộ điều khiển", "wlan_controller", 1)]


@pytest.mark.parametrize("told_by", [read_by_points, read_by_controller], ids=["points", "controller"])
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_diagnosis_is_the_same_whoever_tells(air: Air, case: dict, told_by) -> None:
    with use_language("vi"):
        _verdicts, found = of_site(air.picture(told_by(air, case)))
        assert found.code == case["code"]
        assert found.tone == case.get("tone", found.tone)
        for word in case.get("line", ()):
            assert word in found.line
        for word in case.get("action", ()):
            assert word in found.action


def test_every_code_has_a_case_a_tone_and_a_sentence() -> None:
    assert len(CODES) == len(TONES)
    assert not set(CODES) - {case["code"] for case in CASES} - {"busy_crowded"}


def test_a_point_of_a_controller_is_the_inventorys_device_by_mac_serial_address_or_name(air: Air) -> None:
    places = [
        Place(1, "Phòng 1", "ap", 5, room=11, mac="02:00:00:00:00:01"),
        Place(2, "Phòng 2", "ap", 5, room=12, serial="SN2"),
        Place(3, "Phòng 3", "ap", 5, room=13, address="10.0.0.3"),
        Place(4, "AP Phòng 4", "ap", 5, room=14),
        Place(9, "Bộ điều khiển", "wlan_controller", 6),
    ]
    told = {
        (9, "ap:a"): Told("AP a", "02:00:00:00:00:01"), (9, "ap:b"): Told("AP b", "", ("SN2",)),
        (9, "ap:c"): Told("c", "", ("", "10.0.0.3")),
    }
    for name in ("a", "b", "c", "ap phong 4", "lạ"):
        air.put(9, {(f"ap:{name}", "wifi_access_point_up"): 1, (f"ap:{name}/radio:1", "wifi_channel"): 6})
    points = air.picture(places, told).index.points
    assert points.device.tolist() == [1, 2, 3, 4, 0]
    assert points.room.tolist() == [11, 12, 13, 14, 0]
    assert points.site.tolist() == [5, 5, 5, 5, 6]
    assert points.names == ("Phòng 1", "Phòng 2", "Phòng 3", "AP Phòng 4", "lạ")


def test_a_name_that_two_points_have_joins_nothing_unless_one_is_at_the_controllers_site(air: Air) -> None:
    places = [Place(1, "AP 1", "ap", 5), Place(2, "AP 1", "ap", 6), Place(8, "K", "wlan_controller", 7),
              Place(9, "K", "wlan_controller", 6)]
    air.put(8, {("ap:AP 1", "wifi_access_point_up"): 1})
    air.put(9, {("ap:AP 1", "wifi_access_point_up"): 1})
    points = air.picture(places).index.points
    rows = {(source, device) for source, device in zip(points.source.tolist(), points.device.tolist(), strict=True)}
    assert rows == {(8, 0), (9, 2), (1, 1)}


def test_what_the_controller_and_the_point_itself_tell_is_one_point(air: Air) -> None:
    places = [Place(1, "AP 1", "ap", 5, room=3), Place(9, "K", "wlan_controller", 5)]
    air.put(1, {("", "device_up"): 1, ("", "wifi_clients"): 9})
    air.put(9, {("ap:AP 1", "wifi_access_point_up"): 1, ("ap:AP 1/radio:0", "wifi_channel"): 6})
    picture = air.picture(places)
    assert len(picture.index.points) == 1
    assert picture.clients.tolist() == [9]
    air.put(9, {("ap:AP 1", "wifi_clients"): 11})
    assert air.picture(places).clients.tolist() == [11]


def test_the_points_own_radios_stand_when_the_controller_tells_of_none(air: Air) -> None:
    places = [Place(1, "AP 1", "ap", 5), Place(9, "K", "wlan_controller", 5)]
    air.put(1, {("radio:wifi0", "wifi_channel"): 6, ("radio:wifi0", "wifi_channel_busy_ratio"): 0.4})
    air.put(9, {("ap:AP 1", "wifi_access_point_up"): 1})
    picture = air.picture(places)
    assert len(picture.index.points) == 1
    assert picture.busy.tolist() == [0.4]


def test_clients_are_summed_from_radios_or_networks_when_nobody_tells_a_sum(air: Air) -> None:
    air.put(1, {("radio:a", "wifi_clients"): 4, ("radio:b", "wifi_clients"): 3})
    air.put(2, {("ssid:hoc sinh@a", "wifi_clients"): 2, ("ssid:hoc sinh@b", "wifi_clients"): 6})
    picture = air.picture([Place(1, "A", "ap", 1), Place(2, "B", "ap", 1)])
    assert picture.clients.tolist() == [7, 8]
    assert clients_by_network(picture.index.networks, air.live, NOW).tolist() == [2, 6]
    assert set(picture.index.networks.names) == {"hoc sinh"}


def test_a_controller_is_no_point_and_a_router_with_a_radio_is_one(air: Air) -> None:
    air.put(1, {("", "wifi_clients"): 200})
    air.put(2, {("", "wifi_clients"): 5, ("radio:wlan1", "wifi_channel"): 1})
    air.put(3, {("", "cpu_used_ratio"): 0.5})
    picture = air.picture([Place(1, "K", "wlan_controller", 1), Place(2, "R", "router", 1), Place(3, "S", "switch", 1)])
    assert picture.index.points.names == ("R",)


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("", ("device", "", "")), ("radio:wifi0", ("radio", "", "wifi0")), ("ssid:HS", ("ssid", "", "HS")),
        ("ssid:a@b@wifi0", ("ssid", "", "a@b")), ("ap:P 1/2", ("ap", "P 1/2", "")),
        ("ap:P 1/2/radio:0", ("radio", "P 1/2", "0")), ("ap:P/ssid:x/radio:1", ("ssid", "P", "x/radio:1")),
        ("if:Gi1", ("", "", "")), ("ap:\n<b>", ("ap", "\n<b>", "")),
    ],
)
def test_parts_are_taken_apart(part: str, found: tuple[str, str, str]) -> None:
    assert split_part(part) == found


def test_sites_do_not_disturb_each_other(air: Air) -> None:
    for device in range(1, 7):
        air.put(device, radio_values("", {"r": [6, 0.8, 1, -95]}))
    picture = air.picture([Place(n, f"P{n}", "ap", 1 + n % 3) for n in range(1, 7)])
    verdicts, found = of_site(picture)
    assert verdicts.overlap.tolist() == [2] * 6
    assert found.code == "jam_outside"


def test_the_channel_advised_is_the_one_fewest_points_disturb(air: Air) -> None:
    for device, channel in enumerate((6, 6, 6, 11, 11, 1), start=1):
        air.put(device, radio_values("", {"r": [channel, 0.8, 1, -95]}))
    picture = air.picture([Place(n, f"P{n}", "ap", 1) for n in range(1, 7)])
    assert free_channel(picture, 0) == (1, 1)
    verdicts, _found = of_site(picture)
    assert {radio_diagnosis(picture, verdicts, n).code for n in range(6)} == {"jam_overlap", "jam_outside"}


def test_an_empty_province(air: Air) -> None:
    picture = air.picture([])
    verdicts = diagnose_wifi(picture, np.empty(0, np.int64), 2, WifiLimits())
    assert [CODES[code] for code in verdicts.group] == ["no_points", "no_points"]
    assert np.isnan(verdicts.clients).all()
