"""What profiles can say of tables: joins, ports, places, words, bits, sizes, sums, deltas and counts, also polled."""

from __future__ import annotations

import numpy as np
import pytest

from collectors.profiles import ProfileError, ProfileSet, load_form
from collectors.profiles.places import PlaceError, form_of
from collectors.snmp import DeviceState, Patience, PlanKeeper, Poller, TemplateCache
from collectors.snmp.counting import tally
from collectors.snmp.naming import named
from collectors.snmp.reading import samples_of
from collectors.snmp.survey import Survey, survey
from collectors.snmp.template import Output, Row, build_template, growth
from collectors.snmp.text import bits_in, pattern_in, size_in, word_in
from deploy.demo.replay import in_order, parse_snmprec
from tests.collectors.snmp.agents import PUBLIC, agent_of, plan_of, serve, target_of, values_of

MAKER = "1.3.6.1.4.1.99999"
PATIENT = Patience(timeout_s=1.0)


def profiles_of(text: str) -> ProfileSet:
    forms = {
        "generic": load_form("generic.yaml", "title: Any\n"),
        "example": load_form("example.yaml", f"title: Example\nmatch: {{probe: [{MAKER}]}}\n" + text),
    }
    return ProfileSet(forms, {99999: "Example"})


async def survey_with(text: str, target) -> Survey:
    session = await Poller(lambda: 0.0).open_session(target, PUBLIC, DeviceState(), PATIENT)
    try:
        return await survey(session, profiles_of(text), PATIENT)
    finally:
        session.close()


async def read(text: str, recording: str) -> dict[tuple[str, str], float]:
    with serve(agent_of(recording)) as server:
        samples, _ = samples_of(await survey_with(text, target_of(server)))
    return {(sample.metric, sample.part): round(sample.value, 6) for sample in samples}


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("x:{index}", "x:6.2.0.0.0.1.255.7"),
        ("{index:0}", "6"),
        ("{index:-1}", "7"),
        ("{index:6-}", "255.7"),
        ("{index:-1:+100}", "107"),
        ("{name}", "AP một"),
        ("{empty|name}", "AP một"),
        ("{missing|index:0}", "6"),
        ("{mac:mac}", "02:00:00:00:00:0a"),
        ("{mac:arcs}", "2.0.0.0.0.10"),
        ("{word:counted}", "2.104.105"),
        ("{pointer:-1}", "10105"),
        ("{address:ip}", "192.168.42.35"),
        ("{toner:noserial}", "Black Toner, PN 006R01509"),
        ("{name:noserial}", "AP một"),
        ("a  {empty} b", "a b"),
    ],
)
def test_places(form: str, name: str) -> None:
    values = {
        "name": "AP một".encode(), "empty": b"", "mac": bytes([2, 0, 0, 0, 0, 10]), "word": b"hi",
        "pointer": "1.3.6.1.2.1.2.2.1.1.10105", "address": b"192.168.42.035",
        "toner": b"Black Toner, PN 006R01509;SN48178080E0000481",
    }  # fmt: skip
    assert named(form, values, "6.2.0.0.0.1.255.7") == name


@pytest.mark.parametrize(
    ("form", "index", "name"),
    [
        ("{index:mac}", "2.0.0.0.0.10", "02:00:00:00:00:0a"),
        ("{index:mac}", "6.2.0.0.0.0.10", "02:00:00:00:00:0a"),
        ("{index:0-5:mac}", "2.0.0.0.0.10.3", "02:00:00:00:00:0a"),
        ("{index:ip}", "192.168.0.1", "192.168.0.1"),
        ("{index:ip}", "4.10.0.0.1", "10.0.0.1"),
        ("{index:text}", "3.97.98.99", "abc"),
        ("{index:text}", "97.98.99", "abc"),
        ("{index:1-:text}", "7.97.98", "ab"),
        ("{index:text}", "97.9800", ""),
    ],
)
def test_indexes_are_read(form: str, index: str, name: str) -> None:
    assert named(form, {}, index) == name


@pytest.mark.parametrize("form", ["{index:mak}", "{in dex}", "{index:1-x}", "{}", "{index:+}"])
def test_places_that_mean_nothing(form: str) -> None:
    with pytest.raises(PlaceError):
        form_of(form)


