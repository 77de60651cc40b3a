"""What a service says of itself is shown to people and kept in PostgreSQL: no check lets control characters through."""

import asyncio

import pytest

from collectors.checks import PROBES

NASTY = b"\x00<script>window.hurt=1</script>\x1b[31m\xe2\x80\xae\x9b\xff" + b"A" * 3000
SAID = {
    "tcp": NASTY + b"\r\n",
    "smtp": b"554 " + NASTY + b"\r\n",
    "imap": b"* BYE " + NASTY + b"\r\n",
    "ldap": NASTY,
    "http": b"HTTP/1.1 500 " + NASTY[1:40] + b"\r\nServer: <script>\x80\xff\r\nContent-Length: 1\r\n\r\n\x00",
    "tls": NASTY,
    "sip": b"SIP/2.0 503 " + NASTY[:60] + b"\r\nServer: " + NASTY + b"\r\nContent-Length: 0\r\n\r\n",
}
PLACES = {"http": "http://127.0.0.1:{}/", "sip": "sip:127.0.0.1:{};transport=tcp"}


@pytest.mark.parametrize("kind", SAID)
async def test_what_a_service_says_is_tamed(start, ask, kind: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(SAID[kind])
        await writer.drain()
        await reader.read(4096)

    port = await start(talk)
    target = PLACES.get(kind, "127.0.0.1:{}").format(port)
    reading = await ask(kind, target, expect="" if kind == "sip" else "x", timeout_s=1.0)
    assert not reading.is_ok
    assert_tame(reading)


@pytest.mark.parametrize("kind", ["stun", "turn", "udp"])
async def test_what_comes_in_datagrams_is_tamed(ask, kind: str) -> None:
    """A refusal with a nasty reason phrase: RFC 8489 section 14.8, 8 bits of class and number before the text."""

    class Refuses(asyncio.DatagramProtocol):
        def connection_made(self, transport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, address) -> None:
            phrase = NASTY[:60]
            error = b"\0\x09" + (4 + len(phrase)).to_bytes(2, "big") + b"\0\0\x05\0" + phrase
            kind_of = (int.from_bytes(data[:2], "big") | 0x0110).to_bytes(2, "big")
            self.transport.sendto(kind_of + len(error).to_bytes(2, "big") + data[4:20] + error, address)

    loop = asyncio.get_running_loop()
    transport, _protocol = await loop.create_datagram_endpoint(Refuses, local_addr=("127.0.0.1", 0))
    try:
        place = f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
        reading = await ask(kind, {"turn": f"turn:{place}"}.get(kind, place), timeout_s=1.0)
    finally:
        transport.close()
    assert not reading.is_ok
    assert_tame(reading)


def assert_tame(reading) -> None:
    for text in (reading.detail, *reading.facts.values()):
        assert text.isprintable() and len(text) <= 500, text[:100]


def test_every_kind_is_tried() -> None:
    """DNS answers are bytes of a library that escapes what cannot be printed."""
    assert set(SAID) | {"dns", "stun", "turn", "udp"} == set(PROBES)
