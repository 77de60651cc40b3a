"""Mail, mailbox, directory and name servers: a real SMTP server (aiosmtpd), and for the others small fakes that speak
the protocol from its standard, right and wrong."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from typing import ClassVar

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from aiosmtpd.smtp import SMTP
from pyasn1.codec.ber import decoder, encoder
from pyasn1_modules import rfc2251

from collectors.checks import SignIn
from core import Secret
from tests.collectors.checks.authority import Authority
from tests.collectors.checks.conftest import Start

WHO = SignIn("gv01@example.test", Secret("mật khẩu"))


class Mailbox:
    """Takes mail for one address, and notes every message that arrives."""

    def __init__(self) -> None:
        self.arrived: list[bytes] = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if address == "later@example.test":
            return "451 4.7.1 come again"
        if address != "here@example.test":
            return "550 5.1.1 unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.arrived.append(envelope.content)
        return "250 OK"


@pytest.fixture
async def post(authority: Authority) -> AsyncIterator:
    """Start aiosmtpd: gives (port, mailbox)."""
    servers = []

    async def begin(context: ssl.SSLContext | None = None, is_tls: bool = False):
        mailbox = Mailbox()
        loop = asyncio.get_running_loop()

        def make() -> SMTP:
            return SMTP(mailbox, hostname="mx.example.test", loop=loop, tls_context=None if is_tls else context)

        server = await loop.create_server(make, "127.0.0.1", 0, ssl=context if is_tls else None)
        servers.append(server)
        return server.sockets[0].getsockname()[1], mailbox

    yield begin
    for server in servers:
        server.close()


async def test_mail_server_with_starttls(post, ask, authority: Authority):
    port, mailbox = await post(authority.server("good"))
    reading = await ask("smtp", f"localhost:{port}", expect="here@example.test")
    assert reading.is_ok, reading
    assert reading.values["starttls_offered"] == 1
    assert reading.values["certificate_valid"] == 1
    assert "mx.example.test" in reading.facts["greeting"]
    assert mailbox.arrived == []


@pytest.mark.parametrize(("address", "reason"), [
    ("there@example.test", "mailbox_refused"), ("later@example.test", "ok"), ("a b@example.test", "bad_target")])
async def test_mailbox_is_asked_for_and_nothing_is_sent(post, ask, address, reason):
    port, mailbox = await post()
    reading = await ask("smtp", f"localhost:{port}", expect=address)
    assert reading.reason == reason
    assert reading.detail.startswith("451") == address.startswith("later")
    assert mailbox.arrived == []


async def test_mail_encryption_as_it_is_demanded(post, ask, authority: Authority):
    port, _ = await post()
    assert (await ask("smtp", f"localhost:{port}")).is_ok
    assert (await ask("smtp", f"localhost:{port}", security="starttls")).reason == "no_starttls"
    assert (await ask("smtp", f"localhost:{port}", security="tls")).reason == "tls_failed"
    port, _ = await post(authority.server("good"), is_tls=True)
    reading = await ask("smtp", f"localhost:{port}", security="tls")
    assert reading.is_ok
    assert reading.values["tls_version"] == 13


async def test_mail_server_with_an_expired_certificate(post, ask, authority: Authority):
    port, _ = await post(authority.server("expired"))
    assert (await ask("smtp", f"localhost:{port}")).reason == "certificate_expired"
    port, _ = await post(authority.server("self_signed"))
    reading = await ask("smtp", f"localhost:{port}")
    assert reading.is_ok
    assert reading.facts["certificate_trouble"] == "certificate_self_signed"


def fake_imap(context: ssl.SSLContext | None, has_plain: bool = True, heard: list[str] | None = None):
    """A fake mailbox server: RFC 9051's greeting, CAPABILITY, STARTTLS, both ways to sign in."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_tls = writer.get_extra_info("ssl_object") is not None
        writer.write(b"* OK fake ready\r\n")
        while line := (await reader.readline()).decode().strip():
            if heard is not None:
                heard.append(line)
            tag, command, *_rest = line.split(" ")
            if command == "CAPABILITY":
                words = "IMAP4rev1 IDLE" + (" STARTTLS" if context and not is_tls else "")
                words += " AUTH=PLAIN" if has_plain else ""
                writer.write(f"* CAPABILITY {words}\r\n{tag} OK done\r\n".encode())
            elif command == "STARTTLS":
                writer.write(f"{tag} OK go\r\n".encode())
                await writer.start_tls(context)
                is_tls = True
            elif command == "AUTHENTICATE":
                writer.write(b"+ \r\n")
                said = base64.b64decode(await reader.readline()).decode()
                is_right = said == f"\0{WHO.user}\0{WHO.password.reveal()}"
                writer.write(f"{tag} {'OK' if is_right else 'NO'} so\r\n".encode())
            elif command == "LOGIN":
                is_right = line == f'{tag} LOGIN "{WHO.user}" "a\\"b\\\\c"'
                writer.write(f"{tag} {'OK' if is_right else 'NO'} so\r\n".encode())
            else:
                writer.write(f"* BYE\r\n{tag} OK\r\n".encode())
                return

    return talk


