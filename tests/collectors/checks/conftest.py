"""What the tests of checks share: servers that follow a script, and looking at them."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.checks import CheckReading, CheckTarget, run_check
from tests.collectors.checks.authority import Authority

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Start = Callable[..., Awaitable[int]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start a server whose conversation is a coroutine; gives its port."""
    servers, talks = [], set()

    async def begin(talk: Talk, context: ssl.SSLContext | None = None) -> int:
        async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            talks.add(task)
            try:
                await talk(reader, writer)
            except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError, ssl.SSLError):
                return
            finally:
                talks.discard(task)
                writer.transport.abort()

        server = await asyncio.start_server(guarded, "127.0.0.1", 0, ssl=context)
        servers.append(server)
        return server.sockets[0].getsockname()[1]

    yield begin
    for server in servers:
        server.close()
    for task in list(talks):
        task.cancel()
    await asyncio.gather(*talks, return_exceptions=True)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Certificates round the real time: OpenSSL reads the real clock."""
    return Authority(Path(tmp_path_factory.mktemp("authority")), datetime.now(UTC))


@pytest.fixture
def ask(authority: Authority) -> Callable[..., Awaitable[CheckReading]]:
    """Look at a service on this machine; every name leads here."""

    async def here(host: str) -> tuple[str, ...]:
        return ("127.0.0.1",)

    async def run(kind: str, target: str, **options) -> CheckReading:
        check = CheckTarget(kind, target, **{"timeout_s": 5.0, "ca_file": str(authority.ca_file), **options})
        return await run_check(check, here, lambda: datetime.now(UTC).timestamp())

    return run
