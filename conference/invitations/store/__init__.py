"""Rows of invitations: what holds, what is queued, what was answered."""

__all__: list[str] = []
