"""Neighbours that named themselves: the newest reading compared with what is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.models import Neighbour
from inventory.parsing import tamed
from inventory.topology.macs import mac_number, mac_text
from inventory.topology.report import NeighbourSeen
from inventory.topology.shapes import Layer2Change

# What merely sits on a desk comes and goes with its user
_NETWORK = frozenset({"bridge", "router", "wlan_access_point", "repeater"})
_IDENTITY = ("protocol", "part", "remote_mac", "remote_name", "remote_part")


def record_neighbours(
    session: Session, device_id: int, told: Iterable[NeighbourSeen], moments: tuple[datetime | None, datetime]
) -> tuple[list[Layer2Change], bool]:
    """(what to tell people, whether anything changed). `moments`: when they were read before, and now."""
    before, now = moments
    seen: dict[tuple, dict[str, Any]] = {}
    for one in told:
        values = _values(one)
        seen[tuple(values[name] for name in _IDENTITY)] = values
    news: list[Layer2Change] = []
    is_different = False
    known = set()
    for row in session.scalars(select(Neighbour).where(Neighbour.device_id == device_id)):
        identity = tuple(getattr(row, name) for name in _IDENTITY)
        known.add(identity)
        now_told = seen.get(identity)
        if now_told is None:
            if row.gone_at is None:
                row.gone_at, row.last_seen, is_different = now, before or now, True
                news.append(_change("neighbour_gone", device_id, vars(row)))
            continue
        if row.gone_at is not None:
            row.gone_at, row.last_seen, is_different = None, now, True
            news.append(_change("neighbour_new", device_id, now_told))
        for name, value in now_told.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
                is_different = True
    for identity, values in seen.items():
        if identity not in known:
            is_different = True
            session.add(Neighbour(device_id=device_id, first_seen=now, last_seen=now, **values))
            news.append(_change("neighbour_new", device_id, values))
    session.flush()
    return ([one for one in news if one is not None] if before is not None else []), is_different


def _values(one: NeighbourSeen) -> dict[str, Any]:
    return {
        "protocol": tamed(one.protocol, 16).lower(), "part": one.local_part[:255],
        "remote_mac": mac_number(one.remote_mac), "remote_name": tamed(one.remote_name, 255),
        "remote_part": tamed(one.remote_part, 255), "remote_label": tamed(one.remote_label, 255),
        "remote_id": tamed(one.remote_id, 255), "remote_address": tamed(one.remote_address, 64),
        "remote_description": tamed(one.remote_description, 500),
        "capabilities": ",".join(sorted({tamed(word, 40).replace(",", "") for word in one.capabilities}))[:255],
    }


def _change(kind: str, device_id: int, of: Mapping[str, Any]) -> Layer2Change | None:
    words = set(of["capabilities"].split(",")) - {""}
    if words and not words & _NETWORK:
        return None
    return Layer2Change(
        kind, device_id, of["part"], mac_text(of["remote_mac"]) if of["remote_mac"] else "", name=of["remote_name"],
        remote_part=of["remote_part"], protocol=of["protocol"],
    )
