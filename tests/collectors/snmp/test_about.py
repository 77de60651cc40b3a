"""What inventory learns of an access point from its controller: name, MAC, serial number, address."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.profiles import load_profiles
from collectors.snmp import DeviceState, Patience, Poller
from collectors.snmp.survey import survey
from deploy.demo.replay import ReplayAgent, read_recording
from inventory import PartSpec
from tests.collectors.snmp.agents import PUBLIC, serve, target_of

WIFI = Path(__file__).parent.parent / "profiles" / "fixtures" / "wifi"
PATIENT = Patience(timeout_s=1.0)


async def parts_of(name: str) -> dict[str, PartSpec]:
    with serve(ReplayAgent(read_recording(WIFI / f"{name}.snmprec"))) as server:
        session = await Poller(lambda: 0.0).open_session(target_of(server), PUBLIC, DeviceState(), PATIENT)
        try:
            found = await survey(session, load_profiles(), PATIENT)
        finally:
            session.close()
    return {part.key: part for part in found.parts()}


@pytest.mark.parametrize(
    ("recording", "key", "name", "mac", "serial", "address"),
    [
        ("aruba-instant", "ap:Hall", "Hall · 315", "02:00:00:00:00:01", "CN0000001", "192.0.2.11"),
        ("aruba-controller", "ap:Library", "Library · 315", "02:00:00:00:00:01", "CN0000003", "192.0.2.21"),
        ("cisco-wlc", "ap:Room 12", "Room 12 · AIR-AP1832I-S-K9", "02:00:00:00:00:01", "KWC00000001", "192.0.2.31"),
        ("h3c-wlan", "ap:block-a-1", "block-a-1 · WA2620X-AGNP", "02:00:00:00:00:01", "210235A0RXC000000001",
         "192.0.2.51"),
        ("sangfor-wac", "ap:Phòng 12", "Phòng 12 · ap-350-p", None, "CFQ0000001", "192.0.2.61"),
    ],
)  # fmt: skip
async def test_a_point_is_told_with_what_finds_it_among_the_devices(recording, key, name, mac, serial, address) -> None:
    part = (await parts_of(recording))[key]
    assert (part.kind, part.name, part.mac, part.alias, part.description) == ("ap", name, mac, serial, address)


async def test_a_radio_is_a_part_of_its_own() -> None:
    parts = await parts_of("cisco-wlc")
    assert {key: parts[key].kind for key in ("ap:Room 12/radio:0", "ssid:Students")} == {
        "ap:Room 12/radio:0": "radio", "ssid:Students": "ssid",
    }  # fmt: skip
    assert parts["ap:Room 12/radio:1"].name == "Room 12 · 5 GHz" and parts["ap:Room 12/radio:1"].alias == ""
