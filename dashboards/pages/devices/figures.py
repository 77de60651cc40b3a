"""Numbers as people read them: unit, scale and, for states, the word behind the number. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from core import LazyText
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.language import MISSING, bit_rate, byte_size, duration, number, percent
from telemetry import METRICS

_SUFFIX = {
    "celsius": "°C",
    "volts": "V",
    "amperes": "A",
    "watts": "W",
    "hertz": "Hz",
    "dBm": "dBm",
    "dB": "dB",
    "m3/s": "m³/s",
    "days": "",
    "joules/s": "W",
}


@dataclass(frozen=True, slots=True)
class StateWord:
    """What one number of a state metric means."""

    tone: str
    label: LazyText


def _yes(good: LazyText, bad: LazyText, bad_tone: str = "down") -> dict[int, StateWord]:
    return {1: StateWord("good", good), 0: StateWord(bad_tone, bad)}


def _no(good: LazyText, bad: LazyText, bad_tone: str = "down") -> dict[int, StateWord]:
    return {0: StateWord("good", good), 1: StateWord(bad_tone, bad)}


_LEVEL = {1: "unknown", 2: "good", 3: "attention", 4: "down"}
STATE_WORDS: dict[str, dict[int, StateWord]] = {
    "disk_health": _yes(_l("in order"), _l("failing")),
    "fan_ok": _yes(_l("in order"), _l("broken")),
    "power_supply_ok": _yes(_l("in order"), _l("broken")),
    "sensor_ok": _yes(_l("in order"), _l("out of order"), "attention"),
    "check_up": _yes(_l("works"), _l("fails")),
    "certificate_valid": _yes(_l("valid"), _l("not valid")),
    "water_detected": _no(_l("dry"), _l("water!")),
    "smoke_detected": _no(_l("no smoke"), _l("smoke!")),
    "door_open": _no(_l("door closed"), _l("door open"), "attention"),
    "ups_on_battery": _no(_l("on mains"), _l("on battery"), "attention"),
    "ups_battery_replace": _no(_l("not needed"), _l("needed"), "attention"),
    "ups_battery_status": {
        code: StateWord(_LEVEL[code], label)
        for code, label in ((1, _l("unknown")), (2, _l("normal")), (3, _l("low")), (4, _l("depleted")))
    },
    "ups_output_source": {
        1: StateWord("unknown", _l("other")),
        2: StateWord("down", _l("none")),
        3: StateWord("good", _l("mains")),
        4: StateWord("attention", _l("bypass")),
        5: StateWord("attention", _l("battery")),
        6: StateWord("attention", _l("booster")),
        7: StateWord("attention", _l("reducer")),
    },
    "wifi_access_point_up": _yes(_l("joined"), _l("not joined")),
    "wan_link_up": _yes(_l("works"), _l("fails")),
    "vpn_tunnel_up": _yes(_l("works"), _l("fails"), "attention"),
    "ha_in_sync": _yes(_l("in order"), _l("out of order")),
    "managed_device_up": _yes(_l("joined"), _l("not joined")),
    "stack_member_ok": _yes(_l("in order"), _l("broken")),
    "poe_state": {
        1: StateWord("unknown", _l("off")),
        2: StateWord("unknown", _l("none")),
        3: StateWord("good", _l("on")),
        4: StateWord("down", _l("error")),
    },
    "wifi_radio_up": _yes(_l("on"), _l("off"), "unknown"),
    "printer_status": {
        1: StateWord("unknown", _l("other")),
        2: StateWord("unknown", _l("unknown")),
        3: StateWord("good", _l("idle")),
        4: StateWord("good", _l("printing")),
        5: StateWord("good", _l("warming up")),
    },
    "projector_power": {
        0: StateWord("unknown", _l("off")),
        1: StateWord("good", _l("on")),
        2: StateWord("info", _l("cooling")),
        3: StateWord("info", _l("warming up")),
    },
    "projector_error": {
        0: StateWord("good", _l("none")),
        1: StateWord("attention", _l("warning")),
        2: StateWord("down", _l("error")),
    },
    "projector_muted": _no(_l("shown"), _l("muted"), "unknown"),
    "projector_sound_muted": _no(_l("heard"), _l("muted"), "unknown"),
    "projector_frozen": _no(_l("moving"), _l("frozen"), "unknown"),
    "projector_signal": _yes(_l("comes in"), _l("none"), "unknown"),
    "if_duplex": {
        1: StateWord("unknown", _l("unknown")),
        2: StateWord("attention", _l("half")),
        3: StateWord("good", _l("full")),
    },
}

# Metrics whose 0 or low value is the bad end: what is left of something
RESTS = frozenset({"printer_supply_ratio", "printer_tray_ratio", "ups_charge_ratio", "wifi_quality_ratio"})


def show(metric: str, value: float | None, language: str) -> str:
    """A value with its unit, in the scale people use."""
    if value is None or value != value:
        return MISSING
    word = state_word_of(metric, value)
    if word is not None:
        return str(word.label)
    known = METRICS.get(metric)
    unit = known.stored_unit if known else ""
    if unit == "ratio":
        return percent(value, 0 if value >= 0.1 or value == 0 else 1, language)
    if unit == "bytes":
        return byte_size(value, language)
    if unit in ("bits/s", "bytes/s"):
        return bit_rate(value * (8 if unit == "bytes/s" else 1), language)
    if unit == "seconds":
        return seconds_text(value, language)
    if unit == "days":
        return duration(value * 86_400)
    digits = 0 if abs(value) >= 100 or value == int(value) else 1
    if unit == "packets/s":
        return _("%(n)s packets/s", n=number(value, 2 if abs(value) < 10 else 0, language))
    if unit == "rpm":
        return _("%(n)s rpm", n=number(value, 0, language))
    return f"{number(value, digits, language)} {_SUFFIX.get(unit, unit)}".strip()


def seconds_text(value: float, language: str) -> str:
    """Milliseconds below one second, seconds below a minute, words above."""
    if abs(value) < 0.01:
        return f"{number(value * 1000, 2, language)} ms"
    if abs(value) < 1:
        return f"{number(value * 1000, 0 if abs(value) >= 0.1 else 1, language)} ms"
    return f"{number(value, 1, language)} s" if abs(value) < 60 else duration(value)


def state_word_of(metric: str, value: float) -> StateWord | None:
    """The word of a state's number; None for what is not a state or not in the table."""
    return STATE_WORDS.get(metric, {}).get(int(value)) if value == int(value) else None


