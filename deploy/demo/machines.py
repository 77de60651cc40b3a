"""Made-up devices for the replay agent: what a switch, router, server, UPS and printer answer, as snmprec lines.

Written from the MIBs' meaning (IF-MIB, HOST-RESOURCES-MIB, UPS-MIB, Printer-MIB); none of it was recorded anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from deploy.demo.replay.recording import Variable, in_order, parse_snmprec

MIB2 = "1.3.6.1.2.1"
ETHERNET, LOOPBACK = 6, 24
INTEGER, TEXT, OID, COUNTER32, GAUGE32, TICKS, COUNTER64 = 2, 4, 6, 65, 66, 67, 70


def _line(oid: str, tag: int, value: object) -> str:
    if tag == TEXT:
        return f"{MIB2}.{oid}|4x|{str(value).encode().hex()}"
    return f"{MIB2}.{oid}|{tag}|{value}"


def _system(name: str, descr: str, object_id: str) -> Iterator[str]:
    yield _line("1.1.0", TEXT, descr)
    yield _line("1.2.0", OID, object_id)
    yield _line("1.3.0", TICKS, 8_640_000 * 31)
    yield _line("1.5.0", TEXT, name)


def mac_of(name: str, index: int) -> str:
    """The address of a port as 12 hex digits, in IANA's own block (RFC 9542), from which no maker takes addresses."""
    return f"00005e{0xC00000 + hash_of(name) % 16381 * 256 + index % 256:06x}"


