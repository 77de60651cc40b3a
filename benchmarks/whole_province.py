"""A whole province for benchmarks of pages: 1,000 sites, 60,000 devices, 2.4 million live series, open incidents.

Everything comes in through the doors of the product: the import, the registry, ingest, the alerts' own watch. Time is
simulated and stands still when the province is ready.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from app import FORGET_SEALED, SECTIONS, House
from benchmarks.province_meetings import add_meetings
from collectors import DOWN, UP, Options, ReachabilitySnapshot, ReachabilityView
from conference import Bench
from core import Context, NewUser, Role, Scope, Vault, configure_logs, create_user, load_settings
from deploy.demo import projectors
from deploy.demo.fill import import_province
from deploy.demo.networks import Networks
from deploy.demo.province import CREDENTIAL, OWN_NET, Province, make_province
from deploy.demo.script import CYCLE_S, Cast, silent
from deploy.demo.synthesis import Orchestra, Totals, arrange, keys_of, measure
from inventory import (
    ListQuery,
    PartSpec,
    Site,
    anonymous_snmp,
    create_credential,
    list_records,
    monitored_devices,
    sync_parts,
)
from telemetry import Batch, SeriesKey

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
USER, PASSWORD = "bench", "mot cau dai de nho mai"  # noqa: S105 - of a data folder that lives for minutes
PORTS = 52
PORT_METRICS = (
    "if_in_octets_total", "if_out_octets_total", "if_oper_up", "if_admin_up", "if_speed_bits_per_second",
    "if_in_errors_total", "if_out_errors_total", "if_in_discards_total", "if_out_discards_total",
)
KNOWN_PORTS = 300        # switches whose ports stand in the inventory too: those whose pages are opened
BUSY_CYCLES = 12         # outages that came and went before, so that lists have a past
HISTORY_DAYS, OTHER_SERIES = 30, 2000


@dataclass(slots=True)
class Moment:
    """A clock that moves when it is told to."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at


@dataclass(slots=True)
class WholeProvince:
    """The running house and what pages are asked for: `switches` have 52 ports, `charted` has 30 days of samples."""

    house: House
    moment: Moment
    view: ReachabilityView
    cast: Cast
    switches: np.ndarray
    vault: Vault
    charted: int = 0
    devices: int = 0
    series: int = 0


@contextmanager
def whole_province(
    folder: Path, sites: int, devices: int, *, has_networks: bool = False, has_meetings: bool = False
) -> Iterator[WholeProvince]:
    """Fill the folder and start the parts, without any loop. `has_networks`: every school's devices have told their
    layer-2 tables, too, which takes two minutes for 1,000 schools; `has_meetings`: 700 endpoints and their year."""
    moment = Moment()
    configure_logs("warning")
    settings = load_settings(SECTIONS, None, {**_plain(), "EDUNOC_DATA_DIR": str(folder)})
    context = Context(settings, moment, FORGET_SEALED)
    try:
        _fill(context, sites, devices)
        if has_networks:
            _tell_networks(context)
        view = ReachabilityView()
        house = House(context, Options(view=view))
        with context.database.reading() as session:
            found = monitored_devices(session)
        cast = _cast(sorted((d for d in found if not d.address.startswith(OWN_NET)), key=lambda d: d.id))
        province = WholeProvince(house, moment, view, cast, cast.device[cast.kind == "switch"], context.vault,
                                 devices=devices)
        _ports(province)
        _measure(province)
        _history(province)
        if has_meetings:
            bench = Bench(context.database, context.vault, settings, moment, house.registry, house.live, view,
                          house.ingest.submit, house.store)
            add_meetings(context, bench, house.ingest, moment())
        province.series = len(house.registry)
        yield province
        house.store.close()
    finally:
        context.close()


def _plain() -> dict[str, str]:
    """The environment without settings of a real EduNOC."""
    return {name: value for name, value in os.environ.items() if not name.startswith("EDUNOC_")}


def _fill(context: Context, sites: int, devices: int) -> None:
    vault = context.vault
    province = make_province(sites - 1)  # and the department's own
    _add_computers(province, devices - len(province.devices))
    with context.database.session() as session:
        create_user(session, NewUser(USER, PASSWORD, Role.ADMINISTRATOR), START)
        create_credential(session, vault, {"name": CREDENTIAL, **anonymous_snmp("public")})
        projectors.fill(session, vault)
        import_province(session, province)


def _tell_networks(context: Context) -> None:
    with context.database.reading() as session:
        sites = [
            row.id for row in list_records(session, Scope.everything(), Site, ListQuery(page_size=100_000)).rows
            if row.code.startswith("TR-")
        ]
    networks = Networks(context, sites)
    for number, site_id in enumerate(sites, start=1):
        networks.tell(number, site_id)


def _add_computers(province: Province, count: int) -> None:
    """Lab and office computers until the province has its number; they are records, as in the demonstration."""
    schools = [row["code"] for row in province.sites if row["code"].startswith("TR-")]
    template = province.devices[0]
    for number, site in enumerate(islice(cycle(schools), count), start=1):
        province.devices.append({
            **dict.fromkeys(template, ""), "code": f"PC-{number:05d}", "site_id": site, "kind": "computer",
            "name": f"Máy tính {number:05d}", "vendor": ("Dell", "HP", "Lenovo")[number % 3],
            "model": f"Model {number % 40}", "is_monitored": "no",
        })


