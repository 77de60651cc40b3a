"""Which meetings the demonstration's department held in the last two months. Pure: the day alone decides."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = 60
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MOST = 650

TRAININGS = (
    "Tập huấn sử dụng học bạ số", "Tập huấn dạy học kết hợp", "Tập huấn an toàn thông tin trường học",
    "Tập huấn phần mềm quản lý trường học", "Tập huấn kiểm tra, đánh giá học sinh", "Tập huấn chương trình môn Tin học",
)
CONFERENCES = (
    "Hội nghị sơ kết thi đua cụm", "Hội nghị chuyển đổi số trong nhà trường", "Hội nghị công tác kiểm định chất lượng",
    "Hội nghị phòng chống thiên tai trong trường học",
)
LESSONS = (
    "Dự giờ trực tuyến môn Toán lớp 4", "Dự giờ trực tuyến môn Tiếng Anh lớp 6", "Dự giờ trực tuyến môn Ngữ văn lớp 9",
    "Dự giờ trực tuyến môn Khoa học lớp 5", "Dự giờ trực tuyến môn Tin học lớp 7",
)
SMALL = (
    "Họp tổ chuyên môn Toán", "Họp tổ chuyên môn Tiếng Anh", "Họp rà soát cơ sở vật chất", "Họp hội đồng tự đánh giá",
    "Họp công tác bán trú", "Họp chuẩn bị kiểm tra học kỳ", "Họp giao ban cụm trường",
)


@dataclass(frozen=True, slots=True)
class Held:
    """One meeting: `first` is the place of its first endpoint among all, `count` how many are invited. `is_central`:
    the department holds it, else the commune (or, for a lesson, the school) of its first endpoint."""

    title: str
    kind: str
    starts_at: datetime
    minutes: int
    first: int
    count: int
    is_central: bool = True
    is_important: bool = False
    is_streamed: bool = False
    is_recorded: bool = False


def plan(now: datetime, endpoints: int) -> list[Held]:
    """The meetings of the 60 days before today, in their order; none begins on a day off."""
    today = now.astimezone(ZONE).date()
    days = [today - timedelta(days=back) for back in range(DAYS, 0, -1)]
    found = [one for day in days if day.weekday() < 5 and endpoints for one in _day(day, endpoints)]
    return sorted(found, key=lambda one: (one.starts_at, one.title))


def _day(day: date, endpoints: int) -> Iterator[Held]:
    chance = random.Random(f"meetings {day}")  # noqa: S311 - no secret
    week = day.isocalendar().week
    weekday = day.weekday()
    if weekday == 0:
        yield Held("Giao ban trực tuyến toàn ngành", "conference", _at(day, 8), 90, 0, min(MOST, endpoints),
                   is_important=week % 2 == 0, is_streamed=week % 4 == 0, is_recorded=True)  # fmt: skip
    elif weekday == 1:
        yield Held(TRAININGS[week % len(TRAININGS)], "training", _at(day, 8), 150, *_some(chance, 90, 180, endpoints),
                   is_recorded=True)  # fmt: skip
    elif weekday == 2 and week % 2:
        yield Held(CONFERENCES[week // 2 % len(CONFERENCES)], "conference", _at(day, 14), 120,
                   *_some(chance, 180, 300, endpoints), is_important=True, is_streamed=week % 4 == 1,
                   is_recorded=True)  # fmt: skip
    elif weekday == 4:
        yield Held("Họp hiệu trưởng các trường trung học", "meeting", _at(day, 14), 60,
                   *_some(chance, 30, 45, endpoints))  # fmt: skip
    if weekday in (1, 3):
        yield Held(chance.choice(LESSONS), "observation", _at(day, 9), 45, *_some(chance, 8, 14, endpoints),
                   is_central=False, is_recorded=True)  # fmt: skip
    for hour in (10, 15) if weekday in (2, 3) else (15,):
        yield Held(f"{chance.choice(SMALL)} – cụm {chance.randint(1, 12)}", "meeting", _at(day, hour, 30), 60,
                   *_some(chance, 6, 16, endpoints), is_central=False)  # fmt: skip


def _some(chance: random.Random, least: int, most: int, endpoints: int) -> tuple[int, int]:
    """(first, count): a run of neighbours."""
    count = min(chance.randint(least, most), endpoints)
    return chance.randint(0, endpoints - count), count


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)
