"""Debian's own coturn on a free port of loopback (or inside a network namespace), with a shared secret."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import wait_until

SECRET = "mot-khoa-chung-de-thu"


@dataclass(frozen=True, slots=True)
class Relay:
    """Where coturn listens: STUN and TURN over UDP and TCP, TURN over TLS."""

    port: int
    tls_port: int
    secret: str = SECRET


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def coturn(
    pair: Path, address: str = "127.0.0.1", inside: Sequence[str] = (), options: Sequence[str] = ()
) -> Iterator[Relay]:
    """A relay with the certificate and key in `pair`. `inside` is a command that runs another in a namespace."""
    program = shutil.which("turnserver", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "turnserver is missing: deploy/system_packages.sh installs coturn"
    relay = Relay(_free_port(), _free_port())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = [
            f"listening-ip={address}", f"relay-ip={address}", f"listening-port={relay.port}",
            f"tls-listening-port={relay.tls_port}", "realm=hop.example.test", "use-auth-secret",
            f"static-auth-secret={SECRET}", f"cert={pair}", f"pkey={pair}", "no-cli", "fingerprint",
            "allow-loopback-peers", f"userdb={folder / 'turndb'}", f"pidfile={folder / 'pid'}", "log-file=stdout",
            "no-dtls", "relay-threads=1", "min-port=49160", "max-port=49170", *options,
        ]  # fmt: skip
        (folder / "turnserver.conf").write_text("\n".join(settings) + "\n", "utf-8")
        log = folder / "log"
        with log.open("wb") as told, subprocess.Popen(
            [*inside, program, "-c", str(folder / "turnserver.conf")], stdout=told, stderr=told, cwd=folder
        ) as process:
            try:
                wait_until(lambda: process.poll() is not None or _listens(process.pid, relay), 15, "coturn listens")
                assert process.poll() is None, log.read_text("utf-8", "replace")
                yield relay
            finally:
                process.terminate()
                process.wait(10)


def _listens(pid: int, relay: Relay) -> bool:
    """Whether both TCP ports are open (state 0A) in the network namespace of the process."""
    rows = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text("utf-8").splitlines()[1:]]
    ports = {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A"}
    return {relay.port, relay.tls_port} <= ports
