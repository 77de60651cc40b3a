"""A simulated Jitsi installation (jitsi.md section 12): a scenario, the calls it makes to EduNOC, the answers it gives,
and what truly happened. A fake for tests: see day.py for stepping through a day, web.py for the served routes."""

from tests.conference.simulator.calls import Call, Prosody
from tests.conference.simulator.day import Day, OpenRoom, Presence
from tests.conference.simulator.plan import (
    BridgeRestart,
    Curve,
    Delivery,
    Installation,
    KioskKey,
    Outage,
    Restart,
    Room,
    Seat,
    Stay,
    Stress,
)
from tests.conference.simulator.standard import default_faults, fill_room, invented_rooms, province_day
from tests.conference.simulator.web import fake_jitsi, serve, server_rows

__all__ = [
    "BridgeRestart", "Call", "Curve", "Day", "Delivery", "Installation", "KioskKey", "OpenRoom", "Outage", "Presence",
    "Prosody", "Restart", "Room", "Seat", "Stay", "Stress", "default_faults", "fake_jitsi", "fill_room",
    "invented_rooms", "province_day", "serve", "server_rows",
]
