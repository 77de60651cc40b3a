"""Where the live board of this application looks, and its feed: made once, kept with the application."""

from __future__ import annotations

from flask import abort, current_app, g

from conference import ConferenceSettings, Meeting, live
from core import gettext as _
from dashboards.gate import services
from dashboards.pages.meeting_live.feed import Feed, in_scope
from dashboards.pages.meeting_live.store import find_meeting


def feed_now() -> Feed:
    """The feed of this application."""
    return current_app.extensions.setdefault("edunoc_live_feed", Feed())


def sources_now() -> live.Sources:
    """What the boards of this application are made of."""
    own = services()
    made = current_app.extensions.get("edunoc_live_sources")
    if made is None:
        limits = live.Limits.of(own.settings[ConferenceSettings])
        made = live.Sources(own.registry, own.live, own.reachability, limits)
        current_app.extensions["edunoc_live_sources"] = made
    return made


def meeting_or_404(meeting_id: int) -> Meeting:
    """The meeting, if the account may see it or one of its endpoints."""
    found = find_meeting(g.session, g.scope, meeting_id)
    if found is None:
        abort(404, _("There is no such meeting, or it is not yours to see."))
    return found


def board_of(meeting: Meeting) -> live.Board:
    """Its live board as far as the account sees it, at most 0.4 s old."""
    return in_scope(feed_now().board(g.session, sources_now(), meeting, services().clock()), g.scope)
