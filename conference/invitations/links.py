"""Addresses that stand in mails and calendars. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Links:
    """Under the address at which people reach EduNOC; without one there are no links."""

    public_url: str

    def own_page(self, code: str, is_series: bool = False) -> str:
        """A participant's own page; of a series the address that leads on to whichever meeting of it is next."""
        if not self.public_url or not code:
            return ""
        return f"{self.public_url}/{'invited' if is_series else 'i'}/{code}"

    def feed(self, token: str) -> str:
        """A calendar's address; without a public address its path."""
        return f"{self.public_url}/calendars/{token}.ics"