def test_texts_as_numbers() -> None:
    assert [size_in(b"19G"), size_in(b"210.082 MB"), size_in(b"512"), size_in(b"none")] == [
        19 * 2**30, 210.082 * 2**20, 512.0, None]  # fmt: skip
    assert [word_in(b"OK ", [("ok", 1.0), ("*", 0.0)]), word_in(b"bad", [("ok", 1.0), ("*", 0.0)])] == [1.0, 0.0]
    assert word_in(b"", [("*", 0.0)]) is None and np.isnan(word_in(b"empty", [("empty", None), ("*", 0.0)]))
    assert pattern_in(b" 5 Secs (  6.1%)  60 Secs (  7.7%)", r"60 Secs \(\s*([\d.]+)") == 7.7
    assert pattern_in(b"nothing", r"(\d+)") is None
    assert bits_in(b"\x80") == 2.0**47 and bits_in(b"\x00\x01") == 2.0**32 and bits_in("x") is None


SENSORS = f"""\
tables:
  - name: ports
    root: 1.3.6.1.2.1.2.2.1
    ports: true
    columns: {{description: 2, type: 3, speed: 5, mac: 6, admin: 7, oper: 8, in32: 10, out32: 16,
      name: 1.3.6.1.2.1.31.1.1.1.1, in64: 1.3.6.1.2.1.31.1.1.1.6, out64: 1.3.6.1.2.1.31.1.1.1.10,
      high_speed: 1.3.6.1.2.1.31.1.1.1.15, alias: 1.3.6.1.2.1.31.1.1.1.18}}
  - name: optics
    root: {MAKER}.1.1
    columns:
      power: 1
      state: 2
      flags: 3
      owner: {{oid: {MAKER}.2.1.1, at: '{{index}}.0'}}
      site: {{oid: {MAKER}.3.1.2, match: {MAKER}.3.1.1, equals: '{{owner:-1}}'}}
    bits: [flags]
    port: ['{{owner:-1}}', 'eth{{index}}']
    part: 'optic:{{site|index}}'
    samples:
      - {{metric: if_rx_power_dbm, value: power, scale: 0.01, sentinels: [-10000]}}
      - {{metric: sensor_ok, value: state, words: {{ok: 1, '*': 0, absent: null}}}}
      - {{metric: door_open, value: flags, bit: 1}}
      - {{metric: power_watts, part: '', value: power, sum: true}}
"""
RECORDING = "\n".join([
    "1.3.6.1.2.1.2.2.1.2.5|4|eth5", "1.3.6.1.2.1.2.2.1.2.6|4|eth6",
    f"{MAKER}.1.1.1.1|2|-500", f"{MAKER}.1.1.1.5|2|700", f"{MAKER}.1.1.1.9|2|-10000",
    f"{MAKER}.1.1.2.1|4|OK", f"{MAKER}.1.1.2.5|4|Failed", f"{MAKER}.1.1.2.9|4|absent",
    f"{MAKER}.1.1.3.1|4x|40", f"{MAKER}.1.1.3.5|4x|80",
    f"{MAKER}.2.1.1.1.0|6|1.3.6.1.2.1.2.2.1.1.6", f"{MAKER}.2.1.1.9.0|6|1.3.6.1.2.1.2.2.1.1.77",
    f"{MAKER}.3.1.1.1|4|77", f"{MAKER}.3.1.2.1|4|hall",
])  # fmt: skip


async def test_rows_find_their_ports_and_join_other_tables() -> None:
    """Row 1 by its pointer, row 5 by the port's name, row 9 points at no port: it has a part of its own."""
    assert await read(SENSORS, RECORDING) == {
        ("if_rx_power_dbm", "if:eth6"): -5.0, ("if_rx_power_dbm", "if:eth5"): 7.0,
        ("sensor_ok", "if:eth6"): 1, ("sensor_ok", "if:eth5"): 0,
        ("door_open", "if:eth6"): 1, ("door_open", "if:eth5"): 0,
        ("power_watts", ""): -9800,
    }  # fmt: skip


async def test_a_part_of_a_joined_name() -> None:
    found = await read(SENSORS.replace("sentinels: [-10000]", "low: -200"), RECORDING)
    assert found["if_rx_power_dbm", "optic:hall"] == -100.0


