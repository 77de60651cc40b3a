"""A real Prosody on loopback with the modules of prosody/, for one test module. Ended by its own number."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket

import httpx

from tests.waiting import wait_until

MODULES = Path(__file__).parent / "prosody"


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with closing(socket(AF_INET, SOCK_STREAM)) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def prosody(folder: Path, hosts: Mapping[str, Mapping[str, str]]) -> Iterator[int]:
    """A running server; yields the port of BOSH. `hosts`: domain -> lines of its VirtualHost and its MUC component."""
    program = shutil.which("prosody")
    assert program, "Debian's prosody is needed: see deploy/system_packages.sh"
    port = free_port()
    (folder / "data").mkdir()
    file = folder / "prosody.cfg.lua"
    file.write_text(_configuration(folder, port, hosts), encoding="utf-8")
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen([program, "--config", str(file), "-F"], stdout=output, stderr=output)
        try:
            wait_until(lambda: _answers(port) or process.poll() is not None)
            assert process.poll() is None, (folder / "output.txt").read_text()
            yield port
        finally:
            process.terminate()
            process.wait(10)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/http-bind", trust_env=False, timeout=1).status_code < 500
    except httpx.HTTPError:
        return False


def _configuration(folder: Path, port: int, hosts: Mapping[str, Mapping[str, str]]) -> str:
    lines = f"""
run_as_root = true
data_path = "{folder}/data"
pidfile = "{folder}/prosody.pid"
plugin_paths = {{ "{MODULES}" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ }} c2s_direct_tls_ports = {{ }} s2s_ports = {{ }} s2s_direct_tls_ports = {{ }} https_ports = {{ }}
http_ports = {{ {port} }} http_interfaces = {{ "127.0.0.1" }}
c2s_require_encryption = false consider_bosh_secure = true
modules_enabled = {{ "saslauth", "bosh" }}
modules_disabled = {{ "s2s", "tls", "offline" }}
log = {{ info = "{folder}/prosody.log" }}
"""
    for domain, own in hosts.items():
        lines += f"""
VirtualHost "{domain}"
    authentication = "edunoc_test_token"
{own["host"]}
Component "muc.{domain}" "muc"
    modules_enabled = {{ "edunoc_test_room_token", "edunoc_test_reservations", "edunoc_test_room_events" }}
    restrict_room_creation = false muc_room_locking = false
{own["muc"]}
"""
    return lines