def tone_of(metric: str, value: float) -> str:
    """The tone of a value: a state's own; for shares in use from 80 % and 95 %; for rests from 20 % and 10 %."""
    word = state_word_of(metric, value)
    if word is not None:
        return word.tone
    known = METRICS.get(metric)
    if known is None or known.unit != "ratio":
        return ""
    left = value if metric in RESTS else 1 - value
    limits = (0.1, 0.2) if metric in RESTS else (0.05, 0.2)
    if metric in ("ping_loss_ratio", "humidity_ratio"):
        return ""
    return "down" if left <= limits[0] else "attention" if left <= limits[1] else "good"


@cache
def speed_text(bits_per_second: float | None, language: str) -> str:
    """A port's speed; there are few different ones."""
    return bit_rate(bits_per_second, language)


def brief(value: float | None, language: str, digits: int = 1) -> str:
    """A number below 1,000, as `number` writes it but without a locale's machinery: tables hold thousands."""
    if value is None or value != value or abs(value) >= 1000:
        return number(value, digits, language)
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"
    return text.replace(".", ",") if language == "vi" else text


def brief_bits(value: float | None, language: str) -> str:
    """Bits a second, as `bit_rate` writes them, fast."""
    if value is None or value != value:
        return MISSING
    index = 0
    while abs(value) >= 1000 and index < 4:
        value /= 1000
        index += 1
    digits = 0 if index == 0 or abs(value) >= 100 else 1
    return f"{brief(value, language, digits)} {_BIT_UNITS[index]}"


_BIT_UNITS = ("bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s")
