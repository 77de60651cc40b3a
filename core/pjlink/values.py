"""What PJLink values mean: texts of replies to numbers and back. Pure; what makes no sense is None, never a guess."""

from __future__ import annotations

import re
from dataclasses import dataclass

STANDBY, ON, COOLING, WARMING = 0, 1, 2, 3
ERROR_PARTS = ("fan", "lamp", "temperature", "cover", "filter", "other")  # the six digits of ERST, in their order
MOST_LAMPS = 8
MOST_HOURS = 200_000  # more than 22 years of light is no reading

_INPUT = re.compile(r"[1-6][1-9A-Z]")


@dataclass(frozen=True, slots=True)
class Lamp:
    """Hours of light of one lamp, and whether it is lit (None: the device did not say)."""

    hours: int
    is_lit: bool | None = None


@dataclass(frozen=True, slots=True)
class Mute:
    """Whether picture and sound are muted."""

    picture: bool
    sound: bool


def parse_power(value: str) -> int | None:
    """0 standby, 1 on, 2 cooling, 3 warming."""
    return int(value) if value in ("0", "1", "2", "3") else None


def parse_input(value: str) -> str | None:
    """An input code such as 31 or 3A: type (1 RGB 2 video 3 digital 4 storage 5 network 6 internal) and number."""
    code = value.strip().upper()
    return code if _INPUT.fullmatch(code) else None


def parse_inputs(value: str) -> tuple[str, ...]:
    """The list of INST, in its order, each once."""
    return tuple(dict.fromkeys(code for word in value.split() if (code := parse_input(word))))


def input_number(code: str) -> int:
    """An input code as a number that a series can hold: 31 for "31", 310 for "3A"."""
    last = int(code[1], 36)
    return int(code[0]) * (10 if last < 10 else 100) + last


def input_code(number: int) -> str:
    """The code of a number that input_number made."""
    kind, last = divmod(number, 10 if number < 100 else 100)
    return f"{kind}{'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'[last % 36]}"


def parse_mute(value: str) -> Mute | None:
    """11 picture, 21 sound, 31 both, 30 (also 10, 20) none."""
    known = {"11": (True, False), "21": (False, True), "31": (True, True)}
    if value in known:
        return Mute(*known[value])
    return Mute(False, False) if value in ("10", "20", "30") else None


def parse_errors(value: str) -> dict[str, int] | None:
    """Part -> 0 good, 1 warning, 2 error."""
    if not re.fullmatch(r"[012]{6}", value):
        return None
    return dict(zip(ERROR_PARTS, map(int, value), strict=True))


def parse_lamps(value: str) -> tuple[Lamp, ...] | None:
    """Pairs of hours and on; a last number alone is a lamp that does not say whether it is lit."""
    words = value.split()
    if not words or len(words) > 2 * MOST_LAMPS or not all(re.fullmatch(r"\d{1,6}", word) for word in words):
        return None
    lamps = tuple(
        Lamp(int(words[at]), words[at + 1] == "1" if at + 1 < len(words) else None) for at in range(0, len(words), 2)
    )
    return lamps if all(lamp.hours <= MOST_HOURS for lamp in lamps) else None


def parse_hours(value: str) -> int | None:
    """Hours of the filter."""
    return int(value) if re.fullmatch(r"\d{1,6}", value) and int(value) <= MOST_HOURS else None


def parse_flag(value: str) -> bool | None:
    """1 or 0, as FREZ answers."""
    return {"0": False, "1": True}.get(value)


def parse_signal(value: str) -> tuple[bool | None, str]:
    """(whether a picture comes in, its resolution): "1920x1080"; "-" is no signal, "*" an unknown one."""
    text = value.strip()
    if text == "-":
        return False, ""
    if text == "*":
        return True, ""
    return (True, text.lower()) if re.fullmatch(r"\d{2,5}[xX]\d{2,5}", text) else (None, "")
