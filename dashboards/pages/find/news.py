"""New and moved machines as lines of a list: what an event of a MAC table says, read with care."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core import LazyText, Scope, Session
from core import lazy_gettext as _l
from dashboards.listing import Column, ListQuery
from dashboards.pages.find.store import (
    NewsFilter,
    NewsRow,
    busiest_sites,
    count_mac_events,
    mac_events,
    names_of_devices,
)
from dashboards.pages.topology.scene import port_name
from dashboards.words import Word
from inventory import parse_mac

DAYS = 7
COLUMNS = (
    Column(_l("When"), hide="sm"),
    Column(_l("What happened")),
    Column(_l("MAC address")),
    Column(_l("Site"), hide="sm"),
    Column(_l("Where it is now"), hide="sm"),
    Column(_l("Where it was before"), hide="md"),
)
FILTERS = ("kind", "site")
NEWS_WORDS: dict[str, Word] = {
    "mac_new": Word("info", "plus", _l("new machine")),
    "mac_moved": Word("attention", "arrow-right", _l("moved")),
}
KIND_CHOICES: tuple[tuple[str, LazyText], ...] = (("mac_new", _l("new machines")), ("mac_moved", _l("moved machines")))


@dataclass(frozen=True, slots=True)
class News:
    """One line: `from_name` and `from_port` are empty for a machine that was not seen before."""

    row: NewsRow
    mac: str
    port: str
    vlan: int
    from_id: int | None
    from_name: str
    from_port: str

    @property
    def word(self) -> Word:
        """Icon, tone and word of what happened."""
        return NEWS_WORDS[self.row.event.kind]


@dataclass(frozen=True, slots=True)
class FoundNews:
    """One page of the list, and the sites that have news."""

    rows: Sequence[News]
    total: int
    sites: Sequence[tuple[int, str, int]]


def find_news(session: Session, scope: Scope, query: ListQuery, now: datetime) -> FoundNews:
    """The page that a URL asks for, newest first."""
    site, since = query.filters.get("site", ""), now - timedelta(days=DAYS)
    wanted = NewsFilter(
        since, query.filters.get("kind", ""), int(site) if site.isdecimal() and len(site) < 10 else None,
        _typed_mac(query.text),
    )
    rows = mac_events(session, scope, wanted, query.offset, query.limit)
    total = count_mac_events(session, scope, wanted)
    return FoundNews(_told(session, scope, rows), total, busiest_sites(session, scope, since))


def news_of_mac(session: Session, scope: Scope, mac: str, now: datetime, days: int = 90) -> list[News]:
    """What happened to one MAC address, newest first."""
    wanted = NewsFilter(now - timedelta(days=days), text=mac)
    return _told(session, scope, mac_events(session, scope, wanted, 0, 50))


def _typed_mac(text: str) -> str:
    """A MAC address in any writing as it stands in events; anything else as it was typed."""
    try:
        return parse_mac(text)
    except ValueError:
        return text


def _told(session: Session, scope: Scope, rows: Sequence[NewsRow]) -> list[News]:
    told = [(row, _read(row.event.raw)) for row in rows]
    before = [_whole(raw.get("from_device_id")) for _row, raw in told]
    names = names_of_devices(session, scope, [one for one in before if one]) if any(before) else {}
    return [
        News(
            row, str(raw.get("mac", ""))[:17], port_name(str(raw.get("part", ""))), _whole(raw.get("vlan")) or 0,
            was if was in names else None, names.get(was or 0, ""), port_name(str(raw.get("from_part") or "")),
        )
        for (row, raw), was in zip(told, before, strict=True)
    ]


def _read(raw: str) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 31 else None


EXPORT_HEADS = (
    _l("When"), _l("What happened"), _l("MAC address"), _l("VLAN"), _l("Site"), _l("Device"), _l("Port"),
    _l("Device before"), _l("Port before"),
)


def export_rows(found: FoundNews) -> Iterator[tuple[Any, ...]]:
    """The rows as a file holds them."""
    for one in found.rows:
        yield (
            one.row.event.happened_at, str(one.word.label), one.mac, one.vlan or None, one.row.site_name,
            one.row.device_name, one.port, one.from_name, one.from_port,
        )
