"""Meetings: schedule, tokens, rooms' readiness, live quality, attendance.

So far this is only the room's place in the order of imports: above alerts, below dashboards.
"""

__all__: list[str] = []
