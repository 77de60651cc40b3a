"""Commands on pretended projectors, through the queue and the real wire."""

import asyncio
from datetime import time, timedelta

import pytest

from core import AuditFilter, Scope, Secret, list_audit, pjlink
from deploy.demo.pjlink import Faults
from inventory import CalendarEntry, create_credential
from playbooks import ProjectorSchedule, projectors
from playbooks.projectors.store import queue
from playbooks.projectors.store.schedules import list_schedules
from tests.waiting import wait_until_async


async def test_off_is_sent_once_and_looked_at_after_cooling(school, server, work):
    door = school.door()
    await server.open(door)
    order = school.order([school.add(door)], "off")
    work()
    task = await school.until(order, "waiting", "cooling")
    assert task.step == "look" and door.projector.power == "2"
    school.now += timedelta(seconds=31)
    await wait_until_async(lambda: school.task(order).attempts >= 2)
    school.now += timedelta(seconds=60)
    await school.until(order, "done", "done")
    assert door.projector.commands.count("POWR 0") == 1


async def test_whoever_reads_projectors_is_told_after_an_order_and_not_of_silence(school, server, work):
    door, dead = school.door(), school.door()
    await server.open(door)
    await server.open(dead)
    ids = [school.add(door), school.add(dead)]
    await server.kill(dead)
    orders = [school.order([one], "freeze") for one in ids]
    work()
    await school.until(orders[0], "done")
    await school.until(orders[1], "waiting", pjlink.reasons.REFUSED)
    assert school.board.take_to_read() == {ids[0]}


async def test_a_projector_that_lies_is_found_out(school, server, work):
    door = school.door()
    door.projector.is_stubborn = True
    await server.open(door)
    order = school.order([school.add(door)], "off")
    work()
    await school.until(order, "waiting", "still_on")
    school.now += timedelta(seconds=60)
    await school.until(order, "failed", "still_on")


@pytest.mark.parametrize(("word", "argument", "want"), [
    ("input", "32", {"input": "32"}), ("picture_mute", "", {"mute": "11"}), ("sound_mute", "", {"mute": "21"}),
    ("freeze", "", {"frozen": "1"}), ("volume_up", "", {"volume": 6}),
])  # fmt: skip
async def test_each_command_and_its_undo(school, server, work, word, argument, want):
    door = school.door()
    await server.open(door)
    before = {name: getattr(door.projector, name) for name in want}
    order = school.order([school.add(door)], word, argument)
    work()
    await school.until(order, "done")
    assert {name: getattr(door.projector, name) for name in want} == want
    with school.database.session() as session:
        lines = projectors.lines_of_order(session, Scope.everything(), order)
        tasks = projectors.undoable(school.get_order(order), lines)
        back = projectors.COMMANDS[word].undo
        preview = school.preview([task.device_id for task in tasks], back)
        wish = projectors.Wish("co-giao", source="undo", undoes_id=order)
        undo = projectors.undo_order(session, tasks, preview, wish, school.now).id
    await school.until(undo, "done")
    assert {name: getattr(door.projector, name) for name in want} == before


async def test_on_waits_for_the_end_of_cooling(school, server, work):
    door = school.door()
    await server.open(door)
    door.projector.switch("0")
    order = school.order([school.add(door)], "on")
    work()
    await school.until(order, "waiting", pjlink.reasons.NOT_NOW)
    assert "POWR 1" not in door.projector.commands
    school.now += timedelta(seconds=61)
    await school.until(order, "done", "warming")


async def test_mute_of_a_projector_that_is_off_says_so(school, server, work):
    door = school.door(power="0")
    await server.open(door)
    order = school.order([school.add(door)], "picture_mute")
    work()
    await school.until(order, "failed", "not_on")


