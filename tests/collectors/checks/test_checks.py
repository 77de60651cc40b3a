"""HTTP and TCP checks against local servers that behave and misbehave."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collectors.checks import PROBES, CheckReading, CheckTarget, forbidden_reason, http, part_of, run_check
from collectors.checks import certificate as certificates
from collectors.names import Names
from core import GiveUp
from inventory import CHECK_KINDS
from telemetry import METRICS

Page = Callable[[str], bytes]
Serve = Callable[..., Awaitable[int]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start a server on a free port of loopback: `page` gets the path and gives the whole answer."""
    servers = []

    async def begin(page: Page, context: ssl.SSLContext | None = None) -> int:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                answer = page(head.split(b" ")[1].decode())
                if answer:
                    writer.write(answer)
                    await writer.drain()
                else:
                    await reader.read()
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            finally:
                writer.close()

        server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
        servers.append(server)
        return server.sockets[0].getsockname()[1]

    yield begin
    for server in servers:
        server.close()


@pytest.fixture
def names():
    names = Names()
    yield names
    names.close()


@pytest.fixture
def look(names: Names, now: datetime) -> Callable[..., Awaitable[CheckReading]]:
    async def run(kind: str, target: str, **options) -> CheckReading:
        check = CheckTarget(kind, target, **{"timeout_s": 5.0, **options})
        return await run_check(check, names.resolve, now.timestamp)

    return run


def answer(body: bytes, status: str = "200 OK", extra: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode() + body


def redirect(location: str) -> bytes:
    return answer(b"", "302 Found", f"Location: {location}\r\n")


def certificate(folder: Path, ends: datetime, name: str = "localhost") -> tuple[ssl.SSLContext, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=3650))
        .not_valid_after(ends)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "pair.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, file


async def test_page_that_answers_is_up_with_its_times(serve: Serve, look):
    port = await serve(lambda path: answer("Trường học".encode()))
    reading = await look("http", f"http://127.0.0.1:{port}/")
    assert (reading.is_ok, reading.reason) == (True, "ok")
    assert reading.values["check_up"] == 1
    assert reading.values["check_http_status"] == 200
    assert reading.values["check_bytes"] == len("Trường học".encode())
    assert 0 < reading.values["check_first_byte_seconds"] <= reading.values["check_seconds"] < 5
    assert set(reading.values) <= set(METRICS)


