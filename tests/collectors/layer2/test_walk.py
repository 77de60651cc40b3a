"""Walking columns side by side: agents that answer in another order, in circles, with gaps, by large arcs."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from collectors.layer2.walk import Asker, read_table
from collectors.snmp import Patience, wire
from collectors.snmp.oids import arcs_of, decode_oid, encode_oid
from collectors.snmp.session import Counts, RawAnswer, WireSession

A, B = "1.3.6.1.2.1.17.4.3.1.2", "1.3.6.1.2.1.17.4.3.1.3"


class Agent(WireSession):
    """A session whose device is a list; `order` turns a whole reply round."""

    def __init__(self, rows: dict[str, int], order=lambda found, columns: found, status=lambda names: 0) -> None:
        self._rows = sorted(((arcs_of(oid), encode_oid(oid), value) for oid, value in rows.items()))
        self._places = {name: at for at, (_, name, _) in enumerate(self._rows)}
        self._order, self._status = order, status
        self.has_bulk, self.counts, self.asked = True, Counts(), []

    async def following_each(self, names: Sequence[bytes], repetitions: int, timeout_s: float) -> RawAnswer:
        self.asked.append(len(names))
        if self._status(names):
            return RawAnswer(self._status(names), 1, [])
        at = [self._after(name) for name in names]
        found = [self._row(place + step) for step in range(repetitions) for place in at]
        return RawAnswer(0, 0, self._order(found, len(names)))

    def _after(self, name: bytes) -> int:
        if name in self._places:
            return self._places[name] + 1
        return next((at for at, (_, other, _) in enumerate(self._rows) if other > name), len(self._rows))

    def _row(self, place: int) -> tuple[bytes, int, bytes]:
        if place >= len(self._rows):
            return self._rows[-1][1], wire.END_OF_VIEW, b""
        return self._rows[place][1], wire.INTEGER, self._rows[place][2].to_bytes(2, "big")


def rows(count: int) -> dict[str, int]:
    return {f"{column}.{n}": n for column in (A, B) for n in range(1, count + 1)}


async def read(agent: Agent):
    return await read_table(Asker(agent, Patience(timeout_s=0.1, retries=1)), (A, B))


async def test_columns_end_each_for_itself() -> None:
    table = {**rows(30), f"{A}.40": 40}
    del table[f"{B}.7"]
    found = await read(Agent(table))
    assert found.reason == "" and len(found.column(A)) == 31 and len(found.column(B)) == 29
    assert found.column(A)[40,] == 40 and (7,) not in found.column(B)


async def test_replies_column_by_column_are_noticed_and_asked_one_by_one() -> None:
    """An agent that sorts its reply by name: nothing is taken for another column's."""
    agent = Agent(rows(50), order=lambda found, columns: [found[at] for start in range(columns)
                                                          for at in range(start, len(found), columns)])  # fmt: skip
    found = await read(agent)
    assert found.reason == "" and found.column(A) == found.column(B) == {(n,): n for n in range(1, 51)}
    assert agent.asked[0] == 2 and agent.asked[-1] == 1


async def test_agents_that_bear_one_column_only_are_asked_for_one() -> None:
    agent = Agent(rows(12), status=lambda names: wire.GEN_ERR if len(names) > 1 else 0)
    found = await read(agent)
    assert found.reason == "" and len(found.column(A)) == len(found.column(B)) == 12


async def test_circles_end() -> None:
    agent = Agent(rows(5), order=lambda found, columns: [found[0]] * len(found))
    found = await read(agent)
    assert found.reason == "loop"


async def test_large_arcs_are_in_order() -> None:
    """16383 is encoded above 16384: bytes do not tell the order of arcs."""
    numbers = (1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 4_294_967_295)
    table = {f"{column}.{n}.1": 1 for column in (A, B) for n in numbers}
    agent = Agent(table)
    agent._after = lambda name: next(  # type: ignore[method-assign]
        (at for at, (arcs, _, _) in enumerate(agent._rows) if arcs > _decoded(name)), len(agent._rows)
    )
    found = await read(agent)
    assert found.reason == "" and [index[0] for index in found.column(A)] == list(numbers)


def _decoded(name: bytes) -> tuple[int, ...]:
    return arcs_of(decode_oid(name))


@pytest.mark.parametrize("count", [0, 1, 39, 40, 41, 500])
async def test_every_row_comes_once(count: int) -> None:
    found = await read(Agent({**rows(count), "1.3.6.1.2.1.99.1": 1}))
    assert found.reason == "" and len(found.column(A)) == len(found.column(B)) == count
