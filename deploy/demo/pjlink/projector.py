"""A pretended projector: what it knows and how it answers PJLink commands. A fake for tests and the demonstration.

Time comes from `clock` (seconds): warming and cooling take as long as it says, and the lamp ages while it shines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

STANDBY, ON, COOLING, WARMING = "0", "1", "2", "3"
OK, UNDEFINED, BAD_PARAMETER, NOT_NOW, FAILURE = "OK", "ERR1", "ERR2", "ERR3", "ERR4"


@dataclass(slots=True)
class Fittings:
    """What a model has. `lamps` are hours at the start; none: a laser without a counter. `filter_hours` None: none."""

    grade: int = 2
    name: str = "Máy chiếu trình diễn"
    maker: str = "EduNOC demo"
    product: str = "DP-100"
    serial: str = "DEMO-0001"
    version: str = "1.02"
    inputs: tuple[str, ...] = ("11", "31", "32", "52")
    lamps: tuple[float, ...] = (1163.0,)
    filter_hours: float | None = 210.0
    warm_s: float = 30.0
    cool_s: float = 90.0
    lamp_model: str = "DL-1"
    filter_model: str = "DF-1"
    has_freeze: bool = True


@dataclass(slots=True)
class Projector:
    """The state of one pretended projector, and its answers."""

    clock: Callable[[], float]
    fittings: Fittings = field(default_factory=Fittings)
    power: str = STANDBY
    errors: str = "000000"
    input: str = "31"
    mute: str = "30"
    frozen: str = "0"
    signal: str = "1920x1080"
    volume: int = 5
    is_failing: bool = False  # answers ERR4 to every set
    is_stubborn: bool = False  # says OK to "off" and stays on
    commands: list[str] = field(default_factory=list)  # what was asked, without authentication
    told: list[str] = field(default_factory=list)  # notices to be sent
    _until: float = 0.0
    _lit_since: float | None = None
    _light_s: float = 0.0

    def __post_init__(self) -> None:
        if self.power == ON:
            self._lit_since = self.clock()

    def settle(self) -> None:
        """Let time pass: what warms is on, what cools is off, once it has lasted."""
        now = self.clock()
        if self.power == WARMING and now >= self._until:
            self._become(ON)
        elif self.power == COOLING and now >= self._until:
            self._become(STANDBY)

    def switch(self, power: str) -> str:
        """POWR 1 or 0 from a person or the network."""
        self.settle()
        if power not in (STANDBY, ON):
            return BAD_PARAMETER
        if self.power in (WARMING, COOLING):
            return OK if (self.power == WARMING) == (power == ON) else NOT_NOW
        if power == self.power or (power == STANDBY and self.is_stubborn):
            return OK
        self._until = self.clock() + (self.fittings.warm_s if power == ON else self.fittings.cool_s)
        self._become(WARMING if power == ON else COOLING)
        return OK

    def _become(self, power: str) -> None:
        now = self.clock()
        if self._lit_since is not None and power in (COOLING, STANDBY):
            self._light_s += now - self._lit_since
            self._lit_since = None
        if power == ON and self._lit_since is None:
            self._lit_since = now
        if power == STANDBY:
            self.mute, self.frozen = "30", "0"
        self.power = power
        self.told.append(f"%2POWR={power}")

    @property
    def light_hours(self) -> float:
        """Hours of light since the start."""
        lit = self.clock() - self._lit_since if self._lit_since is not None else 0.0
        return (self._light_s + lit) / 3600

    def answer(self, grade: str, command: str, parameter: str) -> str:
        """The value of the reply."""
        self.settle()
        self.commands.append(f"{command} {parameter}")
        if grade == "2" and self.fittings.grade < 2:
            return UNDEFINED
        if parameter.startswith("?"):
            return self._tell(command, parameter[1:])
        if self.is_failing:
            return FAILURE
        return self._do(command, parameter)

    def _tell(self, command: str, rest: str) -> str:
        kit = self.fittings
        hours = int(self.light_hours)
        plain = {
            "POWR": self.power, "ERST": self.errors, "CLSS": str(kit.grade), "NAME": kit.name, "INF1": kit.maker,
            "INF2": kit.product, "INFO": "", "INST": " ".join(kit.inputs),
            "LAMP": " ".join(f"{int(start) + hours} {int(self.power in (ON, WARMING))}" for start in kit.lamps)
            or UNDEFINED,
        }
        if kit.grade == 2:
            plain |= {
                "SNUM": kit.serial, "SVER": kit.version, "RLMP": kit.lamp_model, "RFIL": kit.filter_model,
                "FILT": UNDEFINED if kit.filter_hours is None else str(int(kit.filter_hours) + hours),
                "RRES": "1920x1080", "INNM": f"Input {rest}" if rest in kit.inputs else BAD_PARAMETER,
            }
        if command in plain:
            return plain[command]
        shown = {"INPT": self.input, "AVMT": self.mute}
        if kit.grade == 2:
            shown |= {"IRES": self.signal, "FREZ": self.frozen if kit.has_freeze else UNDEFINED}
        if command not in shown or shown[command] == UNDEFINED:
            return UNDEFINED
        return shown[command] if self.power == ON else NOT_NOW

    def _do(self, command: str, parameter: str) -> str:
        if command == "POWR":
            return self.switch(parameter)
        if command in ("INPT", "AVMT", "FREZ", "SVOL", "MVOL") and self.power != ON:
            return NOT_NOW
        if command == "INPT":
            if parameter not in self.fittings.inputs:
                return BAD_PARAMETER
            self.input = parameter
            self.told.append(f"%2INPT={parameter}")
            return OK
        if command == "AVMT":
            return self._mute(parameter)
        if self.fittings.grade == 2 and command == "FREZ" and self.fittings.has_freeze:
            if parameter not in ("0", "1"):
                return BAD_PARAMETER
            self.frozen = parameter
            return OK
        if self.fittings.grade == 2 and command == "SVOL":
            self.volume += 1 if parameter == "1" else -1
            return OK
        return UNDEFINED

    def _mute(self, parameter: str) -> str:
        if parameter not in ("10", "11", "20", "21", "30", "31"):
            return BAD_PARAMETER
        kind, is_on = int(parameter[0]), parameter[1] == "1"
        now = {"30": 0, "11": 1, "21": 2, "31": 3}[self.mute]
        now = now | kind if is_on else now & ~kind
        self.mute = {0: "30", 1: "11", 2: "21", 3: "31"}[now]
        return OK
