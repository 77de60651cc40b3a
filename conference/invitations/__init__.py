"""Invitations by mail (iTIP), replies, calendar feeds, reminders."""

from conference.invitations.deciding import messages_for
from conference.invitations.facts import Outgoing, is_address
from conference.invitations.ical import Sender
from conference.invitations.links import Links
from conference.invitations.models import CalendarFeed, Invitation, InvitationReply, Reminder
from conference.invitations.store.answers import next_code, replies_of, set_reply
from conference.invitations.store.feeds import Feed, feed_token, find_feed, forget_secrets, known_feed, renew_feed
from conference.invitations.store.gathering import uid_of
from conference.invitations.store.queue import counts, latest_of, preview, send_again
from conference.invitations.words import ANSWERS, CAUSES, FAILURES, METHODS, OUTCOMES
from conference.invitations.words import STATES as INVITATION_STATES
from conference.invitations.work import LOOPS, mailbox_account, sending_account

__all__ = [
    "ANSWERS", "CAUSES", "FAILURES", "INVITATION_STATES", "LOOPS", "METHODS", "OUTCOMES", "CalendarFeed", "Feed",
    "Invitation", "InvitationReply", "Links", "Outgoing", "Reminder", "Sender", "counts", "feed_token", "find_feed",
    "forget_secrets", "is_address", "known_feed", "latest_of", "mailbox_account", "messages_for", "next_code",
    "preview", "renew_feed", "replies_of", "send_again", "sending_account", "set_reply", "uid_of",
]