async def test_a_password_and_its_refusal(school, server, work):
    door = school.door(authentication="md5", password="right")
    await server.open(door)
    with school.database.session() as session:
        form = {"name": "pj", "kind": "pjlink", "password": Secret("guess")}
        credential = create_credential(session, school.vault, form).id
    order = school.order([school.add(door, credential_id=credential)], "off")
    work()
    await school.until(order, "failed", pjlink.reasons.WRONG_PASSWORD)
    assert door.refused_passwords <= 1


async def test_the_second_credential_is_the_one_for_pjlink(school, server, work):
    door = school.door(authentication="md5", password="right")
    await server.open(door)
    with school.database.session() as session:
        forms = ({"name": "pj", "kind": "pjlink", "password": Secret("right")},
                 {"name": "snmp", "kind": "snmp_v2c", "community": Secret("school")})
        pj, snmp = (create_credential(session, school.vault, form).id for form in forms)
    target = school.add(door, credential_id=snmp, pjlink_credential_id=pj)
    without_port = school.add(None, number=2, credential_id=snmp, pjlink_credential_id=pj, pjlink_port=None)
    assert not school.preview([without_port], "freeze").refused
    order = school.order([target], "freeze")
    work()
    await school.until(order, "done")
    assert door.projector.frozen == "1" and door.refused_passwords == 0


@pytest.mark.parametrize("faults", [
    Faults(garbage=True), Faults(truncated=True), Faults(oversize=True), Faults(garbage_greeting=True),
])  # fmt: skip
async def test_hostile_answers_are_tried_again_and_then_given_up(school, server, work, faults):
    door = school.door(faults=faults)
    await server.open(door)
    order = school.order([school.add(door)], "off")
    work()
    await wait_until_async(lambda: school.task(order).reason.startswith("pjlink_"), 15)
    assert school.task(order).state == "waiting" and "POWR 0" not in door.projector.commands
    school.now += timedelta(minutes=11)
    task = await school.until(order, "failed")
    assert task.reason.startswith("pjlink_")


async def test_one_dead_projector_holds_up_no_other(school, server, work):
    good, dead = school.door(), school.door()
    await server.open(good)
    order = school.order([school.add(good), school.add(dead, number=2, pjlink_port=1)], "picture_mute")
    work()
    await wait_until_async(lambda: {task.state for task in school.tasks(order)} == {"done", "waiting"})
    assert {task.reason for task in school.tasks(order)} == {"done", pjlink.reasons.REFUSED}


# -- examinations and meetings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", ["exam", "meeting"])
@pytest.mark.parametrize("word", ["on", "off", "picture_mute", "freeze", "volume_up"])
def test_a_command_is_refused_with_whose_exam_and_until_when(school, purpose, word):
    device = school.add(None)
    school.use(purpose, (-30, 90), title="Họp giao ban")
    found = school.preview([device], word)
    assert not found.accepted
    ((target, why),) = found.refused
    assert target.device_id == device and (why.reason, why.title) == (purpose, "Họp giao ban")
    said = projectors.say(why.reason, why.title, why.until)
    assert "Họp giao ban" in said.message and "10:30" in said.message


def test_an_examination_of_the_calendar_counts_for_the_whole_school(school):
    device = school.add(None, room=None)
    with school.database.session() as session:
        session.add(CalendarEntry(unit_id=school.unit_id, kind="exam", name="Thi tốt nghiệp",
                                  starts_on=school.now.date(), ends_on=school.now.date()))  # fmt: skip
    ((_target, why),) = school.preview([device], "off").refused
    assert (why.reason, why.title) == ("exam", "Thi tốt nghiệp")


def test_a_meeting_concerns_its_own_room_and_what_stands_nobody_knows_where(school):
    there, elsewhere, somewhere = school.add(None, 1), school.add(None, 0, number=2), school.add(None, None, number=3)
    school.use("meeting", (-5, 60), room=1)
    found = school.preview([there, elsewhere, somewhere], "off")
    assert [target.device_id for target in found.accepted] == [elsewhere]
    assert {target.device_id for target, _why in found.refused} == {there, somewhere}


