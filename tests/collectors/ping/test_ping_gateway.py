"""Default gateways, from the texts that the Linux kernel gives."""

from pathlib import Path

from collectors.ping.gateway import default_gateways, parse_ipv4_routes, parse_ipv6_routes

IPV4 = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0
"""
NOWHERE = "0" * 32
IPV6 = "\n".join(
    f"{destination} {size} {NOWHERE} 00 {gateway} 00000400 00000003 00000000 {flags} {interface:>8}"
    for destination, size, gateway, flags, interface in (
        ("fe800000000000000000000000000000", "40", NOWHERE, "00000001", "eth0"),
        (NOWHERE, "00", "fd000000000000000000000000000001", "00000003", "eth0"),
        (NOWHERE, "00", "fe800000000000000000000000000001", "00000003", "eth1"),
        (NOWHERE, "00", NOWHERE, "00200200", "lo"),
    )
)


def test_gateways_are_the_next_hops_of_default_routes():
    assert parse_ipv4_routes(IPV4) == ["192.0.2.1"]
    assert parse_ipv6_routes(IPV6) == ["fd00::1"]


def test_empty_and_missing_files_give_no_gateway(tmp_path: Path):
    assert default_gateways(tmp_path / "none", tmp_path / "none6") == ()
    assert parse_ipv4_routes("") == parse_ipv6_routes("") == []
