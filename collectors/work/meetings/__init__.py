"""The loops over meetings: how their servers are, and who is in the rooms that are watched."""

from collectors.work.meetings.rooms import MeetingRooms
from collectors.work.meetings.servers import MeetingServers

__all__ = ["MeetingRooms", "MeetingServers"]
