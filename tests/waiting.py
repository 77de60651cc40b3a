"""Waiting for something that another process or thread does: the one place of the tests that may pause.

Nothing here waits for a clock: the condition is asked again and again, and the deadline only bounds a failure.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], deadline: float = 10.0, what: str = "", every: float = 0.02) -> T:
    """The first true answer of `condition`, asked each `every` seconds. AssertionError after `deadline` seconds."""
    end = time.monotonic() + deadline
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= end:
            raise AssertionError(_late(condition, deadline, what, answer))
        time.sleep(every)


async def wait_until_async(
    condition: Callable[[], T | Awaitable[T]], deadline: float = 10.0, what: str = "", every: float = 0.02
) -> T:
    """As `wait_until`, without holding up the loop; `condition` may be a coroutine function."""
    end = time.monotonic() + deadline
    while True:
        answer: Any = condition()
        if isawaitable(answer):
            answer = await answer
        if answer:
            return answer
        if time.monotonic() >= end:
            raise AssertionError(_late(condition, deadline, what, answer))
        await asyncio.sleep(every)


def _late(condition: Callable[[], object], deadline: float, what: str, answer: object) -> str:
    name = what or getattr(condition, "__qualname__", repr(condition))
    return f"not within {deadline:g} s: {name} (last answer: {answer!r})"
