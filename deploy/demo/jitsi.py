"""The meeting servers of the demonstration: small fakes that answer on loopback as bridges, Jicofo, Prosody, a recorder
and the relay do. Who is in a room follows from the kiosks' states; one bridge is overloaded from time to time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from zlib import crc32

import structlog

from conference import KioskState, Meeting
from core import Context, Database
from inventory import MeetingServer, MeetingSystem

log = structlog.get_logger(__name__)

BRIDGES = ("jvb-1", "jvb-2", "jvb-3", "jvb-4")
VERSION = "2.3.200-gdemo"
LOOK_EVERY_S = 10.0
CROWDED, CROWDED_EVERY_S, CROWDED_FOR_S = "jvb-3", 2400, 480  # too many on one bridge: eight minutes of forty
_DOWN_KBPS, _UP_KBPS = 1720, 310  # a room receives one large picture and four small ones, and sends one

Rooms = Mapping[str, Sequence[tuple[str, bool]]]  # room's address -> (connection, is a visitor)


class Installation:
    """What the fakes know. `rooms` is read anew from time to time."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self.rooms: Rooms = {}
        self.domain = ""

    def look(self) -> None:
        """Read who is in which room."""
        with self._database.reading() as session:
            system = session.query(MeetingSystem).order_by(MeetingSystem.id).first()
            if system is None:
                return
            rows = session.query(Meeting.room, KioskState.connection, KioskState.is_visitor).join(
                KioskState, KioskState.meeting_id == Meeting.id).filter(KioskState.connection != "").all()
            domain, prefix = system.domain, system.muc_prefix
        found: dict[str, list[tuple[str, bool]]] = {}
        for room, connection, is_visitor in rows:
            found.setdefault(f"{room}@{prefix}.{domain}", []).append((connection, is_visitor))
        self.rooms, self.domain = found, domain

    def answer(self, name: str, path: str) -> tuple[int, str]:
        """(status, body) of a server's path."""
        if name in BRIDGES:
            return self._bridge(name, path)
        tell = {"jicofo": self._focus, "prosody": self._prosody, "coturn": self._relay}.get(name, self._recorder)
        return tell(path)

    def _everybody(self) -> list[tuple[str, bool]]:
        return [one for people in self.rooms.values() for one in people]

    def _stress(self, bridge: str) -> float:
        is_crowded = self._clock().timestamp() % CROWDED_EVERY_S < CROWDED_FOR_S and bridge == CROWDED
        count = sum(_bridge_of(one) == bridge for one, _visitor in self._everybody())
        return round(0.0025 * count + (0.45 if is_crowded and count else 0.0), 3)

    def _bridge(self, name: str, path: str) -> tuple[int, str]:
        if path == "/about/health":
            return 200, ""
        if path != "/colibri/stats":
            return 404, ""
        here = [one for one in self._everybody() if _bridge_of(one[0]) == name]
        stress, count = self._stress(name), len(here)
        is_crowded = stress >= 0.8
        return 200, json.dumps({
            "stress_level": stress, "conferences": sum(any(_bridge_of(one) == name for one, _v in people)
                                                       for people in self.rooms.values()),
            "local_endpoints": count, "visitors": sum(visitor for _one, visitor in here), "healthy": True,
            "bit_rate_upload": _DOWN_KBPS * count, "bit_rate_download": _UP_KBPS * count, "rtt_aggregate": 21.5,
            "incoming_loss": 0.004, "outgoing_loss": 0.034 if is_crowded else 0.007, "drain": False,
            "muc_clients_configured": 1, "muc_clients_connected": 1, "mucs_configured": 1, "mucs_joined": 1,
            "version": VERSION, "relay_id": name, "region": "tinh",
        })

    def _focus(self, path: str) -> tuple[int, str]:
        if path == "/about/health":
            return 200, ""
        if path == "/stats":
            people = self._everybody()
            return 200, json.dumps({
                "conferences": len(self.rooms), "participants": len(people), "version": "1.1-demo",
                "visitors": sum(visitor for _one, visitor in people),
                "bridge_selector": {"bridge_count": 4, "operational_bridge_count": 4, "bridge_version_count": 1},
                "jibri_detector": {"count": 1, "available": 1},
            })
        room = path.removeprefix("/debug/conference/")
        if room not in self.rooms:
            return 500, "Conference not found"
        return 200, json.dumps({"name": room, "colibri_session_manager": {
            "participants": {one: {"id": one, "bridge": _bridge_of(one), "visitor": visitor}
                             for one, visitor in self.rooms[room]},
            "sessions": {name: {"bridge": {
                "relay-id": name, "stress": self._stress(name), "healthy": True, "operational": True,
                "version": VERSION}} for name in BRIDGES},
        }})

    def _prosody(self, path: str) -> tuple[int, str]:
        if path == "/health":
            return 200, "OK"
        if path != "/room-census":
            return 404, ""
        return 200, json.dumps({"room_census": [
            {"room_name": room, "participants": sum(not visitor for _one, visitor in people), "leaked": False}
            for room, people in self.rooms.items()
        ]})

    def _relay(self, path: str) -> tuple[int, str]:
        count = len(self._everybody()) // 20
        return (200, f'turn_total_allocations{{type="UDP"}} {count}\n') if path == "/metrics" else (404, "")

    def _recorder(self, path: str) -> tuple[int, str]:
        return 200, json.dumps({"status": {"busyStatus": "IDLE", "health": {"healthStatus": "HEALTHY"}}})


def _bridge_of(connection: str) -> str:
    return BRIDGES[crc32(connection.encode()) % len(BRIDGES)]


@asynccontextmanager
async def doors(context: Context) -> AsyncIterator[None]:
    """Serve the servers that the demonstration's inventory names, on their own loopback addresses."""
    installation = Installation(context.database, context.clock)
    with context.database.reading() as session:
        places = [(one.name, one.url.partition("//")[2]) for one in session.query(MeetingServer)
                  if one.url.startswith("http://127.77.")]
    servers = []
    for name, place in places:
        host, _colon, port = place.rstrip("/").rpartition(":")
        try:
            servers.append(await asyncio.start_server(_talk(installation, name), host, int(port)))
        except OSError as error:
            log.warning("a meeting server of the demonstration cannot answer", server=name, error=str(error))
    looking = asyncio.create_task(_follow(installation))
    try:
        yield
    finally:
        looking.cancel()
        for server in servers:
            server.close()


async def _follow(installation: Installation) -> None:
    while True:
        await asyncio.to_thread(installation.look)
        await asyncio.sleep(LOOK_EVERY_S)


def _talk(installation: Installation, name: str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(10):
                request = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)
                path = request[1].decode("ascii", "replace") if len(request) == 3 else "/"
                status, body = installation.answer(name, path.replace("%40", "@"))
                raw = body.encode()
                head = f"HTTP/1.1 {status} demo\r\nContent-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n"
                writer.write(head.encode() + raw)
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    return talk
