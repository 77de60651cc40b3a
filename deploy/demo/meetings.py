"""Meetings of the demonstration: a meeting system, 700 endpoints at the province's schools, a day of meetings.

Heartbeats of the rooms are invented here and written each ten seconds as a kiosk's would be; who answers badly, and
why, follows from the endpoint's number, so that every board shows every kind of trouble.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from collectors import Reflector, serve_reflector
from conference import AgendaItem, Kiosk, KioskCommand, KioskSpell, KioskState, Meeting, Participant, kiosk
from core import Context, Session, Vault
from inventory import (
    Device,
    Endpoint,
    Link,
    MeetingServer,
    MeetingSystem,
    Room,
    Site,
    Unit,
    change_key,
    endpoint_number,
)
from telemetry import METRICS, Batch, Ingest, SeriesKey, SeriesRegistry

ENDPOINTS = 700
BEAT_S = 10.0
REFLECTOR, REFLECTOR_PORT = "127.77.3.1", 10010  # really answers; its key signs tickets of this machine alone
SYSTEM = "Hệ thống họp trực tuyến của tỉnh"
# Title, kind, minutes from now to the start, how long, how many endpoints, whether all listen. One after the other,
# doors and overrun included: servers and rooms of the demonstration bear one large meeting at a time
PLAYS = (
    ("Giao ban trực tuyến toàn ngành", "conference", -20, 100, 690, True),
    ("Hội nghị triển khai nhiệm vụ năm học", "conference", 110, 150, 600, True),
    ("Họp tổ chuyên môn Toán cụm 3", "meeting", -10, 60, 9, False),
    ("Tập huấn học bạ số", "training", 300, 120, 160, True),
    ("Dự giờ trực tuyến môn Tiếng Anh", "observation", 460, 45, 12, False),
    ("Họp hiệu trưởng các trường THPT", "meeting", 1440, 90, 40, False),
)  # fmt: skip
OPENS, OVERRUN = 20, 10


@dataclass(frozen=True, slots=True)
class Trouble:
    """What ails one room: keys of the heartbeat that differ, or silence for so many seconds (None: it beats)."""

    word: str
    beat: dict[str, dict[str, object]]
    silent_s: float | None = None


# One endpoint in so many, and what it has; the first that divides the number counts
TROUBLES: tuple[tuple[int, Trouble], ...] = (
    (37, Trouble("never", {}, -1.0)),
    (41, Trouble("gone", {}, 5400.0)),
    (29, Trouble("wan", {"net": {"wan_loss_pct": 6.1, "wan_rtt_ms": 210}, "connection": {
        "loss_down_pct": 6.3, "rtt_ms": 224, "quality": 38, "bwe_down_kbps": 812}})),
    (43, Trouble("camera", {"devices": {"camera": "missing"}})),
    (47, Trouble("mic", {"levels": {"mic_rms_dbfs": -74.0, "seconds_since_sound": 900}})),
    (53, Trouble("battery", {"host": {"on_battery": True}})),
    (59, Trouble("wifi", {"net": {"gw_loss_pct": 4.5, "gw_rtt_ms": 38.0}, "connection": {"loss_up_pct": 5.0}})),
    (61, Trouble("cpu", {"host": {"cpu_pct": 96}, "connection": {"quality": 44}})),
    (67, Trouble("tcp", {"connection": {"transport": "tcp", "candidate": "relay"}})),
    (71, Trouble("dark", {"levels": {"picture_luma": 0.01}})),
)
WELL = Trouble("", {})


def trouble_of(number: int) -> Trouble:
    """What ails the endpoint with this number."""
    return next((trouble for each, trouble in TROUBLES if number % each == 0), WELL)


def fill(session: Session, now: datetime, seal: Callable[[str], str] = str) -> None:
    """The system and the endpoints, once; meetings when none lies ahead. `seal` is the vault's."""
    system = session.query(MeetingSystem).order_by(MeetingSystem.id).first()
    if system is None:
        system = _system(session)
        _endpoints(session, now, seal)
    if session.query(Meeting).filter(Meeting.ends_at > now + timedelta(minutes=30)).count() == 0:
        _day(session, system.id, now)


