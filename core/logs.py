"""Logging for all roles: structlog on standard error, readable on a terminal, JSON lines elsewhere."""

from __future__ import annotations

import logging
import re
import sys

import structlog

# A device's name can hold terminal escapes; what a log line shows must not steer the terminal that shows it.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def configure_logs(level: str = "info") -> None:
    """Set up structlog and the standard library's logging once, at start."""
    is_terminal = sys.stderr.isatty()
    renderer = structlog.dev.ConsoleRenderer() if is_terminal else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _harmless,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")


def _harmless(_logger: object, _method: str, event: dict) -> dict:
    return {key: _CONTROL.sub("?", value) if isinstance(value, str) else value for key, value in event.items()}
