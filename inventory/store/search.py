"""The search box: any unit, site, room, device, line or asset by name, code, address, MAC or serial number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from core import Scope
from inventory.folding import bare_mac, fold, sort_key
from inventory.models import Asset, Device, Endpoint, Link, Part, Room, Site, Unit
from inventory.store.lists import text_condition
from inventory.store.visibility import within

_PLACES = (Unit, Site)
_THINGS = (Device, Room, Link, Asset, Endpoint)
_WORDS = {Unit: "unit", Site: "site", Device: "device", Room: "room", Link: "link", Asset: "asset",
          Endpoint: "endpoint"}
TEXT_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found. `rank` 0: has just this name or code, 1: begins with it, 2: holds its words.

    `subtitle` helps to tell like from like: code, address or site. `site_id` is None for a unit.
    """

    word: str
    id: int
    title: str
    subtitle: str
    kind: str
    site_id: int | None
    rank: int


def search(session: Session, scope: Scope, text: str, limit: int = 20) -> list[Hit]:
    """What the words are found in, best first; nothing for less than two letters."""
    text = text.strip()[:TEXT_LIMIT]
    if len(fold(text)) < 2:
        return []
    hits: list[Hit] = []
    for model in (*_PLACES, *_THINGS):
        hits.extend(_hits(session, scope, model, text, limit))
    hits.extend(_port_hits(session, scope, text, limit))
    hits.sort(key=lambda hit: hit.rank)
    return hits[:limit]


def _hits(session: Session, scope: Scope, model: Any, text: str, limit: int) -> list[Hit]:
    folded = fold(text)
    same = [model.name_key == sort_key(text)]
    same += [getattr(model, name) == text for name in ("code", "address", "serial") if hasattr(model, name)]
    rank = case(
        *((condition, 0) for condition in same), (model.search_text.startswith(folded, autoescape=True), 1), else_=2
    )
    query = select(model, rank).where(text_condition(model, text), within(model, scope))
    rows = session.execute(query.order_by(rank, model.name_key, model.id).limit(limit)).all()
    if model in (Unit, Site):
        return [_place_hit(record, place_rank) for record, place_rank in rows]
    sites = dict(session.execute(
        select(Site.id, Site.name).where(Site.id.in_({record.site_id for record, _rank in rows}))
    ).all()) if rows else {}
    return [_thing_hit(record, thing_rank, sites.get(record.site_id, "")) for record, thing_rank in rows]


def _place_hit(record: Unit | Site, rank: int) -> Hit:
    if isinstance(record, Unit):
        return Hit("unit", record.id, record.name, record.code, record.kind, None, rank)
    subtitle = " · ".join(word for word in (record.code, record.address) if word)
    return Hit("site", record.id, record.name, subtitle, "", record.id, rank)


def _thing_hit(record: Any, rank: int, site_name: str) -> Hit:
    own = {
        Device: ("address", "model"), Room: ("code",), Link: ("isp", "contract_number"), Asset: ("code", "serial"),
        Endpoint: ("code", "contact"),
    }[type(record)]
    subtitle = " · ".join(word for word in (site_name, *(getattr(record, name) for name in own)) if word)
    kind = getattr(record, "kind", "")
    return Hit(_WORDS[type(record)], record.id, record.name, subtitle, kind, record.site_id, rank)


def _port_hits(session: Session, scope: Scope, text: str, limit: int) -> list[Hit]:
    """Devices by the MAC address of one of their ports."""
    bare = bare_mac(text.strip())
    if bare is None:
        return []
    written = ":".join(bare[i:i + 2] for i in range(0, len(bare), 2))
    query = (
        select(Part.name, Part.mac, Device)
        .join(Device, Device.id == Part.device_id)
        # A range, not LIKE: it can use the index on either database. "g" follows "f".
        .where(Part.mac >= written, Part.mac < written + "g", within(Device, scope))
        .order_by(Part.mac).limit(limit)
    )
    return [
        Hit("device", device.id, device.name, f"{name} · {mac}", device.kind, device.site_id, int(len(bare) < 12))
        for name, mac, device in session.execute(query)
    ]
