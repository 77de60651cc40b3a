"""Runs the demonstration: fills its own data folder, replays a few dozen devices, synthesises the rest live.

Real are the program and its polls of the replay agent on loopback; every device and figure is invented. Nothing of it
leaves this machine, and real data is never in the same folder.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import numpy as np
import structlog

from collectors import DOWN, UP, ReachabilitySnapshot, ReachabilityView
from core import Context, Settings, StartError
from deploy.demo import jitsi, meetings, past, projectors, services
from deploy.demo.department import Unit, lines_of
from deploy.demo.fill import PASSWORD, USER, DemoError, fill
from deploy.demo.machines import variables_of
from deploy.demo.networks import Networks
from deploy.demo.pjlink import PjlinkServer
from deploy.demo.province import DEPARTMENT_DEVICES, OWN_NET, REPLAY_PORT
from deploy.demo.replay import Motion, ReplayAgent, ReplayServer
from deploy.demo.script import Cast, silent
from deploy.demo.synthesis import EVERYONE, Orchestra, Totals, arrange, keys_of, measure, pages_only
from inventory import monitored_devices
from telemetry import Batch, Ingest, SeriesRegistry

log = structlog.get_logger("demo")

STEP_S = 10.0
HISTORY = timedelta(hours=24)
HISTORY_STEP_S = 300
PAGES_BACK = timedelta(days=45)
NO_ANSWER = 2  # the ping plane's reasons: 0 ok, 2 no_answer


def demo_environment(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of the demonstration: a data folder beside the real one, no ping beyond this machine."""
    real = settings.core.data_dir
    return {
        **environ,
        "EDUNOC_DATA_DIR": str(real.with_name(real.name + "-demo")), "EDUNOC_IS_DEMO": "true",
        "EDUNOC_DATABASE_URL": "", "EDUNOC_TELEMETRY_STORE": "duckdb",
        "EDUNOC_COLLECTORS_IS_PING_ON": "false",
        "EDUNOC_COLLECTORS_CHECK_CA_FILE": str(real.with_name(f"{real.name}-demo") / services.CA_FILE),
    }


