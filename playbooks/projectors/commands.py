"""What can be done to a projector, and when: the state is looked at before and after, never blindly. Pure.

A command asks for a state; a projector that is in it already is left alone, so that repeating does no harm. Volume is
the exception: it only knows louder and quieter.
"""

from __future__ import annotations

from dataclasses import dataclass

from core import N_, pjlink

STANDBY, ON, COOLING, WARMING = (
    pjlink.values.STANDBY, pjlink.values.ON, pjlink.values.COOLING, pjlink.values.WARMING,
)  # fmt: skip
SOON_S = 20.0


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do. `asks` is the query that tells the state, `grade` its PJLink class, `sets` the parameter.

    `undo` is the command that takes it back; for the input it is the input before.
    """

    word: str
    title: str
    icon: str
    asks: str
    sets: str = ""
    grade: int = 1
    undo: str = ""
    is_relative: bool = False
    group: str = ""


def _by_word(*commands: Command) -> dict[str, Command]:
    return {command.word: command for command in commands}


COMMANDS: dict[str, Command] = _by_word(
    Command("on", N_("Switch on"), "power", "POWR", "1", group="power"),
    Command("off", N_("Switch off"), "moon", "POWR", "0", group="power"),
    Command("input", N_("Choose input"), "plug-connected", "INPT", undo="input", group="input"),
    Command("picture_mute", N_("Mute picture"), "eye-off", "AVMT", "11", undo="picture_show", group="mute"),
    Command("picture_show", N_("Show picture"), "eye", "AVMT", "10", undo="picture_mute", group="mute"),
    Command("sound_mute", N_("Mute sound"), "bell-off", "AVMT", "21", undo="sound_on", group="mute"),
    Command("sound_on", N_("Sound on"), "bell", "AVMT", "20", undo="sound_mute", group="mute"),
    Command("freeze", N_("Freeze picture"), "player-pause", "FREZ", "1", 2, undo="unfreeze", group="freeze"),
    Command("unfreeze", N_("Unfreeze picture"), "player-play", "FREZ", "0", 2, undo="freeze", group="freeze"),
    Command("volume_up", N_("Louder"), "plus", "SVOL", "1", 2, undo="volume_down", is_relative=True, group="volume"),
    Command("volume_down", N_("Quieter"), "minus", "SVOL", "0", 2, undo="volume_up", is_relative=True, group="volume"),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """The projector before or after: its power, and the reply to the command's own question ("" when not asked)."""

    power: int | None
    value: str = ""


@dataclass(frozen=True, slots=True)
class Next:
    """What to do now. `act`: "send", "done", "later" or "fail"; with the reason, and for "later" the seconds."""

    act: str
    reason: str = ""
    after_s: float = 0.0


def parameter_of(command: Command, argument: str) -> str:
    """What is sent: the command's own parameter, or the chosen input."""
    return command.sets or argument


def is_argument_right(command: Command, argument: str) -> bool:
    """An input needs a code such as 31; nothing else takes an argument."""
    return pjlink.values.parse_input(argument) == argument if command.word == "input" else argument == ""


def is_overtaken(command: Command, later: Command) -> bool:
    """Whether a later order says something about the same thing, so that what it wants is what counts."""
    is_same = later.asks == command.asks and (command.asks != "AVMT" or later.sets[0] == command.sets[0])
    return is_same and not command.is_relative


def is_reached(command: Command, argument: str, seen: Seen) -> bool | None:
    """Whether the projector is in the wanted state; None when that cannot be known (volume, an odd reply)."""
    if command.asks == "POWR":
        return seen.power in ((ON, WARMING) if command.word == "on" else (STANDBY, COOLING))
    if command.asks == "INPT":
        code = pjlink.values.parse_input(seen.value)
        return None if code is None else code == argument
    if command.asks == "AVMT":
        mute = pjlink.values.parse_mute(seen.value)
        if mute is None:
            return None
        has = mute.picture if command.sets[0] == "1" else mute.sound
        return has == (command.sets[1] == "1")
    if command.asks == "FREZ":
        frozen = pjlink.values.parse_flag(seen.value)
        return None if frozen is None else frozen == (command.sets == "1")
    return None


def before_sending(command: Command, argument: str, seen: Seen) -> Next:
    """Decide on what was seen: send, or why not."""
    if seen.power is None:
        return Next("later", pjlink.reasons.GARBAGE, SOON_S)
    if command.asks == "POWR":
        if is_reached(command, argument, seen):
            return Next("done", "already")
        # No set while warming or cooling: the lamp must finish first
        return Next("later", pjlink.reasons.NOT_NOW, SOON_S) if seen.power in (WARMING, COOLING) else Next("send")
    if seen.power == WARMING:
        return Next("later", pjlink.reasons.NOT_NOW, SOON_S)
    if seen.power != ON:
        return Next("fail", "not_on")
    return Next("done", "already") if is_reached(command, argument, seen) else Next("send")


def after_sending(command: Command, argument: str, seen: Seen, cooling_s: float) -> Next:
    """Decide on what was seen right after the projector said OK."""
    if command.is_relative:
        return Next("done", "done")
    if command.word == "off":
        # Off counts only once the lamp has cooled: a second look tells whether it stayed off
        is_going = seen.power in (STANDBY, COOLING)
        return Next("later", "cooling", cooling_s) if is_going else Next("later", "still_on", SOON_S)
    if command.word == "on":
        return Next("done", "done" if seen.power == ON else "warming") if seen.power in (ON, WARMING) else Next(
            "later", "still_off", SOON_S)
    reached = is_reached(command, argument, seen)
    return Next("fail", "not_taken") if reached is False else Next("done", "done" if reached else "said_ok")


def second_look(command: Command, seen: Seen) -> Next:
    """Decide on the look after the cooling time."""
    if command.word == "on":
        return Next("done", "done") if seen.power in (ON, WARMING) else Next("fail", "still_off")
    if seen.power == STANDBY:
        return Next("done", "done")
    if seen.power == COOLING:
        return Next("later", "cooling", SOON_S)
    return Next("fail", "still_on")
