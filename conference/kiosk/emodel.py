"""How well speech can be understood, estimated from delay and loss: the E-model of ITU-T G.107, shortened. Pure.

R = 93.2 - Id - Ie,eff with Cole and Rosenbluth's fit for Id; Ie = 0, Bpl = 25.1 are those of G.711 with loss
concealment. Opus conceals better, so this is a floor; pages call it an estimate.
"""

from __future__ import annotations

R_BEST = 93.2
KNEE_MS = 177.3
IE, BPL = 0.0, 25.1
PLAYOUT_MS = 20.0
GOOD_R, POOR_R = 80.0, 70.0  # G.109: users satisfied; many users dissatisfied


def one_way_ms(rtt_ms: float, jitter_ms: float = 0.0) -> float:
    """Mouth to ear: half the round trip, a play-out buffer of twice the jitter, and what sending and playing take."""
    return rtt_ms / 2 + 2 * jitter_ms + PLAYOUT_MS


def rating(delay_ms: float, loss_percent: float) -> float:
    """R, 0 to 93.2, for a one-way delay and a share of lost packets."""
    late = max(0.0, delay_ms - KNEE_MS)
    impaired = 0.024 * delay_ms + 0.11 * late
    lost = IE + (95 - IE) * loss_percent / (loss_percent + BPL)
    return max(0.0, R_BEST - impaired - lost)


def mos(r: float) -> float:
    """The mean opinion score, 1 to 4.5, of a rating."""
    return max(1.0, 1 + 0.035 * r + 7e-6 * r * (r - 60) * (100 - r))


def grade(r: float) -> str:
    """good, attention or down; by R and not by the rounded MOS (150 ms with 3 % loss is R 79.5 and MOS 4.003)."""
    return "good" if r >= GOOD_R else "attention" if r >= POOR_R else "down"


def speech(rtt_ms: float | None, jitter_ms: float | None, loss_percent: float | None) -> float | None:
    """MOS of what a heartbeat tells; None without delay or loss. Unknown jitter counts as none."""
    if rtt_ms is None or loss_percent is None:
        return None
    return mos(rating(one_way_ms(rtt_ms, jitter_ms or 0.0), loss_percent))