def _system(session: Session) -> MeetingSystem:
    made = MeetingSystem(
        name=SYSTEM, public_url="https://hop.demo.example", domain="hop.demo.example", algorithm="RS256",
        key_id="edunoc", system_key_id="edunoc-system", main_limit=60, vnode_count=3, vnode_limit=250,
        bridge_limit=250, joins_per_second=30.0, trunk_bps=2_000_000_000, reflector=f"{REFLECTOR}:{REFLECTOR_PORT}",
    )
    session.add(made)
    session.flush()
    servers = [("jvb", f"jvb-{n}", f"http://127.77.3.{n}:8080") for n in range(1, 5)] + [
        ("jicofo", "jicofo", "http://127.77.3.10:8888"), ("prosody", "prosody", "http://127.77.3.11:5280"),
        ("jibri", "jibri-1", "http://127.77.3.12:2222"), ("coturn", "coturn", "http://127.77.3.1:9641"),
    ]  # fmt: skip
    session.add_all([MeetingServer(system_id=made.id, kind=kind, name=name, url=url) for kind, name, url in servers])
    return made


def give_keys(session: Session, vault: Vault, now: datetime) -> int:
    """Real key pairs for systems that have none, so that kiosk pages and join links make real tokens; how many."""
    found = session.query(MeetingSystem).filter(MeetingSystem.sealed == "").all()
    for system in found:
        for use in ("login", "system"):
            change_key(session, vault, system.id, use, now, now)
    return len(found)


def _endpoints(session: Session, now: datetime, seal: Callable[[str], str]) -> None:
    sites = session.query(Site).order_by(Site.id).all()
    rooms = {room.site_id: room.id for room in session.query(Room).filter(Room.kind == "meeting")}
    links = {link.site_id: link.id for link in session.query(Link).order_by(Link.id.desc())}
    devices: dict[tuple[int, str], int] = {}
    wanted = session.query(Device).filter(Device.kind.in_(("ups", "projector"))).order_by(Device.id.desc())
    for device in wanted:
        devices[device.site_id, device.kind] = device.id
    made = []
    for number in range(1, min(ENDPOINTS, 2 * len(sites)) + 1):
        site = sites[(number - 1) % len(sites)]
        is_second = number > len(sites)
        made.append(Endpoint(
            site_id=site.id, room_id=None if is_second else rooms.get(site.id), code=f"dc-{number:04d}",
            name=f"{site.name.split(' – ')[0]}{' – phòng 2' if is_second else ''}", kind="kiosk",
            ups_id=devices.get((site.id, "ups")), display_id=devices.get((site.id, "projector")),
            link_id=links.get(site.id), camera="Webcam 1080p", microphone="Micro hội nghị", speaker="Loa phòng họp",
            seats=20, can_speak=number % 5 != 0, contact="Cán bộ CNTT", phone=f"0200 000 {number:04d}",
            email=f"cntt-{number:04d}@truong.demo.example",
        ))
    session.add_all(made)
    session.flush()
    session.add_all([
        Kiosk(endpoint_id=one.id, paired_at=now, paired_by="demo", browser="Chromium 130",
              sealed_secret=seal(f"demonstration {one.id}"))
        for one in made if trouble_of(one.id).silent_s != -1.0
    ])


def _day(session: Session, system_id: int, now: datetime) -> None:
    top = session.query(Unit).filter(Unit.parent_id.is_(None)).order_by(Unit.id).first()
    endpoints = session.query(Endpoint, Site.unit_id).join(Site, Site.id == Endpoint.site_id).order_by(Endpoint.id)
    found = endpoints.all()
    if top is None or not found:
        return
    serial = session.query(Meeting).count()
    for title, kind, offset, minutes, count, is_listening in PLAYS:
        serial += 1
        starts = now.replace(second=0, microsecond=0) + timedelta(minutes=offset)
        meeting = Meeting(
            uid=f"demo-{serial}@edunoc", title=title, kind=kind, state="running" if offset < 0 else "scheduled",
            unit_id=top.id, system_id=system_id, room=f"demo-{serial:04d}-{(serial * 7919) % 10007:05d}",
            starts_at=starts, ends_at=starts + timedelta(minutes=minutes), is_recorded=count >= 100,
            is_important=count >= 600, join_code=f"demo-join-{serial}", created_by="demo", created_at=now,
            updated_at=now, opens_minutes=OPENS, overrun_minutes=OVERRUN,
            began_at=starts - timedelta(minutes=12) if offset < 0 else None,
        )
        session.add(meeting)
        session.flush()
        invited = found[-count:] if count < 10 else found[:count]  # the small one has rooms of its own
        session.add_all(_participants(meeting.id, invited, is_listening))
        session.add_all([
            AgendaItem(meeting_id=meeting.id, position=place, offset_minutes=offset_minutes, minutes=30, title=text)
            for place, (offset_minutes, text) in enumerate(((0, "Khai mạc, báo cáo"), (30, "Thảo luận")))
        ])


