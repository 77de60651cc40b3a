"""Host names: remembered, never asked twice at once, and kept while the DNS server is away."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from collectors import names as module
from collectors.names import REMEMBER_FAILURE_S, REMEMBER_S, Names, look_up
from core import GiveUp, TryLater


class Resolver:
    """A DNS server of our own: `answer` is what it says next; `gate` closed, it hangs."""

    def __init__(self) -> None:
        self.answer: tuple[str, ...] | None = ("192.0.2.1",)
        self.asked: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.now = 1000.0

    def look_up(self, host: str) -> tuple[str, ...] | None:
        self.asked.append(host)
        self.gate.wait(10)
        return self.answer


@pytest.fixture
def resolver() -> Resolver:
    return Resolver()


@pytest.fixture
def names(resolver: Resolver) -> Iterator[Names]:
    names = Names(lambda: resolver.now, resolver.look_up)
    yield names
    resolver.gate.set()
    names.close()


async def test_addresses_are_themselves_and_names_are_remembered(names: Names, resolver: Resolver):
    assert await names.resolve("192.0.2.9") == ("192.0.2.9",)
    assert await names.resolve("sw.school") == await names.resolve("sw.school") == ("192.0.2.1",)
    assert resolver.asked == ["sw.school"]
    resolver.now += REMEMBER_S
    resolver.answer = ("192.0.2.2",)
    assert await names.resolve("sw.school") == ("192.0.2.2",)


async def test_unknown_name_is_told_and_asked_again_after_a_while(names: Names, resolver: Resolver):
    resolver.answer = ()
    for _ in range(2):
        with pytest.raises(GiveUp, match="name_not_found"):
            await names.resolve("nobody")
    assert len(resolver.asked) == 1
    resolver.now += REMEMBER_FAILURE_S
    resolver.answer = ("192.0.2.1",)
    assert await names.resolve("nobody") == ("192.0.2.1",)


async def test_known_address_outlives_the_dns_server(names: Names, resolver: Resolver):
    await names.resolve("sw.school")
    resolver.now += REMEMBER_S
    resolver.answer = None
    assert await names.resolve("sw.school") == ("192.0.2.1",)


async def test_hanging_server_is_asked_once_for_a_name(names: Names, resolver: Resolver, monkeypatch):
    monkeypatch.setattr(module, "DEADLINE_S", 0.05)
    resolver.gate.clear()
    answers = await asyncio.gather(*(names.resolve("slow") for _ in range(20)), return_exceptions=True)
    assert {type(one) for one in answers} == {TryLater}
    resolver.now += REMEMBER_FAILURE_S
    with pytest.raises(TryLater):
        await names.resolve("slow")
    assert resolver.asked == ["slow"]


def test_systems_resolver_knows_localhost():
    assert "127.0.0.1" in (look_up("localhost") or ())
    assert not look_up("no such name")