COUNTS = f"""\
tables:
  - name: access-points
    root: {MAKER}.1.1
    columns: {{name: 1, address: 2, state: 3}}
    part: 'ap:{{name}}'
    kind: ap
    samples:
      - {{metric: wifi_clients, count: {{column: {MAKER}.2.1.1, equals: '{{address}}'}}}}
      - metric: wifi_clients
        part: 'ap:{{name}}/radio:1'
        kind: radio
        count: {{column: {MAKER}.2.1.1, index: '{{index}}.1'}}
      - {{metric: wifi_clients, part: '', count: {{column: {MAKER}.2.1.1}}}}
      - {{metric: wifi_access_points, part: '', count: {{column: {MAKER}.1.1.3, equals: 1}}}}
      - {{metric: vpn_tunnels, part: '', count: {{column: {MAKER}.1.1.3, equals: {{above: 1}}}}}}
  - name: names
    root: {MAKER}.2.1
    columns: {{address: 1, ssid: 2}}
    distinct: '{{ssid}}'
    part: 'ssid:{{ssid}}'
    samples:
      - {{metric: wifi_clients, count: {{column: {MAKER}.2.1.2, equals: '{{ssid}}'}}}}
scalars:
  - samples:
      - {{metric: dhcp_leases, count: {{column: {MAKER}.9.1.1}}}}
"""
APS = "\n".join([
    f"{MAKER}.1.1.1.1|4|a", f"{MAKER}.1.1.1.2|4|b", f"{MAKER}.1.1.2.1|4|10.0.0.1", f"{MAKER}.1.1.2.2|4|10.0.0.2 ",
    f"{MAKER}.1.1.3.1|2|1", f"{MAKER}.1.1.3.2|2|2", f"{MAKER}.5.0|2|7",
])  # fmt: skip


def clients(*rows: tuple[str, str, str]) -> str:
    lines = [f"{MAKER}.2.1.1.{index}|4|{address}" for index, address, _ in rows]
    lines += [f"{MAKER}.2.1.2.{index}|4|{ssid}" for index, _, ssid in rows]
    return "\n".join([APS, *lines])


FIRST = clients(("1.1.7", "10.0.0.1", "staff"), ("1.2.8", "10.0.0.1", "staff"), ("2.1.9", "10.0.0.2", "class"))
COUNTED = {
    ("wifi_clients", "ap:a"): 2, ("wifi_clients", "ap:b"): 1, ("wifi_clients", ""): 3,
    ("wifi_clients", "ap:a/radio:1"): 1, ("wifi_clients", "ap:b/radio:1"): 1, ("wifi_access_points", ""): 1,
    ("vpn_tunnels", ""): 1, ("wifi_clients", "ssid:staff"): 2, ("wifi_clients", "ssid:class"): 1,
}  # fmt: skip


async def test_rows_are_counted() -> None:
    assert await read(COUNTS, FIRST) == COUNTED


async def test_a_device_of_which_only_rows_are_counted() -> None:
    agent, state = agent_of(FIRST), DeviceState()
    with serve(agent) as server:
        target = target_of(server)
        found = await survey_with(COUNTS, target)
        assert {part.key: part.kind for part in found.parts()}["ap:a/radio:1"] == "radio"
        result = await Poller(lambda: 1e9).poll(target, PUBLIC, plan_of(found), state, PATIENT)
        assert values_of(found, result) == COUNTED and result.reason == "ok"


async def test_an_empty_table_counts_none() -> None:
    agent = agent_of(FIRST + "\n1.3.6.1.2.1.1.3.0|67|500")
    with serve(agent) as server:
        target = target_of(server)
        found = await survey_with(COUNTS, target)
        agent.load(in_order(parse_snmprec(b"1.3.6.1.2.1.1.3.0|67|500")))
        result = await Poller(lambda: 1e9).poll(target, PUBLIC, plan_of(found), DeviceState(), PATIENT)
        assert set(values_of(found, result).values()) == {0.0}  # the table was read to its end: there is none


