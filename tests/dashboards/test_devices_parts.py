"""The pure parts of the device page: ports, tiles, figures, charts, the explained reading."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors import PollRequest
from dashboards.charting import read_span
from dashboards.pages.devices.asking import read_answer
from dashboards.pages.devices.charts import charts_of
from dashboards.pages.devices.figures import brief, brief_bits, show, tone_of
from dashboards.pages.devices.ports import is_physical, natural, panel_of, series_part, short_label
from dashboards.pages.devices.reading import Reading, Value
from dashboards.pages.devices.tiles import ON_PROJECTOR_CARD, key_figures, tile_groups
from inventory import Part

NOW = datetime(2026, 11, 23, 0, 45, tzinfo=UTC)


def reading(values: dict[tuple[str, str], float | Value]) -> Reading:
    found: dict[str, dict[str, Value]] = {}
    for number, ((part, metric), value) in enumerate(values.items()):
        one = value if isinstance(value, Value) else Value(number, value, NOW.timestamp())
        found.setdefault(part, {})[metric] = one
    return Reading(found, {key: number for number, key in enumerate(values)})


def stale(value: float) -> Value:
    return Value(1, value, 0.0, is_stale=True)


def part(name: str, kind: str = "port", **values) -> Part:
    return Part(kind=kind, key=f"if:{name}", name=name, **{"type": "ethernetCsmacd", "is_watched": True, **values})


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, "unknown"),
        ({"if_oper_up": 1.0, "if_admin_up": 1.0}, "up"),
        ({"if_oper_up": 0.0, "if_admin_up": 1.0}, "no_link"),
        ({"if_oper_up": 0.0}, "no_link"),
        ({"if_oper_up": 0.0, "if_admin_up": 0.0}, "off"),
        ({"if_oper_up": 1.0, "if_in_errors_total": 0.5}, "errors"),
        ({"if_oper_up": stale(1.0)}, "unknown"),
    ],
)
def test_a_port_has_a_state_and_unknown_is_one(values: dict, state: str) -> None:
    panel = panel_of([part("Gi1/0/1")], reading({("if:Gi1/0/1", metric): value for metric, value in values.items()}))
    assert panel.sockets[0].state == state


def test_a_panel_sorts_by_number_and_parts_sockets_from_the_rest() -> None:
    panel = panel_of([part("Gi1/0/10"), part("Gi1/0/2"), part("Vlan1", type="propVirtual")], reading({}))
    assert [port.name for port in panel.sockets] == ["Gi1/0/2", "Gi1/0/10"]
    assert [port.name for port in panel.others] == ["Vlan1"]


def test_many_sockets_are_drawn_by_slot_and_rare_families_are_named() -> None:
    parts = [part(f"GigabitEthernet{slot}/0/{n}") for slot in (1, 2) for n in range(1, 53)] + [
        part("TenGigabitEthernet1/1/1")
    ]
    panel = panel_of(parts, reading({}))
    assert [slot for slot, _ports in panel.groups] == [
        "GigabitEthernet1/0",
        "GigabitEthernet2/0",
        "TenGigabitEthernet1/1",
    ]
    assert panel.sockets[-1].label == "Te1"
    assert panel.sockets[0].label == "1"


def test_traffic_is_in_bits_and_use_is_of_the_speed() -> None:
    values = {
        ("if:a", "if_in_octets_total"): 12_500_000.0,
        ("if:a", "if_speed_bits_per_second"): 1e9,
        ("if:a", "if_oper_up"): 1.0,
    }
    port = panel_of([], reading(values)).ports[0]
    assert port.rate_in == 100_000_000
    assert port.rate_out is None
    assert port.used == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("name", "expected"), [("Gi1/0/24", "24"), ("sfp-sfpplus1", "1"), ("ether10", "10"), ("wan", "wan")]
)
def test_a_socket_is_labelled_with_its_number(name: str, expected: str) -> None:
    assert short_label(name) == expected


@pytest.mark.parametrize(
    ("name", "type_word", "expected"),
    [
        ("Gi1/0/1", "ethernetCsmacd", True),
        ("Gi1/0/1", "6", True),
        ("Vlan20", "", False),
        ("eth0.20", "ethernetCsmacd", False),
        ("lo", "softwareLoopback", False),
        ("Port-channel1", "ieee8023adLag", False),
        ("ether1", "", True),
    ],
)
def test_what_is_a_socket(name: str, type_word: str, expected: bool) -> None:
    assert is_physical(name, type_word) is expected


def test_names_sort_as_people_count() -> None:
    assert sorted(["p10", "p2", "p1"], key=natural) == ["p1", "p2", "p10"]


def test_parts_name_their_series() -> None:
    assert series_part(part("ether1")) == "if:ether1"
    assert series_part(Part(kind="sensor", key="cpu:1")) == "cpu:1"
    assert series_part(Part(kind="sensor", key="Inlet")) == "sensor:Inlet"


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("cpu_used_ratio", 0.437, "44 %"),
        ("ping_rtt_seconds", 0.0021, "2,1 ms"),
        ("temperature_celsius", 31.25, "31,2 °C"),
        ("memory_size_bytes", 8 * 2**30, "8 GiB"),
        ("ups_on_battery", 1.0, "chạy ắc quy"),
        ("if_in_octets_total", 125_000.0, "1 Mbit/s"),
        ("a_foreign_metric", 3.5, "3,5"),
        ("cpu_used_ratio", float("nan"), "–"),
        ("cpu_used_ratio", None, "–"),
    ],
)
def test_numbers_are_shown_with_their_unit(metric: str, value: float | None, text: str) -> None:
    assert show(metric, value, "vi").replace("\xa0", " ") == text


@pytest.mark.parametrize(
    ("metric", "value", "tone"),
    [
        ("storage_used_ratio", 0.5, "good"),
        ("storage_used_ratio", 0.85, "attention"),
        ("storage_used_ratio", 0.97, "down"),
        ("printer_supply_ratio", 0.9, "good"),
        ("printer_supply_ratio", 0.05, "down"),
        ("fan_ok", 0.0, "down"),
        ("temperature_celsius", 90.0, ""),
    ],
)
def test_tones_follow_what_is_left(metric: str, value: float, tone: str) -> None:
    assert tone_of(metric, value) == tone


def test_brief_numbers_look_like_the_others() -> None:
    assert brief(12.5, "vi") == "12,5"
    assert brief(12.0, "en", 2) == "12"
    assert brief(None, "vi") == "–"
    assert brief_bits(43_900_000.0, "vi") == "43,9 Mbit/s"
    assert brief_bits(None, "vi") == "–"


def test_tiles_stand_in_groups_and_old_ones_say_so() -> None:
    groups = tile_groups(
        reading(
            {
                ("cpu:1", "cpu_used_ratio"): 0.9,
                ("", "ups_charge_ratio"): 0.5,
                ("sensor:Inlet", "temperature_celsius"): stale(31.0),
                ("", "ping_rtt_seconds"): 0.1,
                ("x", "a_foreign_metric"): 1.0,
            }
        ),
        {"sensor:Inlet": "Cửa gió vào"},
        "vi",
    )
    assert [group.name for group in groups] == ["compute", "climate", "ups", "other"]
    old = groups[1].tiles[0]
    assert old.is_stale
    assert old.tone == "unknown"
    assert old.label.startswith("Cửa gió vào")


def test_key_figures_show_the_worst_and_leave_out_what_is_unknown() -> None:
    figures = key_figures(reading({("cpu:1", "cpu_used_ratio"): 0.2, ("cpu:2", "cpu_used_ratio"): 0.96}), "vi")
    assert [(str(figure.label), figure.text, figure.tone) for figure in figures] == [("Bộ xử lý", "96 %", "down")]


def test_charts_are_those_that_there_is_something_for() -> None:
    values = reading(
        {("if:a", "if_in_octets_total"): 5.0, ("if:b", "if_in_octets_total"): 9.0, ("if:b", "if_in_errors_total"): 0.0}
    )
    panel = panel_of([], values)
    assert [chart.name for chart in charts_of(values, panel, {}, [])] == ["traffic"]
    chosen = charts_of(values, panel, {}, ["if:b", "if:not-there"])
    assert [chart.name for chart in chosen] == ["traffic", "errors"]
    assert [line.label for line in chosen[0].lines] == ["b vào"]


@pytest.mark.parametrize("args", [{}, {"from": "9", "to": "5"}, {"from": "x"}, {"from": "0", "to": "99999999999999"}])
def test_a_senseless_span_becomes_a_day(args: dict) -> None:
    span = read_span(args, NOW)
    assert span.end_ms - span.start_ms == 86_400_000


def request(**values) -> PollRequest:
    return PollRequest(
        **{"id": 1, "device_id": 1, "requested_by": "a", "requested_at": NOW, "reason": "ok", "detail": "", **values}
    )


@pytest.mark.parametrize(
    "result", ["", "{", "[]", "null", '{"samples": 5, "dropped": {"a": 1}, "timing": [], "facts": "x"}']
)
def test_a_damaged_answer_is_explained_not_raised(result: str) -> None:
    answer = read_answer(request(result=result, reason="timeout"), "vi")
    assert answer.sample_count == 0
    assert answer.told.message
    assert not answer.is_good


def test_what_a_projectors_card_tells_is_not_told_again() -> None:
    values = reading({
        ("", "projector_power"): 1.0, ("lamp:1", "projector_lamp_seconds"): 3600.0,
        ("error:fan", "projector_error"): 0.0, ("", "projector_answers"): 1.0,
    })  # fmt: skip
    assert [tile.label for group in tile_groups(values, {}, "vi", ON_PROJECTOR_CARD) for tile in group.tiles] == [
        "Quạt · Lỗi"
    ]
    assert len(tile_groups(values, {}, "vi")[0].tiles) == 4
