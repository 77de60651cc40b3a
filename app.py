"""EduNOC's command line and composition root: reads the settings, builds the parts, runs a role.

Nothing is decided here; each package brings its own commands.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated

import structlog
import typer
from prometheus_client import REGISTRY

import alerts.cli
import collectors.cli
import conference.cli
import core.cli
import inventory.cli
from alerts import AlertsSettings
from alerts import Worker as AlertsWorker
from collectors import CollectorSettings, Options, ReachabilityView, WorkerFigures
from collectors import Worker as CollectorsWorker
from conference import Bench, ConferenceSettings
from conference import Worker as ConferenceWorker
from core import (
    Context,
    CoreSettings,
    OutsideFailure,
    SettingsError,
    StartError,
    configure_logs,
    has_administrator,
    load_settings,
    new_one_time_code,
    pjlink,
)
from dashboards import DashboardsSettings, Services, create_app, make_server
from deploy.demo import Demonstration, demo_environment
from inventory import InventorySettings
from playbooks import PlaybooksSettings, meetings
from playbooks import Worker as PlaybooksWorker
from telemetry import Ingest, LiveTable, SeriesRegistry, TelemetrySettings, keep_samples, open_store

SECTIONS = (CoreSettings, InventorySettings, TelemetrySettings, CollectorSettings, PlaybooksSettings, AlertsSettings,
            ConferenceSettings, DashboardsSettings)
FORGET_SEALED = tuple(part.forget_secrets for part in (inventory, collectors, meetings, alerts, conference))

log = structlog.get_logger("app")
app = typer.Typer(
    help="EduNOC watches the networks, labs and meeting rooms of a province's schools.\n\n"
    "Start it with `app.py run` and open the address it prints. Every setting stands in a TOML file (--settings, or"
    " EDUNOC_SETTINGS) or in the environment (EDUNOC_DATA_DIR, EDUNOC_PORT, EDUNOC_HOST ...); `app.py settings` lists"
    " them with their meaning.\n\n"
    "Exit codes: 0 good; 1 it was tried and failed; 2 the input or the settings cannot be used.",
    no_args_is_help=True, add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False,
)


@app.callback()
def main(
    context: typer.Context,
    settings: Annotated[Path | None, typer.Option(help="Settings file (TOML).", envvar="EDUNOC_SETTINGS")] = None,
) -> None:
    """Read the settings before any command."""
    own = make_context(settings, os.environ)
    context.obj = own
    context.call_on_close(own.close)


def make_context(file: Path | None, environ: dict[str, str] | os._Environ[str]) -> Context:
    """The settings, or every problem with them and exit code 2."""
    try:
        loaded = load_settings(SECTIONS, file, environ)
    except SettingsError as error:
        typer.echo("The settings cannot be used:", err=True)
        for problem in error.problems:
            typer.echo(f"  - {problem}", err=True)
        raise typer.Exit(2) from None
    configure_logs(loaded.core.log_level)
    return Context(loaded, forget_sealed=FORGET_SEALED)


@app.command()
def run(context: typer.Context) -> None:
    """Watch, judge, notify and serve the pages: everything in one process."""
    own: Context = context.obj
    own.claim_data_dir()
    House(own).run()


@app.command()
def demo(
    context: typer.Context,
    schools: Annotated[int, typer.Option(min=1, max=2000, help="How many schools the province has.")] = 650,
) -> None:
    """Show a demonstration province, in a data folder of its own beside the real one."""
    real: Context = context.obj
    own = make_context(None, demo_environment(real.settings, os.environ))
    try:
        own.claim_data_dir()
        demonstration = Demonstration(own, schools)
        house = House(own, Options(view=demonstration.view))
        typer.echo(demonstration.welcome)
        house.run([demonstration.bind(house.registry, house.ingest)])
    finally:
        own.close()


class House:
    """All parts of `run`, built on one context: an asyncio loop for the workers, threads for the pages beside it."""

    def __init__(self, context: Context, options: Options = Options()) -> None:
        settings, database, vault, clock = context.settings, context.database, context.vault, context.clock
        self.settings, self.database = settings, database
        self.registry = SeriesRegistry(database)
        self.registry.load()
        try:
            self.store = open_store(settings[TelemetrySettings], context.data_dir, self.registry)
        except OutsideFailure as failure:
            raise StartError(f"The samples cannot be reached: {failure.detail}") from failure
        self.live = LiveTable()
        self.ingest = Ingest(
            self.live, self.registry, self.store, pending_samples=settings[TelemetrySettings].pending_samples
        )
        view = options.view or ReachabilityView()
        self.collectors = CollectorsWorker(database, vault, self.registry, self.ingest, settings, clock)
        board = pjlink.Switchboard()
        self.collectors.choose(Options(view, options.shard, options.make_reader, board))
        self.playbooks = PlaybooksWorker(database, vault, settings, clock, board)
        REGISTRY.register(WorkerFigures(self.collectors.figures))
        self.alerts = AlertsWorker(database, vault, self.registry, self.live, view, settings, clock)
        bench = Bench(database, vault, settings, clock, self.registry, self.live, view, self.ingest.submit,
                      self.store)
        self.conference = ConferenceWorker(bench)
        with database.reading() as session:
            self.code = "" if has_administrator(session) else new_one_time_code()
        self.clock = clock
        self.web = create_app(Services(
            settings, database, vault, clock, registry=self.registry, live=self.live, store=self.store,
            ingest=self.ingest, reachability=view, first_start_code=self.code,
        ))

    def run(self, others: Sequence[Callable[[], Awaitable[None]]] = ()) -> None:
        """Serve and work until SIGINT or SIGTERM; then write what is in memory. Raises StartError."""
        core_settings = self.settings.core
        server = make_server(self.web, core_settings.host, core_settings.port)
        # What is loaded by now stays: looking through 312,000 series for garbage held up a page for 141 ms
        gc.collect()
        gc.freeze()
        pages = threading.Thread(target=server.run, name="pages", daemon=True)
        pages.start()
        typer.echo(f"EduNOC: http://{core_settings.host}:{server.effective_port}/")
        if self.code:
            typer.echo(f"First start: open the address above and enter this one-time code: {self.code}")
        sys.stdout.flush()
        try:
            asyncio.run(self._work(others))
        finally:
            server.close()
            self.ingest.flush(self.clock().timestamp())
            self.store.close()

    async def _work(self, others: Sequence[Callable[[], Awaitable[None]]]) -> None:
        """All workers in one task group; the first signal ends them."""
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with asyncio.TaskGroup() as group:
            works = (self.collectors, self.playbooks, self.alerts, self.conference)
            tasks = [group.create_task(work()) for work in (*(w.run for w in works), self._keep_samples, *others)]
            await stop.wait()
            log.info("stopping")
            for task in tasks:
                task.cancel()

    async def _keep_samples(self) -> None:
        await keep_samples(
            self.ingest, self.store, self.clock, database=self.database, settings=self.settings[TelemetrySettings]
        )


for commands in (core.cli, inventory.cli, collectors.cli, alerts.cli, conference.cli):
    commands.mount(app)


if __name__ == "__main__":
    try:
        app()
    except StartError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
