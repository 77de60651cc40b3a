"""What the meeting form reads and draws, without a request: drafts there and back, pasted lists, calendar days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from werkzeug.datastructures import MultiDict

from conference import schedule
from dashboards.pages.meetings.entering import draft_of_form, entered, entered_from
from dashboards.pages.meetings.months import Entry, days_of, next_working_day, peak_of, span_of
from dashboards.pages.meetings.people import dump, load, pasted, with_words
from inventory import fold

ZONE = "Asia/Ho_Chi_Minh"
VN = ZoneInfo(ZONE)
START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # Tuesday, 08:00 in Viet Nam
PEOPLE = (
    schedule.ParticipantDraft("endpoint", endpoint_id=3, role="chair", mode="speak"),
    schedule.ParticipantDraft("unit", unit_id=5, is_required=False),
    schedule.ParticipantDraft("person", name="Đỗ Thị \"Hai\"", email="hai@example.edu.vn", phone="0912"),
)


def draft(**values) -> schedule.MeetingDraft:
    given = {"title": "Họp", "unit_id": 1, "starts_at": START, "ends_at": START + timedelta(hours=2)}
    return schedule.MeetingDraft(**{**given, **values})


def sent(form) -> MultiDict:
    """What a browser sends back of an untouched form."""
    data = MultiDict({**form.texts, "people": form.people_json})
    for name, is_on in form.ticks.items():
        if is_on:
            data.add(name, "true")
    for day in form.days:
        data.add("days", day)
    for minutes, title, speaker in form.items:
        for name, value in (("minutes", minutes), ("title", title), ("speaker", speaker)):
            data.add(f"item_{name}", value)
    return data


@pytest.mark.parametrize("rule", [
    "", "FREQ=DAILY;INTERVAL=2;COUNT=5", "FREQ=WEEKLY;BYDAY=TU,TH", "FREQ=MONTHLY;BYDAY=-1TU;COUNT=3",
    "FREQ=MONTHLY;BYMONTHDAY=24", "FREQ=WEEKLY;BYDAY=TU;UNTIL=20270131T165959Z",
])  # fmt: skip
def test_an_untouched_form_is_the_same_draft(rule):
    agenda = (schedule.AgendaDraft("Khai mạc", 15, "endpoint:3", 0), schedule.AgendaDraft("Hỏi đáp", 20, "", 15))
    whole = draft(rule=rule, participants=PEOPLE, agenda=agenda, is_streamed=True, is_recorded=True,
                  stream_url="https://tv.example.edu.vn/1", description="Dòng một\nDòng hai", kind="training")
    back = draft_of_form(entered(sent(entered_from(whole))), ZONE)
    assert [item.at(0) for item in back.agenda] == [item.at(0) for item in agenda]
    assert back == draft(**{**{name: getattr(whole, name) for name in ("rule", "participants", "is_streamed",
                            "is_recorded", "stream_url", "description", "kind")}, "agenda": back.agenda})


def test_a_meeting_over_midnight():
    late = draft(starts_at=START + timedelta(hours=14), ends_at=START + timedelta(hours=17))
    assert draft_of_form(entered(sent(entered_from(late))), ZONE).ends_at == late.ends_at


@pytest.mark.parametrize("hours", [9.5, 12, 15.5, 16])
def test_a_long_meeting_over_midnight_can_be_edited(hours):
    late = draft(starts_at=START + timedelta(hours=13), ends_at=START + timedelta(hours=13 + hours))
    back = draft_of_form(entered(sent(entered_from(late))), ZONE)
    assert (back.starts_at, back.ends_at) == (late.starts_at, late.ends_at)


def test_an_end_just_before_the_beginning_is_a_mistake():
    form = sent(entered_from(draft()))
    form["starts"], form["ends"] = "14:00", "13:30"
    assert "ends_at" in {one.column for one in schedule.problems_of(draft_of_form(entered(form), ZONE))}


def test_what_cannot_be_read_is_named_by_field():
    form = sent(entered_from(draft()))
    form.setlist("item_minutes", ["x"])
    form.setlist("item_title", ["Khai mạc"])
    form.setlist("item_speaker", [""])
    for name in ("day", "starts", "opens_minutes", "unit_id"):
        form[name] = "nonsense"
    with pytest.raises(schedule.ScheduleProblem) as caught:
        draft_of_form(entered(form), ZONE)
    assert {one.column for one in caught.value.problems} == {"day", "starts", "opens_minutes", "unit_id", "agenda"}


@pytest.mark.parametrize("text", [
    "", "null", "{}", "[1,2]", '[{"k":"alien"}]', "[" * 5000, '[{"k":"endpoint","e":true}]',
])  # fmt: skip
def test_a_broken_list_of_people_breaks_nothing(text):
    assert all(one.endpoint_id is None for one in load(text))


def test_people_travel_in_the_page_and_take_words():
    assert load(dump(PEOPLE)) == PEOPLE
    changed = with_words(PEOPLE, {"role:unit:5": "cohost", "mode:endpoint:3": "listen", "role:person:x": "chair",
                                  "mode:unit:5": "alien"})
    assert [(one.role, one.mode) for one in changed] == [("chair", "listen"), ("cohost", "speak"),
                                                          ("participant", "listen")]


@pytest.mark.parametrize("text", [
    "\ufeffmã;vai trò\r\nDC-01;đồng chủ trì\r\nTrường Số 2\r\nKhách;k@example.edu.vn;phát biểu\r\nlạc",
    "dc-01,cohost\ntruong so 2\nKhách,k@example.edu.vn,speak\nlạc\n",
    "dc-01\tcohost\n\nTrường số 2\nKhách\tk@example.edu.vn\tspeak\nlạc",
])  # fmt: skip
def test_lists_are_pasted_as_people_have_them(text):
    ids = {"dc-01": 7, "truong so 2": 8}
    people, problems = pasted(text, lambda names: {fold(name): ids[fold(name)] for name in names if fold(name) in ids},
                              fold)
    assert [(one.endpoint_id, one.name, one.role, one.mode) for one in people] == [
        (7, "", "cohost", "speak"), (8, "", "participant", "listen"), (None, "Khách", "participant", "speak"),
    ]
    assert len(problems) == 1 and "lạc" in problems[0]


def entry(number: int, begins: str, ends: str, endpoints: int, state: str = "scheduled") -> Entry:
    moments = [datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=VN) for text in (begins, ends)]
    return Entry(number, f"M{number}", "meeting", state, *moments, "", endpoints)


def test_a_month_shows_whole_weeks_and_nights():
    span = span_of("month", date(2026, 11, 25))
    assert (span.first, span.after) == (date(2026, 10, 26), date(2026, 12, 7))
    assert (span.before_day, span.after_day) == (date(2026, 10, 1), date(2026, 12, 1))
    days = days_of(span, [entry(1, "24T22:00", "25T01:00", 1), entry(2, "24T08:00", "25T00:00", 1)])
    found = {one.date.day: [each.id for each in one.entries] for one in days if one.entries}
    assert found == {24: [2, 1], 25: [1]}, "midnight itself is not the next day"
    assert not days[0].is_inside and days[10].is_inside


def test_the_busiest_hour():
    known = [entry(1, "24T08:00", "24T10:00", 100), entry(2, "24T09:00", "24T11:00", 50),
             entry(3, "24T09:00", "24T10:00", 500, "cancelled"), entry(4, "24T14:00", "24T15:00", 120)]
    found = peak_of(known)
    assert (found.endpoints, found.meetings, found.begins.hour, found.ends.hour) == (150, 2, 9, 10)
    assert peak_of([entry(1, "24T08:00", "24T10:00", 0)]) is None


def test_the_next_working_day():
    friday = date(2026, 11, 27)
    assert [next_working_day(friday + timedelta(days=n)).day for n in range(4)] == [30, 30, 30, 1]
