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
}


@pytest.mark.parametrize("kind", SAID)
async def test_what_a_service_says_is_tamed(start, ask, kind: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(SAID[kind])
        await writer.drain()
        await reader.read(4096)

    port = await start(talk)
    target = f"http://127.0.0.1:{port}/" if kind == "http" else f"127.0.0.1:{port}"
    reading = await ask(kind, target, expect="x", timeout_s=1.0)
    assert not reading.is_ok
    for text in (reading.detail, *reading.facts.values()):
        assert text.isprintable() and len(text) <= 500, text[:100]


def test_every_kind_is_tried() -> None:
    """DNS answers are bytes of a library that escapes what cannot be printed."""
    assert set(SAID) | {"dns"} == set(PROBES)