async def test_counts_are_polled_beside_other_readings() -> None:
    profile = COUNTS + f"  - columns: {{load: {MAKER}.5.0}}\n    samples: [{{metric: load1, value: load}}]\n"
    agent, state = agent_of(FIRST), DeviceState()
    with serve(agent) as server:
        target = target_of(server)
        found = await survey_with(profile, target)
        plan, poller = plan_of(found), Poller(lambda: 1e9)
        expected = COUNTED | {("load1", ""): 7}
        assert values_of(found, await poller.poll(target, PUBLIC, plan, state, PATIENT)) == expected
        agent.load(in_order(parse_snmprec(clients(("2.1.3", "10.0.0.2", "class")).encode())))
        later = values_of(found, await poller.poll(target, PUBLIC, plan, state, PATIENT))
        assert later["wifi_clients", "ap:a"] == 0 and later["wifi_clients", "ap:b"] == 1
        assert later["wifi_clients", "ssid:staff"] == 0 and later["wifi_clients", ""] == 1
        poller.close()


async def test_plans_with_words_and_counts_are_kept_whole() -> None:
    with serve(agent_of(RECORDING + "\n" + FIRST)) as server:
        plans = [plan_of(await survey_with(text, target_of(server))) for text in (SENSORS, COUNTS)]
    for plan in plans:
        kept = PlanKeeper(TemplateCache()).unpack(PlanKeeper(TemplateCache()).pack(plan))
        assert (kept.template.rows, kept.template.outputs) == (plan.template.rows, plan.template.outputs)


async def test_a_busy_share_is_of_what_grew() -> None:
    profile = f"""\
scalars:
  - columns: {{busy: {MAKER}.1.0, total: {MAKER}.2.0}}
    samples: [{{metric: wifi_channel_busy_ratio, value: busy, over: total, delta: true}}]
"""
    agent, state = agent_of(f"{MAKER}.1.0|65|100\n{MAKER}.2.0|65|1000"), DeviceState()
    with serve(agent) as server:
        target = target_of(server)
        found = await survey_with(profile, target)
        assert samples_of(found) == ((), ())
        plan, poller = plan_of(found), Poller(lambda: 1e9)
        results = []
        for busy, total in ((100, 1000), (130, 1100), (10, 1200), (60, 1300)):
            agent.load(in_order(parse_snmprec(f"{MAKER}.1.0|65|{busy}\n{MAKER}.2.0|65|{total}".encode())))
            result = await poller.poll(target, PUBLIC, plan, state, PATIENT)
            results.append([float(value) for batch in result.batches for value in batch.value])
        assert results == [[], [0.3], [], [0.5]]


def test_a_column_that_was_cut_short_counts_nothing() -> None:
    outputs = [Output((), count=("1.3.9", "all", "")), Output((), count=("1.3.8", "in", "1\n2"))]
    found = tally(outputs, {"1.3.9": None, "1.3.8": {"1": 1, "2": 2, "3": 3}})
    assert np.array_equal(found, [np.nan, 2], equal_nan=True)


def test_nothing_grew() -> None:
    template = build_template([Row("1.3.1"), Row("1.3.2")], [Output(((0, 1.0),), over=((1, 1.0),), is_delta=True)])
    assert np.isnan(growth(template, np.array([5.0, 7.0]), np.array([5.0, 7.0]))).all()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("'{{owner:-1}}', 'eth", "'{{ownr:-1}}', 'eth", "'ownr'"),
        ("at: '{index}.0'", "at: '{sight}.0'", "'sight'"),
        ("match: ", "mach: ", "mach"),
        ("'optic:{site|index}'", "'optic:{site|indx}'", "'indx'"),
        ("'optic:{site|index}'", "'optic:{site:macc}'", "macc"),
        ("bit: 1", "bit: 99", "less than or equal to 47"),
        ("sum: true", "sum: true, mean: true", "either mean or sum"),
    ],
)
def test_faults_are_told(old: str, new: str, words: str) -> None:
    old = old.replace("{{", "{").replace("}}", "}")
    new = new.replace("{{", "{").replace("}}", "}")
    assert old in SENSORS
    with pytest.raises(ProfileError) as raised:
        load_form("example.yaml", "title: Example\n" + SENSORS.replace(old, new))
    assert any(words in problem for problem in raised.value.problems), raised.value.problems
    assert all(problem.startswith("example.yaml:") for problem in raised.value.problems)
