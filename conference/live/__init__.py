"""A meeting while it runs: who is in, lost, bad, and for what cause."""

from conference.live.models import LiveNote, LiveSpell

__all__ = ["LiveNote", "LiveSpell"]