class Demonstration:
    """One demonstration on one context. `view` is where reachability is told."""

    def __init__(self, context: Context, schools: int) -> None:
        self._context = context
        self.view = ReachabilityView()
        try:
            is_new = fill(context, schools)
        except DemoError as error:
            raise StartError(str(error)) from error
        log.info("demonstration province", new=is_new, schools=schools)
        self.welcome = f"Demonstration, nothing in it is real. Sign in as {USER} with the password: {PASSWORD}"
        seal = context.vault.seal  # opened first: it writes in a transaction of its own
        with context.database.session() as session:
            meetings.fill(session, context.clock(), seal)
            meetings.give_keys(session, context.vault, context.clock())
            past.fill(session, context.clock())
            devices = monitored_devices(session)
        self._replayed = np.array(sorted(d.id for d in devices if d.address.startswith(OWN_NET)), np.int64)
        self._began = context.clock().timestamp()
        schools = [d for d in devices if not d.address.startswith(OWN_NET)]
        self._cast = _cast(schools)
        self._networks = Networks(context, sorted({d.site_id for d in schools}))
        self._rooms = meetings.Rooms(context)

    def bind(self, registry: SeriesRegistry, ingest: Ingest) -> Callable[[], Awaitable[None]]:
        """What to run beside the workers."""
        return lambda: self._run(registry, ingest)

    async def _run(self, registry: SeriesRegistry, ingest: Ingest) -> None:
        orchestra, pings = await asyncio.to_thread(self._prepare, registry)
        now = self._context.clock().timestamp()
        self._publish(now, self._since(now, None))
        doors = projectors.doors(lambda: self._context.clock().timestamp())
        async with services.doors(self._context.data_dir, self._context.clock()), jitsi.doors(self._context):
            with _replay_server(lambda: self._context.clock().timestamp()):
                await asyncio.to_thread(self._remember, ingest, orchestra, now)
                async with PjlinkServer(doors), asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._networks.run())
                    tasks.create_task(self._rooms.run(ingest.registry, ingest))
                    tasks.create_task(self._play(ingest, orchestra, pings))

    def _prepare(self, registry: SeriesRegistry) -> tuple[Orchestra, np.ndarray]:
        wanted = {
            device: keys_of(kind)
            for device, kind in zip(self._cast.device.tolist(), self._cast.kind.tolist(), strict=True)
        }
        resolved = registry.resolve_many({**wanted, **{int(d): keys_of("") for d in self._replayed}})
        pings = np.concatenate([resolved[int(d)] for d in self._replayed])
        return arrange(self._cast, resolved), pings

    def _remember(self, ingest: Ingest, orchestra: Orchestra, now: float) -> None:
        """A day of history straight into the store, once: charts should not begin empty."""
        begin = now - HISTORY.total_seconds()
        some = next(iter(orchestra.series.values()))[:1]
        if ingest.store.latest(some)[0][0] > 0:
            return
        for at in np.arange(begin, now, HISTORY_STEP_S):
            series, values = measure(self._cast, orchestra, float(at), is_history=True)
            ingest.store.append(series, np.full(len(series), int(at * 1000), np.int64), values)
        self._remember_pages(ingest, orchestra, begin)
        with self._context.database.reading() as session:
            services.history(session, ingest.registry, ingest, now)
        for voice, rows in orchestra.rows.items():
            for at, values in projectors.history(rows, voice, now):
                ingest.store.append(orchestra.series[voice], np.full(len(values), int(at * 1000), np.int64), values)
        ingest.store.flush()

    def _remember_pages(self, ingest: Ingest, orchestra: Orchestra, end: float) -> None:
        """Page counters reach back to the month before: people ask what was printed then."""
        for at in np.arange(end - PAGES_BACK.total_seconds(), end, 3600.0):
            found = measure(self._cast, pages_only(orchestra), float(at), is_history=True)
            ingest.store.append(found[0], np.full(len(found[0]), int(at * 1000), np.int64), found[1])

    async def _play(self, ingest: Ingest, orchestra: Orchestra, pings: np.ndarray) -> None:
        totals, dark, since = Totals(orchestra), None, None
        while True:
            now = self._context.clock().timestamp()
            before, dark = dark, silent(self._cast, now)
            since = self._since(now, since) if before is None else np.where(before == dark, since, now)
            self._publish(now, since)
            series, values = measure(self._cast, orchestra, now)
            ingest.submit(Batch(series, totals.add(series, values, STEP_S), now))
            alive = np.tile([1.0, 0.0004, 0.0, 0.00005], len(pings) // len(EVERYONE))
            ingest.submit(Batch(pings, alive, now))
            await asyncio.sleep(STEP_S)

    def _since(self, now: float, since: np.ndarray | None) -> np.ndarray:
        return np.full(len(self._cast.device), now) if since is None else since

    def _publish(self, now: float, since: np.ndarray) -> None:
        dark = silent(self._cast, now)
        device = np.concatenate([self._cast.device, self._replayed])
        order = np.argsort(device)
        count = len(self._replayed)
        state = np.concatenate([np.where(dark, DOWN, UP), np.full(count, UP)]).astype(np.int8)[order]
        began = np.concatenate([since, np.full(count, self._began)])[order]
        rtt = np.where(state == UP, 0.012, np.nan)
        reason = np.where(state == DOWN, NO_ANSWER, 0).astype(np.int8)
        self.view.publish(ReachabilitySnapshot(
            device[order].astype(np.int64), state, reason, began, rtt, np.where(state == UP, 0.0, 1.0), now,
        ))


def _cast(devices: list) -> Cast:
    found = sorted(devices, key=lambda device: device.id)
    site = np.array([d.site_id for d in found], np.int64)
    return Cast(
        np.array([d.id for d in found], np.int64), site, np.array([d.kind for d in found]),
        np.array([d.parent_device_id or 0 for d in found], np.int64), np.unique(site),
    )


def _replay_server(clock: Callable[[], float]) -> ReplayServer:
    units = [
        Unit(host, name, machine, f"{OWN_NET}.0.{host}")
        for host, (_kind, name, machine) in enumerate(DEPARTMENT_DEVICES, start=1)
    ]
    agents = {
        (unit.address, REPLAY_PORT): ReplayAgent(
            variables_of(unit.machine, unit.name, lines_of(unit, units)), motion=Motion(seed=unit.name), clock=clock
        )
        for unit in units
    }
    return ReplayServer(agents)
