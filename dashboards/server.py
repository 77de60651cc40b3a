"""Serves the pages with waitress: threads, bounded bodies, no surprise headers."""

from __future__ import annotations

from typing import Any

from flask import Flask
from waitress.server import create_server

from core import StartError
from dashboards.gate import services_of
from dashboards.settings import DashboardsSettings


def make_server(app: Flask, host: str, port: int) -> Any:
    """A server that is bound already: `.run()` serves until `.close()`; `.effective_port` tells the port for port 0.

    Raises StartError when the address is taken or is none of this machine's.
    """
    try:
        return _bound(app, host, port)
    except OSError as error:
        raise StartError(
            f"The pages cannot be served on {host}:{port}: {error.strerror}. Another program may be using this port;"
            " name another one in EDUNOC_PORT."
        ) from error
    except ValueError as error:
        raise StartError(
            f"The pages cannot be served on {host}: this name has no address here. Correct EDUNOC_HOST; 127.0.0.1 is"
            " this machine alone, 0.0.0.0 is every network it is in."
        ) from error


def _bound(app: Flask, host: str, port: int) -> Any:
    settings = services_of(app).settings[DashboardsSettings]
    return create_server(
        app,
        host=host,
        port=port,
        threads=settings.threads,
        ident="EduNOC",
        channel_timeout=60,
        max_request_body_size=settings.upload_mib * 1024 * 1024 + 65_536,
        # Behind trusted proxies the application itself reads the forwarded headers (ProxyFix); else nobody may set them
        clear_untrusted_proxy_headers=settings.proxies == 0,
    )


def serve(app: Flask, host: str, port: int) -> None:
    """Serve until the process ends."""
    make_server(app, host, port).run()
