"""Projectors of the demonstration: a handful really speak PJLink on loopback; figures of the others are invented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta

import numpy as np

from core import Secret, Session, Vault
from deploy.demo.pjlink import Door, Fittings, Projector
from deploy.demo.script import Cast, school_day
from deploy.demo.wifi import smooth
from inventory import Device, RoomUse, Site, create_credential
from playbooks import ProjectorSchedule
from telemetry import SeriesKey

NET = "127.77.1"
PORT = 4352
SITE = "SO-GDDT"
CREDENTIAL = "Mật khẩu máy chiếu của bản trình diễn"
PASSWORD = "JBMIAProjectorLink"  # noqa: S105 - the example of the standard; these projectors are pretended
LAMP = "lamp:1"
LIFE_H, FILTER_H = 4000.0, 1000.0
WEEK_S = 7 * 86_400.0

# Room code, room, kind of room, projector, its fittings, power at the start, authentication, what it complains of
REAL = (
    ("HT", "Hội trường lớn", "meeting", Fittings(product="DP-900", serial="DEMO-9001", lamps=(3871.0, 3902.0)), "1",
     "sha256", "000000"),
    ("HA", "Phòng họp A", "meeting", Fittings(product="DP-100", serial="DEMO-1001", lamps=(1163.0,)), "1", "md5",
     "000000"),
    ("HB", "Phòng họp B", "meeting", Fittings(product="DP-100", serial="DEMO-1002", lamps=(2290.0,)), "0", "",
     "000000"),
    ("HC", "Phòng họp trực tuyến", "meeting", Fittings(product="DP-100", serial="DEMO-1003", lamps=(640.0,)), "1", "",
     "010000"),
    ("TH", "Phòng tập huấn", "classroom",
     Fittings(product="DL-200 laser", serial="DEMO-2001", lamps=(), filter_hours=None), "1", "", "000000"),
    ("TV", "Thư viện", "library", Fittings(grade=1, product="DP-50", serial="DEMO-0501", lamps=(4120.0,)), "0", "",
     "000002"),
)  # fmt: skip


def rooms() -> list[dict[str, str]]:
    """Rows of the rooms in which they hang."""
    return [{"site_id": SITE, "code": code, "name": name, "kind": kind} for code, name, kind, *_rest in REAL]


def devices() -> list[dict[str, str]]:
    """Rows of the projectors that answer."""
    return [
        {
            "code": f"MC-{code}", "site_id": SITE, "name": f"Máy chiếu {name}", "kind": "projector", "room_id": code,
            "address": f"{NET}.{host}", "pjlink_port": str(PORT), "is_monitored": "yes", "interval_s": "60",
            "credential_id": CREDENTIAL if authentication else "", "parent_device_id": "DEPT-005", "vendor": "",
            "model": "",
        }
        for host, (code, name, _kind, _kit, _power, authentication, _errors) in enumerate(REAL, start=1)
    ]  # fmt: skip


def doors(clock: Callable[[], float]) -> list[Door]:
    """What answers for them."""
    found = []
    for host, (_code, _name, _kind, kit, power, authentication, errors) in enumerate(REAL, start=1):
        projector = Projector(clock, kit, power=power, errors=errors)
        door = Door(projector, f"{NET}.{host}", PORT, authentication, PASSWORD, mac=f"02:00:00:00:77:{host:02x}")
        found.append(door)
    return found


def fill(session: Session, vault: Vault) -> None:
    """The password, before the devices that have it."""
    create_credential(session, vault, {"name": CREDENTIAL, "kind": "pjlink", "password": Secret(PASSWORD)})


def plan(session: Session, now: datetime) -> None:
    """A meeting that keeps one room from being touched, and a schedule."""
    projector = session.query(Device).filter(Device.code == "MC-HA").one_or_none()
    site = session.query(Site).filter(Site.code == SITE).one_or_none()
    if projector is None or site is None:
        return
    session.add(RoomUse(
        site_id=site.id, room_id=projector.room_id, name="Giao ban trực tuyến toàn tỉnh", purpose="meeting",
        starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=6),
    ))  # fmt: skip
    session.add(ProjectorSchedule(
        name="Tắt máy chiếu sau giờ học", unit_id=site.unit_id, runs_at=time(17, 30), created_by="demo",
    ))  # fmt: skip


KEYS = (
    SeriesKey("", "projector_power"), SeriesKey("", "projector_error"), SeriesKey("", "projector_answers"),
    SeriesKey("", "projector_left_on"), SeriesKey("", "projector_input"), SeriesKey("", "projector_muted"),
    SeriesKey(LAMP, "projector_lamp_seconds"), SeriesKey(LAMP, "projector_lamp_used_ratio"),
    SeriesKey("", "projector_filter_seconds"), SeriesKey("", "projector_filter_used_ratio"),
)
VOICES = ("projector_lamp_seconds@projector@lamp:1", "projector_filter_seconds@projector@")


def _hours(rows: np.ndarray, now: float, life: float) -> np.ndarray:
    """Hours of light: 6 to 26 a week; most parts are changed shortly before their end, a few are overdue."""
    pace = 6 + 20 * (rows * 29 % 101) / 101
    hours = (rows * 977 % 4099 / 4099 * life + pace * now / WEEK_S) % (life * 0.955)
    return hours + np.where(rows % 211 == 5, 0.3 * life, 0.0)


def _is_on(rows: np.ndarray, now: float) -> np.ndarray:
    return (smooth(rows, now, 5) < 0.75 * school_day(now)) | (rows % 71 == 3)


def values(part: str, metric: str, _cast: Cast, rows: np.ndarray, now: float) -> np.ndarray:
    """float64[n]: a metric of a part of these projectors."""
    if metric.startswith("projector_lamp"):
        hours = _hours(rows, now, LIFE_H)
        return hours * 3600 if metric.endswith("seconds") else hours / LIFE_H
    if metric.startswith("projector_filter"):
        hours = _hours(rows, now, FILTER_H)
        return hours * 3600 if metric.endswith("seconds") else hours / FILTER_H
    is_on, is_night = _is_on(rows, now), school_day(now) < 0.1
    found = {
        "projector_power": is_on.astype(float),
        "projector_error": np.select([rows % 137 == 11, rows % 59 == 7], [2.0, 1.0], 0.0),
        "projector_answers": np.select([rows % 113 == 17, (rows % 3 == 0) & is_night & ~is_on], [0.0, 2.0], 1.0),
        "projector_left_on": (is_on & is_night).astype(float),
        "projector_input": np.where(rows % 4 == 0, 11.0, 31.0),
        "projector_muted": (is_on & (rows % 23 == 4)).astype(float),
    }
    return found[metric]


def history(rows: np.ndarray, voice: str, now: float, weeks: int = 8) -> Iterator[tuple[float, np.ndarray]]:
    """(moment, values) of each day of the last weeks: lamps have a pace from the beginning. None of other voices."""
    if voice not in VOICES:
        return
    life = LIFE_H if voice == VOICES[0] else FILTER_H
    for day in range(7 * weeks, 1, -1):
        at = now - day * 86_400.0
        yield at, _hours(rows, at, life) * 3600
