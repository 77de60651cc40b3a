"""How reading layer-2 tables goes, and the ports that the last survey found, by which the tables are understood."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select

from collectors.layer2 import Port
from collectors.models import NetworkState
from core import Session
from inventory import Device, Part

DETAIL_LIMIT = 500


@dataclass(frozen=True, slots=True)
class NetworkOutcome:
    """How one reading went; `is_ok`: the device answered, whatever was left out."""

    at: datetime
    reason: str
    detail: str = ""
    is_ok: bool = False
    requests: int = 0
    timeouts: int = 0
    seconds: float = 0.0
    fdb_entries: int = 0
    neighbours: int = 0


def ports_of_device(session: Session, device_id: int) -> tuple[Port, ...]:
    """Its ports that are there, in the order of ifIndex."""
    rows = session.execute(
        select(Part.index, Part.key, Part.name, Part.description, Part.alias, Part.mac)
        .where(Part.device_id == device_id, Part.kind == "port", Part.index.is_not(None), Part.vanished_at.is_(None))
        .order_by(Part.index)
    )
    return tuple(
        Port(index, key.removeprefix("if:"), name or "", description or "", alias or "", mac or "")
        for index, key, name, description, alias, mac in rows
    )


def network_states(session: Session) -> dict[int, NetworkState]:
    """States by device, of all devices."""
    return {state.device_id: state for state in session.scalars(select(NetworkState))}


def network_state(session: Session, device_id: int) -> NetworkState | None:
    """How reading this device's tables went; None when they were never read."""
    return session.get(NetworkState, device_id)


def save_network_state(session: Session, device_id: int, outcome: NetworkOutcome) -> None:
    """Write how a reading went; nothing for a device that is gone meanwhile."""
    if session.get(Device, device_id) is None:
        return
    state = session.get(NetworkState, device_id)
    if state is None:
        state = NetworkState(device_id=device_id, last_at=outcome.at, reason="", since=outcome.at)
        session.add(state)
    if state.reason != outcome.reason:
        state.since = outcome.at
    values = asdict(outcome)
    is_ok, at = values.pop("is_ok"), values.pop("at")
    values["detail"] = values["detail"][:DETAIL_LIMIT]
    state.last_at = at
    if is_ok:
        state.last_ok_at = at
    for name, value in values.items():
        setattr(state, name, value)
    session.flush()
