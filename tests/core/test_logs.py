"""What a device calls itself does not steer the terminal, forge a second line, or bring a secret into the log."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from core import Secret, configure_logs
from core.logs import harmless

HOSTILE = "core-sw\x1b[2J\x1b]0;owned\x07\r\nINFO all is well\x00\x9b31m\u202etxt.exe\u2028"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(params=[io.StringIO, Terminal], ids=["file", "terminal"])
def stream(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The log, written to a file or a terminal."""
    stream = request.param()
    before = logging.getLogger().handlers[:]
    level = logging.getLogger().level
    monkeypatch.setattr("sys.stderr", stream)
    configure_logs("info")
    yield stream
    logging.getLogger().handlers[:] = before
    logging.getLogger().setLevel(level)
    structlog.reset_defaults()


def without_colours(text: str) -> str:
    for code in range(100):
        text = text.replace(f"\x1b[{code}m", "")
    return text


def test_hostile_name_stays_on_its_line(stream: io.StringIO) -> None:
    structlog.get_logger().warning("device renamed", name=HOSTILE, more={"names": [HOSTILE]}, pair=(HOSTILE, 1))
    shown = without_colours(stream.getvalue())
    assert shown.count("\n") == 1 and "core-sw" in shown
    assert not set(shown) & set("\x1b\x07\x00\r\x9b\u202e\u2028")


def test_hostile_event_and_key(stream: io.StringIO) -> None:
    structlog.get_logger().warning(HOSTILE, **{"sys\x1bname": "x"})
    assert not set(without_colours(stream.getvalue())) & set("\x07\x00\r\x9b\u202e")


def test_secret_is_not_logged(stream: io.StringIO) -> None:
    structlog.get_logger().info("asked", community=Secret("th3-real-w0rd"), all=[Secret("th3-real-w0rd")])
    assert "th3-real-w0rd" not in stream.getvalue() and "***" in stream.getvalue()


def test_less_than_the_level_is_not_logged(stream: io.StringIO) -> None:
    structlog.get_logger().debug("detail")
    assert stream.getvalue() == ""


def test_libraries_are_made_harmless_too(stream: io.StringIO) -> None:
    logging.getLogger("library").warning("answer of %s", HOSTILE)
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        logging.getLogger("library").exception("failed at %s", "x")
    shown = stream.getvalue()
    assert not set(shown) & set("\x1b\x07\x00\r\x9b\u202e") and "Traceback" in shown
    assert shown.startswith("WARNING library: answer of core-sw?[2J")


def test_traceback_keeps_its_lines(stream: io.StringIO) -> None:
    try:
        raise ValueError("no answer \x1b[2J")
    except ValueError:
        structlog.get_logger().exception("failed")
    assert "ValueError" in stream.getvalue() and "\x1b[2J" not in stream.getvalue()


def test_file_gets_json_with_accents(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    before = logging.getLogger().handlers[:]
    configure_logs("debug")
    structlog.get_logger().info("mất điện", site="Điểm trường", ratio=0.5, count=3, none=None, error=ValueError("x"))
    logging.getLogger().handlers[:] = before
    structlog.reset_defaults()
    line = json.loads(stream.getvalue())
    assert "mất điện" in stream.getvalue()
    assert (line["event"], line["ratio"], line["count"], line["none"], line["error"], line["level"]) == (
        "mất điện", 0.5, 3, None, "ValueError('x')", "info",
    )


@given(st.recursive(st.one_of(st.text(), st.integers(), st.none()),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))
def test_nothing_steers(value: object) -> None:
    shown = json.dumps(harmless(value), ensure_ascii=False)
    shown.encode()
    assert not any(ord(letter) < 32 or 0x7F <= ord(letter) <= 0x9F for letter in shown)


def test_endless_nesting_ends() -> None:
    endless: list = []
    endless.append(endless)
    assert "[...]" in str(harmless(endless))
