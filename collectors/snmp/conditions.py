"""The `when` and `where` of profiles: does a reading meet a condition."""

from __future__ import annotations

from collectors.profiles.spec import PRESENT, Condition
from collectors.snmp.text import clean_line
from collectors.snmp.wire import Value


def holds(condition: Condition, value: Value | None) -> bool:
    """One value, several of which one must fit, {"not": ...} or "present". A missing reading meets only a "not"."""
    if isinstance(condition, dict):
        return not holds(condition["not"], value)
    allowed = condition if isinstance(condition, tuple) else (condition,)
    return any(_same(one, value) for one in allowed)


def _same(wanted: int | float | str, value: Value | None) -> bool:
    if value is None:
        return False
    if wanted == PRESENT:
        return True
    if isinstance(wanted, str):
        return wanted == (clean_line(value) if isinstance(value, bytes) else str(value))
    return not isinstance(value, str | bytes) and float(value) == float(wanted)
