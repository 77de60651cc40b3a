"""The state of many devices at once, from arrays: ping first, then SNMP, open incidents, maintenance. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

GOOD, ATTENTION, DOWN, UNKNOWN, MAINTENANCE, UNWATCHED = range(6)
STATES = ("good", "attention", "down", "unknown", "maintenance", "unwatched")
# The order in which states are listed and drawn, worst first
WORST_FIRST = (DOWN, ATTENTION, UNKNOWN, MAINTENANCE, GOOD, UNWATCHED)

# The ping plane's numbers (collectors.ping)
PING_UNKNOWN, PING_UP, PING_SUSPECT, PING_DOWN = range(4)


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of n devices: `ping` int8[n]; `snmp` float64[n], 1 answers, 0 does not, NaN unknown or too old."""

    ping: np.ndarray
    snmp: np.ndarray
    has_incident: np.ndarray
    is_in_maintenance: np.ndarray
    is_monitored: np.ndarray


def judge_states(signs: Signs) -> np.ndarray:
    """int8[n] of STATES. No sign at all is unknown, never good; a device nobody watches is a state of its own."""
    state = np.full(len(signs.ping), UNKNOWN, np.int8)
    answers_snmp, is_silent = signs.snmp == 1, signs.snmp == 0
    state[(signs.ping == PING_UP) | ((signs.ping == PING_UNKNOWN) & answers_snmp)] = GOOD
    state[(state == GOOD) & (is_silent | signs.has_incident)] = ATTENTION
    state[signs.ping == PING_SUSPECT] = ATTENTION
    state[signs.ping == PING_DOWN] = DOWN
    state[signs.is_in_maintenance] = MAINTENANCE
    state[~signs.is_monitored] = UNWATCHED
    return state


def count_states(states: np.ndarray) -> np.ndarray:
    """int64[6]: how many devices stand in each of STATES."""
    return np.bincount(states, minlength=len(STATES))
