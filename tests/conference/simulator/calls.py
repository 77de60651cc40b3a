"""The calls that Jitsi's servers and kiosks make to EduNOC, with the bodies of the reference; and how they get through.

Kiosks sign as conference/kiosk says: HMAC-SHA256 over "<time>.<number>.<body>".
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from tests.conference.simulator.plan import Curve, Installation, KioskKey, Room, Stay


@dataclass(slots=True, eq=False)
class Call:
    """One request to EduNOC at the moment `at` (epoch seconds). `source` is reservation, event, heartbeat or jibri.

    Who sends it writes the answer's `status` and `answer`; the day reads them (a reservation decides who gets in).
    """

    at: float
    source: str
    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    answer: bytes = b""

    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Prosody:
    """The main Prosody as a client of EduNOC."""

    installation: Installation
    reservation_secret: str = ""
    event_secret: str = ""
    prefix: str = "/jitsi"

    def reserve(self, room: Room, owner: str, at: float) -> Call:
        """mod_reservations: may this room be opened. start_time is now, whatever was booked."""
        name = self._asked(room)
        moment = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + "000Z"
        form = {"name": name, "start_time": moment, "mail_owner": f"{owner}@{self.installation.domain}"}
        media = "application/x-www-form-urlencoded;charset=utf-8"
        headers = {"Content-Type": media, **self._bearer(self.reservation_secret)}
        return Call(at, "reservation", "POST", f"{self.prefix}/conference", urlencode(form).encode(), headers)

    def look_up(self, number: object, at: float) -> Call:
        """After 409: read the reservation that is there."""
        return Call(at, "reservation", "GET", f"{self.prefix}/conference/{number}",
                    headers=self._bearer(self.reservation_secret))

    def release(self, number: object, at: float) -> Call:
        """All have left."""
        return Call(at, "reservation", "DELETE", f"{self.prefix}/conference/{number}",
                    headers=self._bearer(self.reservation_secret))

    def created(self, room: Room, at: float) -> Call:
        """event_sync: the room was made."""
        return self._event("room/created", at, {"event_name": "muc-room-created", **self._place(room),
                                                "is_breakout": False, "created_at": int(at)})

    def destroyed(self, room: Room, created: float, occupants: list[dict[str, Any]], at: float) -> Call:
        """event_sync: the room is over; `occupants` is its full record."""
        return self._event("room/destroyed", at, {
            "event_name": "muc-room-destroyed", **self._place(room), "is_breakout": False, "created_at": int(created),
            "destroyed_at": int(at), "all_occupants": occupants,
        })

    def joined(self, room: Room, occupant: dict[str, Any], count: int, breakout: str = "") -> Call:
        """event_sync: somebody came into the room or one of its breakout rooms."""
        return self._occupant("joined", room, occupant, count, breakout, float(occupant["joined_at"]))

    def left(self, room: Room, occupant: dict[str, Any], count: int, breakout: str = "") -> Call:
        """event_sync: somebody left the room or one of its breakout rooms."""
        return self._occupant("left", room, occupant, count, breakout, float(occupant["left_at"]))

    def occupant(self, stay: Stay, joined: float, left: float | None = None) -> dict[str, Any]:
        """How event_sync names somebody; `id`, `name` and `email` are those of the token."""
        seat = stay.seat
        found: dict[str, Any] = {
            "name": seat.name, "email": seat.email, "id": seat.subject,
            "occupant_jid": f"{stay.uuid}@{self.installation.domain}/{stay.uuid[-8:]}", "joined_at": int(joined),
        }
        return found if left is None else {**found, "left_at": int(left)}

    def _occupant(
        self, word: str, room: Room, occupant: dict[str, Any], count: int, breakout: str, at: float
    ) -> Call:
        body = {"event_name": f"muc-occupant-{word}", **self._place(room), "is_breakout": bool(breakout),
                "active_occupants_count": count, "occupant": occupant}
        if breakout:
            body["breakout_room_id"] = breakout
        return self._event(f"occupant/{word}", at, body)

    def _event(self, what: str, at: float, body: dict[str, Any]) -> Call:
        headers = {"Content-Type": "application/json", **self._bearer(self.event_secret)}
        return Call(at, "event", "POST", f"{self.prefix}/events/{what}", json.dumps(body, ensure_ascii=False).encode(),
                    headers)

    def _place(self, room: Room) -> dict[str, str]:
        return {"room_name": self.installation.node(room.node), "room_jid": self.installation.room_jid(room.node)}

    def _asked(self, room: Room) -> str:
        name = room.asked_name or room.node
        return f"[{self.installation.tenant}]{name}" if self.installation.tenant else name

    @staticmethod
    def _bearer(secret: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {secret}"} if secret else {}


def heartbeat(
    stay: Stay | None, room: Room | None, kiosk: KioskKey, line: Curve, moment: tuple[float, int, dict]
) -> Call:
    """A kiosk's heartbeat; `moment` is (epoch seconds, growing number, devices). Without a stay it waits."""
    at, number, devices = moment
    body: dict[str, Any] = {
        "schema": 1, "site_id": kiosk.code, "agent_version": "0.1.0",
        "ts": datetime.fromtimestamp(at + kiosk.skew_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "state": "in_meeting" if stay else "waiting", "devices": devices,
        "levels": {"mic_rms_dbfs": -38.2, "seconds_since_sound": 12},
        "host": {"cpu_pct": 31, "mem_pct": 58, "on_battery": False, "ntp_offset_ms": round(-kiosk.skew_s * 1000)},
        "net": {"gw_rtt_ms": 1.2, "gw_loss_pct": 0, "wan_rtt_ms": round(line.rtt_s * 1000),
                "wan_loss_pct": round(line.loss_down * 100, 1), "dns_ms": 9},
    }
    if stay is not None and room is not None:
        good = max(0.0, 1 - 4 * (line.loss_down + line.loss_up))
        body |= {"meeting_id": room.meeting_id, "room": room.node, "endpoint_id": stay.endpoint,
                 "visitor": stay.is_visitor}
        body["connection"] = {
            "quality": round(100 * good), "rtt_ms": round(line.rtt_s * 1000),
            "loss_down_pct": round(line.loss_down * 100, 2), "loss_up_pct": round(line.loss_up * 100, 2),
            "down_kbps": round(1700 * good), "up_kbps": round(800 * good), "bwe_down_kbps": round(2600 * good),
            "transport": "udp", "candidate": "host", "resolution_up": 360,
        }
    raw = json.dumps(body, ensure_ascii=False).encode()
    at_ms = round(at * 1000)
    signature = hmac.new(kiosk.secret.encode(), b"%d.%d." % (at_ms, number) + raw, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-EduNOC-Endpoint": kiosk.code, "X-EduNOC-Time": str(at_ms),
               "X-EduNOC-Number": str(number), "X-EduNOC-Signature": signature}
    return Call(at, "heartbeat", "POST", "/api/v1/endpoints/heartbeat", raw, headers)
