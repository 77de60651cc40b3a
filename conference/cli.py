"""The command of meetings: `reservations` answers Jitsi's servers while everything else is down."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Annotated

import structlog
import typer
from waitress.server import create_server

from conference.attendance import cli as attendance_cli
from conference.jitsi.answering import Desk, desk_file, make_machine_app
from conference.jitsi.work import refresh_desk
from conference.settings import ConferenceSettings
from core import Context, StartError

log = structlog.get_logger(__name__)
REFRESH_S = 5.0
THREADS = 4


def mount(app: typer.Typer) -> None:
    """Add `reservations` to the command line."""
    app.command("reservations")(reservations_command)
    attendance_cli.mount(app)


def reservations_command(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on; empty: the setting.")] = "",
    port: Annotated[int, typer.Option(help="Port to listen on; -1: the setting, 0: any free one.")] = -1,
) -> None:
    """Answer Jitsi's servers: may this room open, which key, what happened. Runs beside `run` and outlives it.

    Knows the schedule from its own file, refreshed from the database every few seconds while that can be reached.
    """
    own: Context = context.obj
    settings = own.settings[ConferenceSettings]
    desk = Desk(desk_file(own.data_dir))
    stop = threading.Event()
    refreshing = threading.Thread(target=_keep_fresh, args=(own, desk, stop), name="refresh", daemon=True)
    app = make_machine_app(desk, own.clock, own.settings.core.language)
    where = (host or settings.answer_host, settings.answer_port if port < 0 else port)
    try:
        server = create_server(app, host=where[0], port=where[1], threads=THREADS, ident="EduNOC",
                               max_request_body_size=2 * 1024 * 1024, clear_untrusted_proxy_headers=True)
    except (OSError, ValueError) as error:
        raise StartError(
            f"Meeting servers cannot be answered on {where[0]}:{where[1]}: {error}. Another program may be using this"
            " port; name another one in EDUNOC_CONFERENCE_ANSWER_PORT."
        ) from error
    typer.echo(f"EduNOC answers meeting servers: http://{where[0]}:{server.effective_port}/jitsi")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # the server ends its threads first
    refreshing.start()
    try:
        server.run()
    finally:
        stop.set()
        refreshing.join(timeout=2)
        desk.close()


def _keep_fresh(own: Context, desk: Desk, stop: threading.Event) -> None:
    """Look into the main database again and again; while it is away, what is known goes on to be answered."""
    was_failing = False
    while True:
        try:
            refresh_desk(desk, own.unmigrated_database, own.clock())
            if was_failing:
                log.info("the main database is there again")
            was_failing = False
        except Exception as error:  # whatever is wrong with the main database, answering goes on
            if not was_failing:
                log.warning("the main database is away; answering from the own file", error=type(error).__name__)
            was_failing = True
        if stop.wait(REFRESH_S):
            return
