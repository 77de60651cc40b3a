"""The two kinds of failure that the outside world can hand us, and the one that only whoever runs EduNOC can mend.

A doer says only which kind it was; waiting and trying again is written once, outside the thing that failed.
"""

from __future__ import annotations

from datetime import timedelta


class StartError(Exception):
    """EduNOC cannot work with the database, the key file or the folder that it was given.

    The text is for the person at the terminal: what is wrong and what to do next. It holds no secret.
    """


class OutsideFailure(Exception):
    """Something beyond this process did not do what was asked.

    `reason` is one short word that logs, pages and tests can name; `detail` is text for a person and holds no secret.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class TryLater(OutsideFailure):
    """The same call may succeed later; `after` is the earliest the other side wants to hear from us again."""

    def __init__(self, reason: str, detail: str = "", after: timedelta | None = None) -> None:
        super().__init__(reason, detail)
        self.after = after


class GiveUp(OutsideFailure):
    """The same call will never succeed: a person must change something first."""
