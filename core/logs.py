"""Logging for all roles: structlog on standard error, readable on a terminal, JSON lines elsewhere."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog

# A device's name can hold terminal escapes, line breaks that forge a second log line, and marks that turn the writing
# direction; what a log line shows must not steer the terminal that shows it, nor the eyes that read it.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_CONTROL_BUT_BREAKS = re.compile(_CONTROL.pattern.replace(r"\x00-\x1f", r"\x00-\x08\x0b-\x1f"))
_MANY_LINES = frozenset({"exception", "stack"})
_DEPTH = 6


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
        # One write a line: print() writes its end apart, and another thread came in between
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    if not any(isinstance(handler.formatter, _HarmlessFormatter) for handler in root.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_HarmlessFormatter("%(levelname)s %(name)s: %(message)s"))
        root.addHandler(handler)
        root.setLevel(logging.WARNING)


def harmless(value: Any, depth: int = _DEPTH) -> Any:
    """The value with control characters in its texts, at any depth, replaced by "?"."""
    if isinstance(value, str):
        return _CONTROL.sub("?", value)
    if depth and isinstance(value, Mapping):
        return {harmless(key, depth - 1): harmless(item, depth - 1) for key, item in value.items()}
    if depth and isinstance(value, list | tuple | set | frozenset):
        return [harmless(item, depth - 1) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _CONTROL.sub("?", repr(value) if isinstance(value, BaseException) else str(value))


def _harmless(_logger: object, _method: str, event: dict) -> dict:
    return {
        key: _CONTROL_BUT_BREAKS.sub("?", str(value)) if key in _MANY_LINES else harmless(value)
        for key, value in event.items()
    }


class _HarmlessFormatter(logging.Formatter):
    """The same for what libraries log."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        record.message = harmless(record.message)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        return _CONTROL_BUT_BREAKS.sub("?", super().format(record))  # tracebacks keep their lines
