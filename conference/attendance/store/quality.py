"""How well each endpoint of a meeting was heard: the median of its estimated MOS, by the kept samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from conference.attendance.models import Attendance
from conference.schedule import Meeting, endpoints_of
from inventory import endpoint_number

METRIC = "endpoint_mos"
STEP_MS = 60_000  # a minute each: six heartbeats are one look


def measured_quality(session: Session, meeting_id: int, store: Any, registry: Any) -> dict[int, float]:
    """Endpoint to its median MOS inside the planned time; who sent nothing is left out. One window for all."""
    meeting = session.get(Meeting, meeting_id)
    if store is None or registry is None or meeting is None:
        return {}
    owners = {endpoint_number(one.endpoint_id): one.endpoint_id for one in endpoints_of(session, meeting_id)}
    series = registry.of_metric(METRIC)
    device = registry.device[series].astype(np.int64)
    mine = np.isin(device, np.fromiter(owners, np.int64, len(owners)))
    series, device = series[mine], device[mine]
    if not len(series):
        return {}
    start, end = (int(moment.timestamp() * 1000) for moment in (meeting.starts_at, meeting.ends_at))
    window = store.window(np.sort(series).tolist(), start, end, STEP_MS)
    owner_of = dict(zip(series.tolist(), device.tolist(), strict=True))
    return {owners[owner_of[number]]: round(middle, 2) for number, middle in _medians(window.series, window.mean)}


def _medians(series: np.ndarray, values: np.ndarray) -> list[tuple[int, float]]:
    """(series, median of its values); `series` is sorted."""
    numbers, first = np.unique(series, return_index=True)
    parts = np.split(values, first[1:]) if len(numbers) else []
    return [(int(number), float(np.median(part))) for number, part in zip(numbers, parts, strict=True)]


def keep_quality(session: Session, meeting_id: int, quality: Mapping[int, float]) -> None:
    """Write it beside the counted rows. It is no part of their seal: it is measured by the kiosks themselves."""
    if not quality:
        return
    rows = session.execute(
        select(Attendance.id, Attendance.endpoint_id)
        .where(Attendance.meeting_id == meeting_id, Attendance.endpoint_id.is_not(None))
    )  # fmt: skip
    found = [{"row": row, "value": quality[endpoint_id]} for row, endpoint_id in rows if endpoint_id in quality]
    if found:
        table = Attendance.__table__
        session.connection().execute(
            update(table).where(table.c.id == bindparam("row")).values(quality=bindparam("value")), found
        )
