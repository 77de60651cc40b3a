"""Real daemons for the checks of directories and mailboxes: Debian's slapd and dovecot, on free ports of loopback."""

from __future__ import annotations

import getpass
import grp
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.collectors.checks.authority import Authority
from tests.waiting import wait_until

PASSWORD = "mot-mat-khau"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a daemon listens: in clear (with STARTTLS), and with TLS from the start."""

    plain: int
    tls: int


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    assert found, f"{name} is missing: deploy/system_packages.sh installs it"
    return found


def _free_ports() -> Ports:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return Ports(one.getsockname()[1], two.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _running(command: list[str], ports: Ports, log: Path) -> Iterator[Ports]:
    with log.open("wb") as told, subprocess.Popen(command, stdout=told, stderr=told) as process:
        try:
            wait_until(lambda: process.poll() is not None or all(map(_answers, (ports.plain, ports.tls))), 15, "up")
            assert process.poll() is None, log.read_text("utf-8", "replace")
            yield ports
        finally:
            process.terminate()
            process.wait(10)


@contextmanager
def slapd(authority: Authority) -> Iterator[Ports]:
    """A directory with the naming context dc=example,dc=test; its administrator has PASSWORD."""
    authority.server("good")
    pair, ports = authority.folder / "good-localhost.pem", _free_ports()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        (folder / "slapd.conf").write_text(
            "include /etc/ldap/schema/core.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\n"
            f"TLSCertificateFile {pair}\nTLSCertificateKeyFile {pair}\nTLSCACertificateFile {authority.ca_file}\n"
            "database mdb\nsuffix dc=example,dc=test\nrootdn cn=admin,dc=example,dc=test\n"
            f"rootpw \"{PASSWORD}\"\ndirectory {folder / 'data'}\n", "utf-8")
        listens = f"ldap://127.0.0.1:{ports.plain}/ ldaps://127.0.0.1:{ports.tls}/"
        command = [_program("slapd"), "-f", str(folder / "slapd.conf"), "-h", listens, "-d", "0"]
        with _running(command, ports, folder / "log") as found:
            yield found


@contextmanager
def dovecot(authority: Authority) -> Iterator[Ports]:
    """A mailbox server on which every user has PASSWORD."""
    authority.server("good")
    ports = _free_ports()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # its processes run as other users
        shutil.copy(authority.folder / "good-localhost.pem", folder / "pair.pem")
        (folder / "run").mkdir()
        (folder / "mail").mkdir()
        me = "" if os.getuid() == 0 else (
            f"default_internal_user = {getpass.getuser()}\ndefault_login_user = {getpass.getuser()}\n"
            f"default_internal_group = {grp.getgrgid(os.getgid()).gr_name}\n")
        (folder / "dovecot.conf").write_text(
            f"{me}protocols = imap\nlisten = 127.0.0.1\nbase_dir = {folder}/run\nlog_path = {folder}/log\n"
            f"ssl = yes\nssl_cert = <{folder}/pair.pem\nssl_key = <{folder}/pair.pem\n"
            "auth_mechanisms = plain login\ndisable_plaintext_auth = yes\nauth_failure_delay = 0\n"
            "service anvil {\n unix_listener anvil-auth-penalty {\n  mode = 0\n }\n}\n"
            f'passdb {{\n driver = static\n args = password={PASSWORD}\n}}\n'
            f"userdb {{\n driver = static\n args = uid=65534 gid=65534 home={folder}/mail\n}}\n"
            f"mail_location = maildir:{folder}/mail\n"
            f"service imap-login {{\n chroot =\n inet_listener imap {{\n  port = {ports.plain}\n }}\n"
            f" inet_listener imaps {{\n  port = {ports.tls}\n  ssl = yes\n }}\n}}\n", "utf-8")
        shutil.chown(folder / "mail", 65534, 65534) if os.getuid() == 0 else None
        command = [_program("dovecot"), "-F", "-c", str(folder / "dovecot.conf")]
        with _running(command, ports, folder / "out") as found:
            yield found