def _cast(found: list) -> Cast:
    site = np.array([d.site_id for d in found], np.int64)
    return Cast(
        np.array([d.id for d in found], np.int64), site, np.array([d.kind for d in found]),
        np.array([d.parent_device_id or 0 for d in found], np.int64), np.unique(site),
    )


def _ports(province: WholeProvince) -> None:
    """52 ports on each switch; for some of them in the inventory too."""
    specs = [
        PartSpec("if", f"Gi1/0/{n}", n, f"Gi1/0/{n}", f"Phòng {n}", type="ethernetCsmacd", speed_bps=10**9)
        for n in range(1, PORTS + 1)
    ]
    with province.house.database.session() as session:
        for device in province.switches[:KNOWN_PORTS].tolist():
            sync_parts(session, device, specs, START)


def _measure(province: WholeProvince) -> None:
    """Outages that came and went, then the state that pages show: everything measured twice, some of it dark."""
    house, cast = province.house, province.cast
    resolved = house.registry.resolve_many(
        {device: keys_of(kind) for device, kind in zip(cast.device.tolist(), cast.kind.tolist(), strict=True)}
    )
    orchestra = arrange(cast, resolved)
    ports = _port_series(province)
    totals, watch = Totals(orchestra), house.alerts.watch
    watch.start(province.moment())
    _live(province, orchestra, totals, ports)
    for turn in range(BUSY_CYCLES):
        for is_dark, steps, pause in ((True, 10, 5), (False, 4, 200)):
            for _step in range(steps):
                province.moment.at += timedelta(seconds=pause)
                _publish(province, turn * CYCLE_S / BUSY_CYCLES if is_dark else None)
                watch.tick(province.moment())
    for _step in range(14):
        province.moment.at += timedelta(seconds=30)
        _publish(province, 720.0)
        _live(province, orchestra, totals, ports)
        watch.tick(province.moment())


def _port_series(province: WholeProvince) -> np.ndarray:
    """int32[switches, ports * metrics]"""
    keys = [SeriesKey(f"if:Gi1/0/{n}", metric, 64) for n in range(1, PORTS + 1) for metric in PORT_METRICS]
    rows = []
    for first in range(0, len(province.switches), 1000):
        some = province.switches[first:first + 1000].tolist()
        made = province.house.registry.resolve_many(dict.fromkeys(some, keys))
        rows += [made[device] for device in some]
    return np.array(rows, np.int32)


def _live(province: WholeProvince, orchestra: Orchestra, totals: Totals, ports: np.ndarray) -> None:
    now = province.moment().timestamp()
    series, values = measure(province.cast, orchestra, 720.0)
    ingest = province.house.ingest
    ingest.submit(Batch(series, totals.add(series, values, 30.0), now))
    passed = (province.moment() - START).total_seconds()
    traffic = np.floor(np.arange(1, PORTS + 1) * 30_000.0 * passed)
    level = np.column_stack([traffic, traffic / 3, *(np.full(PORTS, v) for v in (1.0, 1.0, 1e9, 0.0, 0.0, 0.0, 0.0))])
    for row in ports:
        ingest.submit(Batch(row, level.ravel(), now))
        if row[0] % 50 == 0:
            ingest.flush(now)
    ingest.flush(now)


def _publish(province: WholeProvince, second: float | None) -> None:
    """What the ping plane says; `second` of the demonstration's play, None when all is well."""
    cast, now = province.cast, province.moment().timestamp()
    dark = np.zeros(len(cast.device), bool) if second is None else silent(cast, second)
    before = province.view.snapshot
    state = np.where(dark, DOWN, UP).astype(np.int8)
    since = np.full(len(state), now - 3600)
    if len(before.device):
        since = np.where(before.state == state, before.since, now)
    province.view.publish(ReachabilitySnapshot(
        cast.device, state, np.where(dark, 2, 0).astype(np.int8), since, np.where(dark, np.nan, 0.012),
        dark.astype(float), now,
    ))


def _history(province: WholeProvince) -> None:
    """30 days: each minute for the charted switch, each five minutes for some other series, merged as in real life."""
    house = province.house
    province.charted = int(province.switches[0])
    own = house.registry.of_device(province.charted)
    others = np.setdiff1d(np.arange(OTHER_SERIES, dtype=np.int32), own)
    dice = np.random.default_rng(11)
    end = int(province.moment().timestamp() * 1000)
    for day in range(HISTORY_DAYS, 0, -1):
        begin = end - day * 86_400_000
        for series, step in ((own, 60_000), (others, 300_000)):
            ts = np.arange(begin, begin + 86_400_000, step, dtype=np.int64)
            values = np.floor(dice.random(len(ts) * len(series)) * 1e7)
            house.store.append(np.tile(series, len(ts)).astype(np.int32), np.repeat(ts, len(series)), values)
        house.store.compact(province.moment(), is_whole=True)
    house.store.prune(province.moment())