def _interfaces(name_of_device: str, ports: list[tuple[str, str, int, bool]]) -> Iterator[str]:
    """Rows of ifTable and ifXTable from (name, alias, Mbit/s, is up)."""
    yield _line("2.1.0", INTEGER, len(ports))
    for index, (name, alias, mbps, is_up) in enumerate(ports, start=1):
        state = 1 if is_up else 2
        start = index * 7_919_000_000 if is_up else 0
        mac = mac_of(name_of_device, index)
        yield from (
            _line(f"2.2.1.1.{index}", INTEGER, index), _line(f"2.2.1.2.{index}", TEXT, name),
            _line(f"2.2.1.3.{index}", INTEGER, ETHERNET), _line(f"2.2.1.4.{index}", INTEGER, 1500),
            _line(f"2.2.1.5.{index}", GAUGE32, min(mbps * 1_000_000, 4_294_967_295)),
            f"{MIB2}.2.2.1.6.{index}|4x|{mac}", _line(f"2.2.1.7.{index}", INTEGER, 1),
            _line(f"2.2.1.8.{index}", INTEGER, state), _line(f"2.2.1.10.{index}", COUNTER32, start % 2**32),
            _line(f"2.2.1.13.{index}", COUNTER32, 0), _line(f"2.2.1.14.{index}", COUNTER32, index % 3),
            _line(f"2.2.1.16.{index}", COUNTER32, start // 3 % 2**32), _line(f"2.2.1.19.{index}", COUNTER32, 0),
            _line(f"2.2.1.20.{index}", COUNTER32, 0), _line(f"31.1.1.1.1.{index}", TEXT, name),
            _line(f"31.1.1.1.6.{index}", COUNTER64, start), _line(f"31.1.1.1.10.{index}", COUNTER64, start // 3),
            _line(f"31.1.1.1.7.{index}", COUNTER64, start // 700),
            _line(f"31.1.1.1.11.{index}", COUNTER64, start // 2100),
            _line(f"31.1.1.1.15.{index}", GAUGE32, mbps), _line(f"31.1.1.1.18.{index}", TEXT, alias),
        )


def _host(cpus: int, memory_kb: int, disks: list[tuple[str, int, float]]) -> Iterator[str]:
    """hrProcessor and hrStorage from the number of processors, kB of memory, and (name, GB, used share)."""
    for cpu in range(196608, 196608 + cpus):
        yield _line(f"25.3.3.1.2.{cpu}", INTEGER, 12 + cpu % 5)
    rows = [("Physical memory", "25.2.1.2", 1024, memory_kb, 0.58)]
    rows += [(name, "25.2.1.4", 4096, size * 250_000, used) for name, size, used in disks]
    for index, (name, kind, unit, size, used) in enumerate(rows, start=1):
        yield from (
            _line(f"25.2.3.1.1.{index}", INTEGER, index), _line(f"25.2.3.1.2.{index}", OID, f"{MIB2}.{kind}"),
            _line(f"25.2.3.1.3.{index}", TEXT, name), _line(f"25.2.3.1.4.{index}", INTEGER, unit),
            _line(f"25.2.3.1.5.{index}", INTEGER, size), _line(f"25.2.3.1.6.{index}", INTEGER, int(size * used)),
        )


def _chassis(model: str, serial: str, version: str) -> Iterator[str]:
    for column, tag, value in (
        (2, TEXT, model), (4, INTEGER, 0), (5, INTEGER, 3), (7, TEXT, "Chassis"), (9, TEXT, version),
        (10, TEXT, version), (11, TEXT, serial), (12, TEXT, "EduNOC demo"), (13, TEXT, model),
    ):
        yield _line(f"47.1.1.1.1.{column}.1", tag, value)
    # ENTITY-SENSOR: one thermometer, tenths of a degree
    for column, tag, value in ((2, TEXT, "Inlet"), (4, INTEGER, 1), (5, INTEGER, 8), (7, TEXT, "Inlet")):
        yield _line(f"47.1.1.1.1.{column}.2", tag, value)
    for column, value in ((1, 8), (2, 9), (3, 1), (4, 294), (5, 1)):
        yield _line(f"99.1.1.1.{column}.2", INTEGER, value)


def switch(name: str) -> Iterator[str]:
    """A switch of 48 gigabit ports and 4 of 10 Gbit/s."""
    yield from _system(name, "Demo switch 48x1G 4x10G, version 5.2", "1.3.6.1.4.1.32473.1.1")
    ports = [(f"Gi1/0/{n}", "", 1000, n % 4 != 0) for n in range(1, 49)]
    yield from _interfaces(name, [*ports, *((f"Te1/0/{n}", f"Uplink {n - 48}", 10_000, n < 51) for n in range(49, 53))])
    yield from _chassis("DS-5248", f"DEMO-{abs(hash_of(name)) % 10**6:06d}", "5.2")


def router(name: str) -> Iterator[str]:
    """A border router with five ports."""
    yield from _system(name, "Demo router, version 7.16", "1.3.6.1.4.1.32473.1.2")
    yield from _interfaces(name, [("ether1", "WAN VNPT", 1000, True), ("ether2", "WAN Viettel", 1000, True),
                            ("ether3", "LAN", 1000, True), ("ether4", "LAN 2", 1000, True),
                            ("ether5", "DMZ", 1000, True)])
    yield from _host(4, 1_048_576, [("system disk", 1, 0.42)])
    yield from _chassis("DR-1100", f"DEMO-{abs(hash_of(name)) % 10**6:06d}", "7.16")


def server(name: str) -> Iterator[str]:
    """A Linux server with eight processors."""
    yield from _system(name, f"Linux {name} 6.1.0 x86_64", "1.3.6.1.4.1.8072.3.2.10")
    yield from _interfaces(name, [("lo", "", 10, True), ("eno1", "LAN", 1000, True), ("eno2", "", 1000, False)])
    yield from _host(8, 33_554_432, [("/", 100, 0.37), ("/var", 400, 0.71), ("/backup", 2000, 0.83)])


def ups(name: str) -> Iterator[str]:
    """A UPS by RFC 1628 on mains, full battery."""
    yield from _system(name, "Demo UPS network card", "1.3.6.1.4.1.32473.1.3")
    for oid, tag, value in (
        ("33.1.1.1.0", TEXT, "EduNOC demo"), ("33.1.1.2.0", TEXT, "DU-3000"), ("33.1.1.3.0", TEXT, "1.4"),
        ("33.1.2.1.0", INTEGER, 2), ("33.1.2.2.0", INTEGER, 0), ("33.1.2.3.0", INTEGER, 47),
        ("33.1.2.4.0", INTEGER, 100), ("33.1.2.5.0", INTEGER, 547), ("33.1.2.7.0", INTEGER, 27),
        ("33.1.3.2.0", INTEGER, 1), ("33.1.4.1.0", INTEGER, 3),
        ("33.1.3.3.1.2.1", INTEGER, 500), ("33.1.3.3.1.3.1", INTEGER, 224), ("33.1.4.3.0", INTEGER, 1),
        ("33.1.4.4.1.2.1", INTEGER, 220), ("33.1.4.4.1.5.1", INTEGER, 38),
    ):
        yield _line(oid, tag, value)


def printer(name: str) -> Iterator[str]:
    """A laser printer with one toner."""
    yield from _system(name, "Demo laser printer", "1.3.6.1.4.1.32473.1.4")
    yield from _interfaces(name, [("eth0", "", 100, True)])
    for oid, tag, value in (
        ("25.3.2.1.2.1", OID, f"{MIB2}.25.3.1.5"), ("25.3.2.1.3.1", TEXT, "DL-400"), ("25.3.2.1.5.1", INTEGER, 2),
        ("25.3.5.1.1.1", INTEGER, 3), ("43.5.1.1.17.1", TEXT, "DEMO-P"), ("43.11.1.1.4.1.1", INTEGER, 3),
        ("43.11.1.1.5.1.1", INTEGER, 3), ("43.11.1.1.6.1.1", TEXT, "Black toner"), ("43.11.1.1.7.1.1", INTEGER, 19),
        ("43.11.1.1.8.1.1", INTEGER, 100), ("43.11.1.1.9.1.1", INTEGER, 34), ("43.10.2.1.3.1.1", INTEGER, 7),
        ("43.10.2.1.4.1.1", COUNTER32, 48_213),
    ):
        yield _line(oid, tag, value)


MACHINES: dict[str, Callable[[str], Iterator[str]]] = {
    "switch": switch, "router": router, "server": server, "ups": ups, "printer": printer,
}


def hash_of(name: str) -> int:
    """A number of a name that is the same in every run, unlike hash()."""
    return int.from_bytes(name.encode()[-6:], "big")


def variables_of(machine: str, name: str, besides: Iterable[str] = ()) -> list[Variable]:
    """What this machine answers, in the order of a walk; `besides` are further snmprec lines."""
    return in_order(parse_snmprec("\n".join((*MACHINES[machine](name), *besides)).encode()))
