"""Uses of rooms: entered, imported, and put together with the school calendar's examinations."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from inventory import (
    CalendarEntry,
    InvalidInput,
    Occupation,
    RoomUse,
    create_record,
    delete_record,
    get_record,
    import_table,
    occupation_of,
    occupations,
    preview_delete,
    rated_lives,
    set_rated_life,
)

START = datetime(2026, 12, 21, 0, 0, tzinfo=UTC)  # 07:00 in Hà Nội


def use(session, everything, province, **values) -> RoomUse:
    raw = {"site_id": province.site.id, "name": "Thi", "purpose": "exam", "starts_at": "21/12/2026 07:00",
           "ends_at": "21/12/2026 10:30", **values}  # fmt: skip
    return create_record(session, everything, RoomUse, raw)


def test_local_times_are_kept_in_utc(session, everything, province):
    made = use(session, everything, province, room_id=province.room.id)
    assert (made.starts_at, made.ends_at - made.starts_at) == (START, timedelta(hours=3.5))


@pytest.mark.parametrize(("text", "want"), [
    ("2026-12-21T07:00", START), ("2026-12-21 07:00", START), ("21/12/2026 7h00", START),
    ("2026-12-21T00:00+00:00", START), ("2026-12-21", START - timedelta(hours=7)), (START, START),
])  # fmt: skip
def test_writings_of_a_moment(session, everything, province, text, want):
    assert use(session, everything, province, starts_at=text).starts_at == want


@pytest.mark.parametrize("wrong", [{"starts_at": "yesterday"}, {"starts_at": ""}, {"ends_at": "21/12/2026 07:00"},
                                   {"purpose": "party"}, {"starts_at": "32/12/2026 07:00"},
                                   {"starts_at": "21/12/2026 25:00"}])  # fmt: skip
def test_what_is_wrong_is_told_at_its_field(session, everything, province, wrong):
    with pytest.raises(InvalidInput) as caught:
        use(session, everything, province, **wrong)
    assert {problem.column for problem in caught.value.problems} <= {*wrong, "ends_at"}


def test_import_knows_a_use_again(session, everything, province):
    text = ("Site code,Room code,Title,Purpose,Begins,Ends\n"
            "S12,P1,Thi học kỳ I,Examination,21/12/2026 07:00,21/12/2026 10:30\n"
            "S12,,Họp phụ huynh,Meeting,2026-12-22 14:00,2026-12-22 16:00\n")  # fmt: skip
    first = import_table(session, everything, "uses", io.BytesIO(text.encode()))
    assert not first.problems and first.created == 2
    again = import_table(session, everything, "uses", io.BytesIO(text.replace("10:30", "11:00").encode()))
    assert (again.created, again.updated, again.unchanged) == (0, 1, 1)


def test_occupations_join_uses_and_examinations(session, everything, province):
    use(session, everything, province, room_id=province.room.id, name="Họp", purpose="meeting")
    create_record(session, everything, CalendarEntry, {
        "unit_id": province.top.id, "kind": "exam", "name": "Thi tốt nghiệp", "starts_on": "2026-12-21",
        "ends_on": "2026-12-21", "starts_at": "09:00", "ends_at": "11:00"})  # fmt: skip
    found = occupations(session, START, START + timedelta(hours=5))
    assert {one.title for one in found[province.site.id]} == {"Họp", "Thi tốt nghiệp"}
    assert [one.title for one in found[province.far.id]] == ["Thi tốt nghiệp"]
    assert occupations(session, START + timedelta(days=1), START + timedelta(days=2)) == {}
    assert set(occupations(session, START, START + timedelta(hours=5), {province.far.id})) == {province.far.id}


def test_who_has_a_room():
    uses = [Occupation("exam", "one room", 1, START, START + timedelta(hours=1)),
            Occupation("meeting", "everywhere", None, START, START + timedelta(hours=2))]  # fmt: skip
    assert occupation_of(uses[:1], 2, START) is None
    assert occupation_of(uses[:1], None, START).title == "one room"  # its room is not known: be careful
    assert occupation_of(uses, 1, START).title == "everywhere"  # the one that ends last
    assert occupation_of(uses, 1, START + timedelta(hours=2)) is None
    assert occupation_of(uses, 1, START - timedelta(minutes=5)) is None
    assert occupation_of(uses, 1, START - timedelta(minutes=5), timedelta(minutes=10)) is not None


def test_a_room_takes_its_uses_along(session, everything, province):
    use(session, everything, province, room_id=province.room.id)
    model = type(province.room)
    assert preview_delete(session, everything, model, province.room.id).counts == {"room_use": 1}
    delete_record(session, everything, model, province.room.id)
    assert session.query(RoomUse).count() == 0


def test_rated_lives_by_model(session, everything):
    set_rated_life(session, "Máy EB-X", 6000, None)
    set_rated_life(session, "máy eb-x", 5000, 800)
    (only,) = rated_lives(session).values()
    assert (only.lamp_hours, only.filter_hours) == (5000, 800)
    set_rated_life(session, "MÁY EB-X", None, None)
    assert rated_lives(session) == {}


def test_reading_one(session, everything, province):
    made = use(session, everything, province)
    assert get_record(session, everything, RoomUse, made.id).name == "Thi"
