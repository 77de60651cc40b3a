"""Conversations with the pretended projector: each authentication, each fault by its name."""

import asyncio
import time

import pytest

from core import GiveUp, Secret, TryLater, pjlink
from core.pjlink import reasons
from deploy.demo.pjlink import Door, Faults, Fittings, PjlinkServer, Projector, answer_searches

QUICK = pjlink.Patience(connect_s=0.4, reply_s=0.4, slow_s=0.4)


def door_of(**options) -> Door:
    return Door(Projector(time.monotonic, Fittings()), **options)


async def ask(door: Door, password: str | None = None, command: str = "POWR", patience=QUICK, board=None):
    board = board or pjlink.Switchboard()
    secret = Secret(password) if password is not None else None
    async with board.talk(pjlink.Endpoint(door.host, door.port), secret, patience) as session:
        return await session.ask(command)


@pytest.mark.parametrize("authentication", ["", "md5", "sha256"])
async def test_each_authentication(authentication):
    door, board = door_of(authentication=authentication, password="bảng trắng"), pjlink.Switchboard()
    async with PjlinkServer([door]):
        answer = await ask(door, "bảng trắng", board=board)
        assert (answer.reason, answer.value) == ("ok", "0")
        assert board.spoken(pjlink.Endpoint(door.host, door.port)) == (authentication or "open")


async def test_what_a_device_wants_is_remembered():
    door, board = door_of(authentication="md5", password="x"), pjlink.Switchboard()
    async with PjlinkServer([door]):
        await ask(door, "x", board=board)
        assert door.connections == 2  # the stronger way was tried, and given up
        await ask(door, "x", board=board)
        assert door.connections == 3


@pytest.mark.parametrize("authentication", ["md5", "sha256"])
async def test_a_wrong_password_is_one_attempt(authentication):
    door = door_of(authentication=authentication, password="right")
    async with PjlinkServer([door]):
        with pytest.raises(GiveUp) as caught:
            await ask(door, "guessed")
        assert caught.value.reason == reasons.WRONG_PASSWORD
        assert door.refused_passwords == 1
        assert "guessed" not in str(caught.value)


async def test_a_password_is_needed():
    door = door_of(authentication="md5", password="x")
    async with PjlinkServer([door]):
        with pytest.raises(GiveUp, match=reasons.PASSWORD_NEEDED):
            await ask(door)


@pytest.mark.parametrize(("faults", "reason"), [
    (Faults(garbage_greeting=True), reasons.GARBAGE), (Faults(garbage=True), reasons.TIMEOUT),
    (Faults(oversize=True), reasons.GARBAGE), (Faults(truncated=True), reasons.GARBAGE),
    (Faults(mute=True), reasons.TIMEOUT), (Faults(delay_s=5), reasons.TIMEOUT),
    (Faults(other_command=True), reasons.TIMEOUT), (Faults(close_after=0), reasons.CLOSED),
])  # fmt: skip
async def test_each_fault_has_its_name(faults, reason):
    door = door_of(faults=faults)
    async with PjlinkServer([door]):
        with pytest.raises(TryLater) as caught:
            await ask(door)
        assert caught.value.reason in (reason, reasons.CLOSED)
        assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("faults", [
    Faults(lkup=True), Faults(crlf_nul=True), Faults(wrong_class=True), Faults(no_cr=True), Faults(delay_s=0.1),
])  # fmt: skip
async def test_what_is_only_odd_is_understood(faults):
    door = door_of(faults=faults)
    async with PjlinkServer([door]):
        assert (await ask(door)).value == "0"


async def test_the_errors_of_the_device_are_answers():
    door = door_of()
    async with PjlinkServer([door]):
        async with pjlink.Switchboard().talk(pjlink.Endpoint(door.host, door.port), None, QUICK) as session:
            assert (await session.ask("INPT")).reason == reasons.NOT_NOW
            assert (await session.ask("ABCD")).reason == reasons.UNDEFINED
            assert (await session.ask("POWR", "7")).reason == reasons.BAD_PARAMETER
            door.projector.is_failing = True
            assert (await session.ask("POWR", "1")).reason == reasons.DEVICE_FAILURE


async def test_a_dead_projector_and_one_that_is_busy():
    door = door_of()
    async with PjlinkServer([door]) as server:
        board = pjlink.Switchboard()
        async with board.talk(pjlink.Endpoint(door.host, door.port), None, QUICK):
            with pytest.raises(TryLater) as caught:
                await ask(door)  # another program
            assert caught.value.reason == reasons.BUSY
        await server.kill(door)
        with pytest.raises(TryLater) as caught:
            await ask(door)
        assert caught.value.reason == reasons.REFUSED


async def test_conversations_of_one_process_wait_for_each_other():
    door, board = door_of(faults=Faults(delay_s=0.05)), pjlink.Switchboard()
    async with PjlinkServer([door]):
        answers = await asyncio.gather(*(ask(door, board=board) for _ in range(5)))
        assert [answer.value for answer in answers] == ["0"] * 5
        async with board.talk(pjlink.Endpoint(door.host, door.port), None, QUICK):
            with pytest.raises(TryLater, match=reasons.BUSY):
                async with board.talk(pjlink.Endpoint(door.host, door.port), None, QUICK, wait_s=0.05):
                    pass


async def test_the_device_closes_an_idle_line():
    door = door_of(idle_s=0.05)
    async with PjlinkServer([door]):
        with pytest.raises(TryLater) as caught:
            async with pjlink.Switchboard().talk(pjlink.Endpoint(door.host, door.port), None, QUICK) as session:
                await session.ask("POWR")
                assert await session._reader.read(1) == b""
                await session.ask("POWR")
        assert caught.value.reason == reasons.CLOSED


async def test_search_on_loopback():
    door = door_of()
    free = await pjlink.listen(lambda *_: None, "127.0.0.1", 0)
    own = free.port
    free.close()
    listener = await answer_searches(door, "127.0.0.1", 0, own)
    try:
        port = listener.get_extra_info("sockname")[1]
        found = await pjlink.search_projectors("127.0.0.1", 0.3, ("127.0.0.1", own), port)
    finally:
        listener.close()
    assert found == {"127.0.0.1": door.mac}
