"""What the answerer knows of systems and meetings, as plain values that go through JSON. Pure."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple

from inventory import key_file_name, sha256_hex


@dataclass(frozen=True, slots=True)
class SystemProof:
    """One meeting system: how its servers prove themselves, and the public keys that they may fetch.

    `login_keys`, `system_keys`: (file name, PEM, epoch until which it is served or None). Secrets are SHA-256, hex.
    `jibris`: (server id, host of its address).
    """

    id: int
    tenant: str = ""
    is_enabled: bool = True
    networks: str = ""
    reservation: str = ""
    event: str = ""
    login_keys: tuple[tuple[str, str, float | None], ...] = ()
    system_keys: tuple[tuple[str, str, float | None], ...] = ()
    jibris: tuple[tuple[int, str], ...] = ()

    def is_near(self, address: str) -> bool:
        """Whether an address is one of this system's servers."""
        try:
            asker = ip_address(address)
        except ValueError:
            return False
        return any(asker in ip_network(word, strict=False) for word in self.networks.split())


class Booking(NamedTuple):
    """One meeting as a reservation: times in epoch seconds, `state` the meeting's. None: not said to Prosody.

    A tuple, as 1,200 of them go through JSON every few seconds.
    """

    meeting_id: int
    system_id: int
    room: str
    state: str
    opens: float
    starts: float
    closes: float
    max_occupants: int | None = None
    lobby: bool | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the answerer needs, as of `at` (epoch seconds). Found by hash, so that 2,000 meetings cost nothing."""

    at: float
    systems: tuple[SystemProof, ...] = ()
    bookings: Mapping[tuple[int, str], Booking] = field(default_factory=dict)

    def system_by_secret(self, kind: str, secret: str) -> SystemProof | None:
        """The system whose secret of this kind ("reservation", "event") this is; every one is compared, in constant
        time, so that the time tells nothing."""
        given, found = sha256_hex(secret), None
        for system in self.systems:
            known = getattr(system, kind)
            if known and hmac.compare_digest(known, given) and system.is_enabled:
                found = system
        return found


def proof_of(system: Any, jibris: tuple[tuple[int, str], ...]) -> SystemProof:
    """The proof of a MeetingSystem row."""
    proofs = json.loads(system.proofs or "{}")

    def keys(use: str) -> tuple[tuple[str, str, float | None], ...]:
        return tuple((key_file_name(key["kid"]), key["pem"], key.get("until")) for key in proofs.get(use, ()))

    return SystemProof(
        system.id, system.tenant.lower(), system.is_enabled, system.server_networks, proofs.get("reservation", ""),
        proofs.get("event", ""), keys("login"), keys("system"), jibris,
    )


def to_json(snapshot: Snapshot) -> str:
    """The snapshot without its time, so that equal content is equal text."""
    return json.dumps({
        "systems": [asdict(system) for system in snapshot.systems],
        "bookings": list(snapshot.bookings.values()),
    })


def from_json(at: float, text: str) -> Snapshot:
    """What to_json wrote."""
    raw = json.loads(text)
    bookings = [Booking(*one) for one in raw["bookings"]]
    systems = tuple(SystemProof(**{name: _tuples(value) for name, value in one.items()}) for one in raw["systems"])
    return Snapshot(at, systems, {(booking.system_id, booking.room): booking for booking in bookings})


def _tuples(value: Any) -> Any:
    return tuple(tuple(one) for one in value) if isinstance(value, list) else value