def _participants(
    meeting_id: int, endpoints: Sequence[tuple[Endpoint, int]], is_listening: bool
) -> Iterator[Participant]:
    replies = ("accepted", "accepted", "accepted", "needs-action", "tentative", "accepted", "accepted", "declined")
    for place, (endpoint, unit_id) in enumerate(endpoints):
        yield Participant(
            meeting_id=meeting_id, kind="endpoint", unit_id=unit_id, endpoint_id=endpoint.id, name=endpoint.name,
            email=endpoint.email, phone=endpoint.phone, subject=f"ep-{endpoint.code}", position=place,
            role="chair" if place == 0 else "participant", invite_code=f"demo-{meeting_id}-{endpoint.id}",
            mode="speak" if not is_listening or place < 12 else "listen",
            reply="accepted" if place % 9 else replies[(place // 9) % len(replies)],
        )


class Rooms:
    """The heartbeats of all rooms, until cancelled."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def run(self, registry: SeriesRegistry, ingest: Ingest) -> None:
        """Beat each ten seconds; beside it the reflector answers."""
        door = await serve_reflector(Reflector(b"demonstration" * 3), REFLECTOR, REFLECTOR_PORT)
        try:
            while True:
                now = self._context.clock()
                await asyncio.to_thread(self._beat, registry, ingest, now)
                await asyncio.sleep(BEAT_S)
        finally:
            door.close()

    def _beat(self, registry: SeriesRegistry, ingest: Ingest, now: datetime) -> None:
        with self._context.database.session() as session:
            beats = beat(session, now)
        wanted = {endpoint_number(one): [SeriesKey("", name) for name in sorted(values)]
                  for one, values in beats.items() if values}  # fmt: skip
        for number, series in registry.resolve_many(wanted).items():
            values = beats[number - endpoint_number(0)]
            ingest.submit(Batch(series, np.array([values[name] for name in sorted(values)]), now.timestamp()))


def beat(session: Session, now: datetime) -> dict[int, dict[str, float]]:
    """Write every room's newest heartbeat; gives back endpoint -> metric -> value."""
    states = {state.endpoint_id: state for state in session.query(KioskState)}
    # No browser is there to fetch them: pretended, like the heartbeats
    session.query(KioskCommand).filter(KioskCommand.state == "waiting").update(
        {"state": "done", "sent_at": now, "done_at": now, "result": "demonstration"})
    kiosks = [endpoint_id for (endpoint_id,) in session.query(Kiosk.endpoint_id)]
    busy = _busy(session, now)
    spells = {(spell.meeting_id, spell.endpoint_id): spell
              for spell in session.query(KioskSpell).filter(KioskSpell.last_at > now - timedelta(hours=4))}
    codes = dict(session.query(Endpoint.id, Endpoint.code).all())
    found: dict[int, dict[str, float]] = {}
    for endpoint_id in kiosks:
        trouble = trouble_of(endpoint_id)
        meeting = busy.get(endpoint_id)
        state = states.get(endpoint_id)
        if trouble.silent_s is not None and state is not None:
            continue
        if state is None:
            state = KioskState(endpoint_id=endpoint_id, at=now)
            session.add(state)
        state.at = state.sent_at = now - timedelta(seconds=trouble.silent_s or 0.0)
        is_joined = meeting is not None and trouble.silent_s is None
        heartbeat = _heartbeat(endpoint_id, codes.get(endpoint_id, ""), meeting if is_joined else None, state.at)
        state.payload = json.dumps(heartbeat)
        state.state, state.ntp_offset_ms = str(heartbeat["state"]), 12.0
        state.meeting_id = meeting.id if is_joined and meeting is not None else None
        state.connection = f"{endpoint_id * 2654435761 % (1 << 32):08x}" if is_joined else ""
        state.is_visitor = is_joined and bool(heartbeat["visitor"])
        if is_joined and meeting is not None:
            _spell(session, spells, meeting, state)
        if trouble.silent_s is None:
            found[endpoint_id] = _samples(heartbeat)
    return found


def _busy(session: Session, now: datetime) -> dict[int, Meeting]:
    """Endpoint to the running meeting that it is in; a late one joins minutes after the others."""
    running = session.query(Meeting, Participant.endpoint_id).join(Participant).filter(
        Meeting.starts_at <= now + timedelta(minutes=10), Meeting.ends_at > now, Meeting.state != "cancelled",
    )
    return {
        endpoint_id: meeting for meeting, endpoint_id in running
        if endpoint_id and now - meeting.starts_at > timedelta(minutes=(endpoint_id % 19) - 12)
    }


def _spell(session: Session, spells: dict[tuple[int, int], KioskSpell], meeting: Meeting, state: KioskState) -> None:
    spell = spells.get((meeting.id, state.endpoint_id))
    if spell is None:
        session.add(KioskSpell(
            meeting_id=meeting.id, endpoint_id=state.endpoint_id, connection=state.connection,
            is_visitor=state.is_visitor, first_at=min(state.at, meeting.starts_at), last_at=state.at,
        ))
    else:
        spell.last_at = state.at


def _heartbeat(number: int, code: str, meeting: Meeting | None, at: datetime) -> dict[str, object]:
    """A heartbeat as the kiosk sends it, with this endpoint's trouble in it."""
    wobble = (number * 37 + int(at.timestamp()) // 10 * 11) % 20
    beat: dict[str, dict[str, object]] = {
        "devices": dict.fromkeys(("camera", "mic", "speaker", "display"), "ok"),
        "levels": {"mic_rms_dbfs": -36.0 - wobble / 2, "seconds_since_sound": wobble, "picture_luma": 0.42},
        "host": {"cpu_pct": 35 + wobble, "mem_pct": 52, "on_battery": False, "ntp_offset_ms": 12},
        "net": {"gw_rtt_ms": 1.2, "gw_loss_pct": 0, "wan_rtt_ms": 18 + wobble, "wan_loss_pct": 0.1, "dns_ms": 9},
    }
    if meeting is not None:
        beat["connection"] = {
            "quality": 96 - wobble, "rtt_ms": 20 + wobble, "loss_down_pct": 0.2, "loss_up_pct": 0.1, "down_kbps": 1720,
            "up_kbps": 310, "bwe_down_kbps": 5200, "transport": "udp", "candidate": "host", "resolution_up": 360,
        }
    for part, values in trouble_of(number).beat.items():
        if part in beat:
            beat[part] |= values
    return {
        "schema": 1, "site_id": code, "agent_version": "demo", "ts": at.isoformat().replace("+00:00", "Z"),
        "meeting_id": meeting.id if meeting else None, "room": meeting.room if meeting else None,
        "state": "in_meeting" if meeting else "waiting", "visitor": bool(meeting) and number > 60, **beat,
    }


_FIELDS = {
    "endpoint_quality_ratio": ("connection", "quality", 0.01), "endpoint_rtt_seconds": ("connection", "rtt_ms", 0.001),
    "endpoint_loss_down_ratio": ("connection", "loss_down_pct", 0.01),
    "endpoint_loss_up_ratio": ("connection", "loss_up_pct", 0.01),
    "endpoint_down_bits_per_second": ("connection", "down_kbps", 1000.0),
    "endpoint_up_bits_per_second": ("connection", "up_kbps", 1000.0),
    "endpoint_bandwidth_estimate_bits_per_second": ("connection", "bwe_down_kbps", 1000.0),
    "endpoint_cpu_used_ratio": ("host", "cpu_pct", 0.01), "endpoint_memory_used_ratio": ("host", "mem_pct", 0.01),
    "endpoint_gateway_loss_ratio": ("net", "gw_loss_pct", 0.01),
    "endpoint_gateway_rtt_seconds": ("net", "gw_rtt_ms", 0.001),
    "endpoint_wan_loss_ratio": ("net", "wan_loss_pct", 0.01), "endpoint_wan_rtt_seconds": ("net", "wan_rtt_ms", 0.001),
    "endpoint_sound_dbfs": ("levels", "mic_rms_dbfs", 1.0),
    "endpoint_silence_seconds": ("levels", "seconds_since_sound", 1.0),
    "endpoint_picture_luma_ratio": ("levels", "picture_luma", 1.0),
}  # fmt: skip


def _samples(heartbeat: dict[str, object]) -> dict[str, float]:
    found = {"endpoint_in_meeting": float(heartbeat["state"] == "in_meeting")}
    for metric, (part, key, factor) in _FIELDS.items():
        value = dict(heartbeat.get(part) or {}).get(key)  # type: ignore[call-overload]
        if isinstance(value, int | float):
            found[metric] = float(value) * factor
    rtt, loss = found.get("endpoint_rtt_seconds"), found.get("endpoint_loss_down_ratio")
    heard = kiosk.emodel.speech(None if rtt is None else rtt * 1000, None, None if loss is None else loss * 100)
    if heard is not None:
        found["endpoint_mos"] = heard
    return {name: value for name, value in found.items() if name in METRICS}
