"""What goes into a check and what comes out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from core import Secret

Resolve = Callable[[str], Awaitable[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who a check signs in as."""

    user: str
    password: Secret


@dataclass(frozen=True, slots=True)
class CheckTarget:
    """What to look at. `address` is the device's, for a target without a host; `expect` means what its kind says.

    `security` is auto, tls, starttls or none; `ca_file` holds certificates to trust beside the system's.
    """

    kind: str
    target: str
    expect: str = ""
    address: str = ""
    timeout_s: float = 10.0
    expect_status: str = ""
    security: str = "auto"
    sign_in: SignIn | None = None
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a probe measured: metric name -> value. `reason` other than "ok" means that the service is not in order.

    `facts` are texts that explain the answer: who issued the certificate, what DNS said.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    reason: str = "ok"
    detail: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckReading:
    """A finished check. `values` always hold check_up; times are in seconds. `detail` is text for a person, tamed."""

    is_ok: bool
    reason: str
    detail: str
    seconds: float
    values: Mapping[str, float]
    facts: Mapping[str, str] = field(default_factory=dict)
