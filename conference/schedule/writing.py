"""Drafts as JSON and back: what templates keep and programs send. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

from conference.schedule.drafts import AgendaDraft, MeetingDraft, ParticipantDraft

TIMES = ("starts_at", "ends_at", "rehearses_id")
OWN = ("title", "unit_id")  # what a template leaves to its meeting when the reader gives them


def draft_content(draft: MeetingDraft) -> str:
    """A draft without its times, as JSON; how long it is stands as `minutes`."""
    values = {name: value for name, value in asdict(draft).items() if name not in TIMES}
    values["minutes"] = int(draft.length / timedelta(minutes=1))
    return json.dumps(values, ensure_ascii=False)


def draft_from(content: str, starts_at: datetime) -> MeetingDraft:
    """A draft of a template at a time. Unknown words of an older or newer EduNOC are left out."""
    values: Mapping[str, Any] = json.loads(content)
    plain = {one.name: values[one.name] for one in fields(MeetingDraft)
             if one.name in values and one.name not in (*TIMES, "participants", "agenda")}  # fmt: skip
    return MeetingDraft(
        **plain, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=int(values.get("minutes", 60))),
        participants=tuple(ParticipantDraft(**_known(ParticipantDraft, one)) for one in values.get("participants", ())),
        agenda=tuple(AgendaDraft(**_known(AgendaDraft, one)) for one in values.get("agenda", ())),
    )  # fmt: skip


def _known(shape: type[ParticipantDraft | AgendaDraft], values: Mapping[str, Any]) -> dict[str, Any]:
    names = {one.name for one in fields(shape)}
    return {name: value for name, value in values.items() if name in names}
