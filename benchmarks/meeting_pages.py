"""What stands for the arguments of meetings' pages: the meeting that runs, those to come, those that are counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from time import perf_counter
from typing import Any

import numpy as np
from flask.testing import FlaskClient

from benchmarks.result import Result
from benchmarks.whole_province import WholeProvince
from conference import Attendance, Meeting, MeetingTemplate, Participant, invitations
from inventory import Endpoint, MeetingServer, MeetingSystem

# Doors of the API that grow with meetings
MEETING_API = ("api_meetings.list_meetings", "api_meetings.one_meeting", "api_endpoints.index", "api_endpoints.one")
MEETING_TURNS = (
    "/endpoints?per=200", "/endpoints?q=so+9", "/meetings?per=200", "/meetings?when=past", "/calendar?view=month",
    "/inventory/endpoint?per=200", "/meetings/candidates?q=truong", "/endpoints?page=9",
)

FRESH_TURNS, BOARD_MS = 20, 400  # shorter than a board is kept for all its viewers

Values = Mapping[str, Mapping[str, Sequence[Any]]]


def meeting_values(province: WholeProvince) -> Values:
    """Start of an endpoint's name -> argument -> values; the longest start that fits counts."""
    now = province.moment()
    with province.house.database.session() as session:
        made = session.query(Meeting).filter(Meeting.created_by != "")
        running = [one.id for one in made.filter(Meeting.state == "running").order_by(Meeting.id)]
        coming = [one.id for one in made.filter(Meeting.state == "scheduled", Meeting.starts_at > now)]
        counted = sorted({one for (one,) in session.query(Attendance.meeting_id).distinct()})
        rows = [one for (one,) in session.query(Attendance.id).filter(Attendance.meeting_id == counted[0]).limit(60)]
        endpoints = [one for (one,) in session.query(Endpoint.id).order_by(Endpoint.id).limit(40)]
        codes = [one for (one,) in session.query(Meeting.join_code).filter(Meeting.id.in_([*running, *coming]))]
        own = [one for (one,) in session.query(Participant.invite_code).filter(
            Participant.meeting_id.in_([*running, *coming])).order_by(Participant.id).limit(60)]  # fmt: skip
        feeds = [invitations.feed_token(session, province.vault, now - timedelta(hours=1), one)
                 for one in endpoints]  # fmt: skip
        systems = [one for (one,) in session.query(MeetingSystem.id)]
        servers = [one for (one,) in session.query(MeetingServer.id)]
        templates = [one for (one,) in session.query(MeetingTemplate.id)] or [0]
    return {
        "meeting": {"meeting_id": [*coming, *running, *counted], "system_id": systems, "server_id": servers,
                    "template_id": templates},
        "meeting_live": {"meeting_id": running[:1], "endpoint_id": endpoints},
        "meeting_readiness": {"meeting_id": [*coming[:1], running[0]], "endpoint_id": endpoints},
        "meeting_attendance": {"meeting_id": counted},
        "meeting_attendance.line": {"meeting_id": counted[:1], "row_id": rows},
        "meeting_invitations": {"meeting_id": [*coming, *running, *counted], "endpoint_id": endpoints, "token": feeds},
        "meeting_capacity": {"meeting_id": [*coming, *running]},
        "meetings.edit": {"meeting_id": coming}, "meetings_join.show": {"code": codes},
        "meetings_join.": {"code": codes}, "meetings_join.show_own": {"code": own},
        "endpoints": {"endpoint_id": endpoints}, "api_meetings": {"meeting_id": [*coming, *running, *counted]},
        "api_endpoints": {"record_id": endpoints},
    }  # fmt: skip


def values_of(endpoint: str, values: Values) -> Mapping[str, Sequence[Any]]:
    """What an endpoint's own start says, and what shorter ones say beside it."""
    found: dict[str, Sequence[Any]] = {}
    for start in sorted(values, key=len):
        if endpoint.startswith(start):
            found.update(values[start])
    return found


def fresh_board(province: WholeProvince, client: FlaskClient) -> Result:
    """The live board's data when it was made for nobody else in the last moment: the clock goes on half a second."""
    meeting_id = meeting_values(province)["meeting_live"]["meeting_id"][0]
    taken, version = [], ""
    for _turn in range(FRESH_TURNS):
        province.moment.at += timedelta(seconds=0.5)
        began = perf_counter()
        answer = client.get(f"/meeting-live/{meeting_id}/data?v={version}")
        taken.append((perf_counter() - began) * 1000)
        version = answer.json["v"]
    usual, slow = np.percentile(taken, (50, 95))
    return Result("/meeting-live/<int:meeting_id>/data, the board made anew", float(slow), "ms", "p50", float(usual),
                  budget=f"<= {BOARD_MS} ms p95", is_within=bool(slow <= BOARD_MS))  # fmt: skip