async def test_mailboxes_over_starttls_with_signing_in(start: Start, ask, authority: Authority):
    port = await start(fake_imap(authority.server("good")))
    reading = await ask("imap", f"localhost:{port}", sign_in=WHO, expect="idle")
    assert reading.is_ok, reading
    assert reading.facts["sign_in"] == "ok"
    assert reading.values["starttls_offered"] == 1
    wrong = SignIn(WHO.user, Secret("falsch"))
    reading = await ask("imap", f"localhost:{port}", sign_in=wrong)
    assert reading.reason == "sign_in_refused"
    assert "falsch" not in repr(reading)
    assert (await ask("imap", f"localhost:{port}", expect="QUOTA")).reason == "capability_missing"


async def test_mailboxes_sign_in_by_login_where_plain_is_missing(start: Start, ask, authority: Authority):
    port = await start(fake_imap(None, has_plain=False), authority.server("good"))
    quoted = SignIn(WHO.user, Secret('a"b\\c'))
    assert (await ask("imap", f"localhost:{port}", security="tls", sign_in=quoted)).is_ok
    assert (await ask("imap", f"localhost:{port}", security="tls", sign_in=WHO)).reason == "no_sign_in"


@pytest.mark.parametrize(("kind", "reason"), [("", "sign_in_in_clear"), ("self_signed", "sign_in_untrusted")])
async def test_password_never_goes_where_it_could_be_read(start: Start, ask, authority: Authority, kind, reason):
    heard: list[str] = []
    port = await start(fake_imap(authority.server(kind) if kind else None, heard=heard))
    assert (await ask("imap", f"localhost:{port}", sign_in=WHO)).reason == reason
    assert not any("AUTHENTICATE" in line or "LOGIN" in line for line in heard)


async def test_answers_slipped_in_before_the_handshake_do_not_count(start: Start, ask, authority: Authority):
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        await reader.readline()
        writer.write(b"* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK\r\n")
        await reader.readline()
        writer.write(b"a2 OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\na3 OK\r\n")
        await writer.drain()
        await reader.read()

    port = await start(talk)
    assert (await ask("imap", f"localhost:{port}")).reason in ("bad_reply", "tls_failed")


