"""What is to be watched, read whole from the inventory when its version has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from collectors.checks import SignIn, part_of, service_part
from collectors.names import is_address
from collectors.work.setting import WorkSetting
from core import OutsideFailure, SealError, Session, Vault
from inventory import (
    HttpCredential,
    MonitoredCheck,
    MonitoredDevice,
    MonitoredService,
    NotFound,
    PjlinkCredential,
    SnmpCredential,
    inventory_version,
    monitored_checks,
    monitored_devices,
    monitored_services,
    open_credential,
)
from telemetry import SeriesKey, SeriesRegistry

PING_METRICS = ("device_up", "ping_rtt_seconds", "ping_loss_ratio", "ping_jitter_seconds")
READ_METRICS = ("snmp_up", "poll_seconds", "poll_requests", "poll_timeouts")
RESOLVING_AT_ONCE = 500

Signing = dict[int, SignIn]  # credential id -> who a check signs in as


@dataclass(frozen=True, slots=True)
class Roll:
    """One reading of the inventory. `credentials` holds what could be opened, `sealed_shut` the ids that could not.

    `addresses` is the numeric address of each device whose name could be resolved.
    """

    version: int = -1
    devices: Mapping[int, MonitoredDevice] = field(default_factory=dict)
    checks: Mapping[int, MonitoredCheck] = field(default_factory=dict)
    credentials: Mapping[int, SnmpCredential] = field(default_factory=dict)
    sealed_shut: frozenset[int] = frozenset()
    addresses: Mapping[int, str] = field(default_factory=dict)
    pjlink: Mapping[int, PjlinkCredential] = field(default_factory=dict)
    services: Mapping[int, MonitoredService] = field(default_factory=dict)
    signing: Signing = field(default_factory=dict)

    def credential_of(self, device: MonitoredDevice) -> SnmpCredential | None:
        """The credential a device is read with; None: it is watched by ping alone."""
        return None if device.credential_id is None else self.credentials.get(device.credential_id)

    def pjlink_of(self, device: MonitoredDevice) -> PjlinkCredential | None:
        """The credential for PJLink: the device's second one, else its only one when that is of this kind."""
        chosen = device.credential_id if device.pjlink_credential_id is None else device.pjlink_credential_id
        return self.pjlink.get(chosen or 0)

    def is_projector(self, device: MonitoredDevice) -> bool:
        """Whether this device is (to be) read over PJLink."""
        return device.pjlink_port is not None or self.pjlink_of(device) is not None

    def is_read(self, device: MonitoredDevice) -> bool:
        """Whether this device is (to be) read over SNMP."""
        return device.credential_id in self.credentials or device.credential_id in self.sealed_shut


def read_roll(session: Session, vault: Vault, shard: tuple[int, int]) -> Roll:
    """Read everything; a credential that cannot be opened costs only its own devices."""
    version = inventory_version(session)
    devices = {device.id: device for device in monitored_devices(session, shard)}
    credentials: dict[int, SnmpCredential] = {}
    projectors: dict[int, PjlinkCredential] = {}
    shut: set[int] = set()
    used = {one for device in devices.values() for one in (device.credential_id, device.pjlink_credential_id)}
    for credential_id in sorted(one for one in used if one is not None):
        try:
            opened = open_credential(session, vault, credential_id)
        except (SealError, NotFound):
            shut.add(credential_id)
            continue
        if isinstance(opened, SnmpCredential):
            credentials[credential_id] = opened
        elif isinstance(opened, PjlinkCredential):
            projectors[credential_id] = opened
    checks = {check.id: check for check in monitored_checks(session, shard)}
    services = {service.id: service for service in monitored_services(session, shard)}
    signing = _signing(session, vault, {check.credential_id for check in checks.values()})
    return Roll(version, devices, checks, credentials, frozenset(shut), pjlink=projectors, services=services,
                signing=signing)  # fmt: skip


def _signing(session: Session, vault: Vault, credential_ids: Iterable[int | None]) -> Signing:
    """Who checks sign in as; a credential that cannot be opened, or has no name and password, is left out."""
    found: Signing = {}
    for credential_id in sorted(one for one in credential_ids if one is not None):
        with suppress(SealError, NotFound):
            opened = open_credential(session, vault, credential_id)
            if isinstance(opened, HttpCredential) and opened.user and opened.password is not None:
                found[credential_id] = SignIn(opened.user, opened.password)
    return found


async def resolve_addresses(setting: WorkSetting, devices: Sequence[MonitoredDevice]) -> dict[int, str]:
    """Device id -> numeric address; devices whose name is unknown are left out."""
    found = {device.id: device.address for device in devices if is_address(device.address)}
    hosts = list(dict.fromkeys(device.address for device in devices if device.id not in found))
    answers = await asyncio.gather(*(_address_of(setting, host) for host in hosts))
    known = {host: address for host, address in zip(hosts, answers, strict=True) if address}
    found.update((device.id, known[device.address]) for device in devices if device.address in known)
    return found


async def _address_of(setting: WorkSetting, host: str) -> str:
    try:
        return (await setting.names.resolve(host))[0]
    except OutsideFailure:
        setting.counts["name_not_found"] += 1
        return ""


class OwnSeries:
    """The series that the collectors themselves feed, resolved in bulk: those of ping and of reading each device."""

    def __init__(self) -> None:
        self.ping: dict[int, tuple[int, int, int, int]] = {}
        self.reading: dict[int, np.ndarray] = {}

    def extend(self, registry: SeriesRegistry, roll: Roll) -> None:
        """Resolve what is new in the roll. Blocks (it may write to the database): call it in a thread."""
        keys = [SeriesKey("", name) for name in (*PING_METRICS, *READ_METRICS)]
        new = [one for one in roll.devices if one not in self.ping]
        for start in range(0, len(new), RESOLVING_AT_ONCE):
            part = dict.fromkeys(new[start : start + RESOLVING_AT_ONCE], keys)
            for device_id, series in registry.resolve_many(part).items():
                self.ping[device_id] = (int(series[0]), int(series[1]), int(series[2]), int(series[3]))
                self.reading[device_id] = series[len(PING_METRICS) :]
        for gone in self.ping.keys() - roll.devices.keys():
            del self.ping[gone], self.reading[gone]


def check_series(registry: SeriesRegistry, check: MonitoredCheck, metrics: Sequence[str]) -> np.ndarray:
    """int32[n]: the series of a check's metrics. Blocks when some are new."""
    part = service_part(check.id, check.vantage) if check.service_id else part_of(check.kind, check.target)
    return registry.resolve(check.owner, [SeriesKey(part, metric) for metric in metrics])
