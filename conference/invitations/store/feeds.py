"""Calendar feeds: made on first use, found by the secret in their address, read for an endpoint or a person."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from conference.capacity import address_key
from conference.invitations.chance import feed_secret
from conference.invitations.facts import is_address
from conference.invitations.ical import Published, Said, Sender, published
from conference.invitations.links import Links
from conference.invitations.models import CalendarFeed
from conference.invitations.store.gathering import facts_of
from conference.invitations.texts import calendar_description
from conference.schedule import Meeting, Participant
from core import Deed, SealError, Session, Vault, append_audit

BACK, AHEAD = timedelta(days=31), timedelta(days=400)
MOST = 1000
SHOWN_STATES = ("scheduled", "running", "ended", "cancelled")


def feed_token(
    session: Session, vault: Vault, now: datetime, endpoint_id: int | None = None, email: str = ""
) -> str:
    """The secret in the address of an endpoint's or a person's calendar; made when there is none.

    Raises ValueError for what is neither an endpoint nor an e-mail address.
    """
    if endpoint_id is None and not is_address(email):
        raise ValueError("a feed is of an endpoint or of an e-mail address")
    known = known_feed(session, vault, endpoint_id, email)
    if known:
        return known
    feed = _feed(session, endpoint_id, email) or CalendarFeed(
        endpoint_id=endpoint_id, email="" if endpoint_id is not None else address_key(email), created_at=now)
    return _new_token(session, vault, now, feed)


def known_feed(session: Session, vault: Vault, endpoint_id: int | None = None, email: str = "") -> str:
    """The secret of a calendar that was made before; "" when there is none, or a lost key sealed it.

    Calendars that use such an address go on working: only its digest is needed for that.
    """
    feed = _feed(session, endpoint_id, email)
    try:
        return vault.unseal(feed.sealed_token).reveal() if feed is not None else ""
    except SealError:
        return ""


def renew_feed(
    session: Session, vault: Vault, actor: str, now: datetime, endpoint_id: int | None = None, email: str = ""
) -> str:
    """A new secret; the old address stops working. For an address that came into the wrong hands. Audited."""
    feed = _feed(session, endpoint_id, email)
    if feed is None:
        return feed_token(session, vault, now, endpoint_id, email)
    append_audit(session, Deed(actor, "calendar.renew", "calendar", feed.id, feed.email or f"#{feed.endpoint_id}"), now)
    return _new_token(session, vault, now, feed)


def forget_secrets(session: Session) -> int:
    """Empty the addresses of calendars that a lost key sealed; those in use go on working. How many there were."""
    emptied = session.execute(
        update(CalendarFeed).where(CalendarFeed.sealed_token != "").values(sealed_token=""),
        execution_options={"synchronize_session": False},
    )
    session.expire_all()
    return emptied.rowcount


def _feed(session: Session, endpoint_id: int | None, email: str) -> CalendarFeed | None:
    chosen = select(CalendarFeed)
    if endpoint_id is not None:
        return session.scalar(chosen.where(CalendarFeed.endpoint_id == endpoint_id))
    return session.scalar(chosen.where(CalendarFeed.endpoint_id.is_(None), CalendarFeed.email == address_key(email)))


def _new_token(session: Session, vault: Vault, now: datetime, feed: CalendarFeed) -> str:
    token = feed_secret()
    feed.token_hash, feed.sealed_token, feed.created_at = _hash(token), vault.seal(token), now
    session.add(feed)
    session.flush()
    return token


def _hash(token: str) -> str:
    """No salt: a token has 256 random bits of its own."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar as it is answered; equal calendars have an equal `tag`."""

    content: bytes
    tag: str


def find_feed(session: Session, token: str, sender: Sender, links: Links, now: datetime) -> Feed | None:
    """The calendar behind a secret; None when there is none."""
    feed = session.scalar(select(CalendarFeed).where(CalendarFeed.token_hash == _hash(token)))
    if feed is None:
        return None
    codes = _codes(session, feed, now)
    meetings = list(session.scalars(
        select(Meeting).where(Meeting.id.in_(list(codes))).order_by(Meeting.starts_at.desc()).limit(MOST)))[::-1]
    facts = facts_of(session, meetings)
    entries = []
    for meeting in meetings:
        link = links.own_page(codes[meeting.id])
        entries.append(Published(
            meeting.uid, facts[meeting.id], meeting.sequence,
            Said(link, calendar_description(facts[meeting.id], link)), meeting.state == "cancelled",
            meeting.occurrence_at if meeting.series_id is not None else None, meeting.updated_at))
    text = published(entries, sender, feed.created_at)
    return Feed(text.encode("utf-8"), hashlib.sha256(text.encode("utf-8")).hexdigest()[:32])


def _codes(session: Session, feed: CalendarFeed, now: datetime) -> dict[int, str]:
    """Meeting id -> the code of this participant's page."""
    chosen = (
        select(Participant.meeting_id, Participant.invite_code)
        .join(Meeting, Meeting.id == Participant.meeting_id)
        .where(Meeting.state.in_(SHOWN_STATES), Meeting.ends_at > now - BACK, Meeting.starts_at < now + AHEAD)
    )
    if feed.endpoint_id is not None:
        chosen = chosen.where(Participant.endpoint_id == feed.endpoint_id)
    else:
        chosen = chosen.where(func.lower(Participant.email) == feed.email)
    return dict(session.execute(chosen).all())
