"""How an endpoint of the demonstration attended a past meeting, and what ailed it. Pure: chance is an argument.

Who attends badly, and why, follows from the endpoint's trouble of today (deploy/demo/meetings.py), so that figures of
months and boards of today tell one story.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from conference import attendance, kiosk

Stay = tuple[float, float]  # minutes after the planned start, from and until


@dataclass(frozen=True, slots=True)
class Ailment:
    """What a trouble does to a meeting: how often it shows, what the live board would have written, how it is heard."""

    often: float
    state: str
    cause: str
    evidence: str
    verdict: str = "risk"          # readiness before the start: ready, risk, not_ready
    reason: str = ""
    action: str = ""
    heard: tuple[float, float] = (28.0, 0.3)  # round trip in ms, percent lost


WELL = Ailment(0.0, "", "", "{}", "ready")
AILMENTS: dict[str, Ailment] = {
    "gone": Ailment(0.6, "lost", "computer", "{}", "not_ready", "kiosk_gone", "call_open"),
    "wan": Ailment(0.8, "degraded", "wan", '{"by": "loss", "loss": 0.061, "isp": "%s"}', "risk", "line_loss",
                   "call_provider", (224.0, 6.3)),
    "camera": Ailment(0.7, "degraded", "device", '{"device": "camera"}', "not_ready", "camera", "call_device"),
    "mic": Ailment(0.5, "degraded", "silent", '{"minutes": 15}', "risk", "no_sound", "device_check"),
    "wifi": Ailment(0.7, "degraded", "lan", '{"loss": 0.045}', "risk", "lan_loss", "call_cable", (64.0, 4.5)),
    "cpu": Ailment(0.8, "degraded", "weak", '{"cpu": 0.96}', "risk", "cpu", "watch", (95.0, 1.4)),
    "tcp": Ailment(0.5, "degraded", "fallback", '{"way": "TCP"}', "risk", "udp_blocked", "open_udp", (120.0, 0.8)),
    "dark": Ailment(0.4, "degraded", "dark", "{}", "risk", "black_picture", "call_lens"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attended:
    """One endpoint at one meeting. `stays` as the server saw them; the kiosk's are the same unless it was not open."""

    stays: tuple[Stay, ...]
    reply: str
    is_excused: bool = False
    has_kiosk: bool = True
    spell: Stay | None = None       # of its trouble
    ailment: Ailment = WELL
    mos: float | None = None


def attend(chance: random.Random, trouble: str, minutes: int) -> Attended:
    """How somebody with this trouble attended a meeting of so many minutes."""
    ailment = AILMENTS.get(trouble, WELL)
    is_ill = chance.random() < ailment.often
    if chance.random() < (0.55 if trouble == "never" else 0.035):
        is_excused = chance.random() < 0.4
        return Attended((), "declined" if is_excused else chance.choice(("accepted", "needs-action")), is_excused)
    begin = chance.uniform(-14, -1) if chance.random() < 0.92 else chance.uniform(6, minutes * 0.35)
    end = minutes + chance.uniform(0, 3) if chance.random() < 0.95 else minutes * chance.uniform(0.5, 0.9)
    reply = chance.choices(("accepted", "needs-action", "tentative"), (90, 8, 2))[0]
    if not is_ill:
        heard = _mos(chance, WELL) if trouble != "never" else None
        return Attended(((begin, end),), reply, has_kiosk=trouble != "never", mos=heard)
    ill_from = chance.uniform(max(begin, 0) + 2, minutes * 0.6)
    ill_until = min(ill_from + chance.uniform(3, minutes * 0.4), end - 1)
    stays: tuple[Stay, ...] = ((begin, end),)
    if ailment.state == "lost":
        stays = ((begin, ill_from), (ill_until, end)) if chance.random() < 0.6 else ((begin, ill_from),)
    return Attended(stays, reply, spell=(ill_from, max(ill_until, ill_from + 1)), ailment=ailment,
                    mos=_mos(chance, ailment))  # fmt: skip


def _mos(chance: random.Random, ailment: Ailment) -> float | None:
    rtt, loss = ailment.heard
    found = kiosk.emodel.speech(rtt * chance.uniform(0.8, 1.3), 4.0, loss * chance.uniform(0.6, 1.2))
    return None if found is None else round(found, 2)


def evidence_of(
    starts: float, minutes: int, people: list[tuple[int, str, str, Attended]], stranger: str = ""
) -> attendance.Evidence:
    """What servers and kiosks would have told. `people`: (endpoint, subject, name, how it attended)."""
    happenings, spells = [], []
    for endpoint_id, subject, name, one in people:
        for number, (begin, end) in enumerate(one.stays):
            key = f"{(endpoint_id * 7 + number) * 2654435761 % (1 << 32):08x}"
            since, until = starts + round(begin * 60), starts + round(end * 60)
            happenings.append(_left(key, subject, name, since, until))
            if one.has_kiosk:
                spells.append(attendance.Spell(endpoint_id, key, since + 6.0, until - 5.0))
    if stranger:
        happenings.append(_left("0badcafe", "", stranger, starts + 300, starts + 1500))
    return attendance.Evidence(starts + minutes * 60 + 900, tuple(happenings), (), tuple(spells))


def _left(key: str, subject: str, name: str, since: float, until: float) -> attendance.Happening:
    who = attendance.Occupant(f"{key}-0000-4000-8000-000000000000@hop.demo.example/r", key, subject, name, since, until)
    return attendance.Happening(attendance.LEFT, until, until + 1, "", (who,))
