"""All of collecting in one TaskGroup: ping, SNMP readings, checks, "poll now", searches; it follows the inventory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import structlog

from collectors.jitsi import Caller
from collectors.ping import DeviceTransition, ReachabilityView
from collectors.profiles import load_profiles
from collectors.reasons import INTERNAL_ERROR
from collectors.settings import CollectorSettings
from collectors.work import WorkSetting
from collectors.work.checking import Checking
from collectors.work.discovering import Discovering
from collectors.work.ground import usual_of
from collectors.work.meetings import MeetingRooms, MeetingServers
from collectors.work.networks import Networks
from collectors.work.pinging import Pinging
from collectors.work.polling import Polling
from collectors.work.projecting import Projecting
from collectors.work.reader import Reader
from collectors.work.recording import Recording
from collectors.work.requests import Requests
from collectors.work.roll import OwnSeries, Roll, read_roll, resolve_addresses
from collectors.work.setting import keep_alive
from collectors.work.snmp import SnmpReader
from core import Clock, Database, Settings, Vault, pjlink
from inventory import inventory_version
from telemetry import Ingest, SeriesRegistry

log = structlog.get_logger(__name__)

LAST_WRITE_S = 1.0


@dataclass(frozen=True, slots=True)
class Options:
    """What a role may choose: the view that ping publishes to, its share of the sites, another reader (tests, demo),
    and the switchboard that it shares with whoever else talks to projectors."""

    view: ReachabilityView | None = None
    shard: tuple[int, int] = (0, 1)
    make_reader: Callable[[WorkSetting], Reader] | None = None
    switchboard: pjlink.Switchboard | None = None


class Worker:
    """Collects until cancelled. `view` is where others see who is reachable.

    A worker is made for one run of its loop; on cancellation it stops within two seconds.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        registry: SeriesRegistry,
        ingest: Ingest,
        settings: Settings | CollectorSettings,
        clock: Clock,
    ) -> None:
        own = settings if isinstance(settings, CollectorSettings) else settings[CollectorSettings]
        self._setting = WorkSetting(database, vault, registry, ingest.submit, own, clock)
        self._make_reader: Callable[[WorkSetting], Reader] | None = None
        self.view = ReachabilityView()
        self._roll = Roll()
        self._series = OwnSeries()
        self._checking = Checking(self._setting)
        self._usual = usual_of(settings)
        self._switchboard = pjlink.Switchboard()
        self._projecting: Projecting | None = None
        self._pinging: Pinging | None = None
        self._polling: Polling | None = None
        self._networks: Networks | None = None
        self._requests: Requests | None = None
        self._recording: Recording | None = None

    def choose(self, options: Options) -> Worker:
        """Set what a role may choose, before run()."""
        self._setting.shard = options.shard
        self.view = options.view or self.view
        self._make_reader = options.make_reader
        self._switchboard = options.switchboard or self._switchboard
        return self

    async def run(self) -> None:
        """Collect until cancelled; then write down what is known and let go of everything."""
        setting = self._setting
        profiles = await setting.in_thread(load_profiles)
        reader = self._make_reader(setting) if self._make_reader else SnmpReader(setting, profiles)
        self._polling = Polling(setting, reader)
        self._projecting = Projecting(setting, self._switchboard, self._usual)
        self._networks = Networks(setting, profiles, self._polling)
        self._requests = Requests(setting, reader, self._projecting, self._networks.hasten)
        self._recording = Recording(setting, reader)
        self._pinging = Pinging(setting, self.view, self._heed)
        files = setting.settings.check_ca_file, setting.settings.meeting_certificate_file
        caller = Caller(setting.names.resolve, *files)
        servers = MeetingServers(setting, caller)
        loops: dict[str, Callable[[], Any]] = {
            "reload": self._follow,
            "poll": self._polling.run,
            "check": self._checking.run,
            "poll_now": self._requests.run,
            "projectors": self._projecting.run,
            "discovery": Discovering(setting, profiles).run,
            "recording": self._recording.run,
            "meeting_servers": servers.run,
            "meeting_rooms": MeetingRooms(setting, caller).run,
        }
        if setting.settings.is_ping_on:
            loops["ping"] = self._pinging.run
        if not self._make_reader:  # another reader answers for devices that may not be there at all
            loops["networks"] = self._networks.run
        try:
            await self._begin()
            async with asyncio.TaskGroup() as group:
                for name, run in loops.items():
                    group.create_task(keep_alive(name, run, setting.counts), name=name)
        finally:
            reader.close()
            self._networks.close()
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_WRITE_S):
                    await self._polling.save(is_all=True)
                    await self._checking.save(is_all=True)
                    await self._projecting.save(is_all=True)
                    await servers.save()
                    await caller.close()
            setting.close()

    async def _begin(self) -> None:
        """Remember and read everything once before the loops start; what fails here is tried again by the loops."""
        if self._polling is None or self._projecting is None:
            return
        try:
            await self._polling.restore()
            await self._checking.restore()
            if self._networks:
                await self._networks.restore()
            await self._projecting.restore()
            await self._reload()
            await self._polling.restore_plans()
        except Exception:
            self._setting.counts[INTERNAL_ERROR] += 1
            log.exception("the collectors start without knowing what there is; they try again")

    def figures(self) -> dict[str, float]:
        """Figures of collecting, for /metrics and the health page."""
        found: dict[str, float] = {name: float(count) for name, count in self._setting.counts.items()}
        if self._polling is not None:
            found.update({f"poll_{name}": value for name, value in self._polling.load().items()})
        if self._networks is not None:
            found.update({f"topology_{name}": value for name, value in self._networks.load().items()})
        if self._pinging is not None:
            stats = self._pinging.plane.stats
            found.update(ping_rounds=stats.rounds, ping_sent=stats.sent, ping_answered=stats.answered)
            found.update(ping_lost=stats.lost, ping_round_cpu_seconds=stats.round_seconds)
        return found

    def _heed(self, changes: Sequence[DeviceTransition]) -> None:
        if self._polling is not None:
            self._polling.heed(changes)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self._setting.settings.reload_s)
            await self._reload()

    async def _reload(self) -> None:
        """Take over what the inventory says now; names are resolved again (from memory) each time."""
        setting = self._setting
        version = await setting.read(inventory_version)
        roll = self._roll
        if version != roll.version:
            roll = await setting.read(lambda session: read_roll(session, setting.vault, setting.shard))
            await setting.in_thread(lambda: self._series.extend(setting.registry, roll))
        addresses = await resolve_addresses(setting, list(roll.devices.values()))
        if version == self._roll.version and addresses == self._roll.addresses:
            return
        self._take_over(replace(roll, addresses=addresses))

    def _take_over(self, roll: Roll) -> None:
        now = asyncio.get_running_loop().time()
        if roll.sealed_shut - self._roll.sealed_shut:
            log.warning("credentials cannot be opened; enter them again", number=len(roll.sealed_shut))
        self._roll = roll
        if self._polling and self._requests and self._recording and self._pinging:
            self._polling.apply(roll, self._series, now)
            self._requests.apply(roll)
            self._recording.apply(roll)
            self._pinging.apply(roll, self._series)
        if self._projecting:
            self._projecting.apply(roll, now)
        if self._networks:
            self._networks.apply(roll, now)
        self._checking.apply(roll, now)