@pytest.mark.parametrize(
    ("page", "expect", "reason"),
    [
        (answer(b"x", "500 Oops"), "", "bad_status"),
        (answer(b"x", "404 Not Found"), "", "bad_status"),
        (answer("xin chào".encode()), "tạm biệt", "text_missing"),
        (answer("xin chào".encode()), "chào", "ok"),
        (answer("xin chào".encode("utf-16-le"), extra="Content-Type: text/html; charset=utf-16-le\r\n"), "chào", "ok"),
        (answer(b"hello", extra="Content-Type: text/html; charset=none-such\r\n"), "bye", "text_missing"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "", "bad_reply"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", "", "bad_reply"),
        (answer(b"", "304 Not Modified"), "", "ok"),
    ],
)
async def test_answers_are_judged_by_status_and_text(serve: Serve, look, page, expect, reason):
    port = await serve(lambda path: page)
    reading = await look("http", f"http://127.0.0.1:{port}/", expect=expect)
    assert reading.reason == reason
    assert reading.values["check_up"] == float(reason == "ok")


async def test_silent_service_ends_in_time(serve: Serve, look):
    port = await serve(lambda path: b"")
    reading = await look("http", f"http://127.0.0.1:{port}/", timeout_s=0.3)
    assert reading.reason == "check_timeout"
    assert reading.seconds < 2


async def test_endless_body_is_cut(serve: Serve, look):
    port = await serve(lambda path: answer(b"a" * (http.MAX_BODY * 2)))
    reading = await look("http", f"http://127.0.0.1:{port}/")
    assert reading.values["check_bytes"] == http.MAX_BODY


async def test_closed_port_is_refused(serve: Serve, look, unused_tcp_port: int):
    assert (await look("http", f"http://127.0.0.1:{unused_tcp_port}/")).reason == "refused"
    assert (await look("tcp", f"127.0.0.1:{unused_tcp_port}")).reason == "refused"


async def test_few_redirects_are_followed_and_no_circle(serve: Serve, look):
    port = await serve(lambda path: answer(b"there") if path == "/b" else redirect("/b" if path == "/a" else path))
    assert (await look("http", f"http://127.0.0.1:{port}/a", expect="there")).is_ok
    assert (await look("http", f"http://127.0.0.1:{port}/c")).reason == "too_many_redirects"


@pytest.mark.parametrize(
    "location",
    ["http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/", "http://127.0.0.1:1/", "http://127.0.0.2/", "file:///etc/passwd",
     "http://[::ffff:169.254.169.254]/", "http://user:pw@192.0.2.1/", "gopher://x/"],
)  # fmt: skip
async def test_redirects_into_our_surroundings_are_not_followed(serve: Serve, look, location):
    port = await serve(lambda path: redirect(location))
    assert (await look("http", f"http://127.0.0.1:{port}/")).reason == "forbidden_address"


@pytest.mark.parametrize(
    ("address", "is_redirected", "is_forbidden"),
    [
        ("10.0.0.1", False, False),
        ("8.8.8.8", True, False),
        ("127.0.0.1", False, False),
        ("127.0.0.1", True, True),
        ("::1", True, True),
        ("::ffff:127.0.0.1", True, True),
        ("169.254.169.254", False, True),
        ("::ffff:169.254.169.254", False, True),
        ("64:ff9b::a9fe:a9fe", False, True),
        ("2002:a9fe:a9fe::1", False, True),
        ("fe80::1%eth0", False, True),
        ("fd00:ec2::254", False, True),
        ("100.100.100.200", False, True),
        ("0.0.0.0", False, True),
        ("224.0.0.1", False, True),
        ("fd12::1", False, False),
        ("nonsense", False, True),
    ],
)
def test_addresses_that_checks_may_use(address, is_redirected, is_forbidden):
    assert bool(forbidden_reason(address, is_redirected)) is is_forbidden


async def test_certificate_age_is_told_even_when_nobody_vouches_for_it(serve: Serve, look, tmp_path: Path, now):
    context, _ = certificate(tmp_path, now + timedelta(days=30))
    port = await serve(lambda path: answer(b"ok"), context)
    reading = await look("http", f"https://127.0.0.1:{port}/")
    assert reading.is_ok
    assert reading.values["certificate_valid"] == 0
    assert reading.values["certificate_remaining_seconds"] == pytest.approx(30 * 86400, abs=1)


async def test_expired_certificate_fails_the_check(serve: Serve, look, tmp_path: Path, now):
    context, _ = certificate(tmp_path, now - timedelta(days=2))
    port = await serve(lambda path: answer(b"ok"), context)
    reading = await look("http", f"https://127.0.0.1:{port}/")
    assert reading.reason == "certificate_expired"
    assert reading.values["certificate_remaining_seconds"] == pytest.approx(-2 * 86400, abs=1)


async def test_trusted_certificate_is_valid_for_its_name_only(serve: Serve, tmp_path: Path, monkeypatch, now):
    context, file = certificate(tmp_path, datetime.now(UTC) + timedelta(days=30))
    port = await serve(lambda path: answer(b"ok"), context)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    certificates.verifying.cache_clear()

    async def resolve(host: str) -> tuple[str, ...]:
        return ("127.0.0.1",)

    try:
        right = await run_check(CheckTarget("http", f"https://localhost:{port}/"), resolve, now.timestamp)
        wrong = await run_check(CheckTarget("http", f"https://elsewhere.test:{port}/"), resolve, now.timestamp)
    finally:
        certificates.verifying.cache_clear()
    assert right.values["certificate_valid"] == 1
    assert wrong.values["certificate_valid"] == 0


async def test_open_port_is_up(serve: Serve, look):
    port = await serve(lambda path: b"")
    reading = await look("tcp", f":{port}", address="127.0.0.1")
    assert reading.is_ok
    assert reading.values["check_connect_seconds"] > 0
    assert set(reading.values) <= set(METRICS)


@pytest.mark.parametrize(
    ("kind", "target"),
    [("tcp", "80"), ("tcp", "host:0"), ("tcp", ":80"), ("tcp", "a b:80"), ("tcp", "host:99999"), ("http", "ftp://x/"),
     ("http", "http://"), ("http", "http://user:pw@host/"), ("http", "x" * 600), ("smtp", "x")],
)  # fmt: skip
async def test_targets_that_cannot_be_understood(look, kind, target):
    assert (await look(kind, target)).reason == "bad_target"


async def test_unknown_name_has_its_reason(look):
    async def nobody(host: str) -> tuple[str, ...]:
        raise GiveUp("name_not_found", host)

    reading = await run_check(CheckTarget("tcp", "nobody.test:80"), nobody, lambda: 0.0)
    assert reading.reason == "name_not_found"


def test_every_kind_of_check_has_a_probe():
    assert set(PROBES) == set(CHECK_KINDS)


def test_part_of_a_check_is_short():
    assert len(part_of("http", "x" * 900)) == 200
