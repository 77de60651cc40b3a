"""A school's LAN in network namespaces: a router, three switches in a row, four hosts; real lldpd and snmpd in them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from tests.waiting import wait_until

PATH = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
SWITCHES = ("sw1", "sw2", "sw3")
HOSTS = {"h1": "sw1", "h2": "sw2", "h3": "sw3", "h4": "sw3"}
CABLES = (("r1", "lan", "sw1", "g1"), ("sw1", "g2", "sw2", "g1"), ("sw2", "g2", "sw3", "g1"))
NEIGHBOURS = {"r1": {"sw1"}, "sw1": {"r1", "sw2"}, "sw2": {"sw1", "sw3"}, "sw3": {"sw2"}}


def run(*words: str) -> str:
    """A command that must succeed; what it prints."""
    return subprocess.run(words, check=True, timeout=20, capture_output=True, text=True, env=PATH).stdout


class Lan:
    """The LAN. `address` of each machine by its short name; namespaces bear the process's number."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mark = os.getpid() % 200
        self.net = f"10.207.{self.mark}"
        self.wan = f"10.208.{self.mark}"
        self.outer = f"lan{self.mark}a"
        self.address = {"r1": f"{self.net}.1"}
        for number, name in enumerate((*SWITCHES, *HOSTS), 2):
            self.address[name] = f"{self.net}.{number}"

    def space(self, name: str) -> str:
        """The namespace of a machine."""
        return f"lan{self.mark}-{name}"

    def ip(self, name: str, *words: str) -> str:
        """`ip` inside a machine."""
        return run("ip", "-n", self.space(name), *words)

    def cable(self, a: str, a_port: str, b: str, b_port: str) -> None:
        """A cable between ports of two machines."""
        run("ip", "link", "add", a_port, "netns", self.space(a), "type", "veth", "peer", "name", b_port, "netns",
            self.space(b))
        for name, port in ((a, a_port), (b, b_port)):
            if name in SWITCHES:
                self.ip(name, "link", "set", "dev", port, "master", "br0")
            self.ip(name, "link", "set", "dev", port, "up")

    def unplug(self, name: str, port: str) -> None:
        """Pull the cable."""
        self.ip(name, "link", "set", "dev", port, "down")

    def plug(self, name: str, port: str) -> None:
        """Put it back."""
        self.ip(name, "link", "set", "dev", port, "up")

    def mac(self, name: str, port: str) -> str:
        """A port's address."""
        return json.loads(run("ip", "-n", self.space(name), "-j", "link", "show", "dev", port))[0]["address"]

    def build(self) -> None:
        """Machines, cables, addresses, routes."""
        for name in ("r1", *SWITCHES, *HOSTS):
            run("ip", "netns", "add", self.space(name))
            self.ip(name, "link", "set", "lo", "up")
        for name in SWITCHES:
            self.ip(name, "link", "add", "br0", "type", "bridge", "forward_delay", "0", "mcast_snooping", "0")
        for cable in CABLES:
            self.cable(*cable)
        for host, switch in HOSTS.items():
            self.cable(switch, f"p{host}", host, "eth0")
        outer, inner = self.outer, "wan"
        run("ip", "link", "add", outer, "type", "veth", "peer", "name", inner, "netns", self.space("r1"))
        run("ip", "addr", "add", f"{self.wan}.1/30", "dev", outer)
        run("ip", "link", "set", outer, "up")
        self.ip("r1", "addr", "add", f"{self.wan}.2/30", "dev", inner)
        self.ip("r1", "link", "set", "dev", inner, "up")
        run("ip", "netns", "exec", self.space("r1"), "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        ports = {"r1": "lan", **dict.fromkeys(SWITCHES, "br0"), **dict.fromkeys(HOSTS, "eth0")}
        for name, port in ports.items():
            self.ip(name, "link", "set", "dev", port, "up")
            self.ip(name, "addr", "add", f"{self.address[name]}/24", "dev", port)
            if name == "r1":
                self.ip(name, "route", "add", "default", "via", f"{self.wan}.1")
            else:
                self.ip(name, "route", "add", "default", "via", self.address["r1"])
        run("ip", "route", "add", f"{self.net}.0/24", "via", f"{self.wan}.2")

    def tear_down(self) -> None:
        """Everything goes with the namespaces."""
        away = [["link", "del", self.outer], *(["netns", "del", self.space(name)] for name in self.address)]
        for words in away:
            subprocess.run(["ip", *words], check=False, timeout=10, capture_output=True)

    def heard(self, name: str) -> set[str]:
        """Names of the neighbours that lldpd of a machine hears."""
        told = json.loads(run("lldpcli", "-u", str(self.folder / f"{name}.lldp"), "-f", "json0", "show", "neighbors"))
        return {
            one["name"][0]["value"]
            for lldp in told.get("lldp", []) for port in lldp.get("interface", []) for one in port.get("chassis", [])
        }

    def ping_all(self) -> bool:
        """Whether every machine answers; the switches learn their addresses on the way."""
        calls = [subprocess.Popen(["ping", "-c1", "-W1", "-q", address], stdout=subprocess.DEVNULL)
                 for address in self.address.values()]  # fmt: skip
        return [call.wait(5) for call in calls] == [0] * len(calls)


@contextmanager
def lan() -> Iterator[Lan]:
    """The LAN with its daemons, once everybody hears his neighbours and answers."""
    folder = Path(mkdtemp(prefix="lan-"))
    folder.chmod(0o755)  # lldpd and lldpcli work as a user of their own
    made = Lan(folder)
    daemons = ExitStack()
    try:
        made.build()
        for name in ("r1", *SWITCHES):
            daemons.enter_context(_daemon(made, name, _snmpd(made, name)))
        for name in ("r1", *SWITCHES):
            wait_until(lambda name=name: (folder / f"{name}.agentx").exists(), 10, f"snmpd of {name}")
            daemons.enter_context(_daemon(made, name, _lldpd(made, name)))
        for name in ("r1", *SWITCHES):
            wait_until(lambda name=name: (folder / f"{name}.lldp").exists(), 10, f"lldpd of {name}")
        wait_until(made.ping_all, 20, "everybody answers")
        wait_until(lambda: all(NEIGHBOURS[name] <= made.heard(name) for name in NEIGHBOURS), 20, "neighbours heard")
        yield made
    finally:
        daemons.close()
        made.tear_down()
        shutil.rmtree(folder)


def _snmpd(made: Lan, name: str) -> list[str]:
    python = shutil.which("python3", path=PATH["PATH"]) or sys.executable
    agent = Path(__file__).with_name("bridge_agent.py")
    lines = [
        "agentaddress udp:161", "rocommunity public", f"sysName {name}", "sysDescr Linux bridge of a test",
        "master agentx", f"agentXSocket {made.folder}/{name}.agentx", "agentXTimeout 5",
        f"pass_persist .1.3.6.1.2.1.17 {python} {agent}",
    ]
    conf = made.folder / f"{name}.conf"
    conf.write_text("\n".join(lines) + "\n")
    return ["snmpd", "-f", "-Lf", str(made.folder / f"{name}.log"), "-C", "-c", str(conf), "-I", "-smux",
            "-p", str(made.folder / f"{name}.pid")]


def _lldpd(made: Lan, name: str) -> list[str]:
    """With a host name of its own, as lldpd tells it to others, and a hosts file in which it finds that without DNS."""
    hosts = made.folder / f"{name}.hosts"
    hosts.write_text(f"127.0.0.1 {name}\n")
    (made.folder / "lldpd.conf").write_text("configure lldp tx-interval 1\n")
    words = (f"hostname {name} && mount --bind {hosts} /etc/hosts &&"
             f" exec lldpd -d -x -X {made.folder}/{name}.agentx -u {made.folder}/{name}.lldp"
             f" -O {made.folder}/lldpd.conf")
    return ["unshare", "--uts", "sh", "-c", words]


@contextmanager
def _daemon(made: Lan, name: str, words: list[str]) -> Iterator[None]:
    with (made.folder / f"{name}.{Path(words[0]).name}.out").open("wb") as out:
        process = subprocess.Popen(["ip", "netns", "exec", made.space(name), *words], stdout=out, stderr=out, env=PATH,
                                   start_new_session=True)
        try:
            yield
        finally:
            for signum in (signal.SIGTERM, signal.SIGKILL):  # lldpd has a child of another user
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signum)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(5)