def fake_ldap(context: ssl.SSLContext | None = None, code: int = 0):
    """A fake directory: answers a read of the root entry, StartTLS and simple binds, as RFC 4511 says."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readexactly(2)
            asked, _ = decoder.decode(head + await reader.readexactly(head[1]), asn1Spec=rfc2251.LDAPMessage())
            name = asked["protocolOp"].getName()
            answers = {"searchRequest": ("searchResEntry", "searchResDone"), "extendedReq": ("extendedResp",),
                       "bindRequest": ("bindResponse",)}[name]
            for answer in answers:
                message = rfc2251.LDAPMessage()
                message["messageID"] = int(asked["messageID"])
                body = message["protocolOp"][answer]
                if answer == "searchResEntry":
                    body["objectName"] = ""
                    for place, (attribute, value) in enumerate({
                            "namingContexts": "dc=example,dc=test", "vendorName": "fake",
                            **({"supportedExtension": "1.3.6.1.4.1.1466.20037"} if context else {})}.items()):
                        body["attributes"][place]["type"] = attribute
                        body["attributes"][place]["vals"][0] = value
                else:
                    is_right = name != "bindRequest" or bytes(
                        asked["protocolOp"][name]["authentication"]["simple"]).decode() == WHO.password.reveal()
                    body["resultCode"] = code if is_right else 49
                    body["matchedDN"], body["errorMessage"] = "", "said"
                writer.write(encoder.encode(message))
            if name == "extendedReq":
                await writer.start_tls(context)

    return talk


async def test_directory_is_read_without_signing_in(start: Start, ask):
    port = await start(fake_ldap())
    reading = await ask("ldap", f"localhost:{port}", expect="DC=example, DC=test")
    assert reading.is_ok, reading
    assert reading.facts["naming_contexts"] == "dc=example,dc=test"
    assert reading.values["starttls_offered"] == 0
    assert (await ask("ldap", f"localhost:{port}", expect="dc=other")).reason == "context_missing"
    assert (await ask("ldap", f"localhost:{port}", security="starttls")).reason == "no_starttls"
    assert (await ask("ldap", f"localhost:{port}", sign_in=WHO)).reason == "sign_in_in_clear"
    port = await start(fake_ldap(code=50))
    assert (await ask("ldap", f"localhost:{port}")).reason == "directory_refused"


async def test_directory_over_tls_with_a_bind(start: Start, ask, authority: Authority):
    port = await start(fake_ldap(authority.server("good")))
    reading = await ask("ldap", f"localhost:{port}", sign_in=WHO)
    assert reading.is_ok, reading
    assert reading.values["certificate_valid"] == 1
    port = await start(fake_ldap(), authority.server("good"))
    assert (await ask("ldap", f"localhost:{port}", security="tls", sign_in=WHO)).is_ok
    wrong = SignIn(WHO.user, Secret("x"))
    assert (await ask("ldap", f"localhost:{port}", security="tls", sign_in=wrong)).reason == "sign_in_refused"


class FakeDns(asyncio.DatagramProtocol):
    """A fake DNS server: some names of example.test, and one for each way of failing."""

    RECORDS: ClassVar = {
        ("portal.example.test.", "A"): ("192.0.2.10", "192.0.2.11"),
        ("example.test.", "MX"): ("10 mail.example.test.",),
        ("example.test.", "TXT"): ('"v=spf1 mx" " -all"',),
        ("example.test.", "NS"): ("ns1.example.test.",),
        ("example.test.", "SOA"): ("ns1.example.test. root.example.test. 7 3600 600 86400 300",),
        ("big.example.test.", "TXT"): tuple(f'"{i:03d}{"x" * 200}"' for i in range(20)),
    }
    CODES: ClassVar = {"broken.example.test.": dns.rcode.SERVFAIL, "secret.example.test.": dns.rcode.REFUSED}

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        query = dns.message.from_wire(data)
        name = query.question[0].name.to_text()
        if name == "silent.example.test.":
            return
        if name == "noise.example.test.":
            self.transport.sendto(b"\xff" * 40, address)
            return
        self.transport.sendto(self.reply(query, 1232), address)

    def reply(self, query, limit: int) -> bytes:
        question = query.question[0]
        name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
        reply = dns.message.make_response(query)
        found = self.RECORDS.get((name, kind))
        if found:
            reply.answer.append(dns.rrset.from_text(question.name, 300, "IN", kind, *found))
        elif not any(known == name for known, _kind in self.RECORDS):
            reply.set_rcode(self.CODES.get(name, dns.rcode.NXDOMAIN))
        wire = reply.to_wire(max_size=65535)
        if len(wire) > limit:
            reply.answer.clear()
            reply.flags |= dns.flags.TC
            wire = reply.to_wire()
        return wire


@pytest.fixture
async def names(start: Start) -> AsyncIterator[int]:
    """The port of the fake DNS server, UDP and TCP."""

    async def tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int.from_bytes(await reader.readexactly(2), "big")
        wire = FakeDns().reply(dns.message.from_wire(await reader.readexactly(length)), 65535)
        writer.write(len(wire).to_bytes(2, "big") + wire)
        await writer.drain()

    port = await start(tcp)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(FakeDns, ("127.0.0.1", port))
    yield port
    transport.close()


@pytest.mark.parametrize(("question", "expect", "reason"), [
    ("portal.example.test A", "", "ok"),
    ("portal.example.test", "192.0.2.11", "ok"),
    ("portal.example.test A", "192.0.2.10, 192.0.2.11", "ok"),
    ("portal.example.test A", "192.0.2.1", "dns_wrong_answer"),
    ("portal.example.test A", "192.0.2.10,203.0.113.5", "dns_wrong_answer"),
    ("portal.example.test AAAA", "", "dns_no_answer"),
    ("example.test MX", "mail.example.test", "ok"),
    ("example.test MX", "10 mail.example.test.", "ok"),
    ("example.test MX", "mail.attacker.test", "dns_wrong_answer"),
    ("example.test TXT", "v=spf1 mx", "ok"),
    ("example.test NS", "NS1.example.test", "ok"),
    ("example.test SOA", "ns1.example.test. root.example.test.", "ok"),
    ("big.example.test TXT", "", "ok"),
    ("none.example.test A", "", "dns_nxdomain"),
    ("broken.example.test A", "", "dns_servfail"),
    ("secret.example.test A", "", "dns_refused"),
    ("silent.example.test A", "", "dns_timeout"),
    ("noise.example.test A", "", "dns_timeout"),
])
async def test_names_are_judged(names: int, ask, question, expect, reason):
    reading = await ask("dns", f"{question} @ns.test:{names}", expect=expect, timeout_s=1.0)
    assert reading.reason == reason, reading
    if reason in ("ok", "dns_wrong_answer"):
        assert reading.values["dns_answers"] >= 1
        assert reading.values.get("dns_answer_expected") == (float(reason == "ok") if expect else None)


async def test_no_dns_server_is_named(ask, unused_tcp_port: int):
    assert (await ask("dns", f"a.test A @ns.test:{unused_tcp_port}", timeout_s=1.0)).reason == "dns_timeout"
    assert (await ask("dns", "a b c d")).reason == "bad_target"


@pytest.mark.parametrize(("greeting", "expect", "reason"), [
    (b"SSH-2.0-OpenSSH_9\r\n", "SSH-2.0", "ok"), (b"220 ftp\r\n", "SSH", "check_timeout"),
    (b"x" * 5000, "SSH", "wrong_greeting")])
async def test_greeting_of_a_port(start: Start, ask, greeting, expect, reason):
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await reader.read()

    port = await start(talk)
    assert (await ask("tcp", f"localhost:{port}", expect=expect, timeout_s=0.5)).reason == reason
