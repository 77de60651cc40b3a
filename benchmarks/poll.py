"""Polling 52-port switches: ask, decode, derive and store against prometheus-snmp-exporter, which stores nothing.

Both read the same 468 variables from the same fake agents in turns; each one's processor time is taken from its own
process, the agents' is not counted. Usage: python -m benchmarks.poll [--quick] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import yaml

from benchmarks.result import Result, print_results
from benchmarks.switches import PORTS
from collectors.profiles import load_profiles
from collectors.snmp import (
    DeviceState,
    Patience,
    Poller,
    PollPlan,
    Survey,
    Target,
    TemplateCache,
    build_plan,
    community,
    series_keys,
    survey,
)
from core import Database, sqlite_url
from telemetry import DuckDBStore, Ingest, LiveTable, SeriesRegistry, TelemetrySettings

DEVICES, FIRST_PORT = 150, 23_000
AT_ONCE = 50
COLUMNS = ["1.3.6.1.2.1.2.2.1.7", "1.3.6.1.2.1.2.2.1.8", "1.3.6.1.2.1.2.2.1.13", "1.3.6.1.2.1.2.2.1.14",
           "1.3.6.1.2.1.2.2.1.19", "1.3.6.1.2.1.2.2.1.20", "1.3.6.1.2.1.31.1.1.1.6", "1.3.6.1.2.1.31.1.1.1.10",
           "1.3.6.1.2.1.31.1.1.1.15"]  # fmt: skip
LEAST_PER_SECOND, LEAST_RATIO = 1_000.0, 3.5
PATIENCE = Patience(timeout_s=5.0)
PEER = "prometheus-snmp-exporter"
_TICKS = os.sysconf("SC_CLK_TCK")


def run(quick: bool) -> list[Result]:
    """Rounds of both in turns; devices per second of processor time each, and the ratio."""
    rounds, peer_share = (2, 40) if quick else (12, 100)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(_agents(DEVICES))
        exporter = stack.enter_context(Exporter(folder))
        ours = stack.enter_context(Ours(folder))
        ours.round()  # first readings: chunk sizes are learned, counters have no rate yet
        exporter.scrape(5)
        own_cpu = peer_cpu = 0.0
        for _ in range(rounds):
            own_cpu += ours.round()
            peer_cpu += exporter.scrape(peer_share)
        stored = ours.ingest.stats.stored
    own, peer = rounds * DEVICES / own_cpu, rounds * peer_share / peer_cpu
    samples = PORTS * len(COLUMNS)
    ratio = own / peer
    return [
        Result(f"devices per CPU-second, {samples} variables each, samples stored", own, "1/s",
               budget=f">= {LEAST_PER_SECOND:g} 1/s", is_within=own >= LEAST_PER_SECOND),
        Result("against the exporter, which stores nothing", own, "1/s", PEER, peer, ratio,
               budget=f"ratio >= {LEAST_RATIO:g}", is_within=ratio >= LEAST_RATIO),
        Result("samples stored of those polled", stored / ((rounds + 1) * DEVICES * samples), "ratio"),
    ]  # fmt: skip


@contextmanager
def _agents(count: int) -> Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.switches", str(FIRST_PORT), str(count)]
    root = Path(__file__).parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        try:
            assert process.stdout is not None
            if process.stdout.readline().strip() != "ready":
                raise RuntimeError("the fake switches did not start; is a port from 23000 on in use?")
            yield
        finally:
            process.terminate()


class Ours:
    """Poller, ingest and embedded store in this process."""

    def __init__(self, folder: Path) -> None:
        self._database = Database(sqlite_url(folder))
        self._database.create_all()
        registry = SeriesRegistry(self._database)
        registry.load()
        self._store = DuckDBStore(folder / "samples", TelemetrySettings())
        self.ingest = Ingest(LiveTable(), registry, self._store)
        self._loop = asyncio.new_event_loop()
        self._poller = Poller(time.time)
        self._targets = [Target("127.0.0.1", FIRST_PORT + n) for n in range(DEVICES)]
        self._states = [DeviceState() for _ in self._targets]
        self._credential = community()
        self._plans = self._loop.run_until_complete(self._compile())

    async def _compile(self) -> list[PollPlan]:
        found = [await self._survey(target) for target in self._targets]
        cache, registry = TemplateCache(), self.ingest.registry
        series = registry.resolve_many({n: series_keys(one) for n, one in enumerate(found, 1)})
        plans = [build_plan(one, series[n], cache) for n, one in enumerate(found, 1)]
        if len(cache) != 1:
            raise RuntimeError("like switches should share one template")
        return plans

    async def _survey(self, target: Target) -> Survey:
        session = await self._poller.open_session(target, self._credential, DeviceState(), PATIENCE)
        try:
            return await survey(session, load_profiles(), PATIENCE)
        finally:
            session.close()

    def round(self) -> float:
        """Poll every device once and flush; processor seconds of this process, all its threads included."""
        began = time.process_time()
        self._loop.run_until_complete(self._poll_all())
        self.ingest.flush(time.time())
        return time.process_time() - began

    async def _poll_all(self) -> None:
        waiting = iter(range(len(self._targets)))

        async def work() -> None:
            for n in waiting:
                result = await self._poller.poll(
                    self._targets[n], self._credential, self._plans[n], self._states[n], PATIENCE
                )
                if result.batch is None:
                    raise RuntimeError(f"a fake switch gave nothing: {result.reason} {result.detail}")
                for batch in result.batches:
                    self.ingest.submit(batch)

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))

    def __enter__(self) -> Ours:
        return self

    def __exit__(self, *error: object) -> None:
        self._poller.close()
        self._loop.close()
        self._store.close()
        self._database.close()


class Exporter:
    """The Debian package's exporter with a module for the same columns, scraped over HTTP."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which(PEER)
        if program is None:
            raise RuntimeError(f"install the Debian package {PEER}")
        config = folder / "snmp.yml"
        config.write_text(yaml.safe_dump({"if_mib": _module()}), encoding="utf-8")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._process = subprocess.Popen(
            [program, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{self._port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._next = 0

    def scrape(self, count: int) -> float:
        """So many devices, one after the other; processor seconds of the exporter."""
        began = self._cpu()
        link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        for _ in range(count):
            port = FIRST_PORT + self._next % DEVICES
            self._next += 1
            link.request("GET", f"/snmp?module=if_mib&target=127.0.0.1:{port}")
            text = link.getresponse().read()
            if text.count(b"\nifHCInOctets{") != PORTS:
                raise RuntimeError(f"the exporter did not read a switch: {text[:300]!r}")
        link.close()
        return self._cpu() - began

    def _cpu(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def __enter__(self) -> Exporter:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), 1).close()
                return self
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    self.__exit__()
                    raise RuntimeError(f"{PEER} did not start") from None
                time.sleep(0.05)

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.wait(10)


def _module() -> dict[str, object]:
    """if_mib as the exporter's generator would write it, for our columns."""
    names = ("ifAdminStatus", "ifOperStatus", "ifInDiscards", "ifInErrors", "ifOutDiscards", "ifOutErrors",
             "ifHCInOctets", "ifHCOutOctets", "ifHighSpeed")  # fmt: skip
    metrics = [
        {"name": name, "oid": oid, "type": "gauge" if name.endswith(("Status", "Speed")) else "counter", "help": name,
         "indexes": [{"labelname": "ifIndex", "type": "gauge"}]}
        for name, oid in zip(names, COLUMNS, strict=True)
    ]  # fmt: skip
    return {"walk": COLUMNS, "metrics": metrics, "version": 2, "max_repetitions": 25, "retries": 3, "timeout": "5s",
            "auth": {"community": "public"}}  # fmt: skip


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    print_results(run(arguments.quick), arguments.json)


if __name__ == "__main__":
    main()
