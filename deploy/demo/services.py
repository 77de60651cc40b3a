"""Services of the demonstration: small servers on loopback that really answer, and two months of invented history.

What answers here is pretended: pages of one line, a mail server that takes nothing. One certificate is about to
expire, one service is down.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import numpy as np
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collectors import ServiceOutage, service_part
from core import Scope, Session
from inventory import (
    Check,
    Device,
    Service,
    Unit,
    add_need,
    checks_of_services,
    create_record,
    service_number,
    services_in,
)
from telemetry import Ingest, SeriesKey, SeriesRegistry

log = structlog.get_logger("demo")

NET = "127.77.2"
HTTPS, SMTP, NOBODY = 8443, 2525, 8999
HISTORY = timedelta(days=50)
CA_FILE = "demo-authority.pem"
GREETING = "EduNOC demonstration"


@dataclass(frozen=True, slots=True)
class Play:
    """One service: what it is, how it answers, on which server it stands, how often it was down."""

    kind: str
    name: str
    importance: str
    host: int
    days_left: int = 80
    slow_s: float = 0.05
    port: int = HTTPS
    server: str = ""
    outages: tuple[tuple[float, int], ...] = ()  # (days ago, minutes)


PLAYS = (
    Play("portal", "Cổng thông tin điện tử", "critical", 1, server="DEPT-017", outages=((3.4, 18), (21.2, 47))),
    Play("eoffice", "Văn phòng điện tử (e-Office)", "critical", 2, 9, server="DEPT-019", outages=((12.3, 95),)),
    Play("mail", "Thư điện tử công vụ", "critical", 3, 60, port=SMTP, server="DEPT-018", outages=((33.1, 240),)),
    Play("vemis", "Quản lý trường học (VEMIS)", "normal", 4, 71, 0.9, server="DEPT-020",
         outages=((8.6, 32), (9.1, 21))),
    Play("emis", "Cơ sở dữ liệu ngành (EMIS)", "normal", 5, port=NOBODY, outages=((1.7, 55), (17.9, 130), (28.5, 410))),
    Play("records", "Học bạ, sổ điểm điện tử", "normal", 6, 45, 0.2, server="DEPT-020"),
    Play("enrolment", "Tuyển sinh đầu cấp", "normal", 7, 120, 0.1, outages=((40.2, 75),)),
    Play("library", "Thư viện điện tử", "low", 8, 33, 0.3),
)


def _address(play: Play, net: str) -> str:
    return f"{net}.{play.host}"


def fill(session: Session, now: datetime, net: str = NET) -> None:
    """Services, their checks, what they stand on, and when they were down."""
    everything = Scope.everything()
    top = session.query(Unit).filter(Unit.parent_id.is_(None)).order_by(Unit.id).first()
    if top is None:
        return
    for play in PLAYS:
        raw = {"unit_id": top.id, "name": play.name, "kind": play.kind, "importance": play.importance,
               "target_percent": 99.5 if play.importance == "critical" else 99.0, "down_after": 2}  # fmt: skip
        service = create_record(session, everything, Service, raw)
        for check in _checks(play, net):
            create_record(session, everything, Check, {"service_id": service.id, "timeout_s": 5.0, **check})
        server = session.query(Device).filter(Device.code == play.server).one_or_none() if play.server else None
        if server is not None:
            add_need(session, everything, service.id, "device", server.id)
        for ago, minutes in play.outages:
            began = now - timedelta(days=ago)
            session.add(ServiceOutage(
                service_id=service.id, started_at=began, ended_at=began + timedelta(minutes=minutes),
                reason="check_timeout" if minutes > 60 else "bad_status"))
    create_record(session, everything, Service, {"unit_id": top.id, "name": "Ngân hàng câu hỏi", "kind": "questions"})


def _checks(play: Play, net: str) -> list[dict[str, object]]:
    at = f"{_address(play, net)}:{play.port}"
    if play.port == SMTP:
        return [{"kind": "smtp", "target": at, "name": "Nhận thư"}]
    page: dict[str, object] = {"kind": "http", "target": f"https://{at}/", "name": "Trang đăng nhập"}
    if play.port != NOBODY:
        page["expect"] = GREETING
    found = [page]
    if play.importance == "critical":
        found.append({"kind": "tls", "target": at, "name": "Chứng chỉ", "interval_s": 300})
    return found


def history(session: Session, registry: SeriesRegistry, ingest: Ingest, now: float) -> None:
    """Samples of two months, once: a service was up but for its outages; the last day also has response times."""
    begin = now - HISTORY.total_seconds()
    minutes = np.arange(begin, now - 60, 60.0)
    services = services_in(session, Scope.everything())
    checks = checks_of_services(session, [one.id for one in services])
    plays = {play.name: play for play in PLAYS}
    for service in services:
        play = plays.get(service.name)
        if play is None:
            continue
        number = service_number(service.id)
        up = np.ones(len(minutes))
        for ago, length in play.outages:
            began = now - ago * 86400
            up[(minutes >= began) & (minutes < began + length * 60)] = 0.0
        if play.port == NOBODY:
            up[minutes >= now - 2400] = 0.0
        _append(ingest, registry, number, "", "service_up", (minutes, up))
        day = np.arange(now - 86400, now - 60, 300.0)
        for check in checks[service.id] if play.port != NOBODY else ():
            wave = play.slow_s + 0.03 + 0.02 * np.sin(day / 9000 + play.host) + 0.01 * np.sin(day / 700 + check.id)
            _append(ingest, registry, number, service_part(check.id), "check_seconds", (day, np.maximum(wave, 0.004)))


def _append(
    ingest: Ingest, registry: SeriesRegistry, number: int, part: str, metric: str, told: tuple[np.ndarray, np.ndarray]
) -> None:
    times, values = told
    series = registry.resolve(number, [SeriesKey(part, metric)])
    ingest.store.append(np.repeat(series, len(times)), (times * 1000).astype(np.int64), values.astype(np.float64))


# -- what answers ----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def doors(folder: Path, now: datetime, net: str = NET) -> AsyncIterator[None]:
    """Serve all of it while the context lasts. A port that another program has is left out, and told."""
    signer = _Signer(folder, now)
    servers = []
    for play in PLAYS:
        if play.port == NOBODY:
            continue
        context = signer.context(play, _address(play, net))
        talk = _mail(context) if play.port == SMTP else _page(play)
        try:
            servers.append(await asyncio.start_server(
                talk, _address(play, net), play.port, ssl=None if play.port == SMTP else context))
        except OSError as error:
            log.warning("a service of the demonstration cannot answer", service=play.name, error=str(error))
    try:
        yield
    finally:
        for server in servers:
            server.close()


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], "asyncio.Future[None] | object"]


def _page(play: Play) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(10):
                await reader.readuntil(b"\r\n\r\n")
                await asyncio.sleep(play.slow_s)
                body = f"<title>{GREETING}</title>".encode()
                writer.write(b"HTTP/1.1 200 OK\r\nServer: demo\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ssl.SSLError):
            pass
        finally:
            writer.close()

    return talk


def _mail(context: ssl.SSLContext) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(20):
                writer.write(b"220 mail.demo.example ESMTP\r\n")
                while line := (await reader.readline()).strip().upper():
                    if line.startswith(b"EHLO"):
                        writer.write(b"250-mail.demo.example\r\n250-STARTTLS\r\n250 SIZE 20000000\r\n")
                    elif line == b"STARTTLS":
                        writer.write(b"220 go\r\n")
                        await writer.drain()
                        await writer.start_tls(context)
                    else:
                        writer.write(b"554 this server is pretended\r\n")
                        return
        except (TimeoutError, OSError, ValueError, ssl.SSLError):
            pass
        finally:
            writer.close()

    return talk


class _Signer:
    """An authority of the demonstration's own, kept in its data folder: made once, certificates anew at each start."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self._folder, self._now = folder, now.astimezone(UTC)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "EduNOC demonstration authority")])
        root = self._sign(self._name, self._key, self._now + timedelta(days=3650), None)
        (folder / CA_FILE).write_bytes(root.public_bytes(serialization.Encoding.PEM))

    def context(self, play: Play, address: str) -> ssl.SSLContext:
        """A server's context with a certificate for the address of the play."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, play.kind)])
        made = self._sign(subject, key, self._now + timedelta(days=play.days_left, hours=5), address)
        file = self._folder / f"demo-{play.kind}.pem"
        file.touch(mode=0o600)
        file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _sign(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, ends: datetime, address: str | None
    ) -> x509.Certificate:
        made = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(self._now - timedelta(days=300))
            .not_valid_after(ends).add_extension(x509.BasicConstraints(ca=address is None, path_length=None), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False)
        )
        if address is not None:
            names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
            made = made.add_extension(names, False)
        return made.sign(self._key, hashes.SHA256())
