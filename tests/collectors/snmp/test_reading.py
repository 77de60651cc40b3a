"""What `app.py poll --json` promises: every field, whatever the device sends; and the texts for people."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from collectors.snmp import DeviceReading, Patience
from collectors.snmp.report import print_reading
from core import use_language
from tests.collectors.snmp.agents import Faults, agent_of, read, switch

PATIENT = Patience(timeout_s=1.0)
FIELDS = ["target", "profile", "facts", "kind", "interfaces", "samples", "neighbours", "dropped", "timing"]
FACTS = ["sysobjectid", "sysname", "sysdescr", "vendor", "model", "serial", "version", "hardware", "os", "kind"]
PORT = ["index", "name", "description", "alias", "type", "admin_up", "oper_up", "speed_bps", "in_octets", "out_octets",
        "mac"]  # fmt: skip


async def read_text(text: str, **options) -> DeviceReading:
    return await read(agent_of(text, **options), patience=PATIENT)


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_the_contract(version: str) -> None:
    reading = await read(agent_of(switch()), version, PATIENT)
    found = json.loads(json.dumps(reading.as_json()))
    assert list(found) == FIELDS and list(found["facts"]) == FACTS and list(found["timing"]) == [
        "requests", "seconds", "timeouts"]  # fmt: skip
    assert found["profile"] == "generic" and found["facts"]["version"] == "1.2.3"
    port = found["interfaces"][0]
    assert list(port) == PORT
    assert port == {
        "index": 1, "name": "Gi0/1", "description": "port 1", "alias": "", "type": "ethernetCsmacd", "admin_up": True,
        "oper_up": False, "speed_bps": 10**9, "in_octets": 10**12, "out_octets": 10**11, "mac": "02:00:00:00:00:01",
    }  # fmt: skip
    sample = next(s for s in found["samples"] if s["metric"] == "if_in_octets_total" and s["part"] == "if:Gi0/2")
    assert sample == {"metric": "if_in_octets_total", "part": "if:Gi0/2", "value": 2 * 10**12, "unit": "bytes"}
    assert found["neighbours"] == [] and found["timing"]["timeouts"] == 0 and found["timing"]["requests"] > 0


async def test_nothing_read_keeps_the_form() -> None:
    reading = await read(agent_of(switch(), faults=Faults(is_silent=True)))
    found = reading.as_json()
    assert list(found) == FIELDS and list(found["facts"]) == FACTS and not reading.is_read
    assert found["timing"]["timeouts"] == 3
    with use_language("en"):
        assert "community" in reading.explanation


HOSTILE = b"\x1b[2J<script>alert('x')</script>\x00\x07\xe2\x80\xae=cmd|' /C calc'!A0 \xff\xfe" + b"A" * 10_000


async def test_hostile_text_is_harmless() -> None:
    lines = [line for line in switch().splitlines() if not line.startswith(("1.3.6.1.2.1.1.5", "1.3.6.1.2.1.1.1"))]
    lines += [f"1.3.6.1.2.1.1.{arc}.0|4x|{HOSTILE.hex()}" for arc in (1, 4, 5, 6)]
    lines += [f"1.3.6.1.2.1.31.1.1.1.18.1|4x|{HOSTILE.hex()}", f"1.3.6.1.2.1.47.1.1.1.1.11.1|4x|{HOSTILE.hex()}",
              "1.3.6.1.2.1.47.1.1.1.1.5.1|2|3"]  # fmt: skip
    reading = await read_text("\n".join(lines))
    found = json.dumps(reading.as_json(), ensure_ascii=False)
    assert reading.reason == "ok" and "<script>" in found  # kept as text, escaped where it is shown
    for character in ("\x1b", "\x00", "\x07", "\u202e"):
        assert character not in found.encode().decode("unicode_escape", "ignore")
    assert len(reading.facts["sysname"]) <= 255 and len(reading.facts["sysdescr"]) <= 2_000
    assert len(reading.interfaces[0].alias) <= 255 and len(reading.facts["serial"]) <= 255
    shown = io.StringIO()
    print_reading(reading, Console(file=shown, width=120))
    assert "\x1b" not in shown.getvalue() and "<script>" in shown.getvalue()


async def test_markup_of_the_terminal_is_not_obeyed() -> None:
    reading = await read_text(switch(name="[bold red]boo[/] [link=http://x]"))
    shown = io.StringIO()
    print_reading(reading, Console(file=shown, width=120))
    assert "[bold red]boo[/] [link=http://x]" in shown.getvalue()


async def test_an_agent_without_anything_known() -> None:
    reading = await read_text("1.3.6.1.4.1.99999.1.0|2|5")
    assert (reading.reason, reading.is_read, reading.profile) == ("empty", True, "generic")


async def test_an_agent_that_shows_nothing() -> None:
    reading = await read_text("1.2.3.4|2|5")
    assert (reading.reason, reading.is_read) == ("no_access", False)


async def test_what_was_dropped_says_why() -> None:
    reading = await read_text("\n".join([
        switch(1), "1.3.6.1.2.1.33.1.2.4.0|2|-1", "1.3.6.1.2.1.33.1.2.1.0|2|2", "1.3.6.1.2.1.33.1.4.1.0|2|9",
        "1.3.6.1.2.1.33.1.4.4.1.2.1|2|2199", "1.3.6.1.2.1.25.3.3.1.2.7|4|busy",
    ]))  # fmt: skip
    assert {(one.oid, one.reason) for one in reading.dropped} == {
        ("1.3.6.1.2.1.33.1.2.4.0", "sentinel"), ("1.3.6.1.2.1.33.1.4.1.0", "unknown_code"),
        ("1.3.6.1.2.1.33.1.4.4.1.2.1", "out_of_range"), ("1.3.6.1.2.1.25.3.3.1.2.7", "wrong_type"),
    }  # fmt: skip


async def test_a_circle_in_getnext_ends() -> None:
    for version, place in (("1", 20), ("2c", 20), ("2c", 30)):  # at 30 it jumps back to before the table walked
        reading = await read(agent_of(switch(), faults=Faults(loops_at=place)), version, PATIENT)
        assert any(one.reason == "loop" for one in reading.dropped) and reading.is_read


async def test_an_agent_without_getbulk_is_walked_by_getnext() -> None:
    whole = await read_text(switch())
    reading = await read(agent_of(switch(), faults=Faults(no_bulk=True)), patience=Patience(timeout_s=0.3))
    assert reading.reason == "ok" and reading.interfaces == whole.interfaces
    assert reading.timing.timeouts == 1  # tried once, then never again


@pytest.mark.parametrize("high", ["0", "1000", ""])
async def test_speed(high: str) -> None:
    lines = [line for line in switch(1).splitlines() if not line.startswith(("1.3.6.1.2.1.31.1.1.1.15",))]
    lines += [f"1.3.6.1.2.1.31.1.1.1.15.1|66|{high}"] if high else []
    reading = await read_text("\n".join(lines))
    assert reading.interfaces[0].speed_bps == 10**9


async def test_speeds_beyond_32_bits_and_unknown_states() -> None:
    replaced = ("1.3.6.1.2.1.31.1.1.1.15", "1.3.6.1.2.1.2.2.1.5.", "1.3.6.1.2.1.2.2.1.8.")
    lines = [line for line in switch(1).splitlines() if not line.startswith(replaced)]
    lines += ["1.3.6.1.2.1.2.2.1.5.1|66|4294967295", "1.3.6.1.2.1.2.2.1.8.1|2|4"]
    reading = await read_text("\n".join(lines))
    port = reading.interfaces[0]
    assert port.speed_bps is None and port.oper_up is None
    assert not any(s.metric in ("if_speed_bits_per_second", "if_oper_up") for s in reading.samples)


async def test_the_width_of_counters_is_decided_row_by_row() -> None:
    lines = [line for line in switch(2).splitlines() if not line.startswith("1.3.6.1.2.1.31.1.1.1.6.2|")]
    reading = await read_text("\n".join(lines))
    widths = {row.part: row.width for row in reading.survey.rows if row.metric == "if_in_octets_total"}
    assert widths == {"if:Gi0/1": 64, "if:Gi0/2": 32}
    assert [port.in_octets for port in reading.interfaces] == [10**12, 2]


async def test_very_large_port_numbers() -> None:
    reading = await read_text(switch(1, first_index=400_000_004))
    assert reading.interfaces[0].index == 400_000_004
