"""Counter to rate: wrap, reset and gap, decided for many series at once. Pure: arrays in, arrays out.

Rules are those of reference/devices.md section 5: time comes from the difference of the device's uptime; an uptime that
went back is a restart; a 32-bit counter may wrap once when that is plausible; a 64-bit one never wraps (468 years at
10 Gbit/s). Never a negative or absurd rate; where nothing sure can be said there is a gap.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

WRAP_32 = 2.0**32
UPTIME_WRAP_S = 2.0**32 / 100  # sysUpTime counts 1/100 s in 32 bits: 497 d 2 h 27 min 53 s
HARD_LIMIT = 1.25e11  # 1 Tbit/s in octets: no counter of ours runs faster
WRAP_LIMIT = 1.25e8  # 1 Gbit/s: as fast as a 32-bit counter of unknown speed is believed to wrap
WRAP_MARGIN = 1.1  # times link speed, for a counter that wrapped
RISE_MARGIN = 2.0  # times link speed, for one that rose: agents that refresh their counters late show bursts
MAX_GAP_32_S = 3_900.0  # longer without a sample, a 32-bit counter may have wrapped any number of times
MAX_GAP_64_S = 6 * 3_600.0  # longer, an average would hide the outage
_STALE_AFTER_S = 1.0

OK, FIRST, RESTARTED, RESET, LONG_GAP, IMPLAUSIBLE, STALE = range(7)
VERDICTS = ("ok", "first_reading", "device_restarted", "counter_reset", "long_gap", "implausible_rate", "stale_reply")


class Readings(NamedTuple):
    """Counters as read, float64[n] each: total, time in epoch seconds, uptime in seconds (NaN when not given)."""

    total: np.ndarray
    at: np.ndarray
    uptime: np.ndarray


def elapsed(new: Readings, old: Readings) -> tuple[np.ndarray, np.ndarray]:
    """(seconds between two readings, True where the device restarted between them).

    Uptime wraps at 497 days: near its maximum then small, while our clock agrees with the wrapped difference. Uptime
    that grew much less than our clock is a restart, too, after which uptime has already passed its old value.
    """
    dt = new.at - old.at
    up = new.uptime - old.uptime
    known = np.isfinite(up)
    tolerance = 5.0 + 0.5 * dt
    went_back = known & (up < -1.0)
    wrapped = went_back & (np.abs(up + UPTIME_WRAP_S - dt) <= np.minimum(tolerance, 60.0 + 0.01 * dt))
    up = np.where(wrapped, up + UPTIME_WRAP_S, up)
    restarted = (went_back & ~wrapped) | (known & (dt - up > tolerance) & (up > 0))
    return np.where(known & (up >= 0), up, dt), restarted


def derive(
    new: Readings, old: Readings, width: np.ndarray, ceiling: np.ndarray, is_reset: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(rate per second float64[n], verdict uint8[n]); the rate is NaN unless the verdict is OK.

    `old.at` is 0 where there was no reading before; `ceiling` is the fastest rate the link allows, in the counter's
    unit per second, NaN or 0 when unknown.
    """
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        dt, restarted = elapsed(new, old)
        known = ceiling > 0
        delta = new.total - old.total
        is_32 = width == 32
        fell = delta < 0
        delta = np.where(fell & is_32, delta + WRAP_32, delta)
        rate = delta / dt
        wrap_ok = is_32 & np.where(known, rate <= WRAP_MARGIN * ceiling, (delta <= WRAP_32 / 2) & (rate <= WRAP_LIMIT))
        in_range = ~is_32 | ((new.total < WRAP_32) & (old.total < WRAP_32))
        plausible = (rate >= 0) & (rate <= np.where(known, RISE_MARGIN * ceiling, HARD_LIMIT)) & in_range
        too_long = dt > np.where(is_32, MAX_GAP_32_S, MAX_GAP_64_S)
    verdict = np.full(len(delta), OK, np.uint8)
    verdict[~plausible] = IMPLAUSIBLE
    verdict[fell & ~wrap_ok] = RESET
    verdict[too_long] = LONG_GAP
    # The same uptime in two replies some time apart: something answered from memory
    verdict[np.isfinite(new.uptime) & (new.uptime == old.uptime) & (new.at - old.at > _STALE_AFTER_S)] = STALE
    verdict[dt <= 0] = STALE
    verdict[restarted | is_reset] = RESTARTED
    verdict[~(old.at > 0) | ~np.isfinite(old.total)] = FIRST
    return np.where(verdict == OK, significant(rate), np.nan), verdict


def significant(rate: np.ndarray) -> np.ndarray:
    """Rates with seven significant digits: finer is noise of the time stamps, and halves what compression saves."""
    with np.errstate(divide="ignore", invalid="ignore"):
        digits = 6 - np.floor(np.log10(np.abs(rate)))
        digits = np.where(np.isfinite(digits), np.clip(digits, -15, 15), 0)
    # Powers are taken of positive exponents only: 10.0**-3 is not exact, and 0.3 would come back as 0.30000000000000004
    up, down = 10.0 ** np.maximum(digits, 0), 10.0 ** np.maximum(-digits, 0)
    return np.rint(rate * up / down) / up * down
