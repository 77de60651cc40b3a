"""The `when` and `where` of profiles: does a reading meet a condition."""

from __future__ import annotations

import re

from collectors.profiles.spec import PRESENT, Condition, Criterion
from collectors.snmp.text import clean_line, number_in
from collectors.snmp.wire import Value


def holds(condition: Condition, value: Value | None) -> bool:
    """One value, several of which one must fit, a criterion or "present". A missing reading meets only a "not"."""
    if isinstance(condition, Criterion):
        return _meets(condition, value)
    allowed = condition if isinstance(condition, tuple) else (condition,)
    return any(_same(one, value) for one in allowed)


def _meets(wanted: Criterion, value: Value | None) -> bool:
    if wanted.is_not is not None and holds(wanted.is_not, value):
        return False
    if wanted.like is not None and (value is None or not re.search(wanted.like, clean_line(value))):
        return False
    if wanted.above is None and wanted.below is None:
        return True
    number = None if value is None else number_in(value)
    if number is None:
        return False
    return (wanted.above is None or number > wanted.above) and (wanted.below is None or number < wanted.below)


def _same(wanted: int | float | str, value: Value | None) -> bool:
    if value is None:
        return False
    if wanted == PRESENT:
        return True
    if isinstance(wanted, str):
        return wanted == clean_line(value)
    return not isinstance(value, str | bytes) and float(value) == float(wanted)
