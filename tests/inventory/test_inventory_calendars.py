"""Calendars put together from the tree of units."""

from __future__ import annotations

from datetime import timedelta

from inventory import CalendarEntry, calendar_view, calendar_views, create_record


def test_a_school_has_the_calendar_of_the_units_above(session, everything, province, now):
    for weekday in ("T2", "T3"):
        create_record(session, everything, CalendarEntry, {
            "unit_id": province.top.id, "kind": "teaching", "name": "Sáng", "weekday": weekday, "starts_at": "7:00",
            "ends_at": "11:30"})
    create_record(session, everything, CalendarEntry, {
        "unit_id": province.south.id, "kind": "holiday", "name": "Bão", "starts_on": "23/11/2026",
        "ends_on": "23/11/2026"})
    north, south = calendar_view(session, province.school.id), calendar_view(session, province.other.id)
    assert north.is_teaching(now)
    assert not south.is_teaching(now)
    assert south.is_holiday(now)
    views = calendar_views(session)
    assert views == {province.site.id: north, province.far.id: south}
    assert north.teaching_minutes(now, now + timedelta(hours=1)) == 60
    assert not calendar_view(session, 999).is_known
    assert calendar_view(session, province.school.id, "UTC").is_teaching(now) is False
