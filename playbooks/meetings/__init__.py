"""Commands to meeting servers: end a meeting, remove somebody, drain a bridge, record, stream; queued and audited."""

from playbooks.meetings.models import MeetingOrder

__all__ = ["MeetingOrder"]
