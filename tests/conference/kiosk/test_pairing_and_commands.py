"""Pairing codes are good once and for a while; commands reach the page, are acknowledged, undone, refused by name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from conference import Kiosk, KioskCommand
from conference.kiosk import (
    KIOSK_VERBS,
    WHY_NOT,
    Ask,
    VerbProblem,
    cancel_command,
    command_kiosk,
    commands_of,
    endpoint_of_cookie,
    make_code,
    redeem,
    undo_command,
    unpair,
)
from conference.kiosk.chance import ALPHABET, CODE_LENGTH
from conference.kiosk.store.commands import expire_commands
from conference.kiosk.store.pairing import MOST_TRIES
from core import AuditEntry
from inventory import Endpoint
from tests.conference import world


def code_for(database, endpoint, now) -> str:
    with database.session() as session:
        return make_code(session, session.get(Endpoint, endpoint.id), "ky-thuat", now)


def try_code(database, vault, text, now, endpoint_code=""):
    with database.session() as session:
        return redeem(session, vault, text, "Chromium", now, endpoint_code)


def test_a_code_is_good_once(database, vault, endpoint, now):
    code = code_for(database, endpoint, now)
    assert len(code) == CODE_LENGTH and set(code) <= set(ALPHABET)
    typed = f" {code[:4].lower()}-{code[4:]} "
    paired = try_code(database, vault, typed, now + timedelta(minutes=29), endpoint.code)
    assert paired.endpoint.id == endpoint.id
    assert try_code(database, vault, code, now) == "wrong_code"
    with database.reading() as session:
        assert endpoint_of_cookie(session, paired.cookie).id == endpoint.id
        kiosk = session.get(Kiosk, endpoint.id)
        kept = f"{kiosk.sealed_secret} {kiosk.cookie_hash} {kiosk.code_hash}"
        assert paired.cookie not in kept and paired.secret.reveal() not in kept and code not in kept
        actions = [(one.action, one.actor) for one in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert actions == [("kiosk.code", "ky-thuat"), ("kiosk.pair", "ky-thuat")]
    with database.session() as session:
        unpair(session, session.get(Endpoint, endpoint.id), "ky-thuat", now)
        assert endpoint_of_cookie(session, paired.cookie) is None


def test_a_code_ends(database, vault, endpoint, now):
    code = code_for(database, endpoint, now)
    assert try_code(database, vault, code, now + timedelta(minutes=31)) == "code_expired"
    second = code_for(database, endpoint, now)
    assert try_code(database, vault, code, now) == "wrong_code"
    assert try_code(database, vault, second, now).endpoint.id == endpoint.id
    assert try_code(database, vault, "", now) == "wrong_code"


def test_wrong_tries_spoil_the_code_of_the_named_endpoint(database, vault, endpoint, now):
    code = code_for(database, endpoint, now)
    for _number in range(MOST_TRIES):
        assert try_code(database, vault, "AAAA-AAAA", now, endpoint.code) == "wrong_code"
    assert try_code(database, vault, code, now, endpoint.code) == "too_many_tries"
    fresh = code_for(database, endpoint, now)
    assert try_code(database, vault, fresh, now, endpoint.code).endpoint.id == endpoint.id


def test_a_code_opens_no_other_endpoint(database, vault, endpoint, now):
    code = code_for(database, endpoint, now)
    with database.session() as session:
        other = world.an_endpoint(session)
    make = code_for(database, other, now)
    assert try_code(database, vault, code, now, other.code) == "wrong_code"
    assert try_code(database, vault, make, now, other.code).endpoint.id == other.id


def give(database, page, verb, now, value=None, reason=""):
    with database.session() as session:
        arguments = {} if value is None else {"value": value}
        return command_kiosk(session, [page.endpoint_id], Ask(verb, arguments, reason), "ky-thuat", now)


def state_of(database, command_id) -> KioskCommand:
    with database.reading() as session:
        return session.get(KioskCommand, command_id)


IN = {"state": "in_meeting", "endpoint_id": "14f01c40"}


def test_a_command_goes_there_and_back(database, page, now):
    page.say(now, IN)
    command = give(database, page, "set_volume", now, "40", "quá to").commands[0]
    answer = page.say(now + timedelta(seconds=10), IN).answer
    assert answer["commands"] == [
        {"id": command.id, "verb": "set_volume", "arguments": {"value": 40}, "reason": "quá to"}]
    assert state_of(database, command.id).state == "sent"
    page.say(now + timedelta(seconds=20), IN | {"acks": [
        {"id": command.id, "state": "done", "result": "40 %", "before": {"value": 85}}]})
    row = state_of(database, command.id)
    assert (row.state, row.result, row.done_at) == ("done", "40 %", now + timedelta(seconds=20))
    with database.session() as session:
        back = undo_command(session, command.id, "ky-thuat", now + timedelta(seconds=21)).commands[0]
        assert (back.verb, back.arguments, back.undoes_id) == ("set_volume", '{"value": 85}', command.id)
        assert undo_command(session, command.id, "ky-thuat", now) is None
        audit = [one.action for one in session.scalars(select(AuditEntry))]
    assert audit.count("kiosk.set_volume") == 2


def test_a_command_that_failed_has_no_way_back(database, page, now):
    page.say(now, IN)
    command = give(database, page, "unmute", now).commands[0]
    page.say(now, IN | {"acks": [{"id": command.id, "state": "failed", "result": "Không ai trả lời"}]})
    assert state_of(database, command.id).state == "failed"
    with database.session() as session:
        assert undo_command(session, command.id, "ky-thuat", now) is None


def test_only_its_own_commands_can_be_acknowledged(database, page, pair, now):
    with database.session() as session:
        other = world.an_endpoint(session)
    second = pair(other)
    page.say(now, IN)
    command = give(database, page, "mute", now).commands[0]
    second.say(now, IN | {"acks": [{"id": command.id, "state": "done"}]})
    assert state_of(database, command.id).state == "waiting"


def test_refused_by_name(database, page, pair, endpoint, now):
    assert give(database, page, "reload", now).refused == {page.endpoint_id: "never_seen"}
    page.say(now, {"state": "waiting", "lists": {"camera": ["A", "B"]}})
    assert give(database, page, "mute", now).refused == {page.endpoint_id: "not_in_meeting"}
    assert give(database, page, "choose_camera", now, "C").refused == {page.endpoint_id: "no_such_device"}
    assert give(database, page, "choose_camera", now, "B").commands
    assert give(database, page, "choose_camera", now, "B").refused == {page.endpoint_id: "same_waits"}
    late = now + timedelta(minutes=5)
    assert give(database, page, "reload", late).refused == {page.endpoint_id: "not_there"}
    with database.session() as session:
        codec, unpaired = world.an_endpoint(session, kind="codec"), world.an_endpoint(session)
        given = command_kiosk(session, [codec.id, unpaired.id], Ask("reload"), "ky-thuat", now)
    assert given.refused == {codec.id: "not_a_kiosk", unpaired.id: "not_paired"}
    assert set(given.refused.values()) <= set(WHY_NOT)


@pytest.mark.parametrize(("verb", "value"), [
    ("fly", None), ("set_volume", "101"), ("set_volume", "²"), ("set_volume", None), ("video_quality", "240"),
    ("show_message", "  "), ("show_message", "x" * 301), ("choose_camera", ""),
])  # fmt: skip
def test_wrong_arguments(database, page, now, verb, value):
    with pytest.raises(VerbProblem):
        give(database, page, verb, now, value)


def test_old_commands_are_never_done(database, page, now):
    page.say(now, IN)
    one, other = (give(database, page, verb, now).commands[0] for verb in ("mute", "reload"))
    with database.session() as session:
        assert cancel_command(session, other.id, "ky-thuat", now)
        assert not cancel_command(session, other.id, "ky-thuat", now)
        assert expire_commands(session, now + timedelta(minutes=2)) == 0
        assert expire_commands(session, now + timedelta(minutes=4)) == 1
    assert page.say(now + timedelta(minutes=4), IN).answer["commands"] == []
    assert [state_of(database, row.id).state for row in (one, other)] == ["expired", "cancelled"]
    with database.reading() as session:
        assert [row.id for row in commands_of(session, page.endpoint_id)] == [other.id, one.id]


def test_every_way_back_is_a_verb():
    for verb in KIOSK_VERBS.values():
        assert not verb.undo or verb.undo in KIOSK_VERBS
        assert verb.argument in ("", "percent", "height", "text", "label") and bool(verb.device) == (
            verb.argument == "label")
