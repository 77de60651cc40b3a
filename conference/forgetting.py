"""What a lost key file takes from meetings: for `app.py secrets forget`."""

from __future__ import annotations

from conference import invitations, kiosk, schedule
from core import Session


def forget_secrets(session: Session) -> int:
    """Empty every sealed value: calendars' addresses, kiosks' secrets, keys of broadcasts. How many there were."""
    return sum(room.forget_secrets(session) for room in (invitations, kiosk, schedule))