def test_nothing_is_switched_off_shortly_before_a_meeting(school):
    device = school.add(None)
    school.use("meeting", (10, 60))
    assert school.preview([device], "off").refused[0][1].reason == "soon"
    assert school.preview([device], "on").accepted


def test_a_lesson_stops_a_schedule_but_not_a_person(school):
    device = school.add(None)
    school.use("lesson", (-10, 30), title="Tin học 9A")
    assert school.preview([device], "off").accepted
    assert school.preview([device], "off", scheduled=True).refused[0][1].reason == "lesson"


async def test_an_exam_that_begins_between_order_and_claim_is_respected(school, server, work):
    door = school.door()
    await server.open(door)
    order = school.order([school.add(door)], "off")
    school.use("exam", (-1, 60))
    work()
    task = await school.until(order, "refused", "exam")
    assert task.detail == "Thi học kỳ I" and door.connections == 0


def test_what_has_no_pjlink_is_refused_with_what_to_do(school):
    device = school.add(None, pjlink_port=None)
    ((_target, why),) = school.preview([device], "off").refused
    assert "4352" in projectors.say(why.reason).message


# -- the schedule ----------------------------------------------------------------------------------------------------


def add_schedule(school, at: time, days: str = "every_day", **values) -> None:
    with school.database.session() as session:
        row = {"name": "Tắt sau giờ học", "runs_at": at, "days": days, "unit_id": school.unit_id, **values}
        session.add(ProjectorSchedule(**row))


async def test_off_after_school(school, server, work):
    door = school.door()
    await server.open(door)
    school.add(door)
    add_schedule(school, time(8, 59))  # local; the school's clock says 09:00
    work()
    await wait_until_async(lambda: door.projector.power == "2")
    school.now += timedelta(minutes=20)
    await wait_until_async(lambda: door.projector.commands.count("POWR ?") >= 3)
    assert door.projector.commands.count("POWR 0") == 1  # once a day


async def test_the_schedule_waits_for_the_end_of_the_exam(school, server, work):
    door = school.door()
    await server.open(door)
    school.add(door)
    school.use("exam", (-30, 45))
    add_schedule(school, time(8, 59))
    work()
    await wait_until_async(lambda: orders(school))
    task = school.task(orders(school)[0])
    assert (task.state, task.reason, task.detail) == ("waiting", "exam", "Thi học kỳ I") and door.connections == 0
    school.now += timedelta(minutes=46)
    await wait_until_async(lambda: door.projector.power == "2")


def orders(school) -> list[int]:
    with school.database.reading() as session:
        return [order.id for order, _counts in projectors.recent_orders(session, Scope.everything())]


async def test_the_schedule_does_not_wait_for_ever(school, work):
    school.add(None)
    school.use("exam", (-30, 600))
    add_schedule(school, time(8, 59), wait_minutes=60)
    work()
    await wait_until_async(lambda: orders(school))
    assert school.task(orders(school)[0]).state == "refused"


@pytest.mark.parametrize(("days", "runs"), [("school_days", False), ("weekdays", True), ("every_day", True)])
def test_days_of_the_calendar(school, days, runs):
    school.add(None)
    with school.database.session() as session:  # lessons on Mondays only; it is Wednesday
        session.add(CalendarEntry(unit_id=school.unit_id, kind="teaching", name="Sáng", weekday=0, starts_at=time(7),
                                  ends_at=time(11)))  # fmt: skip
    add_schedule(school, time(8, 59), days)
    with school.database.session() as session:
        found = projectors.run_due_schedules(session, school.now, "Asia/Ho_Chi_Minh", timedelta(minutes=15))
        assert bool(found) == runs


# -- the queue -------------------------------------------------------------------------------------------------------


