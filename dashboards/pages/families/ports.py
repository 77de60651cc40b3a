"""The ports that stand for a device's traffic: its line's, else the one that leads up. Remembered beside the fleet and
read anew in a thread: 60,000 devices' ports take longer than a page may."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import structlog

from core import Database, LazyText, Session
from core import lazy_gettext as _l
from dashboards.pages.families.store import PortName, line_ports, ports_version, upward_ports

log = structlog.get_logger(__name__)

BUSIEST, UPLINK, LINE = 0, 1, 2
ROLES: tuple[LazyText, ...] = (_l("busiest port"), _l("uplink"), _l("line's port"))
PAUSE_S = 60.0  # graphs change all day somewhere in a province


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports by device and the name of their series' part."""

    lines: Sequence[PortName] = ()
    uplinks: Sequence[PortName] = ()

    def roles(self, keys: np.ndarray, names: Sequence[str]) -> np.ndarray:
        """int8[n]: what each port is, of sorted keys `device << 32 | part` that number the parts by `names`."""
        found = np.full(len(keys), BUSIEST, np.int8)
        number = {name: place for place, name in enumerate(names)}
        for role, ports in ((UPLINK, self.uplinks), (LINE, self.lines)):
            wanted = np.array([device << 32 | number[part] for device, part in ports if part in number], np.int64)
            if len(wanted) and len(keys):
                at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
                found[at[keys[at] == wanted]] = role
        return found


def read_ports(session: Session) -> Ports:
    """All of them now."""
    return Ports(line_ports(session), upward_ports(session))


class PortsCache:
    """The ports of one database. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version: tuple[int, int] | None = None
        self._read_at = float("-inf")
        self._reading: threading.Thread | None = None
        self._ports = Ports()

    def get(self, session: Session, database: Database, now: float) -> Ports:
        """The ports as they were known last; what changed meanwhile is read in a thread, the first time at once."""
        version = ports_version(session)
        with self._lock:
            if version == self._version:
                return self._ports
            if self._version is None:
                self._ports, self._version, self._read_at = read_ports(session), version, now
            elif now - self._read_at >= PAUSE_S and (self._reading is None or not self._reading.is_alive()):
                self._read_at = now
                self._reading = threading.Thread(target=self._read, args=(database,), name="ports", daemon=True)
                self._reading.start()
            return self._ports

    def _read(self, database: Database) -> None:
        try:
            with database.reading() as session:
                version, ports = ports_version(session), read_ports(session)
        except Exception:
            log.exception("the ports that lead up cannot be read; the old ones stay")
            return
        with self._lock:
            self._version, self._ports = version, ports

    def wait(self, within_s: float) -> None:
        """Until what is being read has been read."""
        if self._reading is not None:
            self._reading.join(within_s)
