"""The server's evidence: stays in the room out of events in any order, closed and completed by looks at Jicofo. Pure.

Nothing here depends on the order or the repetition of the events: they are read as a set (jitsi.md section 5.1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from conference.attendance.counting.evidence import (
    CREATED,
    DESTROYED,
    GRID_S,
    HEARTBEAT_S,
    JOINED,
    LEFT,
    Evidence,
    Happening,
    Occupant,
    Sighting,
)
from conference.attendance.counting.intervals import Stretch

SKEW_S = 20.0         # clocks that differ by less are taken as right
SKEW_WITNESSES = 3    # connections that must tell the same
IMPOSSIBLE_S = 5.0    # an event from the future by more than this: the server's clock is ahead


@dataclass(frozen=True, slots=True)
class Connection:
    """All the server knows of one connection."""

    id: str
    stretches: tuple[Stretch, ...]
    subjects: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    spoke_seconds: float | None = None
    is_visitor: bool = False

    @property
    def first(self) -> float:
        """Its earliest moment."""
        return min(one.start for one in self.stretches)

    @property
    def last(self) -> float:
        """Its latest moment."""
        return max(one.end for one in self.stretches)


@dataclass(slots=True)
class _Stay:
    occupant: Occupant
    breakout: str
    joined: float
    left: float | None


def server_skew(evidence: Evidence) -> float:
    """Seconds that the server's clock is ahead of ours; 0.0 when it is right or nothing tells.

    Kiosks correct their clocks themselves: their first heartbeat of a connection comes within 10 s after the join. When
    several connections tell the same other difference, it is the server's clock. An event that came before it happened
    tells it, too.
    """
    joined: dict[str, float] = {}
    for happening in evidence.happenings:
        for one in happening.occupants:
            if one.connection and one.joined_at is not None:
                joined[one.connection] = min(one.joined_at, joined.get(one.connection, one.joined_at))
    first: dict[str, float] = {}
    for spell in evidence.spells:
        if spell.connection:
            first[spell.connection] = min(spell.first, first.get(spell.connection, spell.first))
    differences = [joined[key] - (first[key] - HEARTBEAT_S / 2) for key in joined.keys() & first.keys()]
    if len(differences) >= SKEW_WITNESSES:
        middle = median(differences)
        spread = median(abs(one - middle) for one in differences)
        if spread <= HEARTBEAT_S:
            return middle if abs(middle) > SKEW_S else 0.0
    ahead = max((one.at - one.received_at for one in evidence.happenings), default=0.0)
    return ahead if ahead > IMPOSSIBLE_S else 0.0


def unskewed(happening: Happening, skew: float) -> Happening:
    """The event as our clock would have told it."""
    def moved(moment: float | None) -> float | None:
        return None if moment is None else moment - skew

    return replace(
        happening, at=happening.at - skew, created_at=moved(happening.created_at),
        occupants=tuple(
            replace(one, joined_at=moved(one.joined_at), left_at=moved(one.left_at)) for one in happening.occupants
        ),
    )  # fmt: skip


def server_connections(evidence: Evidence) -> list[Connection]:
    """Every connection that the server told of, people only, with its stays."""
    skew = server_skew(evidence)
    happenings = [unskewed(one, skew) for one in evidence.happenings] if skew else list(evidence.happenings)
    recorders = {one.connection for one in evidence.sightings if one.is_recorder}
    recorders |= {one.connection for happening in happenings for one in happening.occupants if one.is_recorder}
    looks: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in set(evidence.sightings):
        if sighting.connection not in recorders:
            looks[sighting.connection].append(sighting)
    stays = [one for one in _stays(happenings, looks) if _key(one.occupant) not in recorders]
    closed = _closed(stays, happenings, looks, evidence)
    found: dict[str, list[Stretch]] = defaultdict(list)
    who: dict[str, list[Occupant]] = defaultdict(list)
    for stay, stretch in closed:
        found[_key(stay.occupant)].append(stretch)
        who[_key(stay.occupant)].append(stay.occupant)
    for key, seen in looks.items():
        found[key] += [Stretch(one.first, one.last, "server", GRID_S / 2, GRID_S / 2) for one in seen]
    return [
        _connection(key, found[key], who.get(key, ()), any(one.is_visitor for one in looks.get(key, ())))
        for key in sorted(found)
    ]


def _key(occupant: Occupant) -> str:
    return occupant.connection or occupant.jid


def _connection(key: str, stretches: list[Stretch], who: Sequence[Occupant], is_visitor: bool) -> Connection:
    spoke = [one.spoke_seconds for one in who if one.spoke_seconds is not None]
    return Connection(
        key, tuple(sorted(stretches, key=lambda s: (s.start, s.end, s.slack_start))),
        tuple(sorted({one.subject for one in who if one.subject})),
        tuple(sorted({one.name for one in who if one.name})), sum(spoke) if spoke else None, is_visitor,
    )  # fmt: skip


def _stays(happenings: Iterable[Happening], looks: dict[str, list[Sighting]]) -> list[_Stay]:
    """Stays by (who, which room, since when); a `left` brings its own beginning, so a lost `joined` does no harm."""
    stays: dict[tuple[str, str, float], _Stay] = {}
    unpaired: list[tuple[float, str, Occupant]] = []
    for happening in happenings:
        if happening.name not in (JOINED, LEFT, DESTROYED):
            continue
        for one in happening.occupants:
            left = one.left_at
            if left is None and happening.name == LEFT:
                left = happening.at
            if one.joined_at is None:
                if left is not None:
                    unpaired.append((left, happening.breakout, one))
                continue
            stay = stays.setdefault(
                (one.jid, happening.breakout, one.joined_at), _Stay(one, happening.breakout, one.joined_at, left)
            )
            stay.left = left if stay.left is None else max(stay.left, left if left is not None else stay.left)
            stay.occupant = _fuller(stay.occupant, one)
    for left, breakout, one in sorted(unpaired, key=lambda item: (item[0], item[1], item[2].jid)):
        own = [s for s in stays.values() if s.occupant.jid == one.jid and s.breakout == breakout and s.joined <= left]
        if any(stay.left == left for stay in own):
            continue
        opened = [stay for stay in own if stay.left is None]
        if opened:
            max(opened, key=lambda stay: stay.joined).left = left
        elif not own:
            since = min((look.first for look in looks.get(_key(one), ()) if look.first <= left), default=left)
            stays[one.jid, breakout, since] = _Stay(one, breakout, since, left)
    return list(stays.values())


def _fuller(one: Occupant, other: Occupant) -> Occupant:
    """Both descriptions of a stay in one, the same whichever comes first."""
    spoke = [value for value in (one.spoke_seconds, other.spoke_seconds) if value is not None]
    return replace(
        one, subject=max(one.subject, other.subject), name=max(one.name, other.name),
        spoke_seconds=max(spoke) if spoke else None,
    )  # fmt: skip


def _closed(
    stays: list[_Stay], happenings: list[Happening], looks: dict[str, list[Sighting]], evidence: Evidence
) -> list[tuple[_Stay, Stretch]]:
    """Each stay as a stretch; an open one ends where the server last showed life of it."""
    destroyed = sorted((one.at, one.breakout) for one in happenings if one.name == DESTROYED)
    created = sorted(one.at for one in happenings if one.name == CREATED and not one.breakout)
    joins: dict[str, list[float]] = defaultdict(list)
    for stay in stays:
        if stay.occupant.subject:
            joins[stay.occupant.subject].append(stay.joined)
    moments = sorted(one.at for one in happenings)
    found = []
    for stay in stays:
        if stay.left is not None:
            found.append((stay, Stretch(stay.joined, max(stay.left, stay.joined), "server")))
            continue
        limit = min(
            [at for at, room in destroyed if at >= stay.joined and room in ("", stay.breakout)] + [evidence.until]
        )
        restarted = next((at for at in created if stay.joined < at <= limit), None)
        seen = [one for one in looks.get(_key(stay.occupant), ()) if one.last >= stay.joined]
        end, slack = _last_sign(stay, limit, seen, None if restarted else evidence.looked_at)
        if restarted is not None and not seen:
            end = max([at for at in moments if stay.joined <= at < restarted] + [stay.joined])
        if not seen:  # the same person came again by another connection: the old one was a ghost by then
            later = [at for at in joins.get(stay.occupant.subject, ()) if stay.joined < at < end]
            end = min([*later, end])
        found.append((stay, Stretch(stay.joined, max(end, stay.joined), "server", 0.0, slack)))
    return found


def _last_sign(stay: _Stay, limit: float, seen: list[Sighting], looked_at: float | None) -> tuple[float, float]:
    """(end, slack) of an open stay: the last look with it; `limit` when the newest look of all (`looked_at`) has it."""
    if not seen or stay.breakout:
        return limit, 0.0
    last = min(max(one.last for one in seen), limit)
    if looked_at is not None and looked_at - last < GRID_S:
        return limit, 0.0
    return last, min(GRID_S / 2, max(limit - last, 0.0))
