"""The pages of people who are invited: what, when, a large button to come in; no sign-in, phone first.

/m/<code> is the meeting's own address (also in its QR code), /i/<code> one participant's.
"""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import segno
from flask import Blueprint, Response, abort, flash, g, make_response, redirect, render_template, request, url_for
from icalendar import Calendar, Event
from werkzeug.wrappers import Response as AnyResponse

from conference import Meeting, Participant, jitsi, schedule
from core import OutsideFailure, Scope, SealError, Secret
from core import gettext as _
from dashboards.access import public
from dashboards.gate import services
from dashboards.limits import limiter
from dashboards.pages.meetings.store import unit_of
from dashboards.pages.meetings.words import STATE_WORDS
from inventory import NotFound, open_system

blueprint = Blueprint("meetings_join", __name__)
ASKED = "120 per minute"  # from one address: a school sits behind one; codes have 59 bits and more
PRODUCT = "-//EduNOC//Meetings//VI"


@blueprint.get("/m/<code>")
@public
@limiter.limit(ASKED)
def show(code: str) -> str:
    """A meeting for whoever has its address."""
    return _page(_of_code(code), None)


@blueprint.get("/i/<code>")
@public
@limiter.limit(ASKED)
def show_own(code: str) -> str:
    """A meeting for one participant: the button lets in under their name."""
    return _page(*_of_invitation(code))


@blueprint.get("/m/<code>/go")
@public
@limiter.limit(ASKED)
def enter(code: str) -> AnyResponse:
    """Into the room as a guest who listens, under the name that they gave."""
    meeting, name = _of_code(code), _guest_name()
    if not name:
        return redirect(url_for("meetings_join.show", code=code))
    guest = Participant(meeting_id=meeting.id, kind="person", name=name, email="", subject=schedule.guest_subject(),
                        role="participant", mode="listen", is_required=False)  # fmt: skip
    return _let_in(meeting, guest, url_for("meetings_join.show", code=code, name=name))


@blueprint.get("/i/<code>/go")
@public
@limiter.limit(ASKED)
def enter_own(code: str) -> AnyResponse:
    """Into the room under the participant's name, with a fresh token."""
    meeting, participant = _of_invitation(code)
    return _let_in(meeting, participant, url_for("meetings_join.show_own", code=code))


def _guest_name() -> str:
    return " ".join(request.args.get("name", "").split())[:80]


def _let_in(meeting: Meeting, participant: Participant, back: str) -> AnyResponse:
    """Send the browser into the room; when nobody may enter now, back to the page that says why."""
    try:
        address = _way_in(meeting, participant)
    except (jitsi.TokenProblem, OutsideFailure) as problem:
        flash(_(jitsi.REASONS.get(problem.reason, problem.reason)), "warning")
        return redirect(back, 303)
    except (NotFound, SealError):
        flash(jitsi.explain("no_key"), "warning")
        return redirect(back, 303)
    answer = redirect(address.reveal(), 303)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _way_in(meeting: Meeting, participant: Participant) -> Secret:
    system = schedule.system_of(g.session, meeting)
    if system is None or system.provider not in jitsi.PROVIDERS:
        raise jitsi.TokenProblem("no_system")
    now = services().clock()
    if now < schedule.opens_at(meeting):
        raise jitsi.TokenProblem("too_early")
    work = jitsi.Work(g.session, system, open_system(g.session, services().vault, system.id), now)
    return jitsi.PROVIDERS[system.provider].join_url(work, meeting, participant)


@blueprint.get("/m/<code>.ics")
@public
@limiter.limit(ASKED)
def calendar(code: str) -> Response:
    """The meeting for one's own calendar."""
    return _calendar(_of_code(code), url_for("meetings_join.show", code=code, _external=True))


@blueprint.get("/m/<code>.svg")
@public
@limiter.limit(ASKED)
def picture(code: str) -> Response:
    """The QR code of the meeting's address."""
    meeting = _of_code(code)
    out = io.BytesIO()
    address = url_for("meetings_join.show", code=meeting.join_code, _external=True)
    segno.make(address, error="m").save(out, kind="svg", scale=4, border=2, xmldecl=False, light="#fff")
    answer = make_response(out.getvalue())
    answer.headers["Content-Type"] = "image/svg+xml"
    return answer


def _of_code(code: str) -> Meeting:
    meeting = schedule.meeting_of_join_code(g.session, code) if len(code) <= 64 else None
    if meeting is None or meeting.state in ("draft", "pending", "refused"):
        abort(404)
    return meeting


def _of_invitation(code: str) -> tuple[Meeting, Participant]:
    pair = schedule.participant_of_invite_code(g.session, code) if len(code) <= 64 else None
    if pair is None or pair[0].state in ("draft", "pending", "refused"):
        abort(404)
    return pair


def _page(meeting: Meeting, participant: Participant | None) -> str:
    now, session = services().clock(), g.session
    zone = ZoneInfo(meeting.timezone)
    agenda = schedule.agenda_of(session, meeting.id)
    people = {one.id: one.name for one in schedule.participants_of(session, meeting.id)} if agenda else {}
    unit = unit_of(session, Scope.everything(), meeting.unit_id)
    return render_template(
        "meetings/join.html", meeting=meeting, participant=participant, agenda=agenda, names=people, unit=unit,
        state=STATE_WORDS[meeting.state], begins=meeting.starts_at.astimezone(zone),
        ends=meeting.ends_at.astimezone(zone), opens_at=schedule.opens_at(meeting).astimezone(zone),
        phase=_phase(meeting, now), wait_s=_wait(meeting, now), guest=_guest_name(), roles=schedule.ROLES,
        only_watches=participant is None or (participant.mode != "speak" and participant.role == "participant"),
        speaking=schedule.speaking_now(agenda, meeting, now), timedelta=timedelta,
    )  # fmt: skip


def _phase(meeting: Meeting, now: datetime) -> str:
    """before, open, over or cancelled."""
    if meeting.state == "cancelled":
        return "cancelled"
    if meeting.state == "ended" or now > schedule.closes_at(meeting):
        return "over"
    return "open" if now >= schedule.opens_at(meeting) else "before"


def _wait(meeting: Meeting, now: datetime) -> int:
    """Seconds until the page should look again: at the opening, at most after five minutes."""
    left = (schedule.opens_at(meeting) - now).total_seconds()
    return int(min(max(left + 1, 5), 300))


def _calendar(meeting: Meeting, address: str) -> Response:
    event = Event()
    values: dict[str, Any] = {
        "uid": f"{meeting.join_code}@join", "dtstamp": meeting.updated_at, "dtstart": meeting.starts_at,
        "dtend": meeting.ends_at, "summary": meeting.title,
        "description": f"{meeting.description}\n\n{address}".strip(),
        "url": address, "location": address, "status": "CANCELLED" if meeting.state == "cancelled" else "CONFIRMED",
    }  # fmt: skip
    for name, value in values.items():
        event.add(name, value)
    whole = Calendar()
    whole.add("prodid", PRODUCT)
    whole.add("version", "2.0")
    whole.add_component(event)
    answer = make_response(whole.to_ical())
    answer.headers["Content-Type"] = "text/calendar; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{meeting.join_code}.ics"'
    return answer
