"""Counts rows of tables whose rows come and go (Wi-Fi clients, tunnels): a poll cannot ask for them by name, so their
column is walked at a poll, at every second one when that takes long.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from collectors.profiles.spec import Criterion
from collectors.snmp.conditions import holds
from collectors.snmp.session import Session
from collectors.snmp.target import DeviceState, Patience
from collectors.snmp.template import Output, Template
from collectors.snmp.text import clean_line
from collectors.snmp.walk import walk
from collectors.snmp.wire import Value

_QUICK_REQUESTS = 10
Column = Mapping[str, Value]


def is_due(template: Template, state: DeviceState) -> bool:
    """Whether this poll counts too. A value must not be older than three intervals, so at most one poll is left out."""
    if not len(template.count_out):
        return False
    state.count_rest -= 1
    return state.count_rest < 0


async def count(session: Session, template: Template, state: DeviceState, patience: Patience) -> np.ndarray:
    """float64[c] beside `count_out`; NaN where the column could not be read to its end."""
    columns: dict[str, Column | None] = {}
    before = session.counts.requests
    try:
        async with asyncio.timeout(patience.budget_s):
            for i in template.count_out:
                column = template.outputs[i].count[0]
                if column not in columns:
                    columns[column] = None
                    found = await walk(session, column, patience)
                    if not found.reason:
                        columns[column] = {oid[len(column) + 1 :]: value for oid, value in found.values.items()}
    except TimeoutError:
        pass
    state.count_rest = 1 if session.counts.requests - before > _QUICK_REQUESTS else 0
    return tally([template.outputs[i] for i in template.count_out], columns)


def tally(outputs: Sequence[Output], columns: Mapping[str, Column | None]) -> np.ndarray:
    """The numbers of rows; NaN for a column that is None, 0 for one that has no rows."""
    found = np.full(len(outputs), np.nan)
    by_value: dict[str, Counter[str]] = {}
    for place, output in enumerate(outputs):
        column, how, key = output.count
        rows = columns.get(column)
        if rows is None:
            continue
        if how == "equals":
            if column not in by_value:
                by_value[column] = Counter(clean_line(value) for value in rows.values())
            found[place] = by_value[column][key]
        else:
            found[place] = _number(rows, how, key)
    return found


def _number(rows: Column, how: str, key: str) -> int:
    if how == "index":
        return sum(index == key or index.startswith(key + ".") for index in rows)
    if how == "in":
        wanted = set(key.split("\n"))
        return sum(clean_line(value) in wanted for value in rows.values())
    if how == "test":
        criterion = Criterion.model_validate(json.loads(key))
        return sum(holds(criterion, value) for value in rows.values())
    return len(rows)