async def test_killed_between_claim_and_send_it_is_done_once(school, server, work):
    door = school.door()
    await server.open(door)
    order = school.order([school.add(door)], "off")
    with school.database.session() as session:  # a worker claims, notes that it is about to send, and dies
        (task,) = queue.claim_tasks(session, school.now, 5)
        queue.note_sending(session, task, "1", school.now)
    work()
    assert not claimed_by_another(school)
    school.now += timedelta(minutes=3)
    await school.until(order, "waiting", "cooling")
    assert door.projector.commands.count("POWR 0") == 1


def claimed_by_another(school) -> list[int]:
    with school.database.session() as session:
        return queue.claim_tasks(session, school.now, 5)


async def test_killed_after_the_send_it_is_not_sent_again(school, server, work):
    door = school.door()
    await server.open(door)
    order = school.order([school.add(door)], "off")
    with school.database.session() as session:
        (task,) = queue.claim_tasks(session, school.now, 5)
        queue.note_sending(session, task, "1", school.now)
    door.projector.switch("0")  # it was sent; only the answer was lost
    school.now += timedelta(minutes=3)
    work()
    await school.until(order, "done", "already")
    assert "POWR 0" not in door.projector.commands


async def test_louder_is_never_sent_twice(school, server, work):
    door = school.door()
    await server.open(door)
    order = school.order([school.add(door)], "volume_up")
    with school.database.session() as session:
        (task,) = queue.claim_tasks(session, school.now, 5)
        queue.note_sending(session, task, "", school.now)
    school.now += timedelta(minutes=3)
    work()
    await school.until(order, "failed", "interrupted")
    assert door.projector.volume == 5


async def test_orders_of_one_projector_keep_their_order(school, server, work):
    door = school.door(faults=Faults(delay_s=0.02))
    await server.open(door)
    device = school.add(door)
    placed = [school.order([device], word) for word in ("picture_mute", "picture_show", "picture_mute")]
    work()
    await asyncio.gather(*(school.until(order, "done", "done") for order in placed))
    assert [one for one in door.projector.commands if one.startswith("AVMT 1")] == ["AVMT 11", "AVMT 10", "AVMT 11"]


def test_every_order_is_audited(school):
    good, none = school.add(None), school.add(None, number=2, pjlink_port=None)
    school.order([good, none], "off", actor="ky-thuat")
    with school.database.reading() as session:
        entry = list_audit(session, AuditFilter())[0][0]
    assert (entry.actor, entry.action) == ("ky-thuat", "projector.off") and "no_pjlink" in entry.detail


def test_a_school_sees_its_own_orders_only(school):
    order = school.order([school.add(None)], "off")
    with school.database.reading() as session:
        assert projectors.get_order(session, Scope("/99/"), order) is None
        assert projectors.targets_of(session, Scope("/99/"), [1]) == []
        assert list_schedules(session, Scope("/99/")) == []


async def test_whoever_orders_last_is_obeyed(school, server, work):
    """Off finds the projector warming and waits; the teacher presses on meanwhile: no lesson goes dark."""
    door = school.door(power="0")
    door.projector.switch("1")
    await server.open(door)
    device = school.add(door)
    off = school.order([device], "off")
    work()
    await school.until(off, "waiting", pjlink.reasons.NOT_NOW)
    on = school.order([device], "on")
    await school.until(on, "done")
    school.now += timedelta(seconds=30)
    await school.until(off, "refused", "overtaken")
    door.projector.settle()
    assert door.projector.power == "1" and "POWR 0" not in door.projector.commands


async def test_what_concerns_something_else_overtakes_nothing(school, server, work):
    door = school.door(power="0")
    door.projector.switch("1")
    await server.open(door)
    device = school.add(door)
    orders = [school.order([device], word) for word in ("picture_mute", "volume_up")]
    work()
    await school.until(orders[0], "waiting", pjlink.reasons.NOT_NOW)
    later = [school.order([device], word) for word in ("sound_mute", "volume_down", "freeze")]
    school.now += timedelta(seconds=60)
    for order in (*orders, *later):
        await school.until(order, "done")
