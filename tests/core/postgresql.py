"""A real PostgreSQL for a test session: made in a temporary folder, on a loopback port of its own, ended with it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BINARIES = Path("/usr/lib/postgresql")  # where Debian and Ubuntu keep the versions
DEADLINE_S = 60


def _program(name: str) -> str:
    versions = sorted(BINARIES.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3].split(".")[0]))
    found = str(versions[-1]) if versions else shutil.which(name)
    assert found, "PostgreSQL is missing: apt install postgresql"
    return found


def _as_owner(*words: str) -> list[str]:
    """The command, run as somebody whom PostgreSQL accepts: it refuses to run as root."""
    if os.geteuid() != 0:
        return list(words)
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *words]


def _run(*words: str) -> None:
    done = subprocess.run(_as_owner(*words), capture_output=True, text=True, timeout=DEADLINE_S, cwd="/")
    assert done.returncode == 0, f"{words[0]}: {done.stdout}{done.stderr}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_postgresql() -> Iterator[str]:
    """The URL of a running server's maintenance database; server and folder end with the block."""
    # Not in pytest's temporary folder: that is for root alone, and PostgreSQL runs as somebody else
    data = Path(tempfile.mkdtemp(prefix="edunoc-postgresql-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(data, "postgres", "postgres")
        with _server(data) as url:
            yield url
    finally:
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def _server(data: Path) -> Iterator[str]:
    _run(_program("initdb"), "--pgdata", str(data), "--username=edunoc", "--auth=trust", "--encoding=UTF8",
         "--locale=C.UTF-8", "--no-sync")
    port = _free_port()
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' -c fsync=off"
    control = _program("pg_ctl")
    _run(control, "--pgdata", str(data), "--wait", "--log", str(data / "log"), "--options", options, "start")
    try:
        yield f"postgresql+psycopg://edunoc@127.0.0.1:{port}/postgres"
    finally:
        _run(control, "--pgdata", str(data), "--wait", "--mode=immediate", "stop")
