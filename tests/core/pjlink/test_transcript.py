"""The sample exchange of the reference (class 2, password set, cooling): the client against a plain script of it, and
the pretended projector against the same bytes. Both keep one contract."""

import asyncio
import time
from contextlib import AsyncExitStack

from core import Secret, pjlink
from core.pjlink.reasons import NOT_NOW, UNDEFINED
from deploy.demo.pjlink import Door, Fittings, PjlinkServer, Projector

DIGEST = "5d8409bc1c3fa39749434aa3a5c38682"
# what the client says, what the device answers
SCRIPT = (
    ("%1CLSS ?", "%1CLSS=2"), ("%1POWR ?", "%1POWR=2"), ("%1ERST ?", "%1ERST=010000"), ("%1LAMP ?", "%1LAMP=1163 0"),
    ("%1INPT ?", "%1INPT=ERR3"), ("%2FILT ?", "%2FILT=ERR1"),
)  # fmt: skip


async def test_the_client_says_what_the_reference_says():
    heard: list[str] = []

    async def device(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"PJLINK 1 498e4a67\r")
        for number, (_said, answer) in enumerate(SCRIPT):
            line = (await reader.readuntil(b"\r")).decode().strip()
            if number == 0 and line == "PJLINK 2":  # an older device: it refuses, the client comes again
                writer.write(b"PJLINK ERRA\r")
                break
            heard.append(line)
            writer.write(f"{answer}\r".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(device, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with AsyncExitStack() as stack:
        stack.callback(server.close)
        talk = pjlink.Switchboard().talk(pjlink.Endpoint("127.0.0.1", port), Secret("JBMIAProjectorLink"))
        session = await stack.enter_async_context(talk)
        answers = [await session.ask(said[2:6], "?", int(said[1])) for said, _answer in SCRIPT]
    assert heard == [DIGEST + SCRIPT[0][0], *(said for said, _answer in SCRIPT[1:])]
    assert [answer.value for answer in answers[:4]] == ["2", "2", "010000", "1163 0"]
    assert [answer.reason for answer in answers[4:]] == [NOT_NOW, UNDEFINED]


async def test_the_pretended_projector_answers_the_same_bytes():
    projector = Projector(time.monotonic, Fittings(lamps=(1163.0,), filter_hours=None), power="2", errors="010000")
    projector._until = float("inf")
    door = Door(projector, authentication="md5", password="JBMIAProjectorLink")
    async with PjlinkServer([door]):
        reader, writer = await asyncio.open_connection(door.host, door.port)
        assert await reader.readuntil(b"\r") == b"PJLINK 1 498e4a67\r"
        for number, (said, answer) in enumerate(SCRIPT):
            writer.write(f"{DIGEST if number == 0 else ''}{said}\r".encode())
            assert (await reader.readuntil(b"\r")).decode() == f"{answer}\r"
        writer.close()
        await writer.wait_closed()
