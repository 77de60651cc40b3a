"""The demonstration province as spreadsheet rows: places, rooms, devices and lines, made up from public totals.

Totals are those of Hà Giang's plan 179/KH-UBND (2017): 194 computer labs, 5,914 computers, 1,361 projectors. Names are
generic, points on the map plausible, people are roles. Deterministic: the same seed gives the same province.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle

from deploy.demo import projectors

Row = dict[str, str]

SCHOOLS = 650
COMMUNES = 124
LABS = 194
LAB_COMPUTERS = 5914
PROJECTORS = 1361
OWN_NET = "127.77"  # loopback addresses answered by the replay agent
REPLAY_PORT = 16161
CREDENTIAL = "Cộng đồng SNMP của bản trình diễn"

_PROVIDERS = (("VNPT", 0.42), ("Viettel", 0.40), ("FPT Telecom", 0.18))
_LEVELS = (("kindergarten", "Trường Mầm non", 0.29), ("primary", "Trường Tiểu học", 0.27),
           ("lower_secondary", "Trường THCS", 0.30), ("combined", "Trường PTDT bán trú TH và THCS", 0.08),
           ("upper_secondary", "Trường THPT", 0.06))
# The province's outline as a few circles of latitude, longitude and radius in degrees
_LAND = (
    (23.15, 105.05, 0.22), (22.83, 104.98, 0.18), (22.74, 104.67, 0.20), (22.50, 104.80, 0.22), (23.05, 105.35, 0.18),
)


@dataclass(slots=True)
class Province:
    """Rows by kind of spreadsheet, in the order in which they are imported."""

    units: list[Row] = field(default_factory=list)
    sites: list[Row] = field(default_factory=list)
    rooms: list[Row] = field(default_factory=list)
    devices: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)
    calendar: list[Row] = field(default_factory=list)

    def kinds(self) -> Iterator[tuple[str, list[Row]]]:
        """("units", rows), ("sites", rows), ... in import order."""
        for kind in ("units", "sites", "rooms", "devices", "links", "calendar"):
            yield kind, getattr(self, kind)


def make_province(schools: int = SCHOOLS, seed: int = 179) -> Province:
    """The whole province; with fewer schools the totals shrink in proportion."""
    chance = random.Random(seed)
    province = Province()
    province.units.append({"code": "SO-GDDT", "name": "Sở Giáo dục và Đào tạo", "kind": "department", "parent_id": ""})
    communes = max(1, round(COMMUNES * schools / SCHOOLS))
    for number in range(1, communes + 1):
        word = "Phường" if number % 9 == 0 else "Xã"
        province.units.append(
            {"code": f"XA-{number:03d}", "name": f"{word} số {number}", "kind": "commune", "parent_id": "SO-GDDT"}
        )
    share = schools / SCHOOLS
    plan = _Plan(chance, round(LABS * share), round(LAB_COMPUTERS * share), round(PROJECTORS * share))
    for number in range(1, schools + 1):
        _school(province, plan, number, f"XA-{(number - 1) % communes + 1:03d}", schools)
    _department(province)
    province.rooms += projectors.rooms()
    province.devices += projectors.devices()
    _calendar(province)
    return province


class _Plan:
    """Deals labs, computers and projectors out to the schools so that the totals come out exactly."""

    def __init__(self, chance: random.Random, labs: int, computers: int, projectors: int) -> None:
        self.chance = chance
        self.labs = labs
        self.computers = computers
        self.projectors = projectors

    def take_labs(self, left: int) -> int:
        taken = min(self.labs, 1 if self.chance.random() < self.labs / max(left, 1) else 0)
        if self.labs - taken > left - 1:  # every later school could have one, and some must have two
            taken = self.labs - (left - 1)
        self.labs -= taken
        return taken

    def take_computers(self) -> int:
        labs_left = self.labs + 1
        fair = self.computers / labs_left
        taken = self.computers if labs_left == 1 else min(self.computers, round(fair + self.chance.uniform(-8, 8)))
        self.computers -= taken
        return taken

    def take_projectors(self, left: int) -> int:
        fair = self.projectors / left
        taken = self.projectors if left == 1 else min(self.projectors, round(fair * self.chance.uniform(0.2, 1.8)))
        self.projectors -= taken
        return taken


# What a school's access points cover, in this order: name, kind of room, floor
_COVERED = (
    ("Văn phòng", "office", 1), ("Dãy lớp tầng 1", "classroom", 1), ("Dãy lớp tầng 2", "classroom", 2),
    ("Thư viện", "library", 2), ("Dãy lớp tầng 3", "classroom", 3),
)


def _weighted(chance: random.Random, options: tuple[tuple, ...]) -> tuple:
    return chance.choices(options, weights=[option[-1] for option in options])[0]


def _school(province: Province, plan: _Plan, number: int, commune: str, schools: int) -> None:
    chance, left = plan.chance, schools - number + 1
    kind, word, _share = _weighted(chance, _LEVELS)
    code, name = f"TR-{number:04d}", f"{word} số {number}"
    province.units.append({"code": code, "name": name, "kind": kind, "parent_id": commune})
    centre = chance.choice(_LAND)
    province.sites.append({
        "code": code, "name": f"{name} – điểm chính", "unit_id": code, "address": f"Thôn {number % 17 + 1}",
        "latitude": f"{centre[0] + chance.uniform(-1, 1) * centre[2]:.5f}",
        "longitude": f"{centre[1] + chance.uniform(-1, 1) * centre[2]:.5f}", "contact": "Cán bộ CNTT",
    })
    net = f"10.{number // 250 + 10}.{number % 250}"
    rows = _Rows(province, code, net)
    router = rows.device("router", "Bộ định tuyến", "MikroTik", "RB760iGS")
    switches = [rows.device("switch", f"Switch tầng {floor}", "Ruijie", "RG-ES224GC", router)
                for floor in range(1, chance.randint(2, 3 if kind != "kindergarten" else 2) + 1)]
    below = cycle(switches)
    for point in range(1, chance.randint(2, 5) + 1):
        place, room_kind, floor = _COVERED[point - 1]
        room = rows.room(f"KV{point}", place, room_kind, 45, floor)
        rows.device("ap", f"Điểm phát Wi-Fi {point}", "Ubiquiti", "U6+", next(below), room)
    if chance.random() < 0.45:
        rows.device("ups", "Bộ lưu điện", "Santak", "Blazer 1000 Pro", router)
    for lab in range(1, plan.take_labs(left) + 1):
        room = rows.room(f"PM{lab}", f"Phòng máy {lab}", "lab", 36)
        for seat in range(1, plan.take_computers() + 1):
            rows.device("computer", f"PM{lab}-{seat:02d}", "Lenovo", "neo 50t", None, room)
    for projector in range(1, plan.take_projectors(left) + 1):
        room = rows.room(f"P{100 + projector}", f"Phòng học {100 + projector}", "classroom", 40)
        rows.device("projector", f"Máy chiếu P{100 + projector}", "Epson", "EB-E01", next(below), room)
    if kind in ("upper_secondary", "combined") or chance.random() < 0.3:
        rows.room("HOP", "Phòng họp trực tuyến", "meeting", 20)
    if number % 3 == 0:
        rows.device("printer", "Máy in văn phòng", "Brother", "HL-L2366DW", next(below), "KV1")
    if kind == "upper_secondary":
        rows.device("wlan_controller", "Bộ điều khiển Wi-Fi", "Ruijie", "RG-WS6008", router)
        rows.device("nas", "Lưu trữ giáo án", "Synology", "DS423+", switches[0])
        recorder = rows.device("nvr", "Đầu ghi camera", "Hikvision", "DS-7608NI", switches[0])
        for gate in ("cổng chính", "nhà xe"):
            rows.device("camera", f"Camera {gate}", "Hikvision", "DS-2CD1043", recorder)
    provider = _weighted(chance, _PROVIDERS)[0]
    speed = chance.choice((100, 150, 200, 300))
    province.links.append({
        "site_id": code, "name": f"Cáp quang {provider}", "isp": provider,
        "contract_number": f"{provider[:3].upper()}-{number:05d}/2026",
        "committed_down_bps": f"{speed} Mbit/s", "committed_up_bps": f"{speed} Mbit/s",
        "monthly_cost": str(chance.choice((250_000, 330_000, 450_000, 660_000))),
        "starts_on": "2026-01-01", "ends_on": "2026-12-31", "device_id": router,
    })


class _Rows:
    """Adds rooms and devices of one site, with addresses counted up."""

    def __init__(self, province: Province, site: str, net: str) -> None:
        self._province = province
        self._site = site
        self._net = net
        self._host = 0
        self._count: dict[str, int] = {}

    def room(self, code: str, name: str, kind: str, seats: int, floor: int = 1) -> str:
        self._province.rooms.append(
            {"site_id": self._site, "code": code, "name": name, "kind": kind, "floor": str(floor), "seats": str(seats)}
        )
        return code

    def device(self, kind: str, name: str, vendor: str, model: str, parent: str | None = None, room: str = "") -> str:
        self._host += 1
        self._count[kind] = self._count.get(kind, 0) + 1
        code = f"{kind.upper()}-{self._site}-{self._count[kind]:03d}"
        self._province.devices.append({
            "code": code, "site_id": self._site, "name": name, "kind": kind, "vendor": vendor, "model": model,
            "room_id": room, "address": f"{self._net}.{self._host}", "parent_device_id": parent or "",
            # Lab computers speak to nobody until the agent is there: they are records, not targets
            "is_monitored": "no" if kind == "computer" else "yes",
        })
        return code


# What the replay agent answers for in the department's own house: kind, name, recording of deploy/demo/recordings
DEPARTMENT_DEVICES = (
    ("router", "Bộ định tuyến biên", "router"), ("firewall", "Tường lửa Sở", "router"),
    *(("switch", f"Switch lõi {n}", "switch") for n in (1, 2)),
    *(("switch", f"Switch tầng {n}", "switch") for n in range(1, 13)),
    *(("server", name, "server") for name in (
        "Máy chủ cổng thông tin", "Máy chủ thư điện tử", "Máy chủ văn bản điều hành", "Máy chủ quản lý trường học",
        "Máy chủ thi", "Máy chủ họp 1", "Máy chủ họp 2", "Máy chủ sao lưu")),
    *(("ups", f"Bộ lưu điện phòng máy chủ {n}", "ups") for n in (1, 2, 3)),
    *(("printer", f"Máy in phòng {n}", "printer") for n in (101, 102, 201, 202)),
)


def _department(province: Province) -> None:
    province.sites.append({
        "code": "SO-GDDT", "name": "Sở Giáo dục và Đào tạo – trụ sở", "unit_id": "SO-GDDT", "address": "Trung tâm tỉnh",
        "latitude": "22.82330", "longitude": "104.98360", "contact": "Phòng Công nghệ thông tin",
    })
    for host, (kind, name, _recording) in enumerate(DEPARTMENT_DEVICES, start=1):
        above = "" if host == 1 else "DEPT-001" if host <= 4 else "DEPT-003"
        province.devices.append({
            "code": f"DEPT-{host:03d}", "site_id": "SO-GDDT", "name": name, "kind": kind, "vendor": "", "model": "",
            "room_id": "", "address": f"{OWN_NET}.0.{host}", "snmp_port": str(REPLAY_PORT), "credential_id": CREDENTIAL,
            "parent_device_id": above, "is_monitored": "yes",
        })


# Terms as the ministry's frame for 2026-2027 would set them; the hours are those of many schools
_CALENDAR_DAYS = (
    ("term", "Học kỳ I 2026-2027", "2026-09-07", "2027-01-16"),
    ("term", "Học kỳ II 2026-2027", "2027-01-18", "2027-05-29"),
    ("holiday", "Tết Dương lịch", "2027-01-01", "2027-01-01"),
    ("holiday", "Tết Nguyên đán", "2027-02-01", "2027-02-14"),
    ("exam", "Kiểm tra cuối học kỳ I", "2026-12-21", "2026-12-31"),
)


_HOURS = (("Buổi sáng", "07:00", "11:30"), ("Buổi chiều", "13:30", "17:00"))


def _calendar(province: Province) -> None:
    """One school year for all schools; written at the department, so every school takes it over."""
    for kind, name, first, last in _CALENDAR_DAYS:
        province.calendar.append(
            {"unit_id": "SO-GDDT", "kind": kind, "name": name, "starts_on": first, "ends_on": last}
        )
    for day in range(2, 8):
        for name, begin, end in _HOURS[: 2 if day < 7 else 1]:
            province.calendar.append({
                "unit_id": "SO-GDDT", "kind": "teaching", "name": name, "weekday": f"Thứ {day}", "starts_at": begin,
                "ends_at": end,
            })
