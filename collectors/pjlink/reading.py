"""What to ask a projector in one short connection, and what its replies mean as samples, facts and parts. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from core import pjlink
from inventory import PartSpec

QUICK = (("ERST", 1),)
WHEN_ON = (("INPT", 1), ("AVMT", 1), ("FREZ", 2), ("IRES", 2))
HOURLY = (("LAMP", 1), ("FILT", 2))
DAILY = (
    ("NAME", 1), ("INF1", 1), ("INF2", 1), ("INFO", 1), ("INST", 1), ("SNUM", 2), ("SVER", 2), ("RLMP", 2),
    ("RFIL", 2), ("RRES", 2),
)  # fmt: skip
HOUR_S = 3600.0
NAMED_INPUTS = 20  # INNM is one question an input


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a projector between readings. Moments are epoch seconds; `undefined` answered ERR1."""

    grade: int = 0  # PJLink class; 0: not asked yet
    undefined: frozenset[str] = frozenset()
    hours_at: float = 0.0
    identity_at: float = 0.0
    power: int | None = None
    lamps: tuple[int, ...] = ()

    def wants_hours(self, now: float) -> bool:
        """LAMP and FILT are asked each hour."""
        return now - self.hours_at >= HOUR_S

    def wants_identity(self, now: float) -> bool:
        """Who it is, and what it has: each day, and what was not fitted then is asked again."""
        return now - self.identity_at >= 24 * HOUR_S


@dataclass(frozen=True, slots=True)
class Lives:
    """Hours that this model's lamp and filter last; None for a part that does not wear."""

    lamp: float | None = 4000.0
    filter: float | None = 1000.0


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading: command -> answer, and the class of the device."""

    grade: int
    answers: Mapping[str, pjlink.Answer]
    inputs: Mapping[str, str] = field(default_factory=dict)  # code -> the name the device gives it

    def value(self, command: str) -> str | None:
        """The value told, or None."""
        answer = self.answers.get(command)
        return answer.value if answer is not None and answer.is_ok else None

    @property
    def power(self) -> int | None:
        """0 standby, 1 on, 2 cooling, 3 warming; None when it made no sense."""
        return pjlink.values.parse_power(self.value("POWR") or "")

    @property
    def lamps(self) -> tuple[pjlink.values.Lamp, ...]:
        """Its lamps; empty for a laser without a counter."""
        return pjlink.values.parse_lamps(self.value("LAMP") or "") or ()


def questions(known: Known, power: int | None, now: float) -> list[tuple[str, int]]:
    """(command, class) to ask after POWR, given the class and the power it told."""
    wanted = [*QUICK, *(WHEN_ON if power == pjlink.values.ON else ())]
    if known.wants_hours(now):
        wanted += HOURLY
    is_daily = known.wants_identity(now)
    wanted += DAILY if is_daily else ()
    return [
        (command, grade) for command, grade in wanted
        if grade <= known.grade and (is_daily or command not in known.undefined)
    ]


def learn(known: Known, reading: Reading, now: float) -> Known:
    """What is remembered after a reading."""
    undefined = {command for command, answer in reading.answers.items() if answer.reason == pjlink.reasons.UNDEFINED}
    answered = set(reading.answers) - undefined
    lamps = tuple(lamp.hours for lamp in reading.lamps)
    return replace(
        known,
        grade=reading.grade,
        undefined=frozenset((known.undefined - answered) | undefined),
        hours_at=now if known.wants_hours(now) and _is_settled(reading, "LAMP") else known.hours_at,
        identity_at=now if known.wants_identity(now) and _is_settled(reading, "INF1") else known.identity_at,
        power=reading.power if reading.power is not None else known.power,
        lamps=lamps or known.lamps,
    )


def _is_settled(reading: Reading, command: str) -> bool:
    """"Not now" is asked again soon; any other answer is one."""
    answer = reading.answers.get(command)
    return answer is not None and answer.reason != pjlink.reasons.NOT_NOW


def changed_lamps(known: Known, reading: Reading) -> list[tuple[int, int, int]]:
    """(lamp from 1, hours before, hours now) of lamps whose hours went back: a new lamp, or its counter was reset."""
    pairs = zip(known.lamps, (lamp.hours for lamp in reading.lamps), strict=False)
    return [(number, old, new) for number, (old, new) in enumerate(pairs, start=1) if new + 5 < old]


def samples(reading: Reading, lives: Lives) -> list[tuple[str, str, float]]:
    """(part, metric, value). What the device cannot tell now gives no sample: its last value stays."""
    return [*_states(reading), *_wear(reading, lives)]


def _states(reading: Reading) -> Iterator[tuple[str, str, float]]:
    if reading.power is not None:
        yield "", "projector_power", float(reading.power)
    errors = pjlink.values.parse_errors(reading.value("ERST") or "")
    if errors is not None:
        yield "", "projector_error", float(max(errors.values()))
        yield from ((f"error:{part}", "projector_error", float(level)) for part, level in errors.items())
    code = pjlink.values.parse_input(reading.value("INPT") or "")
    if code is not None:
        yield "", "projector_input", float(pjlink.values.input_number(code))
    mute = pjlink.values.parse_mute(reading.value("AVMT") or "")
    if mute is not None:
        yield "", "projector_muted", float(mute.picture)
        yield "", "projector_sound_muted", float(mute.sound)
    frozen = pjlink.values.parse_flag(reading.value("FREZ") or "")
    if frozen is not None:
        yield "", "projector_frozen", float(frozen)
    signal, _size = pjlink.values.parse_signal(reading.value("IRES") or "")
    if signal is not None:
        yield "", "projector_signal", float(signal)


def _wear(reading: Reading, lives: Lives) -> Iterator[tuple[str, str, float]]:
    for number, lamp in enumerate(reading.lamps, start=1):
        yield f"lamp:{number}", "projector_lamp_seconds", lamp.hours * HOUR_S
        if lives.lamp:
            yield f"lamp:{number}", "projector_lamp_used_ratio", lamp.hours / lives.lamp
    hours = pjlink.values.parse_hours(reading.value("FILT") or "")
    if hours is not None:
        yield "", "projector_filter_seconds", hours * HOUR_S
        if lives.filter:
            yield "", "projector_filter_used_ratio", hours / lives.filter


_FACTS = {
    "INF1": "vendor", "INF2": "model", "NAME": "sysname", "INFO": "sysdescr", "SNUM": "serial", "SVER": "version",
    "RLMP": "lamp_model", "RFIL": "filter_model",
}  # fmt: skip


def facts(reading: Reading, spoken: str) -> dict[str, str]:
    """What it says of itself; `spoken` is how it authenticated."""
    found = {name: text for command, name in _FACTS.items() if (text := reading.value(command))}
    codes = pjlink.values.parse_inputs(reading.value("INST") or "")
    if codes:
        found["inputs"] = ", ".join(f"{code} {reading.inputs.get(code, '')}".strip() for code in codes)
    if found:
        found |= {"pjlink_class": str(reading.grade), "pjlink_authentication": spoken}
    return found


def parts(reading: Reading) -> list[PartSpec]:
    """Its lamps, as parts of the device."""
    return [PartSpec("lamp", f"lamp:{number}", number) for number in range(1, len(reading.lamps) + 1)]
