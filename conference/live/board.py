"""The live board's shapes: one row an endpoint, groups by cause, bridges, the agenda's moment. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from conference.live.broadcast import Broadcast
from conference.live.causes import ROW_OF, Cause
from conference.live.limits import Limits
from conference.live.store.cast import Item, Part
from conference.live.words import IN, group_sentence, sentence_of

# Causes whose sentence names something that only some of a mixed group have: a provider, a bridge, a device
NAMING = frozenset({"wan", "line", "udp", "throttled", "power", "bridge", "device"})
TONES = ("down", "attention", "minor", "info", "unknown", "idle", "good")


@dataclass(frozen=True, slots=True)
class EndpointNow:
    """One endpoint now. `rank` sorts worst first; `figures` are the few numbers a row shows (ratios, ms)."""

    part: Part
    state: str
    tone: str
    rank: int
    quality: str = ""
    cause: Cause | None = None
    marks: tuple[str, ...] = ()
    bridge: str = ""
    connection: str = ""
    is_visitor: bool = False
    is_heard: bool = False
    heard_at: datetime | None = None
    address: str = ""
    incident_id: int | None = None
    figures: tuple[tuple[str, float], ...] = ()

    @property
    def endpoint_id(self) -> int:
        """The endpoint."""
        return self.part.endpoint_id

    @property
    def sentence(self) -> str:
        """Why, in one sentence of the language of the moment; "" when nothing is wrong."""
        return sentence_of(self.cause) if self.cause is not None else ""

    @property
    def is_in(self) -> bool:
        """Whether it is in the meeting."""
        return self.state in IN


@dataclass(frozen=True, slots=True)
class GroupNow:
    """Endpoints that share a cause; `key` is the cause's word and what they share."""

    key: str
    cause: Cause
    tone: str
    endpoint_ids: tuple[int, ...]
    incident_id: int | None = None

    @property
    def count(self) -> int:
        """How many."""
        return len(self.endpoint_ids)

    @property
    def sentence(self) -> str:
        """One sentence for all of them."""
        return group_sentence(self.cause, self.count)


@dataclass(frozen=True, slots=True)
class BridgeNow:
    """A bridge of the system: load 0..1, endpoints on it, loss, and the load foreseen when all expected are in.

    `each` is the load that one participant costs, as the bridge measures it.
    """

    name: str
    stress: float | None = None
    endpoints: int | None = None
    loss: float | None = None
    is_healthy: bool | None = None
    is_draining: bool = False
    here: int = 0
    forecast: float | None = None
    server_id: int | None = None
    version: str = ""
    each: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A security signal: its word (security.FINDINGS), whom it is about, text for its sentence."""

    word: str
    subject: str
    endpoint_id: int | None = None
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """A running meeting at one moment. `source_at` is when Jicofo last answered, `failure` why it does not now;
    `deaf_since` since when no room at all is heard of, so that the rows are as they were then.
    """

    meeting_id: int
    now: datetime
    rows: tuple[EndpointNow, ...]
    groups: tuple[GroupNow, ...]
    bridges: tuple[BridgeNow, ...]
    agenda: tuple[Item, ...] = ()
    speaking: Item | None = None
    coming: Item | None = None
    source_at: datetime | None = None
    failure: str = ""
    unknown_connections: int = 0
    main_count: int | None = None
    visitor_count: int | None = None
    findings: tuple[Finding, ...] = ()
    deaf_since: datetime | None = None
    broadcast: Broadcast | None = None

    @property
    def counts(self) -> dict[str, int]:
        """How many: in, late, lost, degraded, muted, silent, dark, ready, and all."""
        marks = Counter(mark for row in self.rows for mark in row.marks)
        states = Counter(row.state for row in self.rows)
        return {
            "all": len(self.rows), "in": sum(row.is_in for row in self.rows), "lost": states["lost"],
            "degraded": states["degraded"], "late": marks["late"], "muted": marks["muted"], "silent": marks["silent"],
            "dark": marks["dark"], "joining": states["joining"], "ready": states["kiosk_ready"],
            "visitors": sum(row.is_in and row.is_visitor for row in self.rows),
        }  # fmt: skip


def groups_of(rows: Sequence[EndpointNow], limits: Limits) -> tuple[GroupNow, ...]:
    """Rows with a cause, grouped: what they share when there are enough of them, else by the cause's word alone.

    The table of jitsi.md section 9: three or more sites of one provider are one group cause; a pair of them are two
    sites with trouble of their own.
    """
    shared: dict[tuple[str, str], list[EndpointNow]] = {}
    for row in rows:
        if row.cause is not None:
            shared.setdefault((row.cause.word, row.cause.group), []).append(row)
    groups: dict[tuple[str, str], list[EndpointNow]] = {}
    for (word, group), found in shared.items():
        is_shared = group != "" and len({row.part.site_id for row in found}) >= limits.group_sites
        groups.setdefault((word, group if is_shared else ""), []).extend(found)
    return tuple(sorted((_group(key, found) for key, found in groups.items()), key=_group_rank))


def _group(key: tuple[str, str], rows: list[EndpointNow]) -> GroupNow:
    word, group = key
    causes = [row.cause for row in rows if row.cause is not None]
    worst = min((row.tone for row in rows), key=TONES.index)
    incidents = Counter(row.incident_id for row in rows if row.incident_id is not None)
    incident = incidents.most_common(1)[0][0] if incidents and group else None
    is_one = bool(group) or len(causes) == 1 or word not in NAMING
    return GroupNow(
        f"{word}|{group}", _middle(causes) if is_one else Cause(word), worst,
        tuple(row.endpoint_id for row in rows), incident,
    )  # fmt: skip


def _middle(causes: list[Cause]) -> Cause:
    """The one in the middle by its figure: the group's sentence names a figure that half of them exceed."""
    ordered = sorted(causes, key=lambda cause: float(cause.args.get("loss") or cause.args.get("rtt") or 0))
    return ordered[len(ordered) // 2]


def _group_rank(group: GroupNow) -> tuple[int, int, int]:
    number = ROW_OF[group.cause.word].number if group.cause.word in ROW_OF else 99
    return (TONES.index(group.tone), -group.count, number)
