"""How long what surrounds a meeting is kept: one loop that takes away what is older than its setting says."""

from conference.retention.work import LOOP, cutoffs_of, prune

__all__ = ["LOOP", "cutoffs_of", "prune"]
