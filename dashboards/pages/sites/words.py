"""Small words that pages of places share: short weekdays, the number in a contact."""

from __future__ import annotations

import re

from core import lazy_gettext as _l

WEEKDAYS_SHORT = (_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun"))
_NUMBER = re.compile(r"\+?\d[\d .()-]{5,}\d")


def phone_number(text: str) -> str:
    """The first telephone number in a text, as a tel: address takes it; "" without one."""
    found = _NUMBER.search(text)
    return re.sub(r"[^\d+]", "", found.group()) if found else ""
