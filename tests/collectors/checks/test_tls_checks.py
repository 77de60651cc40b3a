"""Certificates in every state, and servers that break TLS."""

import asyncio
import ssl
import warnings
from datetime import timedelta

import pytest

from collectors.checks import CheckReading
from tests.collectors.checks.authority import Authority
from tests.collectors.checks.conftest import Start


async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


@pytest.mark.parametrize(
    ("kind", "name", "reason"),
    [
        ("good", "localhost", "ok"),
        ("soon", "localhost", "ok"),
        ("expired", "localhost", "certificate_expired"),
        ("early", "localhost", "certificate_not_yet"),
        ("self_signed", "localhost", "certificate_self_signed"),
        ("no_chain", "localhost", "certificate_chain"),
        ("good", "elsewhere.test", "certificate_wrong_name"),
    ],
)
async def test_certificate_is_judged(start: Start, ask, authority: Authority, kind, name, reason):
    port = await start(hold, authority.server(kind, name))
    reading: CheckReading = await ask("tls", f"localhost:{port}")
    assert reading.reason == reason, reading
    assert reading.values["certificate_valid"] == float(reason == "ok")
    assert reading.values["certificate_name_matches"] == float(name == "localhost")
    assert reading.values["certificate_trusted"] == float(kind in ("good", "soon"))
    assert reading.values["tls_version"] == 13
    assert reading.facts["certificate_issuer"] == ("localhost" if kind == "self_signed" else "Test between")
    if kind == "soon":
        days = reading.values["certificate_remaining_seconds"]
        assert days == pytest.approx(timedelta(days=10).total_seconds(), abs=60)


async def test_unknown_authority_is_told_even_with_the_whole_chain(start: Start, ask, authority: Authority):
    port = await start(hold, authority.server("good"))
    reading = await ask("tls", f"localhost:{port}", ca_file="")
    assert reading.reason in ("certificate_chain", "certificate_self_signed")
    assert reading.values["certificate_trusted"] == 0


async def test_a_star_stands_for_one_label(start: Start, ask, authority: Authority):
    port = await start(hold, authority.server("good", "*.example.test"))
    assert (await ask("tls", f"portal.example.test:{port}")).is_ok
    assert (await ask("tls", f"a.portal.example.test:{port}")).reason == "certificate_wrong_name"


async def test_old_versions_are_told(start: Start, ask, authority: Authority):
    context = authority.server("good")
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    port = await start(hold, context)
    reading = await ask("tls", f"localhost:{port}")
    assert reading.reason == "tls_weak"
    assert reading.values["tls_weak_offered"] == 1
    assert reading.values["certificate_valid"] == 1


async def test_own_authority_that_cannot_be_read_is_named(start: Start, ask, authority: Authority, tmp_path):
    port = await start(hold, authority.server("good"))
    assert (await ask("tls", f"localhost:{port}", ca_file=str(tmp_path / "none.pem"))).reason == "bad_ca_file"


async def test_page_of_an_own_authority_is_trusted_and_timed(start: Start, ask, authority: Authority):
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nServer: test\r\n\r\nok")
        await writer.drain()

    port = await start(page, authority.server("good"))
    reading = await ask("http", f"https://localhost:{port}/")
    assert reading.is_ok
    assert reading.values["certificate_valid"] == 1
    assert {"check_dns_seconds", "check_connect_seconds", "check_tls_seconds", "check_first_byte_seconds"} <= set(
        reading.values)
    assert reading.facts["server"] == "test"
    wrong = await start(page, authority.server("good", "elsewhere.test"))
    reading = await ask("http", f"https://localhost:{wrong}/")
    assert reading.is_ok
    assert reading.facts["certificate_trouble"] == "certificate_wrong_name"
    assert reading.values["certificate_valid"] == 0


@pytest.mark.parametrize(("status", "wanted", "reason"), [
    ("401 Unauthorized", "401", "ok"), ("200 OK", "401 403", "bad_status"), ("403 Forbidden", "401 403", "ok")])
async def test_status_that_is_expected(start: Start, ask, status, wanted, reason):
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()

    port = await start(page)
    assert (await ask("http", f"http://localhost:{port}/", expect_status=wanted)).reason == reason


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A byte, and never the rest."""
    writer.write(b"2")
    await reader.read()


async def chatter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A line without an end."""
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An answer whose head never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: " + b"y" * 4000 + b"\r\n")
        await writer.drain()


async def lines(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Lines that all say that more comes."""
    while True:
        writer.write(b"220-more\r\n" * 500)
        await writer.drain()


async def noise(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bytes of no protocol."""
    writer.write(bytes(range(256)) * 8 + b"\n")
    await reader.read()


async def gone(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hangs up at once."""


@pytest.mark.parametrize("kind", ["http", "tls", "smtp", "imap", "ldap", "tcp"])
@pytest.mark.parametrize("server", [drip, chatter, headers, lines, noise, gone])
async def test_hostile_servers_cost_no_more_than_the_patience(start: Start, ask, kind, server):
    port = await start(server)
    target = f"http://localhost:{port}/" if kind == "http" else f"localhost:{port}"
    expect = {"tcp": "SSH", "smtp": "a@example.edu.vn"}.get(kind, "")
    reading = await ask(kind, target, timeout_s=1.0, security="none", expect=expect)
    assert not reading.is_ok
    assert reading.reason in ("check_timeout", "bad_reply", "closed_early", "tls_failed", "wrong_greeting"), reading
    assert reading.values == {"check_up": 0.0} or reading.reason == "wrong_greeting"
    assert reading.seconds < 3


@pytest.mark.parametrize("kind", ["tls", "smtp", "imap", "ldap", "tcp"])
@pytest.mark.parametrize("address", ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]"])
async def test_no_kind_of_check_goes_where_checks_may_not_go(kind, address):
    from collectors.checks import CheckTarget, run_check

    async def resolve(host: str) -> tuple[str, ...]:
        return (host,)

    reading = await run_check(CheckTarget(kind, f"{address}:25"), resolve, lambda: 0.0)
    assert reading.reason == "forbidden_address"
