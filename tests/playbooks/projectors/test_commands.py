"""Decisions on what was seen, for every command."""

import pytest

from core import pjlink
from playbooks.projectors.commands import (
    COMMANDS,
    COOLING,
    ON,
    STANDBY,
    WARMING,
    Seen,
    after_sending,
    before_sending,
    is_argument_right,
    second_look,
)
from playbooks.projectors.words import REASONS, say


@pytest.mark.parametrize(("word", "power", "act", "reason"), [
    ("on", STANDBY, "send", ""), ("on", ON, "done", "already"), ("on", WARMING, "done", "already"),
    ("on", COOLING, "later", pjlink.reasons.NOT_NOW), ("off", ON, "send", ""), ("off", STANDBY, "done", "already"),
    ("off", COOLING, "done", "already"), ("off", WARMING, "later", pjlink.reasons.NOT_NOW),
    ("off", None, "later", pjlink.reasons.GARBAGE), ("input", STANDBY, "fail", "not_on"),
    ("freeze", WARMING, "later", pjlink.reasons.NOT_NOW),
])  # fmt: skip
def test_before_sending(word, power, act, reason):
    step = before_sending(COMMANDS[word], "31" if word == "input" else "", Seen(power))
    assert (step.act, step.reason) == (act, reason)


@pytest.mark.parametrize(("word", "argument", "value", "act"), [
    ("input", "31", "31", "done"), ("input", "31", "32", "send"), ("picture_mute", "", "11", "done"),
    ("picture_mute", "", "31", "done"), ("picture_mute", "", "21", "send"), ("sound_on", "", "11", "done"),
    ("sound_on", "", "31", "send"), ("freeze", "", "1", "done"), ("unfreeze", "", "1", "send"),
    ("freeze", "", "", "send"), ("volume_up", "", "", "send"),
])  # fmt: skip
def test_what_is_so_already_is_not_sent(word, argument, value, act):
    assert before_sending(COMMANDS[word], argument, Seen(ON, value)).act == act


def test_off_is_believed_only_after_the_second_look():
    off = COMMANDS["off"]
    step = after_sending(off, "", Seen(COOLING), 90)
    assert (step.act, step.reason, step.after_s) == ("later", "cooling", 90)
    assert second_look(off, Seen(STANDBY)).act == "done"
    assert second_look(off, Seen(COOLING)).act == "later"
    assert second_look(off, Seen(ON)).reason == "still_on"


def test_a_yes_that_was_none_is_told():
    assert after_sending(COMMANDS["freeze"], "", Seen(ON, "0"), 90).reason == "not_taken"
    assert after_sending(COMMANDS["freeze"], "", Seen(ON, ""), 90).reason == "said_ok"


def test_arguments():
    assert is_argument_right(COMMANDS["input"], "3A") and not is_argument_right(COMMANDS["input"], "99")
    assert not is_argument_right(COMMANDS["input"], "") and not is_argument_right(COMMANDS["off"], "31")


def test_every_undo_is_a_command_that_goes_back():
    for command in COMMANDS.values():
        if command.undo and command.undo != command.word:
            assert COMMANDS[command.undo].undo == command.word


@pytest.mark.parametrize("reason", [*REASONS, *pjlink.reasons.REASONS, "never heard of"])
def test_every_reason_is_a_sentence(reason):
    assert say(reason, "Thi %(x)s {0}").message
