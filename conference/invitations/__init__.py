"""Invitations by mail (iTIP), replies, calendar feeds, reminders."""

from conference.invitations.models import CalendarFeed, Invitation, InvitationReply, Reminder

__all__ = ["CalendarFeed", "Invitation", "InvitationReply", "Reminder"]
